"""A program whose files may not grow any more, then may again: a full disk without filling one.

    python -m tests.support.store_full_disk FILE

Prints one JSON object with what it saw. The limit is RLIMIT_FSIZE: beyond it every write of this process fails.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from shipanion.stores.base import Committed, Duplicate, Result, Unavailable
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import append, make_session, one

BODY = b"x" * 20_000


def limit(size: int | None) -> None:
    """Let no file grow past ``size`` bytes; None lifts the limit."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


def name(result: Result) -> str:
    return type(result).__name__


async def main(file: str) -> None:
    saw: dict[str, Any] = {}
    store = SqliteStore(file)
    await store.open()
    await make_session(store)
    acked: list[str] = []

    async def write(number: int) -> Result:
        result = await one(store, append("s1", BODY, id=f"c{number}"))
        if isinstance(result, Committed):
            acked.append(f"c{number}")
        return result

    for number in range(10):
        await write(number)
    limit(max(entry.stat().st_size for entry in Path(file).parent.iterdir()) + 100_000)
    # A log that cannot grow is emptied into the database and used again; after a few rounds nothing can grow.
    number, refused = 10, 0
    while refused < 3:
        result = await write(number)
        if isinstance(result, Unavailable):
            refused += 1
            saw["message"] = result.message
        else:
            refused = 0
            number += 1
            assert number < 200, "the limit has no effect"
    saw["acked_before"] = len(acked)
    found = await store.events("s1", after=0, upto=1000, max_bytes=1 << 30, max_count=1000)
    saw["read_while_full"] = [event.id for event in found] == acked
    limit(None)
    retried = await one(store, append("s1", BODY, id=f"c{number}"))
    saw["retried"] = isinstance(retried, Committed | Duplicate)
    acked.append(f"c{number}")
    saw["next"] = name(await write(number + 1))
    found = await store.events("s1", after=0, upto=1000, max_bytes=1 << 30, max_count=1000)
    saw["nothing_lost_nothing_twice"] = [event.id for event in found] == acked
    await store.close()
    await store.open()
    found = await store.events("s1", after=0, upto=1000, max_bytes=1 << 30, max_count=1000)
    saw["the_same_after_reopening"] = [event.id for event in found] == acked
    await store.close()
    sys.stdout.write(json.dumps(saw))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
