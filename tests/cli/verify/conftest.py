"""One run against a real server, recorded once; every test gets its own copy to spoil."""

import asyncio
import copy
import time
from collections.abc import Iterator

import pytest

from shipanion.cli.verify.course import Course
from shipanion.cli.verify.history import History
from tests.support.server_process import ServerProcess


@pytest.fixture(scope="session")
def verified_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("verified")) as running:
        yield running


@pytest.fixture(scope="session")
def recorded(verified_server: ServerProcess) -> tuple[History, float]:
    """The run as it was, and the seconds it took."""
    begun = time.monotonic()
    course = Course(verified_server.socket_url, verified_server.guest(), verified_server.guest(), History())
    return asyncio.run(course.run()), time.monotonic() - begun


@pytest.fixture
def history(recorded: tuple[History, float]) -> History:
    return copy.deepcopy(recorded[0])
