"""Groups of changes, and what happens to them when something is in the way."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import Committed, DeviceRow, Duplicate, NewEvent, Result, Step, Unavailable
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import append, event, logged, make_session, one, submit

ALL = 1 << 30


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
            assert await logged(store, "s1") == []
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
        unstorable = NewEvent(type="note", body=b"no", by=b"{}", at=1 << 70)
        never = Step(session_id="s1", id="c2", events=(event(b"no", id="c2"), unstorable), snapshot=b"{}")
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
        assert await logged(store, "s1") == [(1, "c1"), (2, "c3")]
        assert await one(store, append("s1", b"3", id="c2")) == Committed(head=3)

    async def test_a_long_step_is_written_whole(self, store: SqliteStore) -> None:
        await make_session(store)
        for count in (1, 63, 64, 65, 127, 200):
            before = await store.heads(["s1"])
            result = await one(store, append("s1", *(b"%d" % n for n in range(count))))
            assert result == Committed(head=before["s1"] + count)
        found = await store.events("s1", after=320, upto=ALL, max_bytes=ALL, max_count=ALL)
        assert [event.body for event in found] == [b"%d" % n for n in range(200)]
