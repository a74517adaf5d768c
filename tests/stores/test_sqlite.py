"""What only a store on disk can show: kills, failing disks, other programs beside it."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipanion.stores.base import Committed, Duplicate, Refused
from shipanion.stores.sqlite import SqliteStore
from tests.support.fsync_shim import fsync_shim
from tests.support.store_steps import account, append, grant, logged, make_session, one

ROOT = Path(__file__).resolve().parents[2]
ALL = 1 << 30


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
        assert await logged(store, "s1") == [(n, f"c{n}") for n in range(1, 21)]

    async def test_a_server_starts_beside_a_command(self, store: SqliteStore, beside: SqliteStore) -> None:
        await beside.close()
        await store.close()
        await beside.open()
        await store.open()
        await make_session(beside)
        assert await store.session("s1") is not None


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
