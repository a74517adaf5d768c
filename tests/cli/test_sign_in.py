"""Addresses, and tokens from a real server and from things that are none."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from shipanion.cli.sign_in import NotShipanion, Server, SignInRefused, Unreachable
from shipanion.errors import ConfigurationError
from tests.support.server_process import ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("signin")) as server:
        yield server


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[Server]:
    """Something that answers every request with the same bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Server.at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("typed", "http_url", "socket_url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("ws://127.0.0.1:8000/ws", "http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("https://ship.example.org/", "https://ship.example.org", "wss://ship.example.org/ws"),
        ("wss://example.org/ship/ws", "https://example.org/ship", "wss://example.org/ship/ws"),
        ("http://[::1]:8000", "http://[::1]:8000", "ws://[::1]:8000/ws"),
    ],
)
def test_addresses(typed: str, http_url: str, socket_url: str) -> None:
    assert Server.at(typed) == Server(http_url, socket_url)


@pytest.mark.parametrize("typed", ["", "127.0.0.1:8000", "ftp://x", "http://", "http://x:banana", "http://me:pw@x"])
def test_no_addresses(typed: str) -> None:
    with pytest.raises(ConfigurationError, match="try http://127"):
        Server.at(typed)


async def test_a_guest_stays_the_same_guest(running: ServerProcess) -> None:
    server = Server.at(running.url)
    first = await server.guest()
    again = await server.guest(first.text)
    assert again.lasts > 86_400
    assert again.expires_at == pytest.approx(time.time() + again.lasts, abs=10)
    assert await server.sessions(again.text) == []
    assert "eyJ" not in repr(again)


async def test_refusals_come_with_their_code(running: ServerProcess) -> None:
    server = Server.at(running.url)
    with pytest.raises(SignInRefused) as refused:
        await server.account("nobody", "wrong")
    assert refused.value.code == "sign_in"
    with pytest.raises(SignInRefused) as refused:
        await server.sessions("forged")
    assert refused.value.code == "sign_in"


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=str(port)):
        await Server.at(f"http://127.0.0.1:{port}").guest()


@pytest.mark.parametrize(
    "answer",
    [http("200 OK", "<html>"), http("404 Not Found", "{}"), http("200 OK", "[]"), http("200 OK", '{"a": 1}')],
)
async def test_something_else_there(answer: bytes) -> None:
    async with answering(answer) as server:
        with pytest.raises(NotShipanion):
            await server.guest()


@pytest.mark.parametrize("answer", [http("502 Bad Gateway", "<html>"), b"", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_server_that_is_not_ready(answer: bytes) -> None:
    async with answering(answer) as server:
        with pytest.raises(Unreachable):
            await server.guest()


async def test_a_file_that_is_no_label(running: ServerProcess) -> None:
    server = Server.at(running.url)
    token = (await server.guest()).text
    with pytest.raises(SignInRefused, match="no such label") as refused:
        await server.label("label-9f.pdf", token)
    assert refused.value.code == "not_found"
    async with answering(http("200 OK", "<html>")) as stranger:
        with pytest.raises(NotShipanion, match="is no label"):
            await stranger.label("x.pdf", token)
