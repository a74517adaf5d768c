"""``shipanion serve`` in a process of its own: what it refuses, how it ends, and what it never writes down."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import websockets

from tests.support.server_process import ServerProcess


def serve(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHIPANION_")}
    environment |= {"SHIPANION_DATA": str(tmp_path / "data"), "SHIPANION_PORT": "0", **settings}
    command = [sys.executable, "-m", "shipanion", "serve", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One sentence for a person, nothing for anybody else."""
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("shipanion: ")
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(serve(tmp_path, "--port", port), port, "--port", "SHIPANION_PORT")


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    assert_refused(serve(tmp_path, "--host", "192.0.2.1"), "192.0.2.1")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SHIPANION_PORT": "banana"}, ("SHIPANION_PORT", "--port", "whole number")),
        ({"SHIPANION_BUS": "redis://cache"}, ("SHIPANION_BUS", "memory:")),
        ({"SHIPANION_STORE": "mysql://x"}, ("SHIPANION_STORE", "sqlite:///FILE")),
        ({"SHIPANION_SECRET": "short"}, ("SHIPANION_SECRET", "openssl rand")),
        ({"SHIPANION_HOST": "0.0.0.0", "SHIPANION_RATE_LIMITS": "off"}, ("SHIPANION_RATE_LIMITS",)),
    ],
)
def test_a_setting_that_cannot_be_used(tmp_path: Path, settings: dict[str, str], words: tuple[str, ...]) -> None:
    assert_refused(serve(tmp_path, **settings), *words)


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert_refused(serve(tmp_path), "data cannot be made", "SHIPANION_DATA")


def test_a_store_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("no database at all, but long enough to be looked at" * 100)
    assert_refused(serve(tmp_path, "--store", f"sqlite:///{tmp_path}/other.db"), "other.db")


def test_it_serves_refuses_a_second_on_its_file_writes_no_token_and_ends_in_order(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, environment={"SHIPANION_SECRET": ""}) as server:
        second = serve(tmp_path, SHIPANION_STORE=f"sqlite:///{server.file}")
        assert_refused(second, str(server.file))

        token = server.guest()

        async def come_in() -> None:
            for query in (f"?token={token}", f"?%74oken={token}", f"?session_id=nobody&token={token}x"):
                async with websockets.connect(server.socket_url + query, subprotocols=["shipanion.v1"]) as line:  # type: ignore[list-item]
                    await asyncio.wait_for(line.recv(), 10)

        asyncio.run(come_in())
        headers = {"Authorization": f"Bearer {token}"}
        httpx.get(f"{server.url}/api/me?token={token}", headers=headers, trust_env=False)
        httpx.get(f"{server.url}/nothing?access_token={token}", trust_env=False)

        os.kill(server.pid, signal.SIGINT)
        assert server.gone() in (0, 130)
    log = server.log()
    assert "/ws?" not in log, "a line for each connection costs more than resuming it"
    assert "/api/me?..." in log
    assert token not in log
    assert token.rpartition(".")[2] not in log
    assert "Traceback" not in log
