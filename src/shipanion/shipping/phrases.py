"""One thing of the shared state in words, the same in every text that is made of it.

All of it is total: a value may be any JSON, and comes out as part of one line.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard

from shipanion.shipping import money

__all__ = [
    "asked",
    "is_current",
    "labels_of",
    "mapping",
    "moment",
    "name_of",
    "numbered",
    "one_line",
    "price_of",
    "priced",
    "quotation",
    "quotes_of",
    "quotes_ran_out",
    "ran_out",
    "sample_mark",
]

Fields = Mapping[str, Any]

_LONGEST: Final = 60
_YEAR_10000: Final = 253_402_300_800_000  # ms; datetime ends before it


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
    price = price_of(fields) or price_of({"cost": fields.get("price")})
    name = one_line(name_of(fields)) or "a label"
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
    if kind == "buy" and name_of(approval):
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
    return [quote for quote in _mappings(state.get("quotes")) if name_of(quote) and price_of(quote)]


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


def name_of(fields: Fields) -> str:
    """Carrier and service, as far as they are known."""
    return " ".join(filter(None, (one_line(fields.get("carrier")), one_line(fields.get("service")))))


def price_of(fields: Fields) -> str:
    """``cost`` in words; nothing where it is no number."""
    cost = fields.get("cost")
    return money.text(money.from_dollars(cost)) if _is_number(cost) else ""


def _is_number(value: object) -> TypeGuard[float]:
    """A number that can be shown: no boolean, not NaN, and no more digits than fit in a line."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**9
