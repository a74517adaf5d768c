"""The real line: what goes into the upgrade, and what every way of ending is reported as."""

import socket
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from shipanion.client.transport import LineClosed, dial_websocket, endpoint
from shipanion.errors import ConfigurationError
from tests.client.scripted_server import ScriptedServer


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer().running() as running:
        yield running


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("https://ship.example/", "wss://ship.example/ws"),
        ("ws://ship.example/other/ws", "ws://ship.example/other/ws"),
        ("http://ship.example/ws?token=x#y", "ws://ship.example/ws"),
        ("http://[::1]:8000", "ws://[::1]:8000/ws"),
    ],
)
def test_addresses(given: str, address: str) -> None:
    assert endpoint(given) == address


@pytest.mark.parametrize("given", ["", "localhost:8000", "ftp://x/y", "http://", "/ws"])
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(ConfigurationError):
        endpoint(given)


async def dial(url: str) -> LineClosed:
    with pytest.raises(LineClosed) as closed:
        await dial_websocket(endpoint(url), {}, "good")
    return closed.value


@pytest.mark.parametrize(("status", "code"), [(401, 4200), (403, 4302), (404, 4301), (429, 4100), (500, 1006)])
async def test_an_http_answer_is_a_duty_too(server: ScriptedServer, status: int, code: int) -> None:
    server.answer_with = Response(status, HTTPStatus(status).phrase, Headers(), b"")
    closed = await dial(server.url)
    assert (closed.code, closed.retry_after_ms) == (code, None)
    assert str(status) in closed.message


async def test_retry_after_is_read(server: ScriptedServer) -> None:
    server.answer_with = Response(503, "Busy", Headers({"Retry-After": "7"}), b"")
    closed = await dial(server.url)
    assert (closed.code, closed.retry_after_ms) == (4100, 7000)


async def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert (await dial(f"http://127.0.0.1:{port}")).code == 1006


async def test_another_protocol(server: ScriptedServer) -> None:
    server.subprotocols = []
    await server.stop()
    await server.start()
    assert (await dial(server.url)).code == 1002


@pytest.mark.parametrize(("code", "seen"), [(4300, 4300), (1012, 1012), (1000, 1000)])
async def test_the_servers_close_code(code: int, seen: int) -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send(b"binary means nothing")
        await connection.send("text")
        await connection.close(code, "why")

    async with serve(handler, "127.0.0.1", 0, subprotocols=["shipanion.v1"]) as running:  # type: ignore[list-item]
        port = running.sockets[0].getsockname()[1]
        wire = await dial_websocket(f"ws://127.0.0.1:{port}/ws", {"a": "b c"}, None)
        assert await wire.receive() == "text"
        with pytest.raises(LineClosed) as closed:
            await wire.receive()
        assert (closed.value.code, closed.value.message) == (seen, "why")
        with pytest.raises(LineClosed):
            await wire.send("too late")
        await wire.close(1000, "done")


async def test_a_cut_line_has_no_code(server: ScriptedServer) -> None:
    wire = await dial_websocket(endpoint(server.url), {}, "good")
    await wire.receive()
    server.drop()
    with pytest.raises(LineClosed) as closed:
        await wire.receive()
    assert closed.value.code == 1006
