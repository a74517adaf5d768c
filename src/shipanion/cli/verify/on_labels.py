"""What must hold of a label that was asked for more than once: it is bought once."""

from collections.abc import Iterator
from typing import Final

from shipanion.cli.verify.check import LABELS, Check, NotTried, Wrong
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.on_connect import never_reached
from shipanion.cli.verify.on_messages import acks_of

__all__ = ["CHECKS"]

COSTS: Final = "not checked: labels cost money here"

CALLS: Final = {"l1": "page-again", "l2": "page-again", "l3": "other"}
"""Every call that asked for the one label, and the line that heard its result."""

ANSWERS: Final = {"r1": "page-again", "r2": "other"}
"""The two answers to one question, and their lines."""


def _bought_once(history: History) -> str:
    first = _sample(history)
    results = _results(history)
    for frame in results[1:]:
        if frame["result"].get("label_id") != first["result"]["label_id"]:
            raise Wrong("asked for again, it gave another label", first, frame)
    effects = _effects(history, 0, _next_parcel_at(history))
    ids = {effect["effect_id"] for effect in effects}
    settled = [effect for effect in effects if effect["status"] == "settled"]
    if len(ids) != 1 or len(settled) != 1:
        raise Wrong(f"{len(ids)} purchases were begun and {len(settled)} settled for one label", *effects)
    labels = history.state_at(_next_parcel_at(history) - 1)["labels"]
    if len(labels) != 1:
        raise Wrong(f"the session lists {len(labels)} labels after one was bought", *labels)
    return f"asked for {len(results) + 1} times, once cut off before the answer: 1 purchase, 1 label"


def _the_same_number(history: History) -> str:
    number = _sample(history)["result"]["tracking_number"]
    told = list(_numbers(history))
    for where, given, frame in told:
        if given != number:
            raise Wrong(f"{where} says {given}, the first answer said {number}", frame)
    return f"{number}, in all of {len(told)} places"


def _file_is_the_same(history: History) -> str:
    _sample(history)
    first, second = _file(history, "file"), _file(history, "file-again")
    for frame in (first, second):
        if frame["status"] != 200 or not frame["pdf"] or frame["media_type"] != "application/pdf":
            raise Wrong(f"no PDF was given to the owner (HTTP status {frame['status']})", frame)
    if first["sha256"] != second["sha256"]:
        raise Wrong("read twice, it was two files", first, second)
    return f"{first['bytes']} bytes of PDF, the same twice"


def _file_is_the_owners(history: History) -> str:
    _sample(history)
    for line in ("file-nobody", "file-stranger"):
        if line == "file-stranger" and not history.has_stranger:
            raise NotTried("refused without a token; needs a second person, and this server takes no guests")
        frame = _file(history, line)
        if frame["pdf"] or not 400 <= frame["status"] < 500:
            who = "somebody else" if line == "file-stranger" else "somebody without a token"
            raise Wrong(f"{who} was answered with HTTP status {frame['status']}", frame)
    return "refused to somebody else, and without a token"


def _answered_once(history: History) -> str:
    asked = [event for event in history.log().values() if event["type"] == "approval_requested"]
    if not asked:
        _first(history)
        raise NotTried("nobody was asked for a yes, so there was nothing to answer")
    id = asked[-1]["approval_id"]
    ends = [e for e in history.log().values() if e["type"] == "approval_resolved" and e["approval_id"] == id]
    if len(ends) != 1:
        raise Wrong(f"the question ended {len(ends)} times", *ends) if ends else never_reached(history, "its end")
    taken = [ack for id, line in ANSWERS.items() for ack in acks_of(history, line).get(history.id(id), [])]
    refused = [error for id, line in ANSWERS.items() for error in history.find(line, "error", id=history.id(id))]
    if len(taken) != 1 or [error["code"] for error in refused] != ["no_such_approval"]:
        raise Wrong(f"of two answers {len(taken)} counted and {len(refused)} were refused", *taken, *refused)
    begun = {effect["effect_id"] for effect in _effects(history, ends[0]["offset"], _end(history))}
    expected = 1 if ends[0]["decision"] == "approved" else 0
    if len(begun) != expected:
        raise Wrong(f"the answer was {ends[0]['decision']}, and {len(begun)} purchases followed", ends[0])
    return f"{ends[0]['decision']} on two connections: 1 counted, 1 refused; {expected} bought"


