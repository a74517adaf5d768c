"""A program that opens a store and closes it; run under ``fsync_shim``.

    python -m tests.support.fsync_boot FILE

Prints one JSON object: why opening was refused, or null.
"""

import asyncio
import json
import sys

from shipanion.errors import StoreUnavailable
from shipanion.stores.sqlite import SqliteStore


async def main(file: str) -> str | None:
    store = SqliteStore(file)
    try:
        await store.open()
    except StoreUnavailable as error:
        return str(error)
    await store.close()
    return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"refused": asyncio.run(main(sys.argv[1]))}))
