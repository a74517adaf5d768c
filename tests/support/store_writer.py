"""A program that writes to a store and prints what was acknowledged, until it is killed.

    python -m tests.support.store_writer FILE

One line per acknowledged event: its offset, then the id of its command. The body of an event is its id.
"""

import asyncio
import sys
from collections.abc import Sequence

from shipanion.stores.base import Committed, Result
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import append, new_session

IN_FLIGHT = 16


async def main(file: str) -> None:
    store = SqliteStore(file)
    await store.open()
    await store.create_session(new_session())
    number = 0

    def send() -> None:
        nonlocal number
        number += 1
        id = f"c{number}"
        store.submit([append("s1", id.encode(), id=id)], lambda results: answered(id, results))

    def answered(id: str, results: Sequence[Result]) -> None:
        (result,) = results
        assert isinstance(result, Committed), result
        sys.stdout.write(f"{result.head} {id}\n")
        sys.stdout.flush()
        send()

    for _ in range(IN_FLIGHT):
        send()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
