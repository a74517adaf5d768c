"""Step 3 of ``verify``: each check fails when, and only when, its own rule is broken."""

import pytest

from shipanion.cli.verify.history import History, Json
from tests.cli.verify.tampering import Tamper, changed, dropped, failures, repeated, where


def replayed(by: int, line: str = "back") -> Tamper:
    return changed(where(line, "welcome"), lambda frame: {**frame, "replayed": frame["replayed"] + by})


def moved(frame: Json) -> Json:
    return {**frame, "position": {**frame["position"], "offset": frame["position"]["offset"] - 1}}


def twice_in_the_log(history: History) -> None:
    """The cut command was done again: every later event is one further on, for everybody."""
    id = history.id("u2")
    (first,) = where("whole", id=id)(history)
    event = history.entries[first].frame
    head = max(history.log())
    history.add("whole", "got", {**event, "offset": head + 1})


def forgotten(frame: Json) -> Json:
    return {name: value for name, value in frame.items() if name != "turn"}


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (dropped(where("back", "client_tool_result")), {"resume-cut", "gap-free"}),
        (repeated(where("back", "client_tool_result")), {"resume-cut", "gap-free"}),
        (replayed(-3), {"resume-cut"}),
        (changed(where("back", "welcome"), moved), {"resume-cut", "gap-free"}),
        (changed(where("back", "welcome"), lambda f: {**f, "outcome": "snapshot"}), {"resume-cut"}),
        (replayed(-1, "back-again"), {"resume-close"}),
        (dropped(where("back-again", "state_changed")), {"resume-close", "gap-free"}),
        (changed(where("page-again", "welcome"), forgotten), {"turn-goes-on"}),
        (dropped(where("page-again", "agent_delta", nth=4)), {"turn-goes-on"}),
        (dropped(where("page-again", "agent_delta", nth=0)), {"turn-goes-on"}),
        (twice_in_the_log, {"unacked", "duplicates"}),
    ],
)
def test_what_fails(history: History, tamper: Tamper, named: set[str]) -> None:
    tamper(history)
    assert failures(history) == named


def test_a_turn_that_ended_with_its_connection(history: History) -> None:
    turn = history.got("page-again", "turn_ended")[0]["turn_id"]
    everywhere = where(None, "turn_ended", nth=None, turn_id=turn)
    changed(everywhere, lambda frame: {**frame, "outcome": "interrupted"})(history)
    assert failures(history) == {"turn-goes-on", "snapshot"}


def test_a_plain_client_that_is_told_what_it_missed(history: History) -> None:
    (pong,) = where("bare-again", "pong")(history)
    (missed,) = where("back", "state_changed")(history)
    told = history.entries[missed]
    history.entries.insert(pong, type(told)(told.ms, "bare-again", "got", told.frame))
    assert failures(history) == {"plain-return"}
