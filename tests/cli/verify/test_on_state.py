"""Step 4 of ``verify``: each check fails when, and only when, its own rule is broken."""

import pytest

from shipanion.cli.verify.history import History, Json
from tests.cli.verify.tampering import Tamper, changed, dropped, failures, repeated, where


def lost(name: str, line: str = "fresh") -> Tamper:
    """A snapshot whose state lacks something."""

    def change(frame: Json) -> Json:
        return {**frame, "state": {key: value for key, value in frame["state"].items() if key != name}}

    return changed(where(line, "welcome"), change)


def short_tail(frame: Json) -> Json:
    return {**frame, "tail": frame["tail"][:-1]}


def not_duplicate(frame: Json) -> Json:
    return {**frame, "acks": [{**ack, "duplicate": False} for ack in frame["acks"]]}


def no_quotes(frame: Json) -> Json:
    return {**frame, "state": {**frame["state"], "quotes": []}}


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (dropped(where("page", "state_changed")), {"gap-free"}),
        (repeated(where("later", "turn_ended")), {"gap-free"}),
        (changed(where("later", "agent_message"), lambda f: {**f, "at": 1}), {"same-log"}),
        (dropped(where("whole", "user_message")), {"whole-log", "gap-free", "acks"}),
        (dropped(where("whole", "turn_ended", nth=-1)), {"whole-log"}),
        (lost("title"), {"snapshot"}),
        (lost("shipping_details"), {"snapshot"}),
        (changed(where("fresh", "welcome"), short_tail), {"snapshot"}),
        (changed(where("fresh", "welcome"), lambda f: {**f, "reason": "limit"}), {"snapshot"}),
        (changed(where("bare-again", "session_state"), no_quotes), {"plain-state"}),
        (lost("title", "ahead"), {"ahead"}),
        (changed(where("ahead", "welcome"), lambda f: {**f, "outcome": "recovered"}), {"ahead"}),
        (changed(where("other-life", "welcome"), lambda f: {**f, "reason": "gone"}), {"epoch"}),
        (changed(where("fresh", "ack"), not_duplicate), {"duplicates"}),
        (dropped(where("fresh", "ack", nth=-1)), {"duplicates"}),
        (changed(where("fresh", "error"), lambda f: {**f, "code": "invalid"}), {"id-reused"}),
        (dropped(where("fresh", "error")), {"id-reused"}),
    ],
)
def test_what_fails(history: History, tamper: Tamper, named: set[str]) -> None:
    tamper(history)
    assert failures(history) == named


def test_a_turn_that_ends_twice(history: History) -> None:
    end = history.got("whole", "turn_ended")[0]
    history.add("whole", "got", {**end, "offset": max(history.log()) + 1})
    assert failures(history) == {"turns"}
