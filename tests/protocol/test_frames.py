"""The frames themselves: their types, what may be left out, and what is never sent."""

from typing import Any

import msgspec
import pytest

from shipanion.protocol import events, frames
from shipanion.protocol.events import EventBody
from shipanion.protocol.frames import AuthOk, ErrorFrame, Frame, Pong, Request, ServerFrame, Welcome, WireLimits
from shipanion.protocol.position import Position
from shipanion.protocol.registry import GENERIC_REQUESTS

REQUESTS: list[dict[str, Any]] = [
    {"type": "hello"},
    {"type": "hello", "session_id": "s", "token": "t", "epoch": "e", "offset": 0, "device": "d", "client": "c"},
    {"type": "user_message", "text": "hi"},
    {"type": "user_message", "id": "m", "text": "hi", "requestId": "r"},
    {"type": "update_state", "id": "p", "patch": {"title": None}, "requestId": 0},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "t", "tool_call_id": "abc123"}},
    {
        "type": "client_tool_call",
        "client_tool_call": {
            "tool_name": "t",
            "tool_call_id": "abc123",
            "parameters": {"from": "90210"},
            "metadata": {"session_id": "s"},
        },
    },
    {"type": "stop", "id": "x", "turn_id": "turn-1"},
    {"type": "resolve_approval", "id": "y", "approval_id": "approval-1", "decision": "approved"},
    {"type": "device_state", "patch": {"scrollPosition": 12.5}},
    {"type": "get_session_state", "session_id": "s"},
    {"type": "history", "id": "h", "before": 9, "limit": 200},
    {"type": "seen", "position": {"epoch": "e", "offset": 3}, "visible": False},
    {"type": "auth", "token": "t"},
    {"type": "ping", "requestId": 7},
]

WRONG: list[dict[str, Any]] = [
    {"type": "user_message"},
    {"type": "user_message", "text": ""},
    {"type": "user_message", "text": None},
    {"type": "user_message", "text": "hi", "id": ""},
    {"type": "user_message", "text": "hi", "id": "x" * 129},
    {"type": "user_message", "text": "hi", "id": 5},
    {"type": "user_message", "text": "hi", "session_id": 5},
    {"type": "user_message", "text": "hi", "requestId": []},
    {"type": "update_state", "id": "p", "patch": []},
    {"type": "update_state", "id": "p"},
    {"type": "stop", "id": "x"},
    {"type": "resolve_approval", "id": "y", "approval_id": "approval-1"},
    {"type": "resolve_approval", "id": "y", "approval_id": "approval-1", "decision": "expired"},
    {"type": "resolve_approval", "id": "y", "approval_id": "", "decision": "approved"},
    {"type": "stop", "id": "x", "turn_id": ""},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "t"}},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "", "tool_call_id": "abc123"}},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "t", "tool_call_id": "a", "parameters": []}},
    {"type": "history", "limit": 0},
    {"type": "history", "limit": 201},
    {"type": "history", "before": -1},
    {"type": "seen", "position": {"epoch": "e", "offset": -1}},
    {"type": "seen", "position": {"epoch": "e", "offset": 2**53}},
    {"type": "seen", "position": {"offset": 1}},
    {"type": "hello", "offset": -1},
    {"type": "hello", "device": "x" * 65},
    {"type": "auth"},
]


def kinds(root: type[Frame]) -> list[type[Frame]]:
    found = [root, *(inner for kind in root.__subclasses__() for inner in kinds(kind))]
    return [kind for kind in found if kind.__module__ in (frames.__name__, events.__name__)]


def leaves(root: type[Frame]) -> list[type[Frame]]:
    return [kind for kind in kinds(root) if kind is not root and not kind.__subclasses__()]


@pytest.mark.parametrize("frame", REQUESTS)
def test_a_request_reads_as_it_was_written(frame: dict[str, Any]) -> None:
    read = msgspec.convert(frame, msgspec_union())
    assert msgspec.to_builtins(read) == frame


@pytest.mark.parametrize("frame", REQUESTS)
def test_unknown_fields_mean_nothing(frame: dict[str, Any]) -> None:
    assert msgspec.convert(frame | {"colour": "red", "v": 9}, msgspec_union()) == msgspec.convert(
        frame, msgspec_union()
    )


@pytest.mark.parametrize("frame", WRONG)
def test_a_wrong_request_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(frame, msgspec_union())


def test_every_request_is_in_these_tables() -> None:
    assert {frame["type"] for frame in REQUESTS} == {kind.__struct_config__.tag for kind in GENERIC_REQUESTS}


def msgspec_union() -> Any:
    union: Any = GENERIC_REQUESTS[0]
    for kind in GENERIC_REQUESTS[1:]:
        union = union | kind
    return union


@pytest.mark.parametrize("root", [Request, ServerFrame, EventBody])
def test_no_two_frames_of_one_direction_share_a_type(root: type[Frame]) -> None:
    tags = [kind.__struct_config__.tag for kind in leaves(root)]
    assert len(tags) > 5
    assert len(tags) == len(set(tags))


def test_events_and_the_servers_own_frames_are_told_apart() -> None:
    own = {kind.__struct_config__.tag for kind in leaves(ServerFrame)}
    logged = {kind.__struct_config__.tag for kind in leaves(EventBody)}
    assert not own & logged


def test_every_frame_of_the_server_can_say_its_session() -> None:
    assert all("session_id" in kind.__struct_fields__ for kind in leaves(ServerFrame))


def test_no_event_carries_its_envelope() -> None:
    envelope = {"session_id", "offset", "at", "by", "id"}
    assert [kind for kind in leaves(EventBody) if envelope & set(kind.__struct_fields__)] == []


def test_what_has_no_value_is_left_out_and_never_null() -> None:
    assert msgspec.to_builtins(Pong()) == {"type": "pong"}
    refusal = ErrorFrame(session_id="s", code="invalid", message="No.", temporary=False)
    assert msgspec.to_builtins(refusal) == {
        "type": "error", "session_id": "s", "code": "invalid", "message": "No.", "temporary": False,
    }  # fmt: skip
    assert msgspec.to_builtins(AuthOk(session_id="s", expires_at=5, request_id=0))["requestId"] == 0


def test_a_welcome_says_its_limits_even_where_they_are_the_usual_ones() -> None:
    welcome = Welcome(
        session_id="s", outcome="recovered", position=Position("e", 3), replayed=0, devices=[], heartbeat_ms=25_000,
        limits=WireLimits(), reconnect=frames.ReconnectWindow(),
    )  # fmt: skip
    shown = msgspec.to_builtins(welcome)
    assert shown["limits"] == {
        "frame": 65_536, "text": 32_000, "patch": 16_384, "replay": 1000, "tail": 50, "tail_bytes": 65_536,
        "events": 1_000_000, "sessions": 10_000,
    }  # fmt: skip
    assert shown["reconnect"] == {"min_ms": 500, "max_ms": 20_000}
    assert {"state", "tail", "turn", "reason"}.isdisjoint(shown)
