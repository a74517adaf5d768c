"""The schema says what the types say: nothing missing, nothing that cannot be pointed to, nothing null."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipanion.app import schema
from shipanion.app.domain import ShippingDomain
from shipanion.app.frames import GetRates
from shipanion.protocol import events, frames
from shipanion.protocol.codec import envelope
from shipanion.protocol.events import EventBody
from shipanion.protocol.frames import ServerFrame
from shipanion.protocol.registry import Registry
from shipanion.server.answers import tool_answer
from shipanion.server.domain import Answer, NotAllowed, ToolOutcome, ToolRequest
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import table
from shipanion.stores.memory import MemoryStore

KEPT = Path(__file__).resolve().parents[2] / "schema" / "wire.schema.json"


@pytest.fixture(scope="module")
def wire() -> dict[str, Any]:
    return schema.wire_schema()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def names_in(wire: dict[str, Any], union: str) -> set[str]:
    """The ``type`` of every frame in a union, other unions in it included."""
    found: set[str] = set()
    for choice in wire["$defs"][union]["anyOf"]:
        name = choice["$ref"].removeprefix("#/$defs/")
        target = wire["$defs"][name]
        found |= names_in(wire, name) if "anyOf" in target else set(target["properties"]["type"]["enum"])
    return found


def tags_below(base: type[ServerFrame] | type[EventBody]) -> set[str]:
    """The ``type`` of every frame that the protocol derives from ``base``."""
    return {
        str(struct.__struct_config__.tag)
        for struct in (*vars(frames).values(), *vars(events).values())
        if isinstance(struct, type) and issubclass(struct, base) and struct is not base
    }


def test_every_request_is_in_it(wire: dict[str, Any]) -> None:
    known = Registry(ShippingDomain.requests).names
    assert names_in(wire, "ClientFrame") == known


def test_every_frame_of_the_server_is_in_it(wire: dict[str, Any]) -> None:
    assert names_in(wire, "ServerFrame") == tags_below(ServerFrame) | tags_below(EventBody) | {"quote_ready"}


def test_every_event_is_in_it(wire: dict[str, Any]) -> None:
    assert names_in(wire, "SessionEvent") == tags_below(EventBody)


def test_every_reference_leads_somewhere(wire: dict[str, Any]) -> None:
    asked = {node["$ref"] for node in nodes(wire) if "$ref" in node}
    assert asked <= {f"#/$defs/{name}" for name in wire["$defs"]}
    assert {"#/$defs/SessionEvent", "#/$defs/ClientFrame", "#/$defs/ServerFrame"} <= asked


def test_nothing_is_ever_null(wire: dict[str, Any]) -> None:
    assert not [node for node in nodes(wire) if node.get("type") == "null"]
    assert not [node for node in nodes(wire) if "default" in node and node["default"] is None]


def test_optional_fields_keep_their_type(wire: dict[str, Any]) -> None:
    error = wire["$defs"]["ErrorFrame"]
    assert error["properties"]["retry_after_ms"] == {"type": "integer"}
    assert error["properties"]["requestId"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert error["required"] == ["type", "code", "message", "temporary"]


@pytest.mark.parametrize(("holder", "field"), [("Welcome", "tail"), ("HistoryPage", "events")])
def test_events_within_frames_are_described(wire: dict[str, Any], holder: str, field: str) -> None:
    items = wire["$defs"][holder]["properties"][field]
    assert items["items"] == {"$ref": "#/$defs/SessionEvent"}


@pytest.mark.parametrize("body", schema.EVENTS, ids=lambda body: str(body.__struct_config__.tag))
def test_events_have_the_envelope_that_is_sent(body: type[EventBody], wire: dict[str, Any]) -> None:
    described = wire["$defs"][body.__name__]
    enveloped = msgspec.json.decode(envelope("session-1", 1, 2, b'{"role":"owner","name":"A"}', "c1", b'{"x":1}'))
    own = set(enveloped) - {"x"}
    assert own <= set(described["properties"])
    assert own - {"id"} <= set(described["required"])
    assert described["description"]


async def asked_and_answered(payload: dict[str, Any]) -> Answer:
    domain = ShippingDomain(RateCardCarrier(table.load()), MemoryStore().effect, today=lambda: date(2026, 8, 3))
    request = GetRates(payload=payload)
    call = domain.asked(request)
    tool = domain.tools[call.tool_name]
    state = domain.new_state("session-1")
    request_ = ToolRequest(session_id="session-1", parameters=call.parameters, state=state, now=1, role="owner")
    outcome = await tool.run(request_)
    assert isinstance(outcome, ToolOutcome)
    return domain.answer(request, outcome)


async def test_the_type_of_quote_ready_is_what_the_domain_answers() -> None:
    answer = await asked_and_answered({"origin_zip": "90210", "destination_zip": "10001", "weight": 5})
    frame = {"type": answer.type, **answer.fields, "session_id": "session-1", "timestamp": 1.5, "user": "Guest"}
    read = msgspec.convert(frame, schema.QuoteReady)
    assert set(read.payload) == {
        "cheapest_option",
        "fastest_option",
        "all_options",
        "details",
        "notes",
        "message",
    }  # fmt: skip
    assert all(name in (schema.QuoteReady.__doc__ or "") for name in read.payload)


def test_the_type_of_a_refusal_is_what_the_domain_says() -> None:
    domain = ShippingDomain(RateCardCarrier(table.load()), MemoryStore().effect, today=lambda: date(2026, 8, 3))
    with pytest.raises(NotAllowed) as refused:
        domain.asked(GetRates(payload={"origin_zip": "90210", "weight": 5}))
    payload = refused.value.payload
    assert payload is not None
    assert set(payload) == {"message", "original_request", "is_error", "code", "field"}
    assert all(name in (schema.RatesError.__doc__ or "") for name in payload)
    frame = {"type": "error", "code": refused.value.code, "message": "-", "temporary": False, "payload": payload}
    msgspec.convert({**frame, "session_id": "session-1", "timestamp": 1.5, "user": "Guest"}, schema.RatesError)


def test_the_type_of_a_tool_answer_is_what_a_plain_client_gets() -> None:
    call = frames.ToolCall(tool_name="get_shipping_quotes", tool_call_id="abc123")
    answer = tool_answer(call, ToolOutcome(result={"error": "no"}, is_error=True), "Previous conversation summary:\n")
    frame = {"type": answer.type, **answer.fields, "session_id": "session-1", "timestamp": 1.5, "user": "Guest"}
    read = msgspec.convert(frame, schema.ToolAnswer)
    assert {name: value for name, value in msgspec.to_builtins(read).items() if value is not None} == frame


def test_the_file_kept_is_this_schema() -> None:
    assert json.loads(KEPT.read_text(encoding="utf-8")) == schema.wire_schema()


def test_the_text_is_the_same_every_time() -> None:
    assert schema.schema_text() == schema.schema_text()
    assert schema.schema_text().endswith("}\n")
