"""What ``verify`` holds of labels: each check fails when, and only when, its own rule is broken."""

from typing import Any

import pytest

from shipanion.cli.verify.check import examine
from shipanion.cli.verify.command import LABEL_CHECKS
from shipanion.cli.verify.history import History, Json
from tests.cli.verify.tampering import Tamper, bought_twice, changed, dropped, failures, where


def result_with(**fields: Any) -> Any:
    return lambda frame: {**frame, "result": {**frame["result"], **fields}}


def call(line: str, short: str, **fields: Any) -> Tamper:
    """The result of a call is another one."""

    def tamper(history: History) -> None:
        changed(where(line, "client_tool_result", tool_call_id=history.id(short)), result_with(**fields))(history)

    return tamper


def other_number(frame: Json) -> Json:
    return {**frame, "data": {**frame["data"], "tracking_number": "SAMPLE-OTHER"}}


def other_state(frame: Json) -> Json:
    return {**frame, "state": {**frame["state"], "label": {**frame["state"]["label"], "tracking_number": "X"}}}


def another_purchase(history: History) -> None:
    """The log tells of a second purchase that nobody's call led to, begun after the first."""
    place = next(history.find("page-again", "effect_changed", status="settled"))["offset"] + 2
    begun = {"type": "effect_changed", "kind": "buy", "effect_id": "purchase-second", "status": "claimed"}
    changed(
        where(None, nth=None, offset=place, type=history.log()[place]["type"]),
        lambda frame: {**frame, **begun},
    )(history)


def resolved_twice(history: History) -> None:
    end = next(history.find("page-again", "approval_resolved"))
    history.add("page-again", "got", {**end, "offset": max(history.log()) + 1})


def both_counted(history: History) -> None:
    """The refused answer was acknowledged as well."""
    index = where(None, "error")(history)[0]
    line, id = history.entries[index].line, history.entries[index].frame["id"]
    ack = {"type": "ack", "acks": [{"id": id, "offset": 1, "duplicate": False}]}
    changed(where(line, "error"), lambda frame: ack)(history)


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (bought_twice, {"bought-once", "same-number"}),
        (another_purchase, {"bought-once"}),
        (call("page-again", "l2", label_id="label-second"), {"bought-once"}),
        (call("other", "l3", tracking_number="SAMPLE-OTHER"), {"same-number"}),
        (changed(where(None, "effect_changed", nth=None, status="settled"), other_number), {"same-number"}),
        (changed(where(None, "contextual_update", nth=None, text="label_created"), other_number), {"same-number"}),
        (changed(where("plain", "session_state"), other_state), {"same-number"}),
        (changed(where("fresh", "welcome"), other_state), {"same-number"}),
        (changed(where("file-again", "file"), lambda f: {**f, "sha256": "x"}), {"label-file"}),
        (changed(where("file", "file"), lambda f: {**f, "pdf": False}), {"label-file"}),
        (changed(where("file-stranger", "file"), lambda f: {**f, "status": 200}), {"label-owner"}),
        (changed(where("file-nobody", "file"), lambda f: {**f, "pdf": True}), {"label-owner"}),
        (dropped(where("file-nobody", "file")), {"label-owner"}),
        (both_counted, {"one-answer"}),
        (resolved_twice, {"one-answer"}),
        (changed(where(None, "error"), lambda f: {**f, "code": "unavailable"}), {"one-answer"}),
        (
            changed(where(None, "approval_resolved", nth=None), lambda f: {**f, "decision": "declined"}),
            {"one-answer"},
        ),
    ],
)
def test_what_fails(labels: History, tamper: Tamper, named: set[str]) -> None:
    tamper(labels)
    assert failures(labels) == named


def test_a_label_that_costs_money_and_that_nobody_said_yes_to(labels: History) -> None:
    call("page-again", "l1", is_sample=False)(labels)
    assert failures(labels) == {"bought-once", "same-number", "label-file", "label-owner"}


def test_what_costs_money_is_not_tried(labels: History) -> None:
    call("page-again", "l1", status="needs_approval")(labels)
    found = {finding.check.id: (finding.ok, finding.seen) for finding in examine(labels, LABEL_CHECKS)}
    assert found["bought-once"] == (None, "not checked: labels cost money here")
    assert failures(labels) == set()


def test_without_a_second_person_or_a_question_it_is_said(labels: History) -> None:
    labels.has_stranger = False
    dropped(where(None, "approval_requested", nth=None))(labels)
    found = {finding.check.id: finding for finding in examine(labels, LABEL_CHECKS)}
    assert found["label-owner"].ok is None
    assert "second person" in found["label-owner"].seen
    assert found["one-answer"].ok is None
    assert "nothing to answer" in found["one-answer"].seen
