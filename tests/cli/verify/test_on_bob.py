"""Step 5 of ``verify``, and the refusals: each check fails when, and only when, its own rule is broken."""

import pytest

from shipanion.cli.verify.check import examine
from shipanion.cli.verify.command import CHECKS
from shipanion.cli.verify.history import History, Json
from tests.cli.verify.tampering import Tamper, changed, dropped, failures, where


def without_context(frame: Json) -> Json:
    return {name: value for name, value in frame.items() if name != "session_context"}


def told(old: str, new: str) -> Tamper:
    """Bob's last answer says something else, to everybody."""

    def tamper(history: History) -> None:
        turn = history.got("later", "user_message")[-1]["turn_id"]
        pick = where(None, "agent_message", nth=None, turn_id=turn)
        changed(pick, lambda frame: {**frame, "text": frame["text"].replace(old, new)})(history)

    return tamper


def with_context(frame: Json) -> Json:
    return {**frame, "session_context": "Previous conversation summary:\n"}


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (changed(where("bare-again", "client_tool_result"), without_context), {"context"}),
        (changed(where("bare-again", "client_tool_result"), with_context), {"context"}),
        (changed(where("bare-again", "client_tool_result", nth=1), with_context), {"context"}),
        (told("90210", "90211"), {"remembers"}),
        (told("8 lbs", "5 lbs"), {"remembers"}),
        (told("$", "$1"), {"remembers"}),
        (changed(where("full-foreign", "error"), lambda f: {**f, "message": "Not yours."}), {"foreign"}),
        (changed(where("plain-foreign", "error"), lambda f: {**f, "code": "forbidden"}), {"foreign"}),
        (changed(where("plain-unknown", "error"), lambda f: {**f, "code": "forbidden"}), {"foreign", "unknown"}),
        (dropped(where("full-unknown", "error")), {"foreign", "unknown"}),
    ],
)
def test_what_fails(history: History, tamper: Tamper, named: set[str]) -> None:
    tamper(history)
    assert failures(history) == named


def test_bob_forgets_the_route(history: History) -> None:
    offset = history.got("later", "client_tool_result")[-1]["offset"]

    def change(frame: Json) -> Json:
        details = {**frame["patch"]["shipping_details"], "to": "60601"}
        return {**frame, "patch": {**frame["patch"], "shipping_details": details}}

    changed(where(None, "client_tool_result", nth=None, offset=offset), change)(history)
    assert failures(history) == {"goes-on", "remembers"}


def test_without_a_second_person_it_is_said(history: History) -> None:
    history.has_stranger = False
    (finding,) = [found for found in examine(history, CHECKS) if found.check.id == "foreign"]
    assert finding.ok is None
    assert "second person" in finding.seen
