"""What Bob says about choosing, buying and labels. What the tools say of prices and outcomes he says as they do.

A sample is called a sample in each sentence about it. Labels are as the shared state lists them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shipanion.shipping import money

__all__ = [
    "AFTER_REFUSAL",
    "ASKS_FIRST",
    "BUY",
    "KEPT",
    "NAMES",
    "NO_LABEL",
    "NO_NAME",
    "NO_SKIPPING",
    "RAN_OUT",
    "SHOWN",
    "WHICH",
    "WHOSE",
    "address_question",
    "confirming",
    "is_now",
    "label_listed",
    "made",
    "old_quotes",
    "paid",
    "printed",
    "quote_told",
    "stands",
    "stays",
    "void",
    "which_label",
]

Fields = Mapping[str, Any]

WHICH: Final = 'Which one shall it be? Say for example "the cheapest".'

BUY: Final = 'Say "buy it" for its label; I ask once more before anything is done.'

ASKS_FIRST: Final = "I ask once more before anything is done."

NAMES: Final = (
    'To have names on the label, give an address first, for example "from Ana Diaz, 123 Main St" or "to Ben Wu, 5 Elm '
    'Ave"; it does without as well. '
)

KEPT: Final = 'What I know of the parcel is kept: say "quotes" to send it after all.'

RAN_OUT: Final = "The old prices had run out. "

AFTER_REFUSAL: Final = 'Say "buy it" to try again, or choose another service.'

NO_LABEL: Final = "There is no label yet"

NO_NAME: Final = "Whose name belongs to it? Say name and street together, for example Ana Diaz, {street}."

NO_SKIPPING: Final = "A label that is paid for needs both addresses. "

WHOSE: Final = 'Whose address is that? Say "from" before the sender\'s, or "to" before the recipient\'s.'

SHOWN: Final = 10
"""Labels listed in one answer, the newest."""

_STATUS: Final = {
    "confirming": "being confirmed with the carrier",
    "voiding": "being voided",
    "void_pending": "void, the refund is pending",
    "voided": "void",
}

_CHANGED: Final = {"from": "route", "to": "route", "weight_lbs": "weight", "dimensions": "size"}


# --- quotes -------------------------------------------------------------------------------------------------------


def quote_told(quote: Fields) -> str:
    """A quote of the state: ``"USPS Priority Mail for $36.90, usually 3 days"``."""
    return f"{quote['carrier']} {quote['service']} for {_price(quote)}, usually {quote['eta']}"


def old_quotes(changed: Sequence[str]) -> str:
    """That quotes were for another parcel: ``changed`` are the details that differ."""
    what = list(dict.fromkeys(_CHANGED[name] for name in changed if name in _CHANGED))
    return f"The quotes were for the old {' and '.join(what) or 'parcel'}"


def is_now(old: Fields, new: Fields) -> str:
    """What became of a chosen quote when it was quoted again."""
    name = f"{new['carrier']} {new['service']}"
    if old["cost"] == new["cost"]:
        said = f"{name} still costs {_price(new)}"
    else:
        said = f"{name} costs {_price(new)} now, not {_price(old)}"
    return f"{said}, and takes {new['eta']} instead of {old['eta']}. " if old["eta"] != new["eta"] else f"{said}. "


# --- addresses ----------------------------------------------------------------------------------------------------


def address_question(name: str, details: Fields) -> str:
    """What is asked when a label needs an address: ``name`` is ``sender`` or ``recipient``."""
    who, end, example = ("sends", "from", "Ana Diaz, 123 Main St")
    if name == "recipient":
        who, end, example = ("gets", "to", "Ben Wu, 5 Elm Ave")
    place = details.get(f"{end}_place")
    at = f"{details.get(end)} ({place})" if place else f"{details.get(end)}"
    return f"Who {who} it, at {at}? Give the name and the street, for example {example}."


# --- labels -------------------------------------------------------------------------------------------------------


def made(label: Fields, *, already: bool = False) -> str:
    """That there is this label; ``already``: it was told before, and this is no second one."""
    name, number = f"{label['carrier']} {label['service']}", label["tracking_number"]
    was = "already " if already else ""
    if label["is_sample"]:
        return (
            f"The sample label is {was}made: {name}, estimated at {_price(label)}, number {number}. It is for "
            "practice: nothing was paid, and it cannot be mailed. Say print for its file."
        )
    bought = f"The label is {was}bought: {name} for {_price(label)}, tracking number {number}."
    return f"{bought} Say print for its file."


def paid(label: Fields) -> str:
    """What this label has cost."""
    name = f"{label['carrier']} {label['service']} label {label['tracking_number']}"
    if label["is_sample"]:
        return f"Nothing was paid: the {name} is a sample, estimated at {_price(label)}."
    return f"The {name} cost {_price(label)}."


def confirming(purchase: Fields) -> str:
    """That nobody knows yet whether there is a label."""
    return (
        f"I am confirming with the carrier whether the {purchase['carrier']} {purchase['service']} label was bought. "
        "Nothing is bought twice; I will say when I know."
    )


def stands(state: Fields) -> str:
    """Why a parcel with its label, or one that is being bought, does not change, and what can be done instead."""
    label = state.get("label")
    if label:
        return (
            f"This parcel has its {_sample(label)}label, {label['tracking_number']}, so it cannot change any more. "
            'Say "another parcel" for the next one, or "void it" to take the label back.'
        )
    purchase = state["purchase"]
    return (
        f"The {purchase['carrier']} {purchase['service']} label for this parcel is being bought, so it cannot change "
        'now. I will say when the carrier has answered; say "another parcel" to go on with the next one.'
    )


def stays(state: Fields) -> str | None:
    """What a no leaves as it was, and what can be done next; None where there is nothing."""
    label = state.get("label")
    if label:
        return (
            f'All right. The {_sample(label)}label {label["tracking_number"]} stays as it is. Say "void it" to take '
            'it back, or "another parcel" for the next one.'
        )
    if state.get("purchase"):
        return "That purchase is under way, and I cannot stop it. Once there is a label it can be voided."
    if state.get("quotes"):
        return (
            'All right, nothing was made. Choose another service, change the parcel, or say "buy it" when you want the '
            "label."
        )
    return None


def void(label: Fields) -> str:
    """That this label was taken back. Its status is ``voided`` or ``void_pending``."""
    said = f"The {_sample(label)}label {label['tracking_number']} is void."
    if label["is_sample"]:
        return f"{said} Nothing had been paid."
    if label["status"] == "void_pending":
        return (
            f"{said} It must not be used. The carrier looks at it before it gives the money back; that may take some "
            "weeks."
        )
    return f"{said} It must not be used."


def label_listed(label: Fields) -> str:
    """One label in a line."""
    number = label.get("tracking_number") or "no number yet"
    ends = " ".join(f"{end} {label[end]}" for end in ("from", "to") if end in label)
    status = _STATUS.get(label["status"])
    parts = (number, f"{label['carrier']} {label['service']}", ends, _price(label), status)
    sample = " (sample, not postage)" if label["is_sample"] else ""
    return ", ".join(part for part in parts if part) + sample


def printed(label: Fields) -> str:
    """Where a label is printed from, and whether that is worth anything."""
    number, status = label.get("tracking_number"), label["status"]
    if status in ("void_pending", "voided"):
        return f"The {_sample(label)}label {number} is void and must not be used."
    if status == "confirming":
        return f"{confirming(label)} Until then there is nothing to print."
    if "label_url" not in label:
        return f"The carrier gave no file for the {_sample(label)}label {number}, so there is nothing to print here."
    # A page makes a link of it; elsewhere it opens with a sign-in only.
    said = f"The {_sample(label)}label {number} is at {label['label_url']}. In the terminal, /label saves it."
    said += " It is a sample for practice and cannot be mailed." if label["is_sample"] else ""
    return f"{said} It is being voided." if status == "voiding" else said


def which_label(word: str, labels: Sequence[Fields]) -> str:
    """Which of several labels is meant; the ``word`` is said again with the number, so that it stands alone."""
    named = [label for label in labels if label.get("tracking_number")][-4:]
    numbers = ", ".join(f"{label['tracking_number']} (to {label.get('to')})" for label in named)
    return f'Which label? Say "{word}" with its number: {numbers}.'


def _price(fields: Fields) -> str:
    return money.text(money.from_dollars(fields["cost"]))


def _sample(label: Fields) -> str:
    return "sample " if label["is_sample"] else ""
