"""A room over each store: memory, and SQLite in a folder of the test's own."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shipanion.stores.base import SessionStore
from shipanion.stores.memory import MemoryStore
from shipanion.stores.sqlite import SqliteStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Room


@pytest.fixture
def mishaps() -> None:
    """For tests in which something fails that the operator must read about."""


@pytest.fixture(autouse=True)
def logged(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Errors are logged where ``mishaps`` are foreseen, and nowhere else. Nothing is printed."""
    with capture_logs() as entries:
        yield
    errors = [entry for entry in entries if entry["log_level"] == "error"]
    if "mishaps" in request.fixturenames:
        assert errors, "what went wrong here is in no log"
    else:
        assert not errors
    assert [record for record in caplog.records if record.name == "asyncio" and record.levelname == "ERROR"] == []


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SessionStore:
    """A store, not open yet."""
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "shop.db")


@pytest.fixture
def reopened(store: SessionStore) -> Callable[[], SessionStore]:
    """The same truth, as the next process finds it."""
    return lambda: SqliteStore(store.path) if isinstance(store, SqliteStore) else store


@pytest.fixture
async def room(store: SessionStore) -> AsyncIterator[Room]:
    """A node over each kind of store."""
    room = await Room(store).start()
    yield room
    await room.node.stop(window=0)


@pytest.fixture
async def quick() -> AsyncIterator[Room]:
    """A node over memory, for what no store can make a difference to."""
    room = await Room(MemoryStore()).start()
    yield room
    await room.node.stop(window=0)


@pytest.fixture
async def moody() -> AsyncIterator[tuple[Room, MoodyStore]]:
    """A node whose store can be told not to answer."""
    wrapper, store = MoodyStore.over(MemoryStore())
    room = await Room(store).start()
    yield room, wrapper
    wrapper.refuses, wrapper.mute = (lambda step: False), False
    if wrapper.held is not None:
        wrapper.release()
    await room.node.stop(window=0)
