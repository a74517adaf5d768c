"""One run against a real server, recorded once; every test gets its own copy to spoil."""

import asyncio
import copy
import time
from collections.abc import Iterator

import pytest

from shipanion.cli.verify.course import Course
from shipanion.cli.verify.history import History
from shipanion.cli.verify.label_course import LabelCourse
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


@pytest.fixture(scope="session")
def recorded_labels(verified_server: ServerProcess) -> History:
    """The run about labels, as it was."""
    url, files = verified_server.socket_url, verified_server.url
    token, stranger = verified_server.guest(), verified_server.guest()
    return asyncio.run(LabelCourse(url, token, stranger, History(), files=files).run())


@pytest.fixture
def labels(recorded_labels: History) -> History:
    return copy.deepcopy(recorded_labels)


@pytest.fixture
def history(recorded: tuple[History, float]) -> History:
    return copy.deepcopy(recorded[0])
