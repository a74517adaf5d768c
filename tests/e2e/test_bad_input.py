"""What a real server does with input that no well-meaning client sends: a clear refusal, and nothing lost."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.support.history import contiguous
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire, still_works


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    """Rate limits are on, as they are for everybody."""
    with ServerProcess(tmp_path_factory.mktemp("bad-input"), launch=warm.launch) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: ServerProcess) -> str:
    return server.guest()


def full(server: ServerProcess, token: str | None, **query: Any) -> AbstractAsyncContextManager[Wire]:
    return Wire.open(server.socket_url, token, **query)


# --- frames -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "id"),
    [
        ('{"type": "user_message", "id": "a", "text": "x"', "malformed", None),
        ("hello", "malformed", None),
        ("", "malformed", None),
        ('{"type": "user_message", "id": "a", "text": "\\ud800"}', "malformed", "a"),
        ('{"type": "update_state", "id": "a", "patch": {"title": NaN}}', "malformed", "a"),
        ('{"type": "ping", "x": ' + "[" * 30_000 + "]" * 30_000 + "}", "malformed", None),
        ("[" * 60_000, "invalid", None),
        ("[]", "invalid", None),
        ("null", "invalid", None),
        ('{"type": 5}', "invalid", None),
        ('{"id": "a", "text": "x"}', "invalid", "a"),
        ('{"type": "launch_missiles", "id": "a"}', "unknown_type", "a"),
        ('{"type": "user_message", "id": "a", "text": 5}', "invalid", "a"),
        ('{"type": "user_message", "id": "a"}', "invalid", "a"),
        ('{"type": "user_message", "id": "a", "text": ""}', "invalid", "a"),
        ('{"type": "user_message", "id": 5, "text": "x"}', "invalid", None),
        ('{"type": "user_message", "text": "x"}', "invalid", None),
        ('{"type": "user_message", "id": "%s", "text": "x"}' % ("x" * 129), "invalid", None),
        ('{"type": "update_state", "id": "a", "patch": {"title": 1e999}}', "invalid", "a"),
        ('{"type": "update_state", "id": "a", "patch": {"quotes": []}}', "not_allowed", "a"),
        ('{"type": "update_state", "id": "a", "patch": {"title": "%s"}}' % ("x" * 20_000), "too_large", "a"),
        ('{"type": "user_message", "id": "a", "text": "%s"}' % ("x" * 32_001), "too_large", "a"),
        ('{"type": "user_message", "id": "a", "text": "%s"}' % ("x" * 1_000_000), "too_large", "a"),
        ('{"type": "history", "id": "a", "limit": 100000}', "invalid", "a"),
        ('{"type": "seen", "position": {"epoch": "e", "offset": -1}}', "invalid", None),
        ('{"type": "device_state", "patch": 5}', "invalid", None),
        ('{"type": "hello"}', "invalid", None),
    ],
    ids=lambda value: None if value is None else re.sub(r"\W+", "-", value[:48]),
)
async def test_a_frame_that_cannot_be_used(
    server: ServerProcess, token: str, text: str, code: str, id: str | None
) -> None:
    async with full(server, token) as wire:
        await wire.socket.send(text)
        error = await wire.refused()
        assert (error["code"], error.get("id"), error["temporary"]) == (code, id, False)
        assert error["message"].endswith(".")
        assert error["session_id"] == wire.welcome["session_id"]
        await still_works(wire)
        contiguous(wire.events, after=0)


async def test_a_binary_frame(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await wire.socket.send(b'{"type": "ping"}')
        assert (await wire.refused())["code"] == "not_text"
        await still_works(wire)


async def test_text_that_is_not_utf8(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await wire.socket.send(b"\xff\xfe", text=True)
        assert (await wire.closed())[0] == 1007


async def test_three_megabytes_are_more_than_the_library_takes(server: ServerProcess, token: str) -> None:
    async with full(server, token, new="big") as wire:
        await wire.send("update_state", id="u1", patch={"title": "Before"})
        await wire.acked("u1")
        sending = asyncio.create_task(wire.say("m1", "x" * 3_000_000))
        assert (await wire.closed())[0] == 1009
        await asyncio.gather(sending, return_exceptions=True)
    async with full(server, token, new="big") as back:
        assert back.state["title"] == "Before"
        await still_works(back)


async def test_a_thousand_messages_at_once(server: ServerProcess) -> None:
    async with full(server, server.guest()) as wire:
        ids = [f"u{number}" for number in range(1_000)]
        for id in ids:
            await wire.send("update_state", id=id, patch={"title": f"Parcel {id}"})
        outcomes: dict[str, str] = {}
        refusals: dict[str, Json] = {}
        while len(outcomes) < len(ids):
            frame = await wire.next()
            if frame["type"] == "ack":
                assert not [ack for ack in frame["acks"] if ack["id"] in outcomes]
                outcomes |= {ack["id"]: "done" for ack in frame["acks"]}
            elif frame["type"] == "error":
                assert frame["id"] not in outcomes, "answered twice"
                assert frame["temporary"] is True, frame
                outcomes[frame["id"]] = frame["code"]
                refusals[frame["id"]] = frame
        done = [id for id in ids if outcomes[id] == "done"]
        refused = ids[len(done) :]
        assert 0 < len(done) < 1_000
        assert done == ids[: len(done)], "one was done although an earlier one was not"
        assert {outcomes[id] for id in refused} <= {"rate_limited", "retry_in_order"}
        first = refusals[refused[0]]
        assert first["code"] == "rate_limited"

        # Told when to come again, with the first refused one: then it goes on in order, and not before.
        assert (await edit(wire, ids[-1]))["code"] == "retry_in_order"
        for id in refused[:3]:
            assert (await edit(wire, id))["type"] == "ack"
        await wire.at(len(done) + 3)
        assert [event["id"] for event in wire.events] == ids[: len(done) + 3]
        contiguous(wire.events, after=0)


async def edit(wire: Wire, id: str) -> Json:
    """Send an edit as often as the server says to come again for being too fast; any other answer ends it."""
    for _ in range(20):
        await wire.send("update_state", id=id, patch={"title": f"Parcel {id}"})
        answer = await wire.until(where=lambda frame: frame["type"] in ("ack", "error"))
        if answer.get("code") != "rate_limited":
            return answer
        await asyncio.sleep(answer["retry_after_ms"] / 1000)
    pytest.fail(f"{id} was too fast twenty times")


async def test_more_tool_calls_than_anybody_needs(server: ServerProcess) -> None:
    async with full(server, server.guest()) as wire:
        answers: list[Json] = []
        for number in range(70):
            call = {"tool_name": "no_such_tool", "tool_call_id": f"c{number}"}
            await wire.send("client_tool_call", client_tool_call=call)
            answers.append(await wire.until(where=lambda frame: frame["type"] in ("ack", "error")))
        refused = [frame for frame in answers if frame["type"] == "error"]
        assert refused
        assert refused[0]["code"] == "rate_limited"
        assert refused[0]["temporary"] is True
        assert refused[0]["retry_after_ms"] > 0
        assert "Wait" in refused[0]["message"]


# --- parcels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"from_zip": "99999"}, "99999"),
        ({"from_zip": "00000"}, "00000"),
        ({"from_zip": "banana"}, "banana"),
        ({"to_zip": "09001"}, "military"),
        ({"to_zip": "96540"}, "military"),
        ({"to_zip": "1000"}, "five digits"),
        ({"to_zip": ["10001"]}, "ZIP code"),
        ({"weight": 0}, "more than 0"),
        ({"weight": -3}, "more than 0"),
        ({"weight": "NaN"}, "NaN"),
        ({"weight": "1e999"}, "1e999"),
        ({"weight": True}, "not a weight"),
        ({"weight": None}, "weight"),
        ({"weight": 900}, "70"),
        ({"dimensions": "banana"}, "banana"),
        ({"dimensions": "0x0x0"}, "0x0x0"),
        ({"dimensions": {"length": 1}}, "length, width and height"),
        ({"dimensions": "200x200x200"}, "too large"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", json.dumps(value)).strip("-") if isinstance(value, dict) else None,
)
async def test_a_parcel_that_cannot_be_quoted(server: ServerProcess, impatient: str, changed: Json, says: str) -> None:
    parameters = {"from_zip": "90210", "to_zip": "10001", "weight": 5, **changed}
    async with Wire.open(server.socket_url, impatient, full=False) as wire:
        call = {"tool_name": "get_shipping_quotes", "tool_call_id": "abc123", "parameters": parameters}
        await wire.send("client_tool_call", client_tool_call=call)
        result = await wire.next()
        assert (result["type"], result["is_error"]) == ("client_tool_result", True)
        assert result["result"]["original_request"] == parameters
        sentence = result["result"]["error"]
        assert says in sentence
        assert (await wire.next())["data"]["is_error"] is True

        names = {"from_zip": "origin_zip", "to_zip": "destination_zip"}
        await wire.send("get_rates", payload={names.get(name, name): value for name, value in parameters.items()})
        error = await wire.next()
        assert (error["type"], error["payload"]["is_error"]) == ("error", True)
        assert says in error["message"]

        await wire.send("get_session_state")
        state = (await wire.next())["state"]
        assert (state["currentStep"], "quotes" in state) == (0, False), "a refused parcel left something behind"


@pytest.fixture(scope="module")
def impatient(server: ServerProcess) -> str:
    """A guest of its own for calls that count towards the limit on tools."""
    return server.guest()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_weights_that_no_json_number_can_have(server: ServerProcess, token: str, number: str) -> None:
    async with Wire.open(server.socket_url, token, full=False) as wire:
        await wire.send("get_session_state")
        await wire.next()
        parameters = f'{{"from_zip": "90210", "to_zip": "10001", "weight": {number}}}'
        await wire.socket.send(
            '{"type": "client_tool_call", "client_tool_call": {"tool_name": "get_shipping_quotes", '
            f'"tool_call_id": "abc123", "parameters": {parameters}}}}}'
        )
        error = await wire.next()
        assert error["code"] in ("malformed", "invalid")
        await wire.send("get_session_state")
        assert (await wire.next())["type"] == "session_state"


async def test_nothing_of_all_this_left_a_fault_in_the_log(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await still_works(wire)
    faults = [line for line in server.log().splitlines() if re.search(r'"level": "(error|critical)"|Traceback', line)]
    assert faults == []
