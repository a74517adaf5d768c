"""A real server in a process of its own: started, killed, stopped and restarted on the same data and port."""

import contextlib
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

import httpx

__all__ = ["Launch", "Process", "ServerProcess", "StartFailed"]

ANNOUNCED = re.compile(rb"running at (http://\S+)")


class Process(Protocol):
    """A process that was started: ``subprocess.Popen``, or what stands for it."""

    pid: int

    @property
    def stdout(self) -> IO[bytes] | None: ...

    def wait(self, timeout: float) -> int: ...

    def poll(self) -> int | None: ...


Launch = Callable[[list[str], dict[str, str], Path], Process]
"""Starts ``shipanion`` with arguments and an environment, its standard error added to a file."""


class StartFailed(AssertionError):
    """The server ended, or said nothing, before it was ready. The text holds what it wrote."""


class ServerProcess:
    """One ``shipanion serve`` on a folder of data.

    Calls block, each within a bound: from a coroutine use ``asyncio.to_thread``. As a context manager it is started
    on entry and killed on exit.

    Args:
        folder: where data and logs are kept; a restart finds them again.
        rate_limits: whether people are held to a number of frames per second.
        environment: more settings.
        launch: starts the process; a new interpreter unless given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rate_limits: bool = True,
        environment: Mapping[str, str] | None = None,
        launch: "Launch | None" = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.file = self.data / "shipanion.sqlite3"
        self.host = "127.0.0.1"
        self.port = 0
        self.starts = 0
        self.last_exit: int | None = None
        self._log = folder / "server.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHIPANION_")},
            "SHIPANION_RATE_LIMITS": "on" if rate_limits else "off",
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self._launch = launch or _launch
        self._process: Process | None = None

    # --- life -----------------------------------------------------------------------------------------------------

    def start(self, within: float = 30.0) -> "ServerProcess":
        """Start it and wait until it is ready. The first start takes any free port, later ones the same again.

        Raises:
            StartFailed: it was not ready in time.
        """
        assert self._process is None, "it runs already"
        until = time.monotonic() + within
        arguments = ["serve", "--host", self.host, "--port", str(self.port), "--data", str(self.data)]
        arguments += ["--store", f"sqlite:///{self.file}"]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = self._launch(arguments, self._environment, self._log)
        self.starts += 1
        said = self._announcement(until)
        self.port = int(said.rpartition(":")[2])
        answer = httpx.get(f"{self.url}/readyz", timeout=max(0.1, until - time.monotonic()), trust_env=False)
        if answer.status_code != 200:
            raise StartFailed(f"/readyz says {answer.status_code}: {answer.text}\n{self.log()}")
        return self

    def kill9(self) -> None:
        """End it in the middle of whatever it does, as the kernel would."""
        process = self._running()
        os.kill(process.pid, signal.SIGKILL)
        self._gone(10)

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM), without waiting: see ``gone``."""
        os.kill(self._running().pid, signal.SIGTERM)

    def gone(self, within: float = 30.0) -> int:
        """Wait for its end; the exit code."""
        return self._gone(within)

    def stop(self, within: float = 30.0) -> int:
        """Ask it to stop and wait; the exit code."""
        self.terminate()
        return self._gone(within)

    def ensure(self) -> None:
        """Start it if it does not run, because a test before broke off half-way."""
        if self._process is None or self._process.poll() is not None:
            self._process = None
            self.start()

    def restart(self) -> None:
        """``kill9`` if it runs, then start it on the same data and port."""
        if self._process is not None:
            self.kill9()
        self.start()

    def __enter__(self) -> "ServerProcess":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill9()

    # --- how to reach it ------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://{self.host}:{self.port}/ws"

    def guest(self) -> str:
        """The token of a new guest."""
        answer = httpx.post(f"{self.url}/guest", timeout=10, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    # --- what it is like ------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._running().pid

    def log(self) -> str:
        """Everything it has logged, over all its lives."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def forget_log(self) -> None:
        """Begin the log anew; only while it does not run."""
        assert self._process is None
        self._log.unlink(missing_ok=True)

    def rss(self) -> int:
        """Bytes of memory it holds now (Linux)."""
        return self._status("VmRSS")

    def peak_rss(self) -> int:
        """The most bytes of memory it ever held (Linux), since ``forget_peak``."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Measure the peak anew from here (Linux, proc(5): clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def sockets(self) -> int:
        """How many of its descriptors are sockets (Linux). The store opens files of its own when it needs them."""
        count = 0
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += str(entry.readlink()).startswith("socket:")
        return count

    def limit_file_size(self, size: int | None) -> None:
        """Let no file of its grow beyond ``size`` bytes (None: any): what a full disk is like (Linux)."""
        soft = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

    # --- inside ---------------------------------------------------------------------------------------------------

    def _running(self) -> Process:
        assert self._process is not None, "it does not run"
        return self._process

    def _gone(self, within: float) -> int:
        process = self._running()
        code = process.wait(within)
        if process.stdout is not None:
            process.stdout.close()
        self._process = None
        self.last_exit = code
        return code

    def _announcement(self, until: float) -> str:
        out = self._running().stdout
        assert out is not None
        said = b""
        while (found := ANNOUNCED.search(said)) is None or b"\n" not in said[found.end() :]:
            readable, _, _ = select.select([out], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(out.fileno(), 65_536) if readable else b""
            if not piece:
                if readable:
                    self._gone(10)
                else:
                    self.kill9()
                raise StartFailed(f"it is not ready. It wrote: {said.decode()}\n{self.log()}")
            said += piece
        return found.group(1).decode()

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"{name} is not in /proc/PID/status")


def _launch(arguments: list[str], environment: dict[str, str], log: Path) -> Process:
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "shipanion", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
