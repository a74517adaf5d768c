"""While you were away: what a stretch of a session's log amounts to, in a few sentences for the person who missed it.

Told are ends, not steps: a purchase that was begun, unknown and settled is one line. What only the log knows comes
first, then how the world stands now. Where there is more to say than lines, what cost or costs money is kept longest.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shipanion.shipping.phrases import (
    asked,
    labels_of,
    mapping,
    moment,
    numbered,
    one_line,
    priced,
    quotation,
    quotes_of,
    quotes_ran_out,
    ran_out,
    sample_mark,
)

__all__ = ["LONGEST_LINE", "MAX_LINES", "digest"]

MAX_LINES: Final = 12
LONGEST_LINE: Final = 200
"""Characters in one of them."""

_MAX_EFFECTS: Final = 7
_MONEY, _WAITING, _ANSWERED, _PARCEL, _QUOTES, _CHANGES, _CUT_OFF, _BOB, _COUNT = range(9)
"""How much a line matters; the lower, the longer it is kept."""

_ANSWERS: Final = {
    "approved": "Answered with yes",
    "declined": "Answered with no",
    "expired": "Ran out without an answer",
    "cancelled": "No longer asked",
}
_REFUNDS: Final = {
    "refunded": " The money was given back.",
    "submitted": " The carrier looks at it before it gives the money back.",
}

Fields = Mapping[str, Any]
_Line = tuple[int, str]


def digest(events: Sequence[tuple[str, Any]], state: Fields, now: int) -> list[str]:
    """The sentences, at most ``MAX_LINES`` of at most ``LONGEST_LINE`` characters; none when nothing is worth one.

    Total: whatever bodies and state hold, the same arguments give the same lines, each of them one line.

    Args:
        events: type and body of what the person has not seen, oldest first.
        state: the shared state after the last of them.
        now: ms since the Unix epoch.
    """
    log, known = _Log(), mapping(state)
    for type, body in events:
        log.add(type, mapping(body))
    told = [
        *_effects(log, known),
        *_answers(log, known),
        *_news(log, known),
        *_talk(log, known),
        *_world(known, now),
    ]
    lines = [(rank, one_line(text, LONGEST_LINE)) for rank, text in dict.fromkeys(told)]
    # Of two that matter as much the later one is kept.
    kept = sorted(range(len(lines)), key=lambda place: (lines[place][0], -place))[:MAX_LINES]
    return [lines[place][1] for place in sorted(kept)]


class _Log:
    """What the events come to, each of its things once."""

    def __init__(self) -> None:
        self.effects: dict[str, Fields] = {}
        """Effect → its last kind, status and sentence, and all that its data said; in the order of the last news."""
        self.approvals: dict[str, dict[str, Any]] = {}
        """Approval → what was asked, and ``decision`` once it is over."""
        self.parcels: set[str] = set()
        self.quoted = False
        self.details: set[str] = set()
        """Members of ``shipping_details`` that were written since the current parcel began."""
        self.messages = 0
        self.bob = ""
        self.cut_off = False

    def add(self, type: str, body: Fields) -> None:
        match type:
            case "effect_changed":
                id = one_line(body.get("effect_id"))
                data = {**mapping(self.effects.pop(id, {}).get("data")), **mapping(body.get("data"))}
                self.effects[id] = {**body, "data": data}
            case "approval_requested":
                about = {**mapping(body.get("data")), "text": body.get("text")}
                self.approvals[one_line(body.get("approval_id"))] = about
            case "approval_resolved":
                approval = self.approvals.setdefault(one_line(body.get("approval_id")), {})
                approval["decision"] = one_line(body.get("decision"))
            case "user_message":
                self.messages += 1
            case "agent_message":
                self.messages += 1
                self.bob = _said(body.get("text")) or self.bob
            case "turn_ended":
                self.cut_off |= one_line(body.get("outcome")) in ("interrupted", "failed")
        self._follow(mapping(body.get("patch")))

    def _follow(self, patch: Fields) -> None:
        if parcel := one_line(patch.get("shipment_id")):
            self.parcels.add(parcel)
            self.details.clear()
        self.quoted |= "quotes" in patch
        self.details |= mapping(patch.get("shipping_details")).keys()


# --- what the log tells -------------------------------------------------------------------------------------------


def _effects(log: _Log, state: Fields) -> Iterator[_Line]:
    lines = [line for id, effect in log.effects.items() if (line := _effect(id, effect, state))]
    if len(lines) > _MAX_EFFECTS:
        yield _MONEY, f"{len(lines) - _MAX_EFFECTS} earlier purchases and voids are not named here."
    yield from ((_MONEY, line) for line in lines[-_MAX_EFFECTS:])


def _effect(id: str, effect: Fields, state: Fields) -> str:
    status, kind, data = effect.get("status"), effect.get("kind"), mapping(effect.get("data"))
    say = one_line(effect.get("say"), 110)
    label = numbered(data)
    match kind, status:
        case "buy", "settled":
            number = one_line(data.get("tracking_number"))
            return f"Label bought: {priced(data)}{f', tracking number {number}' if number else ''}{sample_mark(data)}."
        case "buy", "failed":
            return f"{say} ({priced(data)})" if say else f"Not bought: {priced(data)}{sample_mark(data)}."
        case "buy", "claimed" | "unknown" if not _buying(id, data, state):
            begun = "Being bought" if status == "claimed" else "Being confirmed with the carrier"
            return f"{begun}: {priced(data)}{sample_mark(data)}."
        case "void", "settled":
            return f"Label voided: {label}.{_REFUNDS.get(one_line(data.get('refund')), '')}"
        case "void", "failed":
            number = one_line(data.get("tracking_number"))
            told = f"{say}{sample_mark(data)}" if number and number in say else f"{say} ({label})"
            return told if say else f"Not voided: {label}."
        case "void", "claimed" | "unknown" if not _voiding(data, state):
            return f"Being voided: {label}."
    return ""


def _buying(id: str, data: Fields, state: Fields) -> bool:
    """Whether the state knows of this purchase under way, so that it is told below."""
    parcels = [entry.get("shipment_id") for entry in labels_of(state) if entry.get("status") == "confirming"]
    return one_line(mapping(state.get("purchase")).get("effect_id")) == id or data.get("shipment_id") in parcels


def _voiding(data: Fields, state: Fields) -> bool:
    labels = [entry.get("label_id") for entry in labels_of(state) if entry.get("status") == "voiding"]
    return data.get("label_id") in labels


def _answers(log: _Log, state: Fields) -> Iterator[_Line]:
    done = [asked({**effect["data"], "kind": effect.get("kind")}, labels_of(state)) for effect in log.effects.values()]
    for id, approval in log.approvals.items():
        decision = approval.get("decision")
        # Without its question: that was put before the person went away, and they have seen it.
        what = asked(approval, labels_of(state)) if "text" in approval else "what Bob had asked before"
        if decision == "approved" and (what in done if "text" in approval else done):
            continue  # what came of the yes is told
        if decision in _ANSWERS:
            yield _ANSWERED, f"{_ANSWERS[decision]}: {what}."
        elif "decision" not in approval and id != _open_approval(state):
            yield _ANSWERED, f"Bob asked for a yes: {what}."


def _open_approval(state: Fields) -> str:
    return one_line(mapping(state.get("approval")).get("approval_id"))


def _news(log: _Log, state: Fields) -> Iterator[_Line]:
    if log.parcels:
        begun = len(log.parcels)
        yield _PARCEL, f"{begun} more parcels were begun." if begun > 1 else "Another parcel was begun."
    quotes = quotes_of(state)
    if log.quoted and quotes:
        cheapest = priced(min(quotes, key=lambda quote: float(quote["cost"])))
        many = f"New quotes: {len(quotes)}, the cheapest {cheapest}."
        yield _QUOTES, many if len(quotes) > 1 else f"New quote: {cheapest}."
    if now := ", ".join(_parcel(log.details, mapping(state.get("shipping_details")))):
        yield _CHANGES, f"The parcel is now: {now}."


def _parcel(changed: set[str], details: Fields) -> Iterator[str]:
    """What changed of the parcel, as it is now."""
    places = ((end, one_line(details.get(end) or details.get(f"{end}_place"), 30)) for end in ("from", "to"))
    ends = [f"{end} {place}" for end, place in places if place and {end, f"{end}_place"} & changed]
    if ends:
        yield " ".join(ends)
    if "weight_lbs" in changed and (weight := one_line(details.get("weight_lbs"), 12)):
        yield f"{weight} lbs"
    if "dimensions" in changed and (dimensions := one_line(details.get("dimensions"), 20)):
        yield f"{dimensions} inches"
    for end in ("sender", "recipient"):
        if end in changed and (name := one_line(mapping(details.get(end)).get("name"), 20)):
            yield f"{end} {name}"


def _said(text: object) -> str:
    return quotation(text, 140)


def _talk(log: _Log, state: Fields) -> Iterator[_Line]:
    told = [mapping(state.get("approval")).get("text"), *(effect.get("say") for effect in log.effects.values())]
    if log.bob and log.bob not in [_said(text) for text in told]:
        yield _BOB, f"Bob said last: {log.bob}"
    if log.messages > (1 if log.bob else 0):
        yield _COUNT, f"{log.messages} messages were written." if log.messages > 1 else "One message was written."
    if log.cut_off:
        yield _CUT_OFF, "An answer of Bob's was cut off before its end."


# --- how the world stands -----------------------------------------------------------------------------------------


def _world(state: Fields, now: int) -> Iterator[_Line]:
    labels = labels_of(state)
    if quotes_ran_out(state, now):
        at = _at(state.get("quotes_expire_at"))
        yield _QUOTES, f"The quotes ran out{at}; they must be asked for again."
    if approval := mapping(state.get("approval")):
        what, until = asked(approval, labels), moment(approval.get("expires_at"))
        if ran_out(approval.get("expires_at"), now):
            yield _WAITING, f"Bob's question ran out{_at(approval.get('expires_at'))} without an answer: {what}."
        else:
            yield _WAITING, f"Bob is waiting for your yes: {what}{f', until {until}' if until else ''}."
    if purchase := mapping(state.get("purchase")):
        what = priced(purchase) + sample_mark(purchase)
        if purchase.get("status") == "unknown":
            yield _MONEY, f"Being confirmed with the carrier: {what}. It is not bought twice."
        else:
            yield _MONEY, f"Being bought: {what}."
    for status, begun in (("confirming", "Being confirmed with the carrier"), ("voiding", "Being voided")):
        found = [entry for entry in labels if entry.get("status") == status]
        if found:
            more = f", and {len(found) - 1} more" if found[1:] else ""
            yield _MONEY, f"{begun}: {numbered(found[-1])}{more}."


def _at(at: object) -> str:
    return f" at {shown}" if (shown := moment(at)) else ""
