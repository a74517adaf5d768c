"""The transport port, and its implementation on uvicorn's WebSocket protocol.

In plain ASGI a send waits for a peer that may never read, and nothing tells how much is buffered. The subclass here
gives the endpoint its protocol object, so that frames are written straight to the transport, buffered bytes are
known, and a stuck connection can be cut at once with its descriptor.
"""

import asyncio
import logging
import socket as sockets
from collections.abc import Callable
from typing import Any, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from shipanion.protocol.bucket import TokenBucket

__all__ = ["BUFFER_BYTES", "SCOPE_KEY", "SEND_BUFFER", "ServerSocket", "Socket", "text_frame"]

SEND_BUFFER = 65_536
"""Bytes the kernel may hold for one peer (SO_SNDBUF): a peer that never reads costs little."""

BUFFER_BYTES = 32_768
"""Bytes buffered in this process for one peer above which it is told when there is room again (``on_drain``)."""

SMALL_BYTES = 4_096
"""Frames that are together shorter than this are joined: one copy costs less than several pieces."""

SLICE_BYTES = 4_096
"""What is looked at of one connection before the others have their turn: one that floods must not stop them."""

PINGS_PER_SECOND = 10
PINGS_BURST = 50
REST_SECONDS = 10.0
"""A peer that pings faster is read again once its pings fit, at the latest after this."""

SCOPE_KEY = "shipanion.socket"

_UNREADABLE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 47\r\n\r\nThe headers of this upgrade are not acceptable."
)


