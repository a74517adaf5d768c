"""Step 2: what must hold of what was said and asked for."""

from typing import Any, Final

from shipanion.cli.verify.check import Check, Wrong
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.on_connect import never_reached

__all__ = ["CHECKS", "acks_of"]

QUOTE_FIELDS: Final = {"carrier", "service", "price", "eta"}
OPTION_FIELDS: Final = {"carrier", "service_name", "service_tier", "cost", "estimated_delivery", "transit_days"}


def acks_of(history: History, line: str) -> dict[str, list[Json]]:
    """The acknowledgements on a line, by command id."""
    found: dict[str, list[Json]] = {}
    for frame in history.got(line, "ack"):
        for ack in frame["acks"]:
            found.setdefault(ack["id"], []).append(ack)
    return found


def _acks_are_kept(history: History) -> str:
    log = {event["offset"]: event for event in history.events("whole")}
    if not log:
        raise never_reached(history, "the log, read from its start by another connection")
    count = 0
    for line in ("page", "page-again", "later"):
        acks = acks_of(history, line)
        for frame in history.sent(line):
            id = frame.get("id") or frame.get("client_tool_call", {}).get("tool_call_id")
            if id is None or (line, id) == ("page", history.id("u2")):  # cut off before it could be answered
                continue
            if len(acks.get(id, [])) != 1:
                raise Wrong(f"{id} on {line} got {len(acks.get(id, []))} acks", frame, *acks.get(id, []))
            ack = acks[id][0]
            event = log.get(ack["offset"], {})
            call = event.get("client_tool_call", {})
            if id not in (event.get("id"), call.get("tool_call_id")):
                raise Wrong(f"{id} was acknowledged at offset {ack['offset']}, where it is not", ack, event)
            count += 1
    if not count:
        raise never_reached(history, "an ack")
    return f"{count} acks, each found in the log by another connection"


def _bob_answers_in_pieces(history: History) -> str:
    said = next(history.find("page", "user_message", id=history.id("m1")), None)
    if said is None:
        raise never_reached(history, "the message")
    turn = said["turn_id"]
    pieces = list(history.find("page", "agent_delta", turn_id=turn))
    answer = next(history.find("page", "agent_message", turn_id=turn), None)
    ends = list(history.find("page", "turn_ended", turn_id=turn))
    if answer is None or not ends:
        raise never_reached(history, "Bob's answer")
    if [piece["index"] for piece in pieces] != list(range(len(pieces))) or not pieces:
        raise Wrong("the pieces are not numbered 0, 1, 2, …", *pieces[:4])
    if "".join(piece["text"] for piece in pieces) != answer["text"]:
        raise Wrong("the pieces do not make the message", answer)
    if ends[0]["outcome"] != "completed":
        raise Wrong(f"the turn ended {ends[0]['outcome']}", ends[0])
    return f"{len(pieces)} pieces make the message; completed"


def _tool_call_is_answered(history: History) -> str:
    call = history.id("c1")
    events = history.events("page")
    place = next((i for i, event in enumerate(events) if event.get("tool_call_id") == call), None)
    if place is None:
        raise never_reached(history, "client_tool_result")
    result = events[place]
    if result.get("is_error") or not result["result"]["quotes"]:
        raise Wrong("the call failed", result)
    for quote in result["result"]["quotes"]:
        _priced(quote, QUOTE_FIELDS, "price", result)
    followed = [event.get("text") for event in events[place + 1 : place + 3]]
    if followed != ["quote_ready", "get_shipping_quotes_result"]:
        raise Wrong(f"what followed was {followed}", *events[place + 1 : place + 3])
    prices = ", ".join(f"${quote['price']:.2f}" for quote in result["result"]["quotes"])
    return f"{len(result['result']['quotes'])} quotes: {prices}"


def _others_hear_of_it(history: History) -> str:
    offsets = [event["offset"] for event in history.events("page") if event["type"] == "contextual_update"]
    if not offsets:
        raise never_reached(history, "a contextual update")
    ours = {event["offset"]: event for event in history.events("page")}
    theirs = {event["offset"]: event for event in history.events("listener")}
    for offset in offsets:
        if offset not in theirs:
            raise Wrong(f"the plain listener did not hear the update at {offset}", ours[offset])
        if theirs[offset] != ours[offset]:
            raise Wrong("the two dialects were told different things", ours[offset], theirs[offset])
    return f"{len(offsets)} updates, the same on both"


def _rates_are_answered(history: History) -> str:
    got = history.of("listener", "got")
    place = next((i for i, entry in enumerate(got) if entry.frame.get("requestId") == "rates-1"), None)
    if place is None:
        raise never_reached(history, "the answer to get_rates")
    answer = got[place].frame
    if answer.get("type") != "quote_ready":
        raise Wrong(f"the answer was {answer.get('type')}", got[place])
    payload = answer["payload"]
    options = payload["all_options"]
    for option in options:
        _priced(option, OPTION_FIELDS, "cost", answer)
    if payload["cheapest_option"]["cost"] != min(option["cost"] for option in options):
        raise Wrong("cheapest_option is not the cheapest", answer)
    if payload["fastest_option"]["transit_days"] != min(option["transit_days"] for option in options):
        raise Wrong("fastest_option is not the fastest", answer)
    if not any(entry.frame.get("text") == "quote_ready" for entry in got[place + 1 :]):
        raise Wrong("no contextual_update followed the answer", got[place])
    return f"{len(options)} options; answered before the broadcast"


def _priced(quote: Any, fields: set[str], price: str, frame: Json) -> None:
    missing = fields - set(quote)
    if missing:
        raise Wrong(f"a quote lacks {', '.join(sorted(missing))}", frame)
    if quote[price] <= 0 or round(quote[price], 2) != quote[price]:
        raise Wrong(f"{quote[price]} is no price in dollars and cents", frame)


CHECKS: Final = [
    Check("acks", 2, "Commands are acknowledged", "one ack each, pointing at its event in the log", _acks_are_kept),
    Check("answer", 2, "Bob answers a message", "pieces 0, 1, … that make the message", _bob_answers_in_pieces),
    Check("tool-call", 2, "get_shipping_quotes is called", "a result with quotes, two updates", _tool_call_is_answered),
    Check("rates", 2, "get_rates from a plain client", "options; the answer comes first", _rates_are_answered),
    Check("updates", 2, "Others in the session hear of it", "the same updates in both dialects", _others_hear_of_it),
]
