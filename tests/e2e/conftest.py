"""What the end-to-end tests share: one process that starts their servers quickly."""

from collections.abc import Iterator

import pytest

from tests.support.warm_start import WarmStart


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """Starts servers in a fraction of the time; see ``ServerProcess(launch=warm.launch)``."""
    with WarmStart() as starter:
        yield starter


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: takes minutes; runs only when asked for with -m full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "full" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
