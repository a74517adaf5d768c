"""Starts the servers that are measured, each pinned to one core, and stops them by their process id."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

__all__ = ["HERE", "SERVER_CORE", "Running", "guest", "pin_generator", "shipanion", "socketio"]

HERE = Path(__file__).parent
SERVER_CORE = 0


class Running:
    """A server process and its port."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder

    def cpu_seconds(self) -> float:
        """User and system time the server has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin_generator() -> None:
    """Keep this process off the server's core, where there is another."""
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, cores - {SERVER_CORE})


@contextmanager
def _running(command: list[str], env: dict[str, str], ready: bytes, folder: Path) -> Iterator[Running]:
    process = subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=HERE,
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = b""
        while ready not in line:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"{command[0]} did not start")
        port = int(line.split(ready, 1)[1].split()[0].rsplit(b":", 1)[-1])
        yield Running(process, port, folder)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextmanager
def shipanion(folder: Path | None = None) -> Iterator[Running]:
    """A server of ours on a real SQLite file (synchronous=FULL), without rate limits and without request logs."""
    own = folder is None
    folder = folder or Path(tempfile.mkdtemp(prefix="shipanion-bench-"))
    env = {"SHIPANION_RATE_LIMITS": "off", "SHIPANION_DATA": str(folder)}
    command = [sys.executable, "-m", "shipanion", "serve", "--port", "0"]
    try:
        with _running(command, env, b"running at http://127.0.0.1:", folder) as running:
            yield running
    finally:
        if own:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def socketio() -> Iterator[Running]:
    """Socket.IO 4.8 on Node, in memory, with connection state recovery."""
    peer = HERE / "peers" / "socketio"
    if not (peer / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=peer, check=True)
    with _running(["node", str(peer / "server.js")], {}, b"listening on ", peer) as running:
        yield running


async def guest(running: Running) -> str:
    """A token of a new guest."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{running.port}/guest")
        return str(answer.json()["access_token"])
