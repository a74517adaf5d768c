"""What was said so far, in a few lines: for Bob after a resume, and for whoever asks him.

The form is fixed, and clients compare it::

    Previous conversation summary:
    - Shipping from 90210 to 10001
    - Package weight: 5 lbs
    - Shipping quotes received:
      - USPS Priority Mail: $36.90
    - Label created with tracking number: SAMPLE-ABCD-EFGH
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, TypeGuard

from shipanion.shipping import money

__all__ = ["HEADING", "MAX_QUOTES", "previous_conversation_summary"]

HEADING = "Previous conversation summary:"
MAX_QUOTES = 12
"""Quotes listed one a line; how many more there are is said in one."""

_LONGEST = 60


def previous_conversation_summary(state: Mapping[str, Any]) -> str:
    """The summary of a session's shared state: the heading, then one line for each thing that is there.

    Total: whatever ``state`` holds, the same state gives the same text, at most about 3 KB, one line for each
    item, ending in a newline. What is absent, or not of the expected kind, has no line.
    """
    return "".join(f"{line}\n" for line in (HEADING, *_lines(state)))


def _lines(state: Mapping[str, Any]) -> Iterator[str]:
    details = _mapping(state.get("shipping_details"))
    # A town stands for its ZIP code until that is said.
    here, there = (_word(details.get(end) or details.get(f"{end}_place")) for end in ("from", "to"))
    if here or there:
        ends = (f"from {here}" if here else "", f"to {there}" if there else "")
        yield "- Shipping " + " ".join(filter(None, ends))
    if weight := _word(details.get("weight_lbs")):
        yield f"- Package weight: {weight} lbs"
    if dimensions := _word(details.get("dimensions")):
        yield f"- Package dimensions: {dimensions} inches"
    quotes = state.get("quotes")
    named = [line for quote in quotes if (line := _quote(quote))] if isinstance(quotes, list | tuple) else []
    if named:
        yield "- Shipping quotes received:"
        yield from named[:MAX_QUOTES]
        if len(named) > MAX_QUOTES:
            yield f"  - and {len(named) - MAX_QUOTES} more"
    if number := _word(_mapping(state.get("label")).get("tracking_number")):
        yield f"- Label created with tracking number: {number}"


def _quote(quote: object) -> str:
    fields = _mapping(quote)
    name = " ".join(filter(None, (_word(fields.get("carrier")), _word(fields.get("service")))))
    cost = fields.get("cost")
    if not name or not _is_number(cost):
        return ""
    return f"  - {name}: {money.text(money.from_dollars(cost))}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) and abs(value) < 10**9


def _word(value: object) -> str:
    """One short line of text for a string or a number, else nothing.

    A value that runs over lines could otherwise pass itself off as further lines of the summary.
    """
    if isinstance(value, str):
        shown = "".join(c if c.isprintable() else " " for c in value[: _LONGEST + 1])
        shown = " ".join(shown.split())
        return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    # isfinite() overflows on an int past the range of floats.
    if isinstance(value, int) and abs(value) >= 10**9:
        return ""
    return str(value) if _is_number(value) else ""
