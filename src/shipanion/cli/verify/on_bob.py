"""Step 5: what must hold of Bob's memory; and of sessions that are somebody else's."""

import re
from typing import Any, Final

from shipanion.cli.verify.check import Check, NotTried, Wrong
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.on_connect import never_reached

__all__ = ["CHECKS"]

SUMMARY: Final = "Previous conversation summary:"


def _context_after_a_return(history: History) -> str:
    results = [history.id("guide-1"), history.id("guide-2")]
    frames = [next(history.find("bare-again", "client_tool_result", tool_call_id=id), None) for id in results]
    first, second = frames
    if first is None or second is None:
        raise never_reached(history, "client_tool_result")
    context = first.get("session_context")
    if not isinstance(context, str) or not context.startswith(SUMMARY):
        raise Wrong("the first tool result brings no summary", first)
    state = history.state_at(_last_before(history, "bare-again"))
    _names(context, state["shipping_details"], state["quotes"], first)
    if "session_context" in second:
        raise Wrong("the summary came a second time on the same connection", second)
    return f"{SUMMARY} route, weight, {len(state['quotes'])} quotes; once"


def _route_is_kept(history: History) -> str:
    answer = _answer(history, "m3")
    events = history.log()
    said = next(event for event in events.values() if event.get("id") == history.id("m3"))
    before, after = history.state_at(said["offset"] - 1), history.state_at(answer["offset"])
    for end in ("from", "to"):
        if after["shipping_details"].get(end) != before["shipping_details"].get(end):
            raise Wrong(f"he was told only a weight, and {end} changed", answer)
    if after["shipping_details"].get("weight_lbs") != 8 or not after.get("quotes"):
        raise Wrong("the new weight was not quoted", answer)
    if after["quotes"] == before["quotes"]:
        raise Wrong("the quotes are still those of the old weight", answer)
    return "told only “8 lb”, he quotes the same route for 8 lb"


def _asked_what_there_is(history: History) -> str:
    answer = _answer(history, "m4")
    state = history.state_at(answer["offset"])
    _names(answer["text"], state["shipping_details"], state["quotes"], answer)
    first = " ".join(answer["text"].split())
    return f"“{first[:44]}…”: route, weight and quotes are right"


def _foreign_looks_unknown(history: History) -> str:
    if not history.has_stranger:
        raise NotTried("needs a second person, and this server takes no guests")
    seen = []
    for dialect in ("full", "plain"):
        ends = [_refusal(history, f"{dialect}-{kind}") for kind in ("unknown", "foreign")]
        if ends[0] != ends[1]:
            raise Wrong(f"in the {dialect} dialect they can be told apart", *ends)
        seen.append(f"{ends[0]['error']['code']} {ends[0]['code']}")
    return f"the same answer for both: {', '.join(seen)}"


def _unknown_is_refused(history: History) -> str:
    for dialect, code in (("full", 4301), ("plain", 1008)):
        refusal = _refusal(history, f"{dialect}-unknown")
        if (refusal["error"].get("code"), refusal["code"]) != ("not_found", code):
            raise Wrong(f"{dialect}: {refusal['error'].get('code')}, closed with {refusal['code']}", refusal)
    return "not_found; closed with 4301, plain with 1008"


def _refusal(history: History, line: str) -> Json:
    """What a line that may not come in was told: the error (without the ids in it) and how it was closed."""
    got = history.got(line)
    closed = history.of(line, "closed")
    if len(got) != 1 or got[0].get("type") != "error" or not closed:
        if not history.opening(line):
            raise never_reached(history, "the refusal")
        raise Wrong(f"{line} was not refused by one error and a close", *got[:3])
    asked = str(history.opening(line)["query"]["session_id"])
    error = {name: _without(value, asked) for name, value in got[0].items()}
    return {"error": error, **closed[0].frame}


def _without(value: Any, session_id: str) -> Any:
    return value.replace(session_id, "…") if isinstance(value, str) else value


def _answer(history: History, short: str) -> Json:
    said = next((event for event in history.log().values() if event.get("id") == history.id(short)), None)
    answers = history.find("later", "agent_message", turn_id=said["turn_id"]) if said is not None else iter(())
    answer = next(answers, None)
    if answer is None:
        raise never_reached(history, "Bob's answer on the new connection")
    return answer


def _names(text: str, details: Json, quotes: list[Json], frame: Json) -> None:
    """Whether a text names the route, the weight, and every quote's price or at least the cheapest's."""
    for end in ("from", "to"):
        if str(details[end]) not in text:
            raise Wrong(f"it does not name {details[end]}", frame)
    if not re.search(rf"(?<![\d.]){details['weight_lbs']:g}(?![\d.]*\d)", text):
        raise Wrong(f"it does not name the weight, {details['weight_lbs']:g} lb", frame)
    cheapest = min(quote["cost"] for quote in quotes)
    if not re.search(rf"(?<!\d){cheapest:.2f}(?!\d)", text):
        raise Wrong(f"it does not name the cheapest quote, ${cheapest:.2f}", frame)


def _last_before(history: History, line: str) -> int:
    """The head of the log when the first tool call was sent on this line."""
    head = 0
    for entry in history.entries:
        if entry.line == line and entry.what == "sent" and entry.frame.get("type") == "client_tool_call":
            break
        if entry.what == "got" and isinstance(entry.frame.get("offset"), int):
            head = max(head, entry.frame["offset"])
    return head


CHECKS: Final = [
    Check("context", 5, "The first tool call after a return", f"session_context: “{SUMMARY}”", _context_after_a_return),
    Check("goes-on", 5, "“8 lb”, on a new connection", "the same route, the new weight", _route_is_kept),
    Check("remembers", 5, "“what did we have so far?”", "route, weight and quotes", _asked_what_there_is),
    Check("unknown", 0, "A session that does not exist", "refused as not_found", _unknown_is_refused),
    Check("foreign", 0, "A session of somebody else's", "cannot be told from an unknown one", _foreign_looks_unknown),
]
