"""The session continuity guide, message by message, as a bare WebSocket client speaks it to a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from tests.support.fault_proxy import FaultProxy
from tests.support.server_process import ServerProcess
from tests.support.wire import Json, Wire

SUMMARY = "Previous conversation summary:"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("guide")) as running:
        yield running


@pytest.fixture
def token(server: ServerProcess) -> str:
    server.ensure()
    return server.guest()


def bare(server: ServerProcess | FaultProxy, token: str, **query: Any) -> AbstractAsyncContextManager[Wire]:
    return Wire.open(server.socket_url, token, full=False, **query)


def guides_call(session_id: str, **changed: Any) -> str:
    """The guide's own JSON, with a real session id in place of its example."""
    call = json.loads("""
    {
      "type": "client_tool_call",
      "client_tool_call": {
        "tool_name": "get_shipping_quotes",
        "tool_call_id": "abc123",
        "parameters": {
          "from_zip": "90210",
          "to_zip": "10001",
          "weight": 5.0
        },
        "metadata": {
          "session_id": "session-123456"
        }
      }
    }
    """)
    call["client_tool_call"]["metadata"]["session_id"] = session_id
    call["client_tool_call"]["parameters"] |= changed
    return json.dumps(call)


async def new_session(wire: Wire) -> str:
    """A bare client gets its session with its first request."""
    await wire.send("get_session_state")
    return str((await wire.next())["session_id"])


@asynccontextmanager
async def witnessed(server: ServerProcess, token: str, session_id: str) -> AsyncIterator[Wire]:
    """A bare client that never says a word, surely attached: a full client saw somebody come."""
    async with Wire.open(server.socket_url, token, session_id=session_id) as witness:
        await witness.until("presence")
        async with bare(server, token, session_id=session_id) as listener:
            await witness.until("presence")
            yield listener


async def answered(wire: Wire, count: int) -> list[Json]:
    """Exactly the next ``count`` frames."""
    return [await wire.next() for _ in range(count)]


def shapes(frames: list[Json]) -> list[str]:
    return [frame["text"] if frame["type"] == "contextual_update" else frame["type"] for frame in frames]


async def test_nothing_is_sent_at_connect(server: ServerProcess, token: str) -> None:
    async with bare(server, token) as wire:
        await wire.send("ping")
        assert (await wire.next())["type"] == "pong"
        session_id = await new_session(wire)
        await wire.socket.send(guides_call(session_id))
        await answered(wire, 3)
    async with bare(server, token, session_id=session_id) as again:
        await again.send("ping")
        assert await again.next() == {"type": "pong", "session_id": session_id}


async def test_the_guide_over_a_drop_and_a_kill(server: ServerProcess, token: str) -> None:
    async with FaultProxy.before(server.port) as line, bare(line, token) as page:
        await page.send("get_session_state")
        fresh = await page.next()
        session_id = fresh["session_id"]
        assert fresh["type"] == "session_state"
        assert (fresh["state"]["currentStep"], fresh["state"]["scrollPosition"]) == (0, 0)
        async with witnessed(server, token, session_id) as listener:
            await page.socket.send(guides_call(session_id))
            frames = await answered(page, 3)
            assert shapes(frames) == ["client_tool_result", "quote_ready", "get_shipping_quotes_result"]
            check_tool_result(frames[0], "abc123")
            assert "session_context" not in frames[0]
            check_page_update(frames[1], frames[0]["result"])
            assert frames[2]["data"]["tool_name"] == "get_shipping_quotes"
            assert frames[2]["data"]["is_error"] is False
            assert frames[2]["data"]["message"].startswith("Quote ready from USPS ")
            heard = await answered(listener, 2)
            assert heard == frames[1:]

            line.cut()
            await page.socket.wait_closed()
            first = frames[0]
            async with bare(line, token) as back:
                # The guide's page names the session in the message, not in the address.
                await back.send("get_session_state", session_id=session_id)
                known = await back.next()
                assert known["session_id"] == session_id
                check_state(known["state"])

                await back.socket.send(guides_call(session_id))
                once_more = await back.next()
                assert once_more["result"] == first["result"]
                assert once_more["session_context"].startswith(SUMMARY)

                await back.socket.send(guides_call(session_id, weight=6))
                frames = await answered(back, 3)
                assert shapes(frames) == ["client_tool_result", "quote_ready", "get_shipping_quotes_result"]
                assert frames[0]["tool_call_id"] == "abc123"
                assert frames[0]["result"]["weight_lbs"] == 6
                assert "session_context" not in frames[0]
                assert await answered(listener, 2) == frames[1:], "the repeat that changed nothing was broadcast"
                for wire in (page, listener, back):
                    assert {frame["session_id"] for frame in wire.frames} == {session_id}

    await asyncio.to_thread(server.restart)
    async with (
        bare(server, token, session_id=session_id) as page,
        witnessed(server, token, session_id) as listener,
    ):
        await page.send("get_session_state", session_id=session_id)
        after = await page.next()
        assert after["state"]["shipping_details"]["weight_lbs"] == 6
        assert after["state"]["quotes"]

        await page.socket.send(guides_call(session_id, weight=5.0, to_zip="60601"))
        frames = await answered(page, 3)
        context = frames[0]["session_context"].splitlines()
        assert context[:3] == [SUMMARY, "- Shipping from 90210 to 10001", "- Package weight: 6 lbs"]
        assert "- Shipping quotes received:" in context
        assert any(text.startswith("  - USPS Ground Advantage: $") for text in context)
        assert await answered(listener, 2) == frames[1:]

        await page.send("user_message", text="thanks")
        frames = await page.up_to("turn_ended")
        assert shapes(frames) == ["agent_message", "turn_ended"], "its own message came back"
        heard = await listener.up_to("turn_ended")
        assert shapes(heard) == ["user_message", "agent_message", "turn_ended"]
        assert heard[1:] == frames
        for wire in (page, listener):
            assert {frame["session_id"] for frame in wire.frames} == {session_id}


