"""A raw line against a real WebSocket server: everything is written down, nothing is made better."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import websockets
from websockets.typing import Subprotocol

from shipanion.cli.verify.history import History
from shipanion.cli.verify.wire import FULL, CannotConnect, Line

Handler = Callable[[websockets.ServerConnection], Awaitable[None]]

WELCOME = '{"type": "welcome", "session_id": "s", "position": {"epoch": "e", "offset": 4}}'


@asynccontextmanager
async def served(handler: Handler, subprotocols: list[Subprotocol] | None = None) -> AsyncIterator[str]:
    offered = [FULL] if subprotocols is None else subprotocols
    async with websockets.serve(handler, "127.0.0.1", 0, subprotocols=offered or None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"


async def test_it_writes_down_what_comes_and_where_it_is() -> None:
    async def handler(peer: websockets.ServerConnection) -> None:
        assert peer.request is not None
        assert peer.request.headers["Authorization"] == "Bearer secret"
        assert peer.request.path == "/ws?session_id=s"
        for text in (WELCOME, '{"type": "a", "offset": 5, "at": 1}', '{"type": "a", "offset": 3, "at": 1}', "[]", "{"):
            await peer.send(text)
        await peer.close(4000, "resume_now")

    history = History()
    async with served(handler) as url:
        line = await Line.open("page", url, history, token="secret", full=True, session_id="s")
        await line.ended()
    assert (line.epoch, line.offset) == ("e", 5)
    assert [frame["type"] for frame in history.got("page")] == ["welcome", "a", "a", "unreadable", "unreadable"]
    assert history.of("page", "closed")[0].frame == {"code": 4000, "reason": "resume_now"}
    assert "secret" not in str(history.entries)


async def test_it_waits_for_what_came_before_and_for_what_comes() -> None:
    async def handler(peer: websockets.ServerConnection) -> None:
        await peer.send(WELCOME)
        async for text in peer:
            await peer.send(text)

    history = History()
    async with served(handler) as url:
        line = await Line.open("page", url, history, token=None, full=True)
        await line.send("ping", requestId="1")
        assert await line.until(lambda frame: frame["type"] == "ping", "ping") == {"type": "ping", "requestId": "1"}
        assert (await line.until(lambda frame: frame["type"] == "welcome", "welcome")) is not None
        assert await line.until(lambda frame: False, "nothing", within=0.05) is None
        assert history.of("page", "missed")[0].frame == {"waited_for": "nothing"}
        await line.close()
        assert history.of("page", "closed")[0].frame["code"] == 1000
        await line.send("ping")  # lost, and no error


async def test_a_cut_says_no_goodbye() -> None:
    code: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def handler(peer: websockets.ServerConnection) -> None:
        await peer.wait_closed()
        code.set_result(peer.close_code)

    history = History()
    async with served(handler, []) as url:
        line = await Line.open("page", url, history, token=None, full=False)
        await line.cut()
        assert await code == 1006
    assert [entry.what for entry in history.of("page", "cut", "closed")] == ["cut", "closed"]


async def test_a_server_that_closes_ends_the_waiting() -> None:
    async def handler(peer: websockets.ServerConnection) -> None:
        await peer.close(1011)

    async with served(handler, []) as url, asyncio.timeout(3):
        line = await Line.open("page", url, History(), token=None, full=False)
        assert await line.until(lambda frame: True, "anything", within=30) is None


async def test_no_websocket_there() -> None:
    async def silent(peer: websockets.ServerConnection) -> None:
        await peer.wait_closed()

    with pytest.raises(CannotConnect, match=r"127\.0\.0\.1:1"):
        await Line.open("page", "ws://127.0.0.1:1/ws", History(), token=None, full=True)
    async with served(silent, []) as url:
        with pytest.raises(CannotConnect, match="does not speak"):
            await Line.open("page", url, History(), token=None, full=True)
