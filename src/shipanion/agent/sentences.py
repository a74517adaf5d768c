"""What scripted Bob says: his sentences, and how he puts figures into them."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from shipanion.agent.whereabouts import look_up
from shipanion.shipping import money, zips
from shipanion.shipping.grammar import AMBIGUITIES, Reading
from shipanion.shipping.language.tokens import LONGEST_TEXT
from shipanion.shipping.parcel import MAX_LENGTH_PLUS_GIRTH_INCHES, MAX_POUNDS

__all__ = [
    "ABLE",
    "ABROAD",
    "CARRIERS",
    "LIMITS",
    "QUESTIONS",
    "SIZE",
    "caution",
    "confirmed",
    "missing",
    "next_question",
    "not_sure",
    "number",
    "pieces",
    "quoted",
    "route_heard",
    "which_end",
]

ABLE: Final = (
    "I find out what it costs to send a parcel within the United States, and make its label once you have said yes. "
    'Tell me the weight, the ZIP code it leaves from and the one it goes to, for example "5 lb from 90210 to 10001". '
    "Dimensions such as 12x10x8 inches help with large boxes."
)

QUESTIONS: Final = {
    "from": "Which ZIP code does it leave from?",
    "to": "Which ZIP code does it go to?",
    "weight_lbs": "How much does it weigh, in pounds?",
}
"""What Bob asks for, in this order."""

SIZE: Final = "What are its length, width and height, in inches?"

ABROAD: Final = (
    "I only know prices within the United States, so I cannot quote that. If you mean a town here, say it with its "
    "state."
)

CARRIERS: Final = "I only have the published prices of USPS here, of no other carrier."

LIMITS: Final = (
    f"USPS takes at most {MAX_POUNDS:.0f} pounds in one parcel, and at most {MAX_LENGTH_PLUS_GIRTH_INCHES:.0f} inches "
    "of length plus the way around; most services stop at 108 inches."
)


def missing(details: dict[str, Any]) -> list[str]:
    """What of the three figures is not known yet, in the order of the questions."""
    return [name for name in QUESTIONS if name not in details]


def next_question(details: dict[str, Any]) -> str:
    """The first thing that is missing. A town without its ZIP is asked about by its name."""
    for name in missing(details):
        town = details.get(f"{name}_place")
        return look_up(str(town)).question(name) if town else QUESTIONS[name]
    return "Ask me for quotes whenever you like."


def confirmed(details: dict[str, Any], heard: Collection[str], spoken: Collection[str] = ()) -> str:
    """What was just written down, so that a mistake is heard. ``spoken`` ZIPs come digit by digit."""
    parts = []
    if "weight_lbs" in heard:
        parts.append(f"{number(details.get('weight_lbs'))} lb")
    parts += [f"{end} {_place(details, end, spoken)}" for end in ("from", "to") if end in heard]
    if "dimensions" in heard:
        parts.append(f"{details.get('dimensions')} inches")
    return f"Noted: {', '.join(parts)}."


def route_heard(details: dict[str, Any], spoken: Collection[str]) -> str:
    """Weight and route read back before anything is looked up with ZIPs that were only heard."""
    named = dict(details)
    for end in ("from", "to"):
        found = zips.preload().get(details[end])
        if found is not None:
            named[f"{end}_place"] = found.name
    ends = " ".join(f"{end} {_place(named, end, spoken)}" for end in ("from", "to"))
    return f"I heard {number(details['weight_lbs'])} lb {ends}. "


def quoted(result: dict[str, Any]) -> Iterator[str]:
    """All quotes of a tool result, then the cheapest and the fastest, then its notes."""
    low, quick = result["cheapest"], result["fastest"]
    yield f"For {number(result.get('weight_lbs'))} lb from {_place(result, 'from')} to {_place(result, 'to')}:\n"
    for quote in result["quotes"]:
        yield f"- {_named(quote)} for {_price(quote)}, usually {quote['eta']}\n"
    if low["service"] == quick["service"]:
        yield f"The cheapest is also the fastest: {_named(low)} for {_price(low)}. "
    else:
        yield f"The cheapest is {_named(low)} for {_price(low)}; the fastest is {_named(quick)} for {_price(quick)}. "
    for note in result.get("notes", []):
        yield f"{note} "


def caution(goods: Collection[str]) -> str:
    """That carriers have rules for these contents. Not what the law says: that is not for Bob to know."""
    return (
        f"Carriers have rules for {' and '.join(goods)}: some may go only by ground or specially packed, some not at "
        "all. Please check with the carrier before you send it."
    )


def which_end(one: str, other: str) -> str:
    return f"Which of {one} and {other} does it leave from? Say for example: from {one} to {other}."


_PLAIN: Final = {
    "choice_negated": "I heard which one it shall not be, so I chose none. Which one shall it be?",
    "weight_vague": "I need the weight as one plain figure, so I took nothing of that. Could you say that again?",
    "weight_range": "I need one weight, not a range, so I took nothing of that. Could you say that again?",
    "too_long": f"That was too long for me: I read at most {LONGEST_TEXT} characters. Please say it in fewer words.",
}
"""What is asked where the reason alone would read as if somebody were quoted."""


def not_sure(reading: Reading) -> str:
    if reading.ambiguous and reading.ambiguous[0] in _PLAIN:
        return _PLAIN[reading.ambiguous[0]]
    if reading.ambiguous:
        return f"I am not sure I understood: {AMBIGUITIES[reading.ambiguous[0]]}. Could you say that again?"
    return f"I do not know what {', '.join(reading.leftover)} stands for. Could you say that again?"


def number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def pieces(text: str) -> Iterator[str]:
    """A text word by word, each with the space before or after it, as a person would speak it."""
    yield from re.findall(r"\S+\s*|\s+", text)


def _place(details: dict[str, Any], end: str, spoken: Collection[str] = ()) -> str:
    code, name = details.get(end), details.get(f"{end}_place")
    shown = " ".join(str(code)) if code in spoken else str(code)
    return f"{shown} ({name})" if name else shown


def _named(quote: dict[str, Any]) -> str:
    return f"{quote['carrier']} {quote['service']}"


def _price(quote: dict[str, Any]) -> str:
    return money.text(money.from_dollars(quote["price"]))
