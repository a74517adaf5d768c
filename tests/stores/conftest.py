"""Every store in turn for what all promise, and a SQLite store that serves a file of its own.

A new store joins the contract by one line in ``FACTORIES``.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shipanion.stores.base import SessionStore
from shipanion.stores.memory import MemoryStore
from shipanion.stores.sqlite import SqliteStore

FACTORIES: dict[str, Callable[[Path], SessionStore]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "store.sqlite3"),
}


@pytest.fixture(params=FACTORIES)
async def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    store = FACTORIES[request.param](tmp_path)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(file, busy_ms=200)
    await store.open()
    yield store
    await store.close()
