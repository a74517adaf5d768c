"""What the server machine says, as JSON: the golden dialogues and logs show it so."""

import typing

import msgspec
import pytest

from shipanion.protocol import session_outputs
from shipanion.protocol.frames import Ping, Pong, UserMessage
from shipanion.protocol.position import Position
from shipanion.protocol.session_outputs import (
    Attach,
    Authenticate,
    CloseNow,
    Decide,
    Output,
    Query,
    SaveDevice,
    Send,
    ShowSeen,
    Wake,
)

SHOWN: list[tuple[Output, dict[str, object]]] = [
    (Authenticate("t"), {"out": "authenticate", "token": "t"}),
    (Attach(), {"out": "attach"}),
    (
        Attach("s", Position("e", 0), "k"),
        {"out": "attach", "session_id": "s", "position": {"epoch": "e", "offset": 0}, "new": "k"},
    ),
    (
        Decide(UserMessage(id="m", text="hi"), "m", b"\x00\xff"),
        {"out": "decide", "request": {"type": "user_message", "id": "m", "text": "hi"}, "id": "m", "digest": "AP8="},
    ),
    (Query(Ping()), {"out": "query", "request": {"type": "ping"}}),
    (SaveDevice({"a": None}), {"out": "save_device", "patch": {"a": None}}),
    (ShowSeen(3), {"out": "seen", "offset": 3}),
    (Send(Pong(session_id="s")), {"out": "send", "frame": {"type": "pong", "session_id": "s"}}),
    (CloseNow(4000, "resume_now"), {"out": "close", "code": 4000, "reason": "resume_now"}),
    (Wake(7), {"out": "wake", "at": 7}),
]


@pytest.mark.parametrize(("output", "shown"), SHOWN)
def test_shown_as_json(output: Output, shown: dict[str, object]) -> None:
    assert msgspec.to_builtins(output) == shown


def test_every_output_is_shown_here() -> None:
    kinds = set(typing.get_args(Output))
    assert {type(output) for output, _ in SHOWN} == kinds
    assert {kind.__name__ for kind in kinds} | {"Output"} == set(session_outputs.__all__)


def test_an_output_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Wake(7).at = 8  # type: ignore[misc]
