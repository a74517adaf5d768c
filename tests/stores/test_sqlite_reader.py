"""Reads on a connection of their own, which a fault does not spoil for good."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.stores.sqlite_reader import Read, Reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "store.sqlite3", busy_ms=10)
    yield reader
    reader.close()


async def read(reader: Reader, run: Callable[..., Any], *args: Any) -> Any:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    for answer in reader.work([Read(run, args, future)]):
        answer()
    return await future


def itself(connection: sqlite3.Connection) -> sqlite3.Connection:
    return connection


async def test_one_connection_serves_all_reads(reader: Reader) -> None:
    assert await read(reader, itself) is await read(reader, itself)
    assert await read(reader, lambda connection, n: connection.execute("SELECT ?", (n,)).fetchone(), 5) == (5,)


async def test_a_fault_of_the_file_is_unavailable_and_the_next_read_connects_anew(reader: Reader) -> None:
    first = await read(reader, itself)
    with pytest.raises(StoreUnavailable, match=r"store\.sqlite3 .*no such table"):
        await read(reader, lambda connection: connection.execute("SELECT * FROM missing"))
    assert await read(reader, itself) is not first


async def test_a_fault_of_ours_is_raised_where_it_was_asked(reader: Reader) -> None:
    with pytest.raises(ZeroDivisionError):
        await read(reader, lambda connection: 1 // 0)


async def test_it_cannot_write(reader: Reader) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        await read(reader, lambda connection: connection.execute("CREATE TABLE t (x)"))


async def test_what_nobody_waits_for_is_not_read(reader: Reader) -> None:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.cancel()
    asked: list[object] = []
    for answer in reader.work([Read(asked.append, (), future)]):
        answer()
    assert asked == []
