"""What was said so far, in a few lines: for Bob after a resume, and for whoever asks him.

The form is fixed, and clients compare it; what the guide's summary does not know comes below it, in the same style::

    Previous conversation summary:
    - Shipping from 90210 to 10001
    - Package weight: 5 lbs
    - Shipping quotes received:
      - USPS Priority Mail: $36.90
    - Label created with tracking number: SAMPLE-ABCD-EFGH
    - The label: USPS Priority Mail for $36.90 (sample, not postage)
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shipanion.shipping.phrases import (
    asked,
    is_current,
    labels_of,
    mapping,
    moment,
    name_of,
    numbered,
    one_line,
    price_of,
    priced,
    quotes_of,
    quotes_ran_out,
    ran_out,
    sample_mark,
)

__all__ = ["HEADING", "MAX_QUOTES", "previous_conversation_summary"]

HEADING: Final = "Previous conversation summary:"
MAX_QUOTES: Final = 12
"""Quotes listed one a line; how many more there are is said in one."""

_MAX_LABELS: Final = 5
_LONGEST_SENTENCE: Final = 200

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
        yield from (f"  - {name_of(quote)}: {price_of(quote)}" for quote in quotes[:MAX_QUOTES])
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
    if number and (name_of(label) or sample_mark(label)):
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
