"""A server that cannot start says why in one sentence, ends with code 2, and touches nothing."""

import asyncio
import os
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.support.server_process import ServerProcess, StartFailed
from tests.support.warm_start import WarmStart
from tests.support.wire import Wire


def refused_start(server: ServerProcess) -> str:
    """The one sentence with which a server refuses to start; exit code 2, no traceback."""
    with pytest.raises(StartFailed):
        server.start()
    assert server.last_exit == 2
    lines = server.log().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("shipanion: ")
    assert lines[0].endswith(".")
    return lines[0]


def test_a_port_in_use(tmp_path: Path, warm: WarmStart) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = ServerProcess(tmp_path, launch=warm.launch)
        server.port = taken.getsockname()[1]
        sentence = refused_start(server)
        assert str(server.port) in sentence
        assert "--port" in sentence
        assert not server.data.exists(), "it made a folder before it knew whether it can listen"


def unwritable(tmp_path: Path) -> Path:
    """A folder in which this user can make nothing. For root there is no other than a system's own."""
    if os.geteuid() == 0:
        return Path("/proc/shipanion")
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    return folder / "data"


def test_a_folder_that_cannot_be_written(tmp_path: Path, warm: WarmStart) -> None:
    server = ServerProcess(tmp_path, launch=warm.launch)
    server.data = unwritable(tmp_path)
    server.file = server.data / "shipanion.sqlite3"
    assert str(server.data) in refused_start(server)


def test_a_file_where_the_folder_should_be(tmp_path: Path, warm: WarmStart) -> None:
    server = ServerProcess(tmp_path, launch=warm.launch)
    server.data.write_text("in the way")
    assert str(server.data) in refused_start(server)
    assert server.data.read_text() == "in the way"


async def test_a_second_server_on_the_same_file(tmp_path: Path, warm: WarmStart) -> None:
    with ServerProcess(tmp_path / "first", launch=warm.launch) as first:
        async with Wire.open(first.socket_url, await asyncio.to_thread(first.guest)) as wire:
            second = ServerProcess(tmp_path / "second", launch=warm.launch)
            second.file = first.file
            assert "in use by another Shipanion server" in await asyncio.to_thread(refused_start, second)
            await wire.send("update_state", id="u", patch={"title": "Still here"})
            await wire.acked("u")


@pytest.mark.parametrize(
    ("name", "pragma", "says"),
    [
        ("newer", "PRAGMA user_version = 999", "newer"),
        ("foreign", "PRAGMA application_id = 1196444487", "another program"),
    ],
)
def test_a_database_that_is_not_ours_to_write(
    tmp_path: Path, warm: WarmStart, name: str, pragma: str, says: str
) -> None:
    server = ServerProcess(tmp_path, launch=warm.launch)
    server.start()
    server.stop()
    with sqlite3.connect(server.file) as database:
        database.execute(pragma)
    database.close()
    before = server.file.read_bytes()
    server.forget_log()
    assert says in refused_start(server)
    assert server.file.read_bytes() == before, "the file was touched"


def test_a_file_that_is_no_database(tmp_path: Path, warm: WarmStart) -> None:
    server = ServerProcess(tmp_path, launch=warm.launch)
    server.data.mkdir()
    server.file.write_text("Dear diary, " * 1_000)
    assert "not a Shipanion database" in refused_start(server)
    assert server.file.read_text().startswith("Dear diary")