# --- what was seen ------------------------------------------------------------------------------------------------


def _first(history: History) -> Json:
    """The answer to the first call, repeated on the connection after the cut."""
    frame = next(history.find("page-again", "client_tool_result", tool_call_id=history.id("l1")), None)
    if frame is None:
        raise never_reached(history, "the result of create_label")
    return frame


def _sample(history: History) -> Json:
    """The same, where it made a sample; where it costs money nothing was tried."""
    frame = _first(history)
    result = frame["result"]
    if result.get("status") == "needs_approval":
        raise NotTried(COSTS)
    if frame["is_error"] or result.get("status") != "bought":
        raise Wrong(f"no label was made: {result.get('say') or result.get('error')}", frame)
    if result["is_sample"] is not True:
        raise Wrong("it bought a label that costs money, and nobody had said yes", frame)
    return frame


def _results(history: History) -> list[Json]:
    frames = [
        next(history.find(line, "client_tool_result", tool_call_id=history.id(short)), None)
        for short, line in CALLS.items()
    ]
    found = [frame for frame in frames if frame is not None]
    if len(found) != len(frames):
        raise never_reached(history, "the result of a further create_label")
    return found


def _next_parcel_at(history: History) -> int:
    """The offset of the call that began the next parcel; one after the log where none did."""
    for offset, event in history.log().items():
        if event.get("client_tool_call", {}).get("tool_call_id") == history.id("n1"):
            return offset
    return _end(history)


def _end(history: History) -> int:
    return max(history.log(), default=0) + 1


def _effects(history: History, after: int, before: int) -> list[Json]:
    """The news of purchases between two offsets."""
    events = [event for offset, event in history.log().items() if after < offset < before]
    return [event for event in events if event["type"] == "effect_changed" and event["kind"] == "buy"]


def _numbers(history: History) -> Iterator[tuple[str, object, Json]]:
    """Every telling of the first label's number: where, which, and the frame."""
    end = _next_parcel_at(history)
    for frame in _results(history):
        yield f"the result of {frame['tool_call_id']}", frame["result"].get("tracking_number"), frame
    for offset, event in history.log().items():
        if offset >= end:
            continue
        if event["type"] == "effect_changed" and event["status"] == "settled":
            yield "the end of the purchase", event["data"].get("tracking_number"), event
        if event["type"] == "contextual_update" and event["text"] == "label_created":
            yield "label_created", event["data"].get("tracking_number"), event
    welcome = history.welcome("fresh")
    plain = next(history.find("plain", "session_state"), None)
    if welcome is None or plain is None:
        raise never_reached(history, "the state, for somebody who comes later")
    for where, state, frame in (("a snapshot", welcome["state"], welcome), ("session_state", plain["state"], plain)):
        yield f"the label in {where}", state["label"].get("tracking_number"), frame
        for label in state["labels"]:
            yield f"the list in {where}", label.get("tracking_number"), frame


def _file(history: History, line: str) -> Json:
    frame = next(history.find(line, "file"), None)
    if frame is None:
        raise never_reached(history, "the label's file")
    return frame


CHECKS: Final = [
    Check("bought-once", LABELS, "One label, asked for again and again", "one purchase, one label", _bought_once),
    Check("same-number", LABELS, "Its tracking number", "the same wherever it is told", _the_same_number),
    Check("label-file", LABELS, "Its file, read twice", "a PDF, the same bytes", _file_is_the_same),
    Check("label-owner", LABELS, "Its file, for others", "refused", _file_is_the_owners),
    Check("one-answer", LABELS, "A yes asked for, answered twice", "one answer counts", _answered_once),
]
