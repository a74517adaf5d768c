"""Which frames are the ones that are waited for, whatever they hold."""

import pytest

from shipanion.cli.verify.history import Json
from shipanion.cli.verify.wanted import Wanted, acks, answers, event_at, of

ACK: Json = {"type": "ack", "acks": [None, {"id": "a", "offset": 3}]}


@pytest.mark.parametrize(
    ("wanted", "frame", "is_it"),
    [
        (of("pong"), {"type": "pong", "requestId": "1"}, True),
        (of("pong", requestId="2"), {"type": "pong", "requestId": "1"}, False),
        (of("pong"), {}, False),
        (acks("a"), ACK, True),
        (acks("b"), ACK, False),
        (acks("a"), {"type": "ack", "acks": 5}, False),
        (answers("a"), ACK, True),
        (answers("a"), {"type": "error", "id": "a"}, True),
        (answers("a"), {"type": "error", "id": "b"}, False),
        (event_at(3), {"offset": 4, "at": 1}, True),
        (event_at(3), {"offset": 2, "at": 1}, False),
        (event_at(3), {"offset": 4}, False),
    ],
)
def test_frames(wanted: Wanted, frame: Json, is_it: bool) -> None:
    assert wanted(frame) is is_it
