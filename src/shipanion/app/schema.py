"""The wire as one JSON Schema (draft 2020-12), made from the types that encode and decode it.

The generic frames and shipping's own are joined here. What the schema says that the types alone do not:

- an event is described as it is sent: its body with the envelope in front;
- ``tail`` and ``events`` hold such events, though the server passes them on undecoded;
- a field without a value is left out, so nothing is ever null, except inside a merge patch;
- the direct answers that the server puts together by hand have a type of their own here.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec

from shipanion.app.frames import GetRates
from shipanion.protocol import events, frames
from shipanion.protocol.events import EventBody
from shipanion.protocol.frames import Id, Participant, Request, ServerFrame
from shipanion.protocol.position import MAX_OFFSET
from shipanion.protocol.registry import GENERIC_REQUESTS

__all__ = [
    "ANSWERS",
    "EVENTS",
    "REQUESTS",
    "SERVER_FRAMES",
    "QuoteReady",
    "RatesError",
    "ToolAnswer",
    "logged",
    "schema_text",
    "wire_schema",
]

Json = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class QuoteReady(ServerFrame, tag="quote_ready", kw_only=True, frozen=True):
    """The direct answer to ``get_rates``, for the asker only: no offset, never logged. ``timestamp`` is in seconds.

    ``payload`` is ``{cheapest_option, fastest_option, all_options, details, notes, message}``; money is dollars.
    """

    payload: Json
    timestamp: float
    user: str
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class ToolAnswer(ServerFrame, tag="client_tool_result", kw_only=True, frozen=True):
    """The direct answer to a plain client's tool call, for the asker only: no offset, never logged.

    ``session_context`` comes with the first answer on a connection to a session in which something had happened.
    """

    tool_call_id: str
    tool_name: str
    result: Any
    is_error: bool
    timestamp: float
    user: str
    session_context: str | None = None
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class RatesError(ServerFrame, tag="error", kw_only=True, frozen=True):
    """The direct answer to ``get_rates`` when there are no rates. ``payload`` is ``{message, original_request,
    is_error, code, field?}``; ``timestamp`` is in seconds."""

    code: str
    message: str
    temporary: bool
    payload: Json
    timestamp: float
    user: str
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


REQUESTS: Final[tuple[type[Request], ...]] = (*GENERIC_REQUESTS, GetRates)
"""What clients send."""

SERVER_FRAMES: Final[tuple[type[ServerFrame], ...]] = (
    frames.Welcome,
    frames.AckFrame,
    frames.ErrorFrame,
    frames.SessionStateFrame,
    frames.HistoryPage,
    frames.AuthOk,
    frames.AgentDelta,
    frames.Presence,
    frames.Pong,
    frames.GoingAway,
)
"""What the server sends besides events and the direct answers that have a type only here."""

ANSWERS: Final[tuple[type[ServerFrame], ...]] = (ToolAnswer, QuoteReady, RatesError)
"""Direct answers in the words of the domain."""

EVENTS: Final[tuple[type[EventBody], ...]] = (
    events.UserMessageEvent,
    events.AgentMessage,
    events.TurnEnded,
    events.StateChanged,
    events.ClientToolCallEvent,
    events.ClientToolResult,
    events.ContextualUpdate,
    events.ApprovalRequested,
    events.ApprovalResolved,
    events.EffectChanged,
)
"""What a log holds, without the envelope."""


def logged(body: type[EventBody]) -> type[EventBody]:
    """The type of an event as it is sent: ``body`` with the envelope's fields."""
    struct = msgspec.defstruct(
        body.__name__,
        [
            ("session_id", str),
            ("offset", Annotated[int, msgspec.Meta(ge=1, le=MAX_OFFSET)]),
            ("at", int),
            ("by", Participant),
            ("id", Id | None, None),
        ],
        bases=(body,),
        namespace={"__doc__": body.__doc__},
        tag_field="type",
        tag=str(body.__struct_config__.tag),
        kw_only=True,
        frozen=True,
    )
    assert issubclass(struct, EventBody)
    return struct


def wire_schema() -> Json:
    """The schema of every frame, as a JSON object: ``ClientFrame``, ``ServerFrame`` and ``SessionEvent`` in
    ``$defs`` name what may be sent each way and what a log holds."""
    logs = tuple(logged(body) for body in EVENTS)
    _, found = msgspec.json.schema_components(
        [*REQUESTS, *SERVER_FRAMES, *ANSWERS, *logs], ref_template="#/$defs/{name}"
    )
    defs: Json = {name: _without_nulls(schema) for name, schema in found.items()}
    for holder, field in (("Welcome", "tail"), ("HistoryPage", "events")):
        defs[holder]["properties"][field]["items"] = _ref("SessionEvent")
    defs["SessionEvent"] = _union(logs, "An immutable entry of a session's log, as it is sent.")
    defs["ClientFrame"] = _union(REQUESTS, "What a client sends.")
    defs["ServerFrame"] = _union((*SERVER_FRAMES, *ANSWERS), "What the server sends.")
    defs["ServerFrame"]["anyOf"].append(_ref("SessionEvent"))
    return {
        "$schema": _DIALECT,
        "$id": "urn:shipanion:wire:v1",
        "$comment": "Generated by `shipanion schema`; do not edit.",
        "title": "shipanion.v1",
        "description": "One JSON text frame of the protocol shipanion.v1, in either direction. Unknown fields are "
        "ignored, and a client counts events of unknown types like any other.",
        "anyOf": [_ref("ClientFrame"), _ref("ServerFrame")],
        "$defs": dict(sorted(defs.items())),
    }


def schema_text() -> str:
    """The schema as the file that is kept beside the code."""
    return json.dumps(wire_schema(), indent=2, ensure_ascii=False) + "\n"


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _union(types: Sequence[type], description: str) -> Json:
    return {"description": description, "anyOf": [_ref(t.__name__) for t in types]}


def _without_nulls(schema: Any) -> Any:
    """The same schema where an optional field may be absent, but not null."""
    if isinstance(schema, list):
        return [_without_nulls(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without_nulls(value) for key, value in schema.items() if not (key == "default" and value is None)}
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        kept |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    return kept
