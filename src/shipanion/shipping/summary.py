"""What was said so far, in a few lines: for Bob after a resume, and for whoever asks him.

The form is fixed, and clients compare it; what the guide's summary does not know comes below it, in the same style::

    Previous conversation summary:
    - Shipping from 90210 to 10001
    - Package weight: 5 lbs
    - Shipping quotes received:
      - USPS Priority Mail: $36.90
    - Label created with tracking number: SAMPLE-ABCD-EFGH
    - The label: USPS Priority Mail for $36.90 (sample, not postage)

The functions beside it put one thing of the state into words, the same in every text made of it. All of them are
total: a value may be any JSON, and comes out as part of one line.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard

from shipanion.shipping import money

__all__ = [
    "HEADING",
    "MAX_QUOTES",
    "asked",
    "is_current",
    "labels_of",
    "mapping",
    "moment",
    "numbered",
    "one_line",
    "previous_conversation_summary",
    "priced",
    "quotation",
    "quotes_of",
    "quotes_ran_out",
    "ran_out",
    "sample_mark",
]

HEADING: Final = "Previous conversation summary:"
MAX_QUOTES: Final = 12
"""Quotes listed one a line; how many more there are is said in one."""

_MAX_LABELS: Final = 5
_LONGEST: Final = 60
_LONGEST_SENTENCE: Final = 200
_YEAR_10000: Final = 253_402_300_800_000  # ms; datetime ends before it

Fields = Mapping[str, Any]


def previous_conversation_summary(state: Fields, now: int | None = None) -> str:
    """The summary of a session's shared state: the heading, then one line for each thing that is there.

    Total: whatever ``state`` holds, the same arguments give the same text, at most about 5 KB, one line for each
    item, ending in a newline. What is absent, or not of the expected kind, has no line.

    Args:
        state: the shared state.
        now: ms since the Unix epoch. With it, what has run out by then says so.
    """
    known = mapping(state)
    return "".join(f"{line}\n" for line in (HEADING, *_guide(known, now), *_beyond(known, now)))


def _guide(state: Fields, now: int | None) -> Iterator[str]:
    """What the guide's ``create_session_context`` tells."""
    details = mapping(state.get("shipping_details"))
    # A town stands for its ZIP code until that is said.
    here, there = (one_line(details.get(end) or details.get(f"{end}_place")) for end in ("from", "to"))
    if here or there:
        ends = (f"from {here}" if here else "", f"to {there}" if there else "")
        yield "- Shipping " + " ".join(filter(None, ends))
    if weight := one_line(details.get("weight_lbs")):
        yield f"- Package weight: {weight} lbs"
    if dimensions := one_line(details.get("dimensions")):
        yield f"- Package dimensions: {dimensions} inches"
    quotes = quotes_of(state)
    if quotes:
        yield "- Shipping quotes received:"
        yield from (f"  - {_name(quote)}: {_price(quote)}" for quote in quotes[:MAX_QUOTES])
        if len(quotes) > MAX_QUOTES:
            yield f"  - and {len(quotes) - MAX_QUOTES} more"
    if quotes_ran_out(state, now):
        yield "- These quotes have run out; they must be asked for again"
    if number := one_line(mapping(state.get("label")).get("tracking_number")):
        yield f"- Label created with tracking number: {number}"


def _beyond(state: Fields, now: int | None) -> Iterator[str]:
    """What the guide knows nothing of."""
    label, labels = mapping(state.get("label")), labels_of(state)
    number = one_line(label.get("tracking_number"))
    if number and (_name(label) or sample_mark(label)):
        status = next((entry.get("status") for entry in labels if is_current(state, entry)), None)
        being = " (being voided)" if status == "voiding" else ""
        yield f"- The label: {priced(label)}{sample_mark(label)}{being}"
    details = mapping(state.get("shipping_details"))
    for end in ("sender", "recipient"):
        if name := one_line(mapping(details.get(end)).get("name")):
            yield f"- {end.capitalize()}: {name}"
    chosen = next((quote for quote in quotes_of(state) if quote.get("id") == state.get("chosen")), None)
    if chosen and state.get("chosen") and not label:
        yield f"- Chosen: {priced(chosen)}"
    if approval := mapping(state.get("approval")):
        until = moment(approval.get("expires_at"))
        if ran_out(approval.get("expires_at"), now):
            yield f"- Not answered in time: {asked(approval, labels)}"
        else:
            yield f"- Waiting for a yes to {asked(approval, labels)}" + (f", until {until}" if until else "")
    if purchase := mapping(state.get("purchase")):
        being = "Being confirmed with the carrier" if purchase.get("status") == "unknown" else "Being bought"
        yield f"- {being}: {priced(purchase)}{sample_mark(purchase)}"
    if refusal := one_line(mapping(state.get("refusal")).get("say"), _LONGEST_SENTENCE):
        yield f"- Last refusal: {refusal}"
    yield from _other_labels(state, labels)


