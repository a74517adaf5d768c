"""The log moves into the database beside the writer, and does not grow without end."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.stores import sqlite_checkpoint
from shipanion.stores.sqlite import SqliteStore
from shipanion.stores.sqlite_checkpoint import Checkpointer
from shipanion.stores.sqlite_file import connect
from tests.support.store_steps import append, make_session, one


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def writer(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(file, busy_ms=1000)) as connection:
        connection.execute("CREATE TABLE t (x)")
        yield connection


@pytest.fixture
def checkpointer(file: Path) -> Iterator[Checkpointer]:
    checkpointer = Checkpointer(file, busy_ms=1000, pause_s=0.01)
    checkpointer.start()
    yield checkpointer
    checkpointer.stop()


def moved(file: Path) -> int:
    """How many rows the database itself holds, the log left aside."""
    with closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT COUNT(*) FROM t").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0  # no such table yet, or read in the middle of a checkpoint


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)
    return holds()


def size_of_log(file: Path) -> int:
    return file.with_name(file.name + "-wal").stat().st_size


class StopsTooLate(threading.Event):
    """Is set by ``stop`` just after its wait has given up."""

    def __init__(self, written: threading.Event) -> None:
        super().__init__()
        self._written = written

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        self._written.set()
        return False


def test_a_wish_to_stop_that_comes_between_pause_and_checkpoint_is_heard(file: Path) -> None:
    checkpointer = Checkpointer(file, busy_ms=1000, pause_s=0.01)
    checkpointer._stopping = StopsTooLate(checkpointer._written)
    checkpointer.start()
    checkpointer.wrote()
    checkpointer._thread.join(timeout=10)
    assert not checkpointer._thread.is_alive()


def test_a_commit_moves_nothing_by_itself(writer: sqlite3.Connection, file: Path) -> None:
    for _ in range(2000):
        writer.execute("INSERT INTO t VALUES (zeroblob(4000))")
    assert moved(file) == 0


def test_what_was_written_is_moved(writer: sqlite3.Connection, checkpointer: Checkpointer, file: Path) -> None:
    for count in (1, 2):
        writer.execute("INSERT INTO t VALUES (1)")
        checkpointer.wrote()
        assert eventually(lambda count=count: moved(file) == count)  # type: ignore[misc]


def test_a_reader_in_the_way_delays_it_only(writer: sqlite3.Connection, checkpointer: Checkpointer, file: Path) -> None:
    with closing(connect(file, busy_ms=1000)) as reader:
        writer.execute("INSERT INTO t VALUES (1)")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        writer.execute("INSERT INTO t VALUES (2)")
        before = file.read_bytes()
        checkpointer.wrote()
        assert eventually(lambda: file.read_bytes() != before), "what the reader does not need is moved"
        assert moved(file) < 2
        reader.execute("COMMIT")
        assert eventually(lambda: moved(file) == 2)


def test_an_unusable_file_is_reported_and_tried_again(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.mkdir()
    checkpointer = Checkpointer(file, busy_ms=10, pause_s=0.01)
    checkpointer.start()
    checkpointer.wrote()
    assert eventually(lambda: "checkpoint of" in caplog.text)
    checkpointer.stop()


def test_stopping_what_was_never_started(file: Path) -> None:
    Checkpointer(file, busy_ms=10).stop()


async def test_the_log_is_begun_anew_while_writes_never_pause(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_checkpoint, "LONG_LOG", 100)
    store = SqliteStore(file)
    await store.open()
    await make_session(store)
    body = b"x" * 40_000
    for count in range(1, 2000):
        await one(store, append("s1", body))
        if count > 100 and size_of_log(file) < count * len(body) / 2:
            break
    else:
        pytest.fail("the log was never used again")
    await store.close()
