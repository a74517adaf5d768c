"""A lean WebSocket load client: one asyncio protocol, frames masked with a zero key, no task per connection.

It measures servers, so it does as little as RFC 6455 lets a client do: text frames both ways, pings answered.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

__all__ = ["LoadClient", "connect", "masked"]

ZERO_KEY = b"\0\0\0\0"


def masked(payload: bytes, opcode: int = 0x81) -> bytes:
    """A client's frame. A zero masking key is legal and leaves the payload as it is (RFC 6455 section 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((opcode, 0x80 | size))
    elif size < 65_536:
        head = bytes((opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + ZERO_KEY + payload


OnMessage = Callable[["LoadClient", bytes], None]


class LoadClient(asyncio.Protocol):
    """One connection. ``on_message`` gets the client and each text payload; ``opened`` resolves after the upgrade."""

    def __init__(self, path: str, host: str, headers: dict[str, str], on_message: OnMessage) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.on_message = on_message
        self.transport: asyncio.Transport | None = None
        self._path, self._host, self._headers = path, host, headers
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self._path} HTTP/1.1", f"Host: {self._host}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in self._headers.items()), "", "",
        ]  # fmt: skip
        self.transport.write("\r\n".join(lines).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before the upgrade"))
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            if b" 101 " not in buffer[:16]:
                self.opened.set_exception(ConnectionError(buffer[:100].decode("latin-1")))
                return
            buffer = buffer[end + 4 :]
            self.opened.set_result(None)
        start, size = 0, len(buffer)
        while size - start >= 2:
            length, at = buffer[start + 1], start + 2
            if length == 126:
                if size - start < 4:
                    break
                length, at = int.from_bytes(buffer[start + 2 : start + 4], "big"), start + 4
            elif length == 127:
                if size - start < 10:
                    break
                length, at = int.from_bytes(buffer[start + 2 : start + 10], "big"), start + 10
            if size - at < length:
                break
            opcode = buffer[start] & 0x0F
            start = at + length
            if opcode == 1:
                self.on_message(self, buffer[at:start])
            elif opcode == 9:
                self.send(masked(buffer[at:start], 0x8A))
        self._buffer = buffer[start:]

    def send(self, frames: bytes) -> None:
        assert self.transport is not None
        self.transport.write(frames)

    def drop(self) -> None:
        """Cut the connection without a word."""
        assert self.transport is not None
        self.transport.abort()


async def connect(port: int, path: str, on_message: OnMessage, **headers: str) -> LoadClient:
    """Open one connection to 127.0.0.1; header names are given with underscores for hyphens."""
    loop = asyncio.get_running_loop()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    _, client = await loop.create_connection(
        lambda: LoadClient(path, f"127.0.0.1:{port}", named, on_message),
        "127.0.0.1", port,
    )  # fmt: skip
    await client.opened
    return client
