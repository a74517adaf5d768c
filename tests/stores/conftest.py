"""A SQLite store that serves a file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shipanion.stores.sqlite import SqliteStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(file, busy_ms=200)
    await store.open()
    yield store
    await store.close()
