"""The proxy breaks lines as it says, because the tests that look at what comes of it believe it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.fault_proxy import FaultProxy

WITHIN = 5.0
MOMENT = 0.1
"""Seconds that something is given to not happen."""


@pytest.fixture
async def proxy() -> AsyncIterator[FaultProxy]:
    """In front of a server that repeats what it hears, and goes when it hears ``bye``."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (heard := await reader.read(100)) not in (b"", b"bye"):
                writer.write(heard)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    async with server, FaultProxy.before(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hears(self, within: float = WITHIN) -> bytes:
        async with asyncio.timeout(within):
            return await self.reader.read(100)

    async def says(self, words: bytes) -> bytes:
        self.writer.write(words)
        return await self.hears()


Dial = Callable[[], Awaitable[Line]]


@pytest.fixture
async def dial(proxy: FaultProxy) -> AsyncIterator[Dial]:
    """Makes a line to it; gone with the test."""
    lines: list[Line] = []

    async def dial() -> Line:
        lines.append(Line(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return lines[-1]

    yield dial
    for line in lines:
        line.writer.transport.abort()
    await asyncio.gather(*(line.writer.wait_closed() for line in lines), return_exceptions=True)


async def test_it_passes_both_ways_and_tells_the_end(proxy: FaultProxy, dial: Dial) -> None:
    line = await dial()
    assert await line.says(b"hello") == b"hello"
    assert proxy.connections == 1
    assert await line.says(b"bye") == b""


async def test_a_cut_is_a_reset_and_the_next_line_passes(proxy: FaultProxy, dial: Dial) -> None:
    line = await dial()
    assert await line.says(b"hello") == b"hello"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await line.hears()
    assert await (await dial()).says(b"again") == b"again"
    assert proxy.faults == 1


async def test_silence_holds_everything_back_even_the_end(proxy: FaultProxy, dial: Dial) -> None:
    line = await dial()
    assert await line.says(b"hello") == b"hello"
    proxy.silence()
    other = await dial()
    for held, words in ((line, b"bye"), (other, b"anyone?")):
        held.writer.write(words)
        with pytest.raises(TimeoutError):
            await held.hears(MOMENT)
    proxy.mend()
    assert await other.hears() == b"anyone?"
    assert await line.hears() == b""


async def test_a_cut_ends_a_silence(proxy: FaultProxy, dial: Dial) -> None:
    line = await dial()
    proxy.silence()
    line.writer.write(b"hello")
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await line.hears()
    assert await (await dial()).says(b"again") == b"again"


async def test_new_lines_are_refused_until_it_is_mended(proxy: FaultProxy, dial: Dial) -> None:
    line = await dial()
    assert await line.says(b"hello") == b"hello"
    proxy.refuse()
    with pytest.raises(ConnectionResetError):
        await (await dial()).hears()
    assert await line.says(b"still here") == b"still here"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await (await dial()).hears()
    proxy.mend()
    assert await (await dial()).says(b"back") == b"back"
