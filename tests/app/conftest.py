"""The HTTP side with one client, over a store of its own."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from shipanion.stores.memory import MemoryStore
from tests.support.http_house import HttpHouse


@pytest.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def house(store: MemoryStore) -> Iterator[HttpHouse]:
    house = HttpHouse(store)
    yield house
    house.close()


@pytest.fixture
async def client(house: HttpHouse) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client() as client:
        yield client
