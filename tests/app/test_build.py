"""A whole server put together from settings: over a real port, with a client that knows none of its code."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from shipanion.app.build import LIBRARY_MAX, Application, Server, compose, configuration, listen
from shipanion.app.settings import Settings
from shipanion.errors import ConfigurationError
from shipanion.protocol.frames import WireLimits
from shipanion.stores.memory import MemoryStore


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[str]:
    """Serve ``application`` until the block ends; gives ``HOST:PORT``."""
    listening = listen(application.settings)
    await application.start()
    server = Server(application, configuration(application))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    with capture_logs():
        await server.startup(sockets=[listening])
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await server.shutdown(sockets=[listening])
            listening.close()


def settings(folder: Path, **given: Any) -> Settings:
    return Settings.load(**{"store": "memory:", "data": folder, "port": 0, "host": "127.0.0.1", **given})


async def token(address: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://{address}/guest")
    assert answer.status_code == 200
    found: str = answer.json()["access_token"]
    return found


async def until(client: Any, type: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            frame: dict[str, Any] = json.loads(await client.recv())
            if frame["type"] == type:
                return frame


async def test_a_guest_asks_bob_over_a_composed_server(tmp_path: Path) -> None:
    application = compose(settings(tmp_path))
    assert isinstance(application.node.store, MemoryStore)
    async with serving(application) as address:
        guest = await token(address)
        async with connect(f"ws://{address}/ws?token={guest}", subprotocols=["shipanion.v1"], proxy=None) as client:  # type: ignore[list-item]
            welcome = await until(client, "welcome")
            assert welcome["state"]["current_step"] == 0
            await client.send(json.dumps({"type": "user_message", "id": "m1", "text": "5 lb from 90210"}))
            said = await until(client, "agent_message")
            assert said["text"] == "Noted: 5 lb, from 90210 (Beverly Hills, CA). Which ZIP code does it go to?"
            await client.send(json.dumps({"type": "get_rates", "payload": {}}))
            assert (await until(client, "error"))["message"] == "Missing required field: origin_zip"
        async with httpx.AsyncClient(trust_env=False) as web:
            assert (await web.get(f"http://{address}/readyz")).status_code == 200


async def test_brain_and_limits_can_be_given(tmp_path: Path) -> None:
    class Parrot:
        async def turn(self, context: Any, user_text: str) -> AsyncIterator[str]:
            yield user_text.upper()

    application = compose(settings(tmp_path), brain=Parrot(), limits=WireLimits(text=5))
    async with serving(application) as address:
        url = f"ws://{address}/ws?token={await token(address)}"
        async with connect(url, subprotocols=["shipanion.v1"], proxy=None) as client:  # type: ignore[list-item]
            assert (await until(client, "welcome"))["limits"]["text"] == 5
            await client.send(json.dumps({"type": "user_message", "id": "m1", "text": "hi"}))
            assert (await until(client, "agent_message"))["text"] == "HI"


async def test_foreign_pages_and_unknown_paths_are_turned_away(tmp_path: Path) -> None:
    async with serving(compose(settings(tmp_path))) as address:
        guest = await token(address)
        evil = connect(f"ws://{address}/ws?token={guest}", origin="https://evil.example", proxy=None)  # type: ignore[arg-type]
        async with evil as client:
            assert (await until(client, "error"))["code"] == "origin"
            with pytest.raises(ConnectionClosed):
                await client.recv()
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{address}/elsewhere?token={guest}", proxy=None)
        assert refused.value.response.status_code == 403


async def test_a_server_that_stops_says_goodbye_before_its_sockets_close(tmp_path: Path) -> None:
    application = compose(settings(tmp_path))
    async with serving(application) as address:
        url = f"ws://{address}/ws?token={await token(address)}"
        client = await connect(url, subprotocols=["shipanion.v1"], proxy=None)  # type: ignore[list-item]
        await until(client, "welcome")
    assert (await until(client, "going_away"))["window_ms"] == 10_000
    with pytest.raises(ConnectionClosed) as end:
        await until(client, "never")
    assert end.value.rcvd is not None
    assert (end.value.rcvd.code, end.value.rcvd.reason) == (1001, "going_away")
    await application.stop()  # a second time does nothing


def test_a_port_in_use_is_told_with_the_way_out(tmp_path: Path) -> None:
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError) as refused:
            listen(settings(tmp_path, port=port))
    assert str(refused.value) == (
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Is another server running? "
        "Choose another port with --port or SHIPANION_PORT."
    )


def test_an_address_of_another_machine_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^Cannot listen on 192\.0\.2\.1 port .* no address of this machine"):
        listen(settings(tmp_path, host="192.0.2.1"))


def test_both_kinds_of_address_can_be_listened_on(tmp_path: Path) -> None:
    for host, family in (("127.0.0.1", sockets.AF_INET), ("::1", sockets.AF_INET6)):
        try:
            with listen(settings(tmp_path, host=host)) as listening:
                assert listening.family == family
                assert listening.proto == sockets.IPPROTO_TCP, "asyncio's loop would leave Nagle's wait on"
                assert listening.getsockname()[1] > 0
        except ConfigurationError:
            assert host == "::1"  # a machine without IPv6


def test_the_transport_is_told_what_the_design_needs(tmp_path: Path) -> None:
    config: uvicorn.Config = configuration(compose(settings(tmp_path)))
    assert (config.ws_max_size, config.ws_per_message_deflate, config.ws_ping_interval) == (LIBRARY_MAX, False, None)
    assert (config.server_header, config.proxy_headers) == (False, False)
