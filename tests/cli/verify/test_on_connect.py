"""Step 1 of ``verify``: each check fails when, and only when, its own rule is broken."""

import pytest

from shipanion.cli.verify.history import History
from tests.cli.verify.tampering import Tamper, changed, dropped, failures, repeated, where


def chatty(history: History) -> None:
    (index,) = where("listener", "pong")(history)
    event = where("listener", "user_message")(history)[0]
    history.entries[index], history.entries[event] = history.entries[event], history.entries[index]


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (chatty, {"bare-silent"}),
        (changed(where("page", "welcome"), lambda f: {**f, "outcome": "snapshot"}), {"welcome"}),
        (changed(where("page", "welcome"), lambda f: {n: v for n, v in f.items() if n != "limits"}), {"welcome"}),
        (changed(where("hello", "welcome"), lambda f: {**f, "type": "error"}), {"hello"}),
        (changed(where("page", "ack"), lambda f: {n: v for n, v in f.items() if n != "session_id"}), {"session-id"}),
        (changed(where("later", "agent_delta"), lambda f: {**f, "session_id": None}), {"session-id"}),
        (changed(where("bare-again", "pong"), lambda f: {**f, "session_id": "another"}), {"session-id"}),
        (repeated(where("page", "presence")), set()),
        (dropped(where("back", "presence", nth=None)), set()),
    ],
)
def test_what_fails(history: History, tamper: Tamper, named: set[str]) -> None:
    tamper(history)
    assert failures(history) == named


def test_a_goodbye_that_is_not_answered(history: History) -> None:
    history.entries = [entry for entry in history.entries if (entry.line, entry.what) != ("hello", "closed")]
    assert failures(history) == {"hello"}
