"""Servers that start in a fraction of the time, for tests that kill them again and again.

A process of its own imports everything once and then forks a child for each start. A child runs the same program with
the same arguments as ``python -m shipanion``, under its own process id, and dies as any other does. Needs ``fork`` and
Unix sockets.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

__all__ = ["WarmServer", "WarmStart"]


class WarmServer:
    """A forked server: what ``ServerProcess`` needs of ``subprocess.Popen``."""

    def __init__(self, starter: "WarmStart", pid: int, stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._starter = starter
        self._code: int | None = None

    def wait(self, timeout: float) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        if self._code is None:
            self._code = int(self._starter.ask({"wait": self.pid}, timeout)["code"])
        return self._code

    def poll(self) -> int | None:
        """The exit code if it has ended."""
        if self._code is None:
            self._code = self._starter.ask({"poll": self.pid}, 10)["code"]
        return self._code


class WarmStart:
    """Starts servers. As a context manager it lives for the block; servers it started are waited for through it.

    Args:
        environment: what the process itself starts with, for a library that is loaded before all others.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_start", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                env=environment,
            )

    def __enter__(self) -> "WarmStart":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.wait(30)

    def launch(self, arguments: list[str], environment: dict[str, str], log: Path) -> WarmServer:
        """Start ``shipanion`` with these arguments; its standard error is added to ``log``."""
        read, write = os.pipe()
        with log.open("ab") as errors:
            order = {"start": arguments, "environment": environment}
            answer = self.ask(order, 30, descriptors=[write, errors.fileno()])
        os.close(write)
        return WarmServer(self, int(answer["pid"]), os.fdopen(read, "rb"))

    def ask(self, order: dict[str, Any], within: float, descriptors: list[int] | None = None) -> dict[str, Any]:
        """Send one order and wait for its answer. One at a time.

        Raises:
            TimeoutError: no answer in time.
        """
        self._socket.settimeout(within)
        socket.send_fds(self._socket, [json.dumps(order).encode()], descriptors or [])
        answer: dict[str, Any] = json.loads(self._socket.recv(65_536))
        return answer


def _serve(orders: socket.socket) -> None:
    """Take orders until the other side is gone."""
    from shipanion.app import build  # noqa: F401 - imported so that no child has to
    from shipanion.shipping import places, zips

    zips.preload()
    places.preload()
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, 65_536, 2)
        if not message:
            return
        order = json.loads(message)
        if "start" in order:
            answer: dict[str, int | None] = {"pid": _start(order, descriptors, orders)}
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            flags = os.WNOHANG if "poll" in order else 0
            pid, status = os.waitpid(order.get("poll") or order["wait"], flags)
            answer = {"code": os.waitstatus_to_exitcode(status) if pid else None}
        with contextlib.suppress(BrokenPipeError):
            orders.send(json.dumps(answer).encode())


def _start(order: dict[str, Any], descriptors: list[int], orders: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        orders.close()
        os.dup2(descriptors[0], 1)
        os.dup2(descriptors[1], 2)
        os.closerange(3, 64)
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = ["shipanion", *order["start"]]
        from shipanion.cli import main

        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        code = 1
        sys.excepthook(*sys.exc_info())
    else:
        code = 0
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; the block's end ends this
    _serve(socket.socket(fileno=int(sys.argv[1])))
