"""What the end-to-end tests share: one process that starts their servers quickly, and a shop to buy labels in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.buyer import Buyer
from tests.support.buying_shop import BuyingStart, Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.warm_start import WarmStart


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """Starts servers in a fraction of the time; see ``ServerProcess(launch=warm.launch)``."""
    with WarmStart() as starter:
        yield starter


@pytest.fixture(scope="module")
def start() -> Iterator[BuyingStart]:
    """Starts servers that sell labels for money."""
    with BuyingStart() as starter:
        yield starter


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    """The carrier, which keeps its book."""
    with EasyPostDouble("production") as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, double: EasyPostDouble, start: BuyingStart) -> Iterator[Shop]:
    """Such a server, running."""
    shop = Shop(tmp_path, double.url, start)
    with shop.server:
        yield shop


@pytest.fixture
async def ann(shop: Shop) -> AsyncIterator[Buyer]:
    """Somebody who came to it."""
    buyer = await Buyer(shop.server.socket_url, shop.server.guest()).come()
    yield buyer
    await buyer.leave()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: takes minutes; runs only when asked for with -m full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "full" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