def _other_labels(state: Fields, labels: list[Fields]) -> Iterator[str]:
    """Labels of the session, the current parcel's aside, the newest first."""
    others = [entry for entry in reversed(labels) if not is_current(state, entry)]
    by_status = {
        "Earlier labels": ("bought", "voiding"),
        "Earlier purchases being confirmed with the carrier": ("confirming",),
        "Voided labels": ("voided", "void_pending"),
    }
    for heading, statuses in by_status.items():
        if found := [entry for entry in others if entry.get("status") in statuses]:
            yield f"- {heading}: {_listed(found)}"


def _listed(labels: list[Fields]) -> str:
    notes = {"voiding": " (being voided)", "void_pending": " (refund pending)"}
    named = [numbered(entry) + notes.get(str(entry.get("status")), "") for entry in labels[:_MAX_LABELS]]
    more = [f"and {len(labels) - _MAX_LABELS} more"] if len(labels) > _MAX_LABELS else []
    return ", ".join((*named, *more))


# --- one thing in words -------------------------------------------------------------------------------------------


def one_line(value: object, longest: int = _LONGEST) -> str:
    """One line of at most ``longest`` characters for a string or a number, else nothing.

    A value that runs over lines could otherwise pass itself off as further lines of a text, and signs that are not
    printed could steer the terminal it is shown on.
    """
    if isinstance(value, str):
        head = value[: 4 * longest]  # the rest of a text of megabytes is not looked at
        shown = " ".join("".join(c if c.isprintable() else " " for c in head).split())
        cut = len(shown) > longest or len(value) > len(head)
        return f"{shown[: longest - 1]}…" if cut else shown
    return str(value) if _is_number(value) else ""


def quotation(value: object, longest: int) -> str:
    """What somebody said, on one line between the quotation marks “ and ”, which do not occur in it; else nothing."""
    said = one_line(value, longest - 2).replace("“", '"').replace("”", '"')
    return f"“{said}”" if said else ""


def priced(fields: Fields) -> str:
    """``"USPS Ground Advantage for $12.99"``, as far as it is known; a quote, a label, a purchase or an approval."""
    price = _price(fields) or _price({"cost": fields.get("price")})
    name = one_line(_name(fields)) or "a label"
    return f"{name} for {price}" if price else name


def numbered(label: Fields) -> str:
    """Which label: by its tracking number, or by its service and price; and whether it is a sample."""
    return (one_line(label.get("tracking_number")) or priced(label)) + sample_mark(label)


def sample_mark(fields: Fields) -> str:
    """What stands behind a label that could not be mailed, with a space before it; else nothing."""
    return " (sample, not postage)" if fields.get("is_sample") else ""


def asked(approval: Fields, labels: Iterable[Fields]) -> str:
    """What a yes is asked for: ``"buying USPS Ground Advantage for $12.99"``, ``"voiding the label 9400…"``."""
    kind = approval.get("kind")
    if kind == "buy" and _name(approval):
        return f"buying {priced(approval)}{sample_mark(approval)}"
    if kind == "void":
        id = approval.get("label_id")
        return (
            f"voiding the label {numbered(next((entry for entry in labels if entry.get('label_id') == id), approval))}"
        )
    return quotation(approval.get("text"), 120) or "a question"


def moment(at: object) -> str:
    """``"2026-08-01 14:05 UTC"`` for a time in ms since the Unix epoch; nothing for what is none."""
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < _YEAR_10000:
        return ""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M} UTC"


# --- one thing of the state ---------------------------------------------------------------------------------------


def mapping(value: object) -> Fields:
    """An object as it is; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def quotes_of(state: Fields) -> list[Fields]:
    """The quotes that have a name and a price."""
    return [quote for quote in _mappings(state.get("quotes")) if _name(quote) and _price(quote)]


def labels_of(state: Fields) -> list[Fields]:
    """The labels of the session, oldest first."""
    return _mappings(state.get("labels"))


def is_current(state: Fields, entry: Fields) -> bool:
    """Whether an entry of ``labels`` is the current parcel's label."""
    label = mapping(state.get("label"))
    key = "label_id" if "label_id" in label else "tracking_number"
    return key in label and bool(label[key] == entry.get(key))


def ran_out(at: object, now: int | None) -> bool:
    """Whether the time ``at`` (ms) has come by ``now``; False where either is not known."""
    return now is not None and isinstance(at, int | float) and not isinstance(at, bool) and at <= now


def quotes_ran_out(state: Fields, now: int | None) -> bool:
    """Whether there are quotes that somebody may still want to buy on, and their time has come by ``now`` (ms)."""
    done = state.get("label") or state.get("purchase")
    return not done and ran_out(state.get("quotes_expire_at"), now) and bool(quotes_of(state))


def _mappings(value: object) -> list[Fields]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _name(fields: Fields) -> str:
    return " ".join(filter(None, (one_line(fields.get("carrier")), one_line(fields.get("service")))))


def _price(fields: Fields) -> str:
    cost = fields.get("cost")
    return money.text(money.from_dollars(cost)) if _is_number(cost) else ""


def _is_number(value: object) -> TypeGuard[float]:
    """A number that can be shown: no boolean, not NaN, and no more digits than fit in a line."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**9