def check_tool_result(frame: Json, call_id: str) -> None:
    assert frame["tool_call_id"] == call_id
    assert frame["is_error"] is False
    assert isinstance(frame["timestamp"], float)
    assert isinstance(frame["user"], str)
    quotes = frame["result"]["quotes"]
    assert quotes
    for quote in quotes:
        assert {"carrier", "service", "price", "eta"} <= set(quote)
        assert quote["price"] == round(quote["price"], 2)
        assert quote["eta"].split()[-1] in ("day", "days")
    assert [quote["price"] for quote in quotes] == sorted(quote["price"] for quote in quotes)


def check_page_update(frame: Json, result: Json) -> None:
    data = frame["data"]
    wanted = {"from", "to", "weight_lbs", "carrier", "service", "price", "eta", "message"}
    assert wanted <= set(data)
    assert (data["from"], data["to"], data["weight_lbs"]) == ("90210", "10001", 5)
    assert data["price"] == min(quote["price"] for quote in result["quotes"])


def check_state(state: Json) -> None:
    assert state["currentStep"] == 1
    details = state["shipping_details"]
    assert (details["from"], details["to"], details["weight_lbs"]) == ("90210", "10001", 5)
    assert all({"carrier", "service", "cost"} <= set(quote) for quote in state["quotes"])


async def test_get_rates(server: ServerProcess, token: str) -> None:
    async with bare(server, token) as wire:
        payload = {"origin_zip": "90210", "destination_zip": "10001", "weight": 5, "dimensions": "12x10x8"}
        await wire.send("get_rates", payload=payload, requestId="r-1")
        frames = await answered(wire, 3)
        assert shapes(frames) == ["quote_ready", "quote_ready", "get_shipping_quotes_result"]
        answer = frames[0]
        assert answer["type"] == "quote_ready"
        assert answer["requestId"] == "r-1"
        options = answer["payload"]["all_options"]
        option_keys = {"carrier", "service_name", "service_tier", "cost", "estimated_delivery", "transit_days"}
        assert all(option_keys <= set(option) for option in options)
        assert answer["payload"]["cheapest_option"]["cost"] == min(option["cost"] for option in options)
        days = [option["transit_days"] for option in options]
        assert answer["payload"]["fastest_option"]["transit_days"] == min(days)
        await wire.send("get_session_state")
        state = (await wire.next())["state"]
        assert state["shipping_details"]["dimensions"] == "12x10x8"
        assert len({frame["session_id"] for frame in wire.frames}) == 1


@pytest.mark.parametrize("missing", ["origin_zip", "destination_zip", "weight"])
async def test_what_get_rates_says_is_missing(server: ServerProcess, token: str, missing: str) -> None:
    payload: Json = {"origin_zip": "90210", "destination_zip": "10001", "weight": 5}
    del payload[missing]
    async with bare(server, token) as wire:
        await wire.send("get_rates", payload=payload, requestId=7)
        error = await wire.next()
        assert (error["type"], error["code"]) == ("error", "missing_field")
        assert error["message"] == error["payload"]["message"] == f"Missing required field: {missing}"
        assert error["payload"]["is_error"] is True
        assert error["payload"]["original_request"] == payload
        assert error["requestId"] == 7
        assert error["session_id"].startswith("session-")


async def test_a_failed_tool_answers_with_a_sentence(server: ServerProcess, token: str) -> None:
    async with bare(server, token) as wire:
        call = {"tool_name": "get_shipping_quotes", "tool_call_id": "abc123", "parameters": {"from_zip": "90210"}}
        await wire.send("client_tool_call", client_tool_call=call, requestId="x")
        frames = await answered(wire, 2)
        assert shapes(frames) == ["client_tool_result", "get_shipping_quotes_result"]
        assert frames[0]["is_error"] is True
        assert frames[0]["requestId"] == "x"
        assert frames[0]["result"]["error"] == "Missing required parameter: to_zip"
        assert frames[0]["result"]["original_request"] == {"from_zip": "90210"}
        assert frames[1]["data"]["is_error"] is True


async def test_a_call_for_another_session_of_the_same_person(server: ServerProcess, token: str) -> None:
    async with bare(server, token) as there, bare(server, token) as here:
        other, own = await new_session(there), await new_session(here)
        await here.socket.send(guides_call(other))
        answer = await here.next()
        assert (answer["type"], answer["session_id"]) == ("client_tool_result", other)
        assert "offset" not in answer
        assert shapes(await answered(there, 2)) == ["quote_ready", "get_shipping_quotes_result"]
        await here.send("get_session_state")
        untouched = await here.next()
        assert (untouched["session_id"], untouched["state"]["currentStep"]) == (own, 0)


async def test_somebody_elses_session_looks_like_none(server: ServerProcess, token: str) -> None:
    stranger = server.guest()
    async with bare(server, token) as owner, bare(server, stranger) as wire:
        session_id = await new_session(owner)
        await new_session(wire)
        refusals = []
        for named in (session_id, "session-123456"):
            await wire.socket.send(guides_call(named))
            error = await wire.next()
            refusals.append(error)
        assert refusals[0] == refusals[1]
        assert (refusals[0]["code"], refusals[0]["id"]) == ("not_found", "abc123")
