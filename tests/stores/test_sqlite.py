"""What only a store on disk can show: kills, failing disks, other programs beside it."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipanion.errors import StoreInUse, StoreTooNew, StoreUnavailable
from shipanion.stores.base import Committed, DeviceRow, Duplicate, Refused, Result, Unavailable
from shipanion.stores.migrations import NEWEST
from shipanion.stores.sqlite import SqliteStore
from tests.support.fsync_shim import fsync_shim
from tests.support.store_steps import account, append, grant, make_session, one, submit

ROOT = Path(__file__).resolve().parents[2]
ALL = 1 << 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(file, busy_ms=200)
    await store.open()
    yield store
    await store.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content(file: Path) -> bytes:
    return file.read_bytes()


def write(file: Path, data: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)


async def logged(store: SqliteStore) -> list[tuple[int, str | None]]:
    found = await store.events("s1", after=0, upto=ALL, max_bytes=ALL, max_count=ALL)
    return [(event.offset, event.id) for event in found]


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


class TestBesideAnotherProgram:
    @pytest.fixture
    async def beside(self, store: SqliteStore, file: Path) -> AsyncIterator[SqliteStore]:
        beside = SqliteStore(file, serve=False)
        await beside.open()
        yield beside
        await beside.close()

    async def test_what_it_writes_is_noticed_once(self, store: SqliteStore, beside: SqliteStore) -> None:
        assert await store.changed_elsewhere() is False
        await beside.add_user(account())
        assert await store.changed_elsewhere() is True
        assert await store.changed_elsewhere() is False

    async def test_it_is_noticed_through_a_write_in_between(self, store: SqliteStore, beside: SqliteStore) -> None:
        await beside.add_user(account())
        await make_session(store)
        assert await store.changed_elsewhere() is True

    async def test_checkpoints_are_not_writes(self, store: SqliteStore, file: Path) -> None:
        await make_session(store)
        with closing(sqlite3.connect(file)) as other:
            await one(store, append("s1", b"x"))
            assert other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[0] == 0
            await one(store, append("s1", b"y"))
            assert await store.changed_elsewhere() is False

    async def test_a_person_disabled_there_may_not_write_here(self, store: SqliteStore, beside: SqliteStore) -> None:
        await store.add_user(account())
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)
        await beside.set_disabled("u1", True)
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Refused(reason="expired")

    async def test_both_may_append_to_one_log(self, store: SqliteStore, beside: SqliteStore) -> None:
        await make_session(store)
        for n in range(1, 21, 2):
            assert await one(store, append("s1", b"x", id=f"c{n}")) == Committed(head=n)
            assert await one(beside, append("s1", b"x", id=f"c{n + 1}")) == Committed(head=n + 1)
            assert await one(store, append("s1", b"x", id=f"c{n + 1}")) == Duplicate(offset=n + 1, same=True)
        assert await logged(store) == [(n, f"c{n}") for n in range(1, 21)]

    async def test_a_server_starts_beside_a_command(self, store: SqliteStore, beside: SqliteStore) -> None:
        await beside.close()
        await store.close()
        await beside.open()
        await store.open()
        await make_session(beside)
        assert await store.session("s1") is not None


class TestLocked:
    async def test_steps_are_unavailable_and_work_afterwards(self, store: SqliteStore, file: Path) -> None:
        await make_session(store)
        seen = DeviceRow(device="d", state=b"{}", seen_epoch=None, seen_offset=None, at=1)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            store.save_device("s1", seen)
            results = await submit(store, append("s1", b"1", id="c1"), append("s1", b"2", id="c2"))
            assert [type(result) for result in results] == [Unavailable, Unavailable]
            assert isinstance(results[0], Unavailable)
            assert "locked by another program" in results[0].message
            with pytest.raises(StoreUnavailable, match="locked by another program"):
                await store.set_password("u1", "x")
            assert await logged(store) == []
            other.execute("COMMIT")
        assert await one(store, append("s1", b"1", id="c1")) == Committed(head=1)
        assert await store.devices("s1") == [seen], "what nobody waits for is written when it can be"

    async def test_reads_do_not_wait_for_writes(self, file: Path) -> None:
        store = SqliteStore(file, busy_ms=20_000)
        await store.open()
        await make_session(store)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            write = asyncio.create_task(submit(store, append("s1", b"1")))
            for _ in range(20):
                assert await asyncio.wait_for(store.heads(["s1"]), 5) == {"s1": 0}
            assert not write.done()
            other.execute("COMMIT")
        assert await write == [Committed(head=1)]
        await store.close()


class TestAStepThatCannotBeWritten:
    async def test_the_rest_of_its_group_is_written(self, store: SqliteStore) -> None:
        await make_session(store)
        seen: list[Result] = []
        never = append("s1", b"no", b"no", id="c2", snapshot=b"{}")
        never = type(never)(
            session_id="s1",
            id="c2",
            events=(never.events[0], type(never.events[0])(type="note", body=b"no", by=b"{}", at=1 << 70)),
        )
        done = asyncio.Event()

        def take(results: Sequence[Result]) -> None:
            seen.extend(results)
            if len(seen) == 4:
                done.set()

        store.submit([append("s1", b"1", id="c1")], take)
        store.submit([never], take)
        store.submit([append("s1", b"2", id="c3"), append("s1", b"2", id="c3")], take)
        await done.wait()
        assert [type(result) for result in seen] == [Committed, Unavailable, Committed, Duplicate]
        assert await logged(store) == [(1, "c1"), (2, "c3")]
        assert await one(store, append("s1", b"3", id="c2")) == Committed(head=3)

    async def test_a_long_step_is_written_whole(self, store: SqliteStore) -> None:
        await make_session(store)
        for count in (1, 63, 64, 65, 127, 200):
            before = await store.heads(["s1"])
            result = await one(store, append("s1", *(b"%d" % n for n in range(count))))
            assert result == Committed(head=before["s1"] + count)
        found = await store.events("s1", after=320, upto=ALL, max_bytes=ALL, max_count=ALL)
        assert [event.body for event in found] == [b"%d" % n for n in range(200)]


def run(module: str, *arguments: str | Path, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a program of ``tests.support`` to its end and read what it printed."""
    command = [sys.executable, "-m", f"tests.support.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    saw: dict[str, Any] = json.loads(done.stdout)
    return saw


def acknowledged_until_killed(file: Path, count: int) -> dict[int, str]:
    """Run a writer, kill it after ``count`` acknowledgements, and return all it gave: offset to id."""
    acked: dict[int, str] = {}
    command = [sys.executable, "-m", "tests.support.store_writer", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            offset, id = line.split()
            acked[int(offset)] = id
            if len(acked) == count:
                writer.send_signal(signal.SIGKILL)
    return acked


class TestKilled:
    async def test_every_acknowledged_event_is_there(self, file: Path) -> None:
        acked = acknowledged_until_killed(file, 300)
        assert len(acked) >= 300
        store = SqliteStore(file)
        await store.open()
        found = await store.events("s1", after=0, upto=ALL, max_bytes=ALL, max_count=ALL)
        assert [event.offset for event in found] == list(range(1, len(found) + 1))
        assert {event.offset: event.id for event in found if event.offset in acked} == acked
        assert all(event.body.decode() == event.id for event in found)
        head = len(found)
        for last in list(acked)[-3:]:
            again = append("s1", acked[last].encode(), id=acked[last])
            assert await one(store, again) == Duplicate(offset=last, same=True)
        assert await one(store, append("s1", b"next", id="next")) == Committed(head=head + 1)
        await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="NOT RUN: limits of a process need a POSIX system")
def test_a_full_disk_loses_nothing_and_recovers(file: Path) -> None:
    saw = run("store_full_disk", file)
    assert "could not be read or written" in saw["message"] or "is full" in saw["message"]
    assert saw["acked_before"] >= 10
    assert saw["read_while_full"] is True
    assert saw["retried"] is True
    assert saw["next"] == "Committed"
    assert saw["nothing_lost_nothing_twice"] is True
    assert saw["the_same_after_reopening"] is True


class TestFailingSync:
    def test_nothing_is_answered_as_done_until_a_sync_works(self, file: Path, tmp_path: Path) -> None:
        flag = tmp_path / "fails"
        saw = run("fsync_script", file, flag, "lives", env=fsync_shim(tmp_path, flag))
        assert saw["before"] == "Committed"
        assert "Check the disk" in saw["message"]
        assert saw["repeat_of_the_failed"] == saw["another"] == "Unavailable"
        assert saw["repeat_of_an_acked"] == "Unavailable"
        assert saw["no_session_made"] is True
        assert saw["readable"] == ["1"]
        assert set(saw["retried"]) <= {"Committed", "Duplicate"}
        assert saw["repeats_after"] == ["Duplicate", "Duplicate"]
        assert saw["noticed"] is True, "listeners must look again after a failed commit"
        assert saw["after"] == ["1", "2", "3"]

    async def test_after_dying_nothing_is_served_before_a_sync_works(self, file: Path, tmp_path: Path) -> None:
        flag = tmp_path / "fails"
        env = fsync_shim(tmp_path, flag)
        assert run("fsync_script", file, flag, "dies", env=env)["readable"] == ["1"]
        assert "Check the disk" in run("fsync_boot", file, env=env)["refused"]
        flag.unlink()
        assert run("fsync_boot", file, env=env) == {"refused": None}
        store = SqliteStore(file)
        await store.open()
        assert isinstance(await one(store, append("s1", b"2", id="c2")), Committed | Duplicate)
        found = await store.events("s1", after=0, upto=ALL, max_bytes=ALL, max_count=ALL)
        assert [event.body for event in found] == [b"1", b"2"]
        await store.close()
