"""A program that goes through a failing disk step by step; run under ``fsync_shim``.

    python -m tests.support.fsync_script FILE FLAG lives|dies

Prints one JSON object with what it saw. With ``dies`` it ends without closing anything while syncs still fail.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import Result, Unavailable
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import append, make_session, new_session, one


def let_fail(flag: Path, failing: bool) -> None:
    if failing:
        flag.touch()
    else:
        flag.unlink()


def name(result: Result) -> str:
    return type(result).__name__


async def bodies(store: SqliteStore) -> list[str]:
    found = await store.events("s1", after=0, upto=1000, max_bytes=1 << 30, max_count=1000)
    return [event.body.decode() for event in found]


async def main(file: str, flag: Path, end: str) -> None:
    saw: dict[str, Any] = {}
    store = SqliteStore(file, busy_ms=500)
    await store.open()
    await make_session(store)
    saw["before"] = name(await one(store, append("s1", b"1", id="c1")))
    let_fail(flag, True)
    failed = await one(store, append("s1", b"2", id="c2"))
    assert isinstance(failed, Unavailable), failed
    saw["message"] = failed.message
    saw["repeat_of_the_failed"] = name(await one(store, append("s1", b"2", id="c2")))
    saw["repeat_of_an_acked"] = name(await one(store, append("s1", b"1", id="c1")))
    saw["another"] = name(await one(store, append("s1", b"3", id="c3")))
    try:
        await store.create_session(new_session("s2"))
    except StoreUnavailable:
        saw["no_session_made"] = True
    saw["readable"] = await bodies(store)
    if end == "dies":
        sys.stdout.write(json.dumps(saw))
        sys.stdout.flush()
        os._exit(0)
    let_fail(flag, False)
    saw["retried"] = [name(await one(store, append("s1", text, id=id))) for text, id in ((b"2", "c2"), (b"3", "c3"))]
    saw["repeats_after"] = [
        name(await one(store, append("s1", text, id=id))) for text, id in ((b"1", "c1"), (b"2", "c2"))
    ]
    saw["noticed"] = await store.changed_elsewhere()
    saw["after"] = await bodies(store)
    await store.close()
    sys.stdout.write(json.dumps(saw))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
