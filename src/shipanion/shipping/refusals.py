"""Why a request about a parcel is refused, as codes for programs.

Every ``ShippingError`` raised in this room bears one of these codes, the ``field`` it is about, and a
sentence for a person: what is wrong and what to do. ``quoted`` is how such a sentence repeats what was
sent without letting it grow or run over lines.
"""

from types import MappingProxyType

from shipanion.errors import ShippingError

__all__ = ["CODES", "quoted", "refusal"]

CODES = MappingProxyType(
    {
        "missing_field": "a required field is absent, null or empty",
        "wrong_type": "a field has a JSON type that it cannot have",
        "malformed_zip": "not five digits, nor five and four",
        "unknown_zip": "five digits that no place has",
        "military_zip": "APO, FPO or DPO: real, but the estimate cannot place it",
        "unplaced_zip": "real, but without a place on the map (one company's or a service's own ZIP)",
        "malformed_weight": "not a finite number of pounds",
        "weight_not_positive": "zero or less",
        "too_heavy": "over the carrier's weight limit",
        "malformed_dimensions": "not three positive lengths",
        "too_large": "over the carrier's limit of length plus girth",
        "malformed_address": "a name, street, unit or town that is too long, cannot be printed, or is none",
        "unknown_state": "no state or territory of the United States",
        "zip_differs": "an address whose ZIP is not that of its end of the route",
        "place_differs": "an address whose state or town lies elsewhere than its ZIP",
        "no_service": "no carrier takes this parcel on this route",
        "being_bought": "the parcel's label is being bought, so nothing of it can change",
        "bought_after_all": "the purchase that was read as not made was made: ask for the label",
        "labelled": "the parcel has its label, so nothing of it can change",
        "no_quotes": "there are no quotes for this parcel",
        "quotes_expired": "the quotes have run out",
        "no_such_quote": "none of the quotes has that name",
        "no_choice": "there are several quotes and none was chosen",
        "missing_address": "a label that is paid for needs the sender's and the recipient's address",
        "no_label": "there is no label",
        "which_label": "there are several labels and none was named",
        "no_such_label": "no label of this session has that tracking number",
        "voided": "the label was voided already",
        "too_many_labels": "the session lists as many labels as it may",
        "carrier_unavailable": "the carrier does not answer",
        "not_tracked": "the carrier cannot say where the parcel is",
    }
)
"""Code → what it means."""

_SHOWN = 40


def refusal(code: str, message: str, field: str) -> ShippingError:
    """The error for ``code``, which must be one of ``CODES`` (else ``KeyError``: a bug of ours)."""
    CODES[code]
    return ShippingError(code, message, field=field)


def quoted(value: object) -> str:
    """What was sent, on one line, at most 40 characters, in quotation marks."""
    if isinstance(value, str):
        shown = value[: _SHOWN + 1]
    elif isinstance(value, int | float) and not _huge(value):
        shown = str(value)
    else:
        return "This value"
    shown = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    return f'"{shown[:_SHOWN]}…"' if len(shown) > _SHOWN else f'"{shown}"'


def _huge(value: float) -> bool:
    # str() of an int of many thousand digits raises ValueError.
    return isinstance(value, int) and value.bit_length() > 128
