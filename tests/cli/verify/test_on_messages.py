"""Step 2 of ``verify``: each check fails when, and only when, its own rule is broken."""

import pytest

from shipanion.cli.verify.history import History, Json
from tests.cli.verify.tampering import Tamper, changed, dropped, failures, repeated, where


def elsewhere(frame: Json) -> Json:
    return {**frame, "acks": [{**ack, "offset": ack["offset"] + 1} for ack in frame["acks"]]}


def dearer(frame: Json) -> Json:
    payload = frame["payload"]
    return {**frame, "payload": {**payload, "cheapest_option": payload["all_options"][-1]}}


def unpriced(frame: Json) -> Json:
    quotes = [{name: value for name, value in quote.items() if name != "eta"} for quote in frame["result"]["quotes"]]
    return {**frame, "result": {**frame["result"], "quotes": quotes}}


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (dropped(where("page-again", "ack", nth=-1)), {"acks"}),
        (repeated(where("later", "ack")), {"acks"}),
        (changed(where("later", "ack"), elsewhere), {"acks"}),
        (dropped(where("page", "agent_delta", nth=1)), {"answer"}),
        (repeated(where("page", "agent_delta", nth=1)), {"answer"}),
        (changed(where("page", "agent_delta", nth=1), lambda f: {**f, "text": "x"}), {"answer"}),
        (changed(where("page", "client_tool_result", nth=1), unpriced), {"tool-call", "same-log", "snapshot"}),
        (changed(where("listener", "quote_ready"), dearer), {"rates"}),
        (dropped(where("listener", "quote_ready")), {"rates"}),
        (dropped(where("listener", "contextual_update")), {"updates"}),
        (changed(where("listener", "contextual_update"), lambda f: {**f, "text": "x"}), {"updates", "same-log"}),
    ],
)
def test_what_fails(history: History, tamper: Tamper, named: set[str]) -> None:
    tamper(history)
    assert failures(history) == named
