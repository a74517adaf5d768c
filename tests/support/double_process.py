"""How a double lives: an HTTP server on this machine, on a thread with a loop of its own, whose line can break.

It is no other process: a test reads what the double knows directly, while the server under test, which is one, is
killed and started again.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import h11

__all__ = ["DoubleProcess", "Reply", "Request", "Silence"]

T = TypeVar("T")

BOUND_SECONDS = 10.0

Silence = Literal["hang", "reset"]
"""No answer: the connection stays open until the caller leaves, or is broken with a TCP RST."""


@dataclass(frozen=True, slots=True)
class Request:
    """``target`` is path and query as sent; names of headers are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    media_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class DoubleProcess:
    """The server. Between ``start`` and ``stop`` it listens on one port, but for the time between ``down`` and ``up``.

    Args:
        answer: called on the thread of its own. It is carried to its end even when the caller has gone.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Reply | Silence]]) -> None:
        self.port = 0
        self._reply = answer
        self._loop: asyncio.AbstractEventLoop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="double", daemon=True)
        self._server: asyncio.Server | None = None
        self._reserved: socket.socket | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    def start(self) -> None:
        """Take a free port and listen."""
        self._reserved = _bound(0)
        self.port = self._reserved.getsockname()[1]
        self._thread.start()
        self.up()

    def stop(self) -> None:
        """Break what is open, and end. What still waits is not carried out."""
        self.wait_for(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(BOUND_SECONDS)
        self._loop.close()

    def up(self) -> None:
        """Listen again, on the same port."""
        self.wait_for(self._listen())

    def down(self) -> None:
        """Break every connection, and refuse new ones."""
        self.wait_for(self._leave())

    def there(self, what: Callable[[], T]) -> T:
        """Do something on its thread and wait for it; before the start and after the end on the caller's."""

        async def run() -> T:
            return what()

        return self.wait_for(run()) if self._loop.is_running() else what()

    def wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs on its thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(BOUND_SECONDS)

    async def join(self, coroutine: Coroutine[Any, Any, T], within: float) -> T:
        """The same, awaited on the caller's loop.

        Raises:
            TimeoutError: it took longer.
        """
        return await asyncio.wait_for(
            asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop)), within
        )

    # --- on its thread ------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        if self._reserved is not None:
            waiting, self._reserved = self._reserved, None
            self._server = await asyncio.start_server(self._serve, sock=waiting)

    async def _leave(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            # Bound and not listening: callers are refused, and nobody else gets the port.
            self._reserved = _bound(self.port)
        for line in tuple(self._lines):
            _reset(line)

    async def _end(self) -> None:
        await self._leave()
        if self._reserved is not None:
            self._reserved.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close their sockets in the next round of the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = h11.Connection(h11.SERVER)
        self._lines.add(writer)
        try:
            while (request := await _request(peer, reader)) is not None:
                reply = await self._reply(request)
                if reply == "hang":
                    while await reader.read(65_536):
                        pass
                    return
                if reply == "reset":
                    _reset(writer)
                    return
                writer.write(_written(peer, reply))
                await writer.drain()
                if peer.our_state is not h11.DONE:
                    return
                peer.start_next_cycle()
        except (OSError, h11.RemoteProtocolError):  # it has gone, or speaks no HTTP
            pass
        except asyncio.CancelledError:  # by ``stop`` only; Python 3.11 logs a handler that ends cancelled as an error
            pass
        finally:
            self._lines.discard(writer)
            writer.close()


async def _request(peer: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """The next request, whole; None when the peer has gone."""
    head: h11.Request | None = None
    body = b""
    while True:
        event = peer.next_event()
        if event is h11.NEED_DATA:
            peer.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode(): value.decode() for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode(), headers, body)
        else:
            return None


def _written(peer: h11.Connection, reply: Reply) -> bytes:
    headers = [("content-type", reply.media_type), ("content-length", str(len(reply.body))), *reply.headers]
    events = (h11.Response(status_code=reply.status, headers=headers), h11.Data(data=reply.body), h11.EndOfMessage())
    return b"".join(peer.send(event) or b"" for event in events)


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        # Without lingering, closing sends RST (socket(7), SO_LINGER).
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
