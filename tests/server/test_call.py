"""One open call: the events its outcome becomes, and who hears of it."""

from shipanion.protocol.events import ClientToolResult, ContextualUpdate
from shipanion.server.call import Call, result_of, updates_of
from shipanion.server.domain import ToolOutcome, Update

OUTCOME = ToolOutcome(result={"price": 3}, updates=(Update("price_ready", {"item": "tea"}),))


def opened(over: list[str]) -> Call:
    return Call("c1", "look_up", {"item": "tea"}, fence=None, role="owner", over=lambda call: over.append(call.call_id))


def test_its_result_and_what_it_tells() -> None:
    call = opened([])
    assert result_of(call, OUTCOME, {"items": {}}) == ClientToolResult(
        tool_call_id="c1", tool_name="look_up", result={"price": 3}, is_error=False, patch={"items": {}}
    )
    assert updates_of(OUTCOME) == (ContextualUpdate(text="price_ready", data={"item": "tea"}),)


def test_whoever_waits_hears_it_once() -> None:
    over: list[str] = []
    call = opened(over)
    heard: list[ToolOutcome] = []
    call.told.append(heard.append)
    call.finished(OUTCOME)
    call.finished(OUTCOME)
    assert heard == [OUTCOME]
    assert over == ["c1", "c1"]


def test_nobody_is_told_of_a_result_that_is_somebody_elses() -> None:
    call = opened([])
    heard: list[ToolOutcome] = []
    call.told.append(heard.append)
    call.finished(None)
    assert heard == []
