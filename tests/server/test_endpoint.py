"""The ``/ws`` route over a real server: dialects, credentials, and refusals a browser's script can read."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from shipanion.server.endpoint import SUBPROTOCOL, websocket_endpoint
from shipanion.stores.memory import MemoryStore
from tests.support.room import Room
from tests.support.shop_server import ShopServer
from tests.support.until_true import until_true


async def first(client: Any) -> dict[str, Any]:
    async with asyncio.timeout(5):
        frame: dict[str, Any] = json.loads(await client.recv())
        return frame


async def refused(client: Any) -> tuple[str, int, str]:
    """The code of the error that came first, and the close behind it."""
    error = await first(client)
    assert error["type"] == "error"
    assert error["message"].endswith(".")
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as end:
            await client.recv()
    assert end.value.rcvd is not None
    return error["code"], end.value.rcvd.code, end.value.rcvd.reason


def crumb(scope: Any) -> str | None:
    """A cookie that is nothing but the token."""
    found = dict(scope["headers"]).get(b"cookie")
    return None if found is None else found.decode()


async def test_the_subprotocol_chooses_the_dialect() -> None:
    async with ShopServer.run() as server:
        async with server.dial() as full:
            assert full.subprotocol == SUBPROTOCOL
            assert (await first(full))["type"] == "welcome"
        async with server.dial(full=False) as plain:
            assert plain.subprotocol is None
            await plain.send('{"type":"ping"}')
            assert await first(plain) == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("token=ann", {}),
        ("", {"Authorization": "Bearer ann"}),
        ("", {"Authorization": "bearer  ann "}),
        ("token=nonsense", {"Authorization": "Bearer ann"}),
        ("token=ann", {"Authorization": "Basic YTpi"}),
        ("token=ann", {"Authorization": "Bearer "}),
    ],
)
async def test_a_token_comes_by_header_or_query(query: str, headers: dict[str, str]) -> None:
    async with ShopServer.run() as server, server.dial(query, headers=headers) as client:
        assert (await first(client))["type"] == "welcome"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("", {"Authorization": "Basic YTpi"}),
        ("token=", {}),
    ],
)
async def test_who_names_no_token_is_known_by_what_the_browser_sends(query: str, headers: dict[str, str]) -> None:
    async with (
        ShopServer.run(cookie=crumb) as server,
        server.dial(query, headers={"Cookie": "ann", **headers}) as client,
    ):
        assert (await first(client))["type"] == "welcome"


@pytest.mark.parametrize("by_query", [True, False])
async def test_a_token_that_is_named_decides_over_what_the_browser_sends(by_query: bool) -> None:
    def dial(server: ShopServer, token: str, cookie: str) -> Any:
        named = {} if by_query else {"Authorization": f"Bearer {token}"}
        return server.dial(f"token={token}" if by_query else "", headers={"Cookie": cookie, **named})

    async with ShopServer.run(cookie=crumb) as server:
        async with dial(server, "ann", "nonsense") as client:
            assert (await first(client))["type"] == "welcome"
        async with dial(server, "nonsense", "ann") as client:
            assert await refused(client) == ("sign_in", 4200, "sign_in")


@pytest.mark.parametrize("sent", ["nonsense", ""])
async def test_a_cookie_that_is_no_good_is_refused_at_once(sent: str) -> None:
    async with ShopServer.run(cookie=crumb) as server, server.dial("", headers={"Cookie": sent}) as client:
        assert await refused(client) == ("sign_in", 4200, "sign_in")


async def test_without_a_cookie_the_hello_names_the_token() -> None:
    async with ShopServer.run(cookie=crumb) as server, server.dial("") as client:
        await client.send('{"type":"hello","token":"ann"}')
        assert (await first(client))["type"] == "welcome"


async def test_tokens_in_the_query_can_be_switched_off() -> None:
    async with ShopServer.run(query_tokens=False) as server:
        async with server.dial("token=nonsense") as client:  # not even looked at
            await client.send('{"type":"hello","token":"ann"}')
            assert (await first(client))["type"] == "welcome"
        async with server.dial("token=nonsense", headers={"Authorization": "Bearer ann"}) as client:
            assert (await first(client))["type"] == "welcome"


@pytest.mark.parametrize(
    ("query", "full", "refusal"),
    [
        ("token=nonsense", True, ("sign_in", 4200, "sign_in")),
        ("token=nonsense", False, ("sign_in", 1008, "refused")),
        ("token=late", True, ("expired", 4201, "expired")),
        ("token=ann&session_id=unknown", True, ("not_found", 4301, "not_found")),
        ("token=ann&session_id=unknown", False, ("not_found", 1008, "refused")),
        ("token=ann&offset=many&epoch=e", True, ("invalid", 4302, "policy")),
        ("token=ann&device=" + "d" * 200, True, ("invalid", 4302, "policy")),
    ],
)
async def test_who_may_not_come_in_is_let_in_told_why_and_sent_away(
    query: str, full: bool, refusal: tuple[str, int, str]
) -> None:
    async with ShopServer.run() as server, server.dial(query, full=full) as client:
        assert await refused(client) == refusal
        await until_true(lambda: not server.room.node.connections)


@pytest.mark.parametrize(("full", "code"), [(True, 4302), (False, 1008)])
async def test_what_the_gate_refuses_never_becomes_a_connection(full: bool, code: int) -> None:
    scopes: list[Any] = []

    def gate(scope: Any) -> str | None:
        scopes.append(scope)
        return "Pages from there may not connect."

    async with (
        ShopServer.run(gate=gate) as server,
        server.dial(full=full, headers={"Origin": "https://evil.example"}) as client,
    ):
        assert (await refused(client))[:2] == ("origin", code)
        assert dict(scopes[0]["headers"])[b"origin"] == b"https://evil.example"
        assert server.room.node.metrics.connections == 0


@pytest.mark.parametrize("full", [True, False])
async def test_before_the_node_is_ready_clients_are_told_to_come_back(full: bool) -> None:
    async with ShopServer.run(start=False) as server, server.dial(full=full) as client:
        assert await refused(client) == ("starting", 4101, "starting")
        await until_true(lambda: not server.room.node.connections)


async def test_a_query_is_read_as_the_web_writes_it() -> None:
    async with ShopServer.run() as server:
        async with server.dial("token=%61nn&device=d%C3%BC%20x&new=k%2B1") as client:
            welcome = await first(client)
        async with server.dial("token=ann&new=k%2B1&device=") as again:
            assert (await first(again))["session_id"] == welcome["session_id"]
        assert welcome["devices"] == [{"device": "dü x", "name": "Ann"}]


async def test_another_transport_is_refused_with_a_plain_reason() -> None:
    endpoint = websocket_endpoint(Room(MemoryStore()).node, lambda scope: None, query_tokens=True)

    async def never(*args: Any) -> Any:
        raise AssertionError("nothing was to be received or sent")

    with pytest.raises(RuntimeError, match="ServerSocket"):
        await endpoint({"type": "websocket", "extensions": {}}, never, never)
