"""A room about parcels over memory, and one whose carrier costs money: a double of it, over HTTP."""

from collections.abc import AsyncIterator, Iterator

import pytest

from shipanion.stores.memory import MemoryStore
from tests.support.double_carrier import DoubleCarrier
from tests.support.easypost_double import EasyPostDouble
from tests.support.shipping_room import ShippingRoom


@pytest.fixture
async def room() -> AsyncIterator[ShippingRoom]:
    """The rate card: labels are samples."""
    room = await ShippingRoom(MemoryStore()).start()
    yield room
    await room.node.stop(window=0)


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    """The carrier's side."""
    with EasyPostDouble("production") as double:
        yield double


@pytest.fixture
async def paid(double: EasyPostDouble) -> AsyncIterator[ShippingRoom]:
    """Labels cost money."""
    room = await ShippingRoom(MemoryStore(), carrier=DoubleCarrier(double.url, valid_seconds=3600)).start()
    yield room
    await room.node.stop(window=0)
