"""Requests that never end, or whose headers do not: a bounded time, and a bounded amount of memory (I12)."""

import asyncio

import pytest

from shipanion.server.http_protocol import HEAD_BYTES, HttpProtocol
from tests.support.shop_server import ShopServer

BEGUN = b"GET /ws?token=ann HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def answered(server: ShopServer, *pieces: bytes) -> bytes:
    """What comes back before the server closes, having been sent these pieces."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "begun", [b"", b"\r\n\r\n", BEGUN, BEGUN + b"X-Long: xx", BEGUN + b"Content-Length: 9\r\n\r\nx"]
)
async def test_a_request_that_does_not_end_is_dropped(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpProtocol, "request_seconds", 0.05)
    async with ShopServer.run() as server:
        await answered(server, begun)


async def test_a_websocket_outlives_the_time_its_request_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpProtocol, "request_seconds", 0.05)
    async with ShopServer.run() as server, server.dial() as client:
        await asyncio.sleep(0.2)
        async with asyncio.timeout(5):
            await (await client.ping())


@pytest.mark.parametrize("piece", [b"X-Many: x\r\n" * 1_000, b"x" * 10_000], ids=["many", "long"])
async def test_headers_without_an_end_are_refused(piece: bytes) -> None:
    async with ShopServer.run() as server:
        answer = await answered(server, BEGUN + b"X-Long: ", *[piece] * (HEAD_BYTES // 10_000 + 1))
        assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "header", [b"X-Long: " + b"x" * 20_000, b"\r\n".join([b"X-Many: x"] * 300)], ids=["long", "many"]
)
async def test_an_upgrade_that_the_library_cannot_read_is_answered(header: bytes) -> None:
    async with ShopServer.run() as server:
        answer = await answered(server, BEGUN + UPGRADE + header + b"\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 ")
        assert f"Content-Length: {len(body)}".encode() in head
