"""The real transport around the shopping list: uvicorn on a port of its own, in this process."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from websockets.asyncio.client import connect

from shipanion.server.endpoint import SUBPROTOCOL, Cookie, Gate, websocket_endpoint
from shipanion.server.http_protocol import HttpProtocol
from shipanion.server.socket import ServerSocket
from shipanion.stores.memory import MemoryStore
from tests.support.room import Room

__all__ = ["ShopServer", "descriptors"]


class ShopServer:
    """A running server: its room, its address, and ways in."""

    def __init__(self, room: Room, port: int) -> None:
        self._raw: list[sockets.socket] = []
        self.room = room
        self.port = port
        self.url = f"ws://127.0.0.1:{port}/ws"

    def dial(self, query: str = "token=ann", *, full: bool = True, headers: dict[str, str] | None = None) -> connect:
        """A WebSocket client of another make."""
        return connect(
            f"{self.url}?{query}", subprotocols=[SUBPROTOCOL] if full else None, additional_headers=headers,  # type: ignore[list-item]
            compression=None, ping_interval=None, max_size=None, proxy=None, close_timeout=1,
        )  # fmt: skip

    async def raw(self, query: str = "token=ann") -> sockets.socket:
        """A client that has shaken hands and from then on does, or does not do, what the test says."""
        loop = asyncio.get_running_loop()
        plain = sockets.socket()
        self._raw.append(plain)
        plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        plain.setblocking(False)
        await loop.sock_connect(plain, ("127.0.0.1", self.port))
        upgrade = (
            f"GET /ws?{query} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
        )
        await loop.sock_sendall(plain, upgrade.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await loop.sock_recv(plain, 1)
        assert answer.startswith(b"HTTP/1.1 101")
        return plain

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        room: Room | None = None,
        gate: Gate = lambda scope: None,
        *,
        query_tokens: bool = True,
        start: bool = True,
        cookie: Cookie = lambda scope: None,
    ) -> "AsyncIterator[ShopServer]":
        """Serve until the block ends."""
        room = room or Room(MemoryStore())
        if start:
            await room.start()
        config = uvicorn.Config(
            websocket_endpoint(room.node, gate, query_tokens=query_tokens, cookie=cookie),
            http=HttpProtocol, ws=ServerSocket, ws_max_size=2 * 1024 * 1024, ws_ping_interval=None,
            ws_per_message_deflate=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        listening = sockets.socket()
        listening.bind(("127.0.0.1", 0))
        await server.startup(sockets=[listening])
        shop = cls(room, listening.getsockname()[1])
        try:
            yield shop
        finally:
            for raw in shop._raw:
                raw.close()
            if start:
                await room.node.stop(window=0)
            await server.shutdown(sockets=[listening])


def descriptors() -> int:
    """How many file descriptors this process has open."""
    folder = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
    return len(list(folder.iterdir()))