def text_frame(payload: bytes) -> bytes:
    """A whole, unmasked WebSocket text frame as a server sends it (RFC 6455 section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


_log = logging.getLogger(__name__)
"""Connections come and go by the thousand after every outage: two lines for each cost more than resuming it."""
_log.setLevel(logging.WARNING)


class Socket(Protocol):
    """What a connection needs of its transport. All calls return at once."""

    last_heard: float
    """Loop time of the last byte received."""

    def write(self, *frames: bytes) -> None:
        """Send whole WebSocket frames (see ``text_frame``); does nothing once closed."""

    def buffered(self) -> int:
        """Bytes accepted by ``write`` that the kernel has not taken yet."""

    def ping(self) -> None:
        """Send a WebSocket ping."""

    def close(self, code: int, reason: str) -> None:
        """Send what is buffered and a close frame, then close."""

    def abort(self) -> None:
        """Drop the connection now and free its descriptor."""

    def pause_reading(self) -> None:
        """Take no more from the peer for now."""

    def resume_reading(self) -> None:
        """Go on reading."""


class ServerSocket(WebSocketsSansIOProtocol):
    """uvicorn's sans-I/O WebSocket protocol, with its transport reachable by the endpoint.

    Once ``attach`` was called, messages go to the given functions instead of the ASGI queue.
    """

    last_heard = 0.0
    """Loop time of the last byte received."""

    connection: Any = None
    """Whatever the endpoint hangs here."""

    _backlog = b""
    """Bytes received that are still to be looked at."""
    _slicing = False
    """The next slice of them is scheduled."""
    _holding = False
    """The transport is paused because of the backlog or a rest."""
    _resting: asyncio.TimerHandle | None = None
    _too_many = 0
    """Pings of the last slice beyond their number."""

    _on_text: Callable[[str], None] | None = None
    _on_binary: Callable[[], None] | None = None
    _on_drain: Callable[[], None] | None = None

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.logger = self.conn.logger = _log

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = cast("dict[str, Any]", self.scope["extensions"])
            extensions[SCOPE_KEY] = self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._pings = TokenBucket(per_second=PINGS_PER_SECOND, burst=PINGS_BURST)
        self.last_heard = self.loop.time()
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in (sockets.AF_INET, sockets.AF_INET6):
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
        self.transport.set_write_buffer_limits(high=BUFFER_BYTES, low=BUFFER_BYTES // 4)

    def connection_lost(self, exc: Exception | None) -> None:
        self._backlog = b""
        if self._resting is not None:
            self._resting.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.last_heard = self.loop.time()
        self._backlog += data
        if not self._slicing:
            self._next_slice()

    def _next_slice(self) -> None:
        """Take a little of what came, then let the other connections have their turn."""
        self._slicing = False
        if self.read_paused or self._resting is not None or not self._backlog:
            return
        if len(self._backlog) <= SLICE_BYTES or not self.handshake_initiated:
            # The upgrade comes whole: HTTP was read before it was handed over.
            data, self._backlog = self._backlog, b""
        else:
            data, self._backlog = self._backlog[:SLICE_BYTES], self._backlog[SLICE_BYTES:]
        self._take(data)
        if self._too_many:
            rest = min(REST_SECONDS, self._too_many / PINGS_PER_SECOND)
            self._resting, self._too_many = self.loop.call_later(rest, self._rested), 0
            self._hold()
        elif self._backlog and not self.transport.is_closing():
            self._hold()
            self._slicing = True
            self.loop.call_soon(self._next_slice)
        else:
            self._release()

    def _take(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            # The whole head is there, and the library could not read it: it says so to nobody.
            self.transport.write(_UNREADABLE)
            self.transport.close()

    def handle_cont(self, event: Any) -> None:
        # In one piece as it grows: a list would hold an object for every fragment, and an empty one counts towards no
        # limit of the library's.
        first: Any = self.frames[0]
        whole = first if isinstance(first, bytearray) else bytearray(first)
        whole += event.data
        self.frames = cast("list[bytes]", [whole])
        if event.fin:
            self.send_receive_event_to_app()

    def _hold(self) -> None:
        if not self._holding:
            self._holding = True
            if not self.read_paused and not self.transport.is_closing():
                self.transport.pause_reading()

    def _release(self) -> None:
        if self._holding and self._resting is None and not self._backlog:
            self._holding = False
            if not self.read_paused and not self.transport.is_closing():
                self.transport.resume_reading()

    def _rested(self) -> None:
        self._resting = None
        self._next_slice()
        self._release()

    def handle_ping(self) -> None:
        # Nothing in the protocol bounds pings, and each costs as much as a command.
        self._too_many += bool(self._pings.take(round(self.loop.time() * 1000)))
        # The answer is written even to a peer that reads nothing; one that asks on and on must not fill our memory.
        pong = b"".join(self.conn.data_to_send())
        if self.buffered() < SEND_BUFFER:
            self.transport.write(pong)

    def attach(
        self, on_text: Callable[[str], None], on_binary: Callable[[], None], on_drain: Callable[[], None]
    ) -> None:
        """Deliver messages to these functions from now on; ``on_drain`` when buffered bytes fell low again."""
        self._on_text, self._on_binary, self._on_drain = on_text, on_binary, on_drain

    def send_receive_event_to_app(self) -> None:
        if self._on_text is None or self._on_binary is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.curr_msg_data_type != "text":
            self._on_binary()
            return
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            self.close(1007, "not UTF-8")
            return
        self._on_text(text)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._on_drain is not None:
            self._on_drain()

    # --- the port -----------------------------------------------------------------------------------------------

    def write(self, *frames: bytes) -> None:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        if len(frames) == 1:
            self.transport.write(frames[0])
        elif sum(map(len, frames)) < SMALL_BYTES:
            self.transport.write(b"".join(frames))
        else:
            # Not joined: a crowd that hears the same events then shares the same bytes, however long it takes them.
            self.transport.writelines(frames)

    def buffered(self) -> int:
        return self.transport.get_write_buffer_size()

    def ping(self) -> None:
        self.write(b"\x89\x00")

    def close(self, code: int, reason: str) -> None:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.resume_reading()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def abort(self) -> None:
        self.transport.abort()

    def end(self) -> None:
        """The application is done with it: what is still unsent after a while is dropped with its descriptor."""
        self._on_text = self._on_binary = self._on_drain = None
        self.connection = None
        if not self.disconnected:
            self.loop.call_later(self.close_timeout, self.transport.abort)

    def pause_reading(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            if not self._holding:
                self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            if self._backlog and not self._slicing:
                self._hold()
                self._slicing = True
                self.loop.call_soon(self._next_slice)
            elif not self._holding:
                self.transport.resume_reading()
