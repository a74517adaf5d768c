"""What the end-to-end tests share: one process that starts their servers quickly."""

from collections.abc import Iterator

import pytest

from tests.support.warm_start import WarmStart


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """Starts servers in a fraction of the time; see ``ServerProcess(launch=warm.launch)``."""
    with WarmStart() as starter:
        yield starter
