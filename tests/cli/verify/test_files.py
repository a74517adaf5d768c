"""A file over HTTP, written down without what it shows; the token goes to the server alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shipanion.cli.verify.files import read_file
from shipanion.cli.verify.history import History

PDF = b"%PDF-1.4 secret street"


@asynccontextmanager
async def answering(status: str, body: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server's address, and the requests that it got."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/pdf; x=y\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


async def test_what_is_written_down() -> None:
    history = History()
    async with answering("200 OK", PDF) as (server, requests):
        await read_file(history, "file", server, "https://elsewhere.example/api/labels/x.pdf?a=1", "secret-token")
        await read_file(history, "file", server, "/api/labels/x.pdf", None)
    first, second = history.got("file")
    assert first == second
    assert (first["status"], first["bytes"], first["media_type"], first["pdf"]) == (200, 22, "application/pdf", True)
    assert requests[0].startswith(b"GET /api/labels/x.pdf?a=1 ")
    assert b"Bearer secret-token" in requests[0]
    assert b"authorization" not in requests[1].lower()
    assert "secret" not in "".join(str(entry) for entry in history.entries)


async def test_a_refusal_and_nobody_there() -> None:
    history = History()
    async with answering("404 Not Found", b"{}") as (server, _):
        await read_file(history, "file", server, "/x.pdf", None)
    assert (history.got("file")[0]["status"], history.got("file")[0]["pdf"]) == (404, False)
    await read_file(history, "gone", "http://127.0.0.1:1", "/x.pdf", None)
    assert history.got("gone") == []
    assert "an answer from /x.pdf" in str(history.of("gone", "missed")[0])
