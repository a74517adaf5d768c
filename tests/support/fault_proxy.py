"""A TCP proxy between a client and a server that can break the line: cut it, let it go silent, refuse new ones."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["FaultProxy"]

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""``struct linger``: nothing is sent to the end, the peer gets a reset (socket(7): SO_LINGER)."""


class FaultProxy:
    """Passes bytes on to ``port`` of this machine until told otherwise. What it is told holds until ``mend``.

    ``faults`` counts what it was told, so that a test can tell noise that it made from noise that it did not.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self.faults = 0
        self._passes = asyncio.Event()
        self._passes.set()
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def before(cls, port: int) -> "AsyncIterator[FaultProxy]":
        """A running proxy in front of ``port``; gone with the block."""
        proxy = cls(port)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.cut()
            await asyncio.gather(*proxy._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def connections(self) -> int:
        """How many lines are open now."""
        return len(self._tasks)

    def cut(self) -> None:
        """Break every connection at once by a reset to both sides, in the middle of whatever passes; a silence ends.

        New connections are let through, unless they are refused.
        """
        self.faults += 1
        self._passes.set()
        for writer in tuple(self._writers):
            _reset(writer)

    def silence(self) -> None:
        """Pass nothing on any more, either way, and keep the connections open: what a lost route is like.

        New connections are taken and hear nothing. Not even the end of one side is told to the other.
        """
        self.faults += 1
        self._passes.clear()

    def refuse(self) -> None:
        """Break every new connection as soon as it is made: nobody listens there. Open ones go on."""
        self.faults += 1
        self._refuses = True

    def mend(self) -> None:
        """Pass everything on again; what a silence held back comes now."""
        self._refuses = False
        self._passes.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            _reset(writer)
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            onward, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        finally:
            self._writers.discard(writer)
        self._writers |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(onward, writer))
        finally:
            for end in (writer, back):
                end.transport.abort()
                self._writers.discard(end)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            await self._passes.wait()
            writer.transport.abort() if writer.transport.is_closing() else writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    line = writer.transport.get_extra_info("socket")
    if line is not None and not writer.transport.is_closing():
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
