"""What must be true of a file before it is served, and what a person reads when it is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.errors import StoreInUse, StoreTooNew, StoreUnavailable
from shipanion.stores.migrations import APPLICATION_ID, NEWEST
from shipanion.stores.sqlite import SqliteStore
from shipanion.stores.sqlite_file import FileLock
from shipanion.stores.sqlite_opening import prepare
from tests.support.store_steps import append, make_session, one


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content(file: Path) -> bytes:
    return file.read_bytes()


def write(file: Path, data: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)


class TestOpening:
    async def test_the_file_is_made_for_its_owner_alone(self, store: SqliteStore, file: Path) -> None:
        assert mode(file) == 0o600
        assert mode(file.parent) == 0o700

    async def test_a_second_server_is_refused_and_told_which_file(self, store: SqliteStore, file: Path) -> None:
        with pytest.raises(StoreInUse, match=r"store\.sqlite3 is in use"):
            await SqliteStore(file).open()
        assert await store.session("s1") is None, "the first one works on"

    async def test_a_server_that_closed_makes_room(self, store: SqliteStore, file: Path) -> None:
        await store.close()
        second = SqliteStore(file)
        await second.open()
        await second.close()

    async def test_a_server_that_failed_to_open_makes_room(self, file: Path) -> None:
        text = b"not a database, and long enough to be seen as none" * 100
        write(file, text)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="is not a Shipanion database"):
                await SqliteStore(file).open()
        assert content(file) == text, "and it was left alone"

    async def test_a_newer_schema_is_refused(self, store: SqliteStore, file: Path) -> None:
        await store.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
        before = content(file)
        for serve in (True, False):
            with pytest.raises(StoreTooNew, match=f"newer Shipanion .schema {NEWEST + 1}"):
                await SqliteStore(file, serve=serve).open()
        assert content(file) == before

    async def test_another_programs_database_is_refused_and_left_as_it_is(self, file: Path) -> None:
        file.parent.mkdir()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        before = content(file)
        with pytest.raises(StoreUnavailable, match="a database of another program"):
            await SqliteStore(file).open()
        assert content(file) == before

    async def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        write(tmp_path / "data", b"")
        with pytest.raises(StoreUnavailable, match=r"data cannot be used .*--store"):
            await SqliteStore(tmp_path / "data" / "store.sqlite3").open()
        with pytest.raises(StoreUnavailable, match=r"cannot be used .*--store"):
            await SqliteStore(tmp_path / "data" / "deeper" / "store.sqlite3").open()

    async def test_a_folder_where_the_file_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "store.sqlite3").mkdir()
        with pytest.raises(StoreUnavailable, match="is a folder"):
            await SqliteStore(tmp_path / "store.sqlite3").open()

    async def test_a_damaged_file(self, store: SqliteStore, file: Path) -> None:
        await make_session(store)
        await one(store, append("s1", *(b"x" * 1000 for _ in range(100))))
        await store.close()
        whole = content(file)
        write(file, whole[:100] + b"\xff" * (len(whole) - 100))
        with pytest.raises(StoreUnavailable, match=r"is damaged .*backup"):
            await store.open()

    async def test_a_log_in_use_keeps_a_server_from_starting(self, store: SqliteStore, file: Path) -> None:
        await make_session(store)
        await store.close()
        second = SqliteStore(file, busy_ms=50)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("INSERT INTO meta VALUES ('x', 'y')")
            other.execute("BEGIN")
            other.execute("SELECT * FROM meta").fetchall()
            with pytest.raises(StoreUnavailable, match="locked by another program"):
                await second.open()
            other.execute("COMMIT")
            await second.open()
        assert await second.session("s1") is not None
        await second.close()

    async def test_a_command_cannot_migrate_under_an_older_server(self, file: Path) -> None:
        file.parent.mkdir()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        server = FileLock(file.with_name("store.sqlite3.lock"))
        assert server.take()
        with pytest.raises(StoreInUse, match="older Shipanion server"):
            await SqliteStore(file, serve=False).open()
        server.release()

    def test_the_incarnation_is_made_once(self, file: Path) -> None:
        lock = FileLock(file.with_name("lock"))
        seen = set()
        for serve in (True, False, True):
            opened = prepare(file, lock, serve=serve, busy_ms=100)
            seen.add(opened.incarnation)
            opened.anchor.close()
            lock.release()
        assert len(seen) == 1
