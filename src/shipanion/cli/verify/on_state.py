"""Step 4: what must hold of the log and of the state that is the sum of it."""

from collections import Counter
from typing import Any, Final

from shipanion.cli.verify.check import Check, Wrong
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.on_connect import never_reached
from shipanion.cli.verify.on_messages import acks_of
from shipanion.cli.verify.on_return import resumed

__all__ = ["CHECKS"]

PLAIN_STATE: Final = ("shipping_details", "quotes", "title", "shipment_id")

MOST_TAIL: Final = 50


def _without_a_gap(history: History) -> str:
    count = 0
    for line in history.full_lines():
        place = (history.welcome(line) or {})["position"]["offset"]
        asked = {call["client_tool_call"]["tool_call_id"] for call in history.sent(line, "client_tool_call")}
        for event in history.events(line):
            offset = event["offset"]
            if offset <= place and event["type"] == "client_tool_result" and event["tool_call_id"] in asked:
                continue  # the stored result, given again to whoever repeats the call
            if offset != place + 1:
                wrong = "came again" if offset <= place else f"came after {place}: a gap"
                raise Wrong(f"on {line} the event {offset} {wrong}", event)
            place, count = offset, count + 1
    if not count:
        raise never_reached(history, "an event")
    return f"{count} events on {len(history.full_lines())} connections, each the next"


def _the_same_for_all(history: History) -> str:
    log = history.log()
    if not log:
        raise never_reached(history, "an event")
    home = history.session_id()
    lines = [line for line in history.lines() if line != "bare" and history.events(line)]
    for line in lines:
        for event in history.events(line):
            if event.get("session_id", home) == home and {**event, "session_id": home} != {
                **log[event["offset"]],
                "session_id": home,
            }:
                raise Wrong(f"{line} was told something else at {event['offset']}", log[event["offset"]], event)
    return f"{len(log)} events, told alike on {len(lines)} connections"


def _from_the_start(history: History) -> str:
    _, replayed = resumed(history, "whole")
    offsets = [event["offset"] for event in history.events("whole")]
    head = max(history.log(), default=0)
    if not offsets or offsets[0] != 1 or offsets[-1] != head:
        raise Wrong(f"the log ends at {head}; this connection got {offsets[:1]} to {offsets[-1:]}")
    return f"{replayed} replayed, then live to {head}"


def _snapshot_is_the_sum(history: History) -> str:
    welcome = history.welcome("fresh")
    if welcome is None:
        raise never_reached(history, "the welcome")
    if welcome["outcome"] != "snapshot" or "reason" in welcome:
        raise Wrong("a client without a position is to get a snapshot without a reason", welcome)
    _is_sum(history, "fresh", welcome)
    offset = welcome["position"]["offset"]
    tail = [event["offset"] for event in welcome["tail"]]
    if tail != list(range(offset - len(tail) + 1, offset + 1)) or not 0 < len(tail) <= MOST_TAIL:
        raise Wrong(f"the tail holds {tail}, and the position is {offset}")
    log = history.log()
    for event in welcome["tail"]:
        if event != log.get(event["offset"], event):
            raise Wrong("the tail tells an event otherwise than it was told", log[event["offset"]], event)
    return f"at {offset}: the sum of all patches; tail of {len(tail)}"


def _plain_state_is_the_sum(history: History) -> str:
    answer = next(history.find("bare-again", "session_state", requestId="bare-again-2"), None)
    welcome = history.welcome("fresh")
    if answer is None or welcome is None:
        raise never_reached(history, "session_state")
    sum_, state = history.state_at(welcome["position"]["offset"]), answer["state"]
    for name in PLAIN_STATE:
        if state.get(name) != sum_.get(name):
            raise Wrong(f"{name} is not what the events add up to", {name: state.get(name)}, {name: sum_.get(name)})
    if state["currentStep"] != sum_["current_step"] or not state.get("quotes"):
        raise Wrong("currentStep, or the quotes, are not what the events add up to", answer)
    return f"currentStep {state['currentStep']}, route, weight, {len(state['quotes'])} quotes"


def _no_good(line: str, reason: str) -> Any:
    def judge(history: History) -> str:
        welcome = history.welcome(line)
        if welcome is None:
            first = history.of(line, "got", "closed")[:1]
            raise Wrong("it was not welcomed", *first) if first else never_reached(history, "the welcome")
        if (welcome["outcome"], welcome.get("reason")) != ("snapshot", reason):
            raise Wrong(f"outcome {welcome['outcome']}, reason {welcome.get('reason')}", welcome)
        _is_sum(history, line, welcome)
        return f"snapshot, reason {reason}, at {welcome['position']['offset']}"

    return judge


def _repeats_change_nothing(history: History) -> str:
    first, repeated = acks_of(history, "page"), acks_of(history, "fresh")
    if not repeated:
        raise never_reached(history, "the ack of a repeat")
    for short in ("m1", "u1", "c1"):
        id = history.id(short)
        if len(repeated.get(id, [])) != 1:
            raise Wrong(f"the repeat of {id} got {len(repeated.get(id, []))} acks")
        ack, original = repeated[id][0], first[id][0]
        if not ack["duplicate"] or ack["offset"] != original["offset"]:
            raise Wrong(f"the repeat of {id} was taken for something new", original, ack)
    ids = Counter(event["id"] for event in history.log().values() if "id" in event)
    ids.update(
        event["client_tool_call"]["tool_call_id"]
        for event in history.log().values()
        if event["type"] == "client_tool_call" and "id" not in event
    )
    twice = [id for id, count in ids.items() if count > 1]
    if twice:
        raise Wrong(f"in the log more than once: {', '.join(twice)}")
    return "3 repeats acknowledged as duplicates, at their old offsets"


def _used_id_is_refused(history: History) -> str:
    error = next(history.find("fresh", "error", id=history.id("u1")), None)
    if error is None:
        raise never_reached(history, "the refusal")
    if error["code"] != "id_reused" or error["temporary"]:
        raise Wrong(f"it was refused as {error['code']}", error)
    titles = [event for event in history.log().values() if event.get("patch", {}).get("title") == "Something else"]
    if titles:
        raise Wrong("it was refused and done all the same", *titles)
    return "id_reused, and nothing changed"


def _turns_end_once(history: History) -> str:
    log = history.log().values()
    asked = [event["turn_id"] for event in log if event["type"] == "user_message"]
    ended = Counter(event["turn_id"] for event in log if event["type"] == "turn_ended")
    if not asked:
        raise never_reached(history, "a message")
    for turn in asked:
        if ended[turn] != 1:
            ends = [event for event in log if event.get("turn_id") == turn]
            raise Wrong(f"{turn} ended {ended[turn]} times", *ends)
    return f"{len(asked)} turns, each ended once"


def _is_sum(history: History, line: str, welcome: Json) -> None:
    offset = welcome["position"]["offset"]
    expected = history.state_at(offset)
    if welcome.get("state") != expected:
        state = welcome.get("state") or {}
        names = sorted({*state, *expected})
        differing = [name for name in names if state.get(name) != expected.get(name)]
        shown = [{name: state.get(name), "the events say": expected.get(name)} for name in differing]
        raise Wrong(f"the state of {line} at {offset} differs in {', '.join(differing)}", *shown)
    if offset < history.head_before(line):
        raise Wrong(f"{line} was put at {offset}, behind what was told before it came", welcome)


CHECKS: Final = [
    Check("gap-free", 4, "Events of every full connection", "each is the next, none twice", _without_a_gap),
    Check("same-log", 4, "The log as all were told it", "the same event at the same offset", _the_same_for_all),
    Check("whole-log", 4, "Replay from (epoch, 0)", "everything from 1 to the head", _from_the_start),
    Check(
        "snapshot", 4, "A client without a position", "snapshot: state is the sum of the events", _snapshot_is_the_sum
    ),
    Check("plain-state", 4, "get_session_state after the return", "the same state", _plain_state_is_the_sum),
    Check("ahead", 4, "A position after the head", "snapshot, reason ahead", _no_good("ahead", "ahead")),
    Check("epoch", 4, "A position of another epoch", "snapshot, reason epoch", _no_good("other-life", "epoch")),
    Check("duplicates", 4, "The same commands once more", "duplicates; nothing done twice", _repeats_change_nothing),
    Check("id-reused", 4, "A used id with other content", "refused as id_reused", _used_id_is_refused),
    Check("turns", 4, "Every turn", "ends exactly once", _turns_end_once),
]
