"""What a sentence adds to the details of a parcel, given what is known: a pure function.

It decides which end of the route a lone ZIP or town is for, and never guesses: where two ends would do, it asks.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from shipanion.agent.sentences import missing
from shipanion.agent.whereabouts import ENDS, Whereabouts, look_up, merged, offered, pending, same_place
from shipanion.agent.which_end import end_question
from shipanion.shipping import zips
from shipanion.shipping.grammar import Reading
from shipanion.shipping.language.lexicon import POUNDS
from shipanion.shipping.places import find

__all__ = ["Plan", "plan"]

_CONVERTIBLE: Final = ("oz", "kg", "g")
_UNIT_WORDS: Final = {"oz": "ounces", "kg": "kilos", "g": "grams", "lb": "pounds"}


@dataclass(slots=True)
class Plan:
    """What follows from one sentence.

    ``heard`` is sure, ``towns`` are ends whose ZIP is still to be said, ``gone`` are ends that hold no longer,
    ``said`` is to be told first, and ``asks`` is a question that must be answered before anything is quoted.
    """

    heard: dict[str, Any] = field(default_factory=dict)
    towns: dict[str, Whereabouts] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    asks: str | None = None


def plan(known: dict[str, Any], reading: Reading) -> Plan:
    """The plan for ``reading`` when ``known`` are the details so far."""
    made = Plan()
    for end, code, town in (
        ("from", reading.origin, reading.origin_place),
        ("to", reading.destination, reading.destination_place),
    ):
        if code is not None:
            made.heard[end] = code
        elif town is not None:
            _take(made, end, town, pending(known).get(end))
    if reading.weight_lbs is not None:
        made.heard["weight_lbs"] = reading.weight_lbs
    if reading.dimensions is not None:
        made.heard["dimensions"] = reading.dimensions
    for name in reading.unknown_places:
        made.asks = f'I do not know a place called "{name[:60]}" in the United States. Please give its ZIP code.'
    loose = (*reading.loose_zips, *reading.loose_places)
    if reading.instead_of is not None:
        _replace(made, known, reading.instead_of, loose)
    elif len(loose) == 1:
        _place(made, known, loose[0])
    elif loose:
        made.asks = end_question(loose[0])
    if reading.bare_number is not None:
        if missing({**known, **made.heard})[:1] == ["weight_lbs"]:
            made.heard["weight_lbs"] = float(reading.bare_number)
        else:
            made.asks = f"{reading.bare_number} of what? Say for example {reading.bare_number} lb."
    if reading.meant_unit is not None:
        _other_unit(made, known, reading.meant_unit)
    _picked(made, known, reading)
    return made


def _take(made: Plan, end: str, name: str, asked: str | None) -> None:
    """A town or state for an end of the route; what was asked about there may say which one is meant."""
    found = look_up((merged(asked, name) if asked is not None else None) or name)
    if found.kind == "zip":
        made.heard[end] = found.code
    elif found.kind == "unknown":
        made.asks = found.question(end)
    else:
        made.towns[end] = found


def _place(made: Plan, known: dict[str, Any], place: str) -> None:
    """A ZIP or town without a role: the answer to what was asked, or to nothing yet."""
    taken = made.heard.keys() | made.towns.keys()
    asked = {end: town for end, town in pending(known).items() if end not in taken}
    fitting = [end for end, town in asked.items() if _fits(town, place)]
    free = [end for end in ENDS if end not in known and end not in taken]
    if fitting:
        _set(made, fitting[0], place, asked[fitting[0]])
    elif free and (len(free) == 1 or not asked):
        # With no town asked about, the first open end is the one that was asked for.
        _set(made, free[0], place, None)
    else:
        made.asks = end_question(place)


def _fits(town: str, place: str) -> bool:
    if place.isdigit():
        code = zips.preload().get(place)
        if len(town) == 2:
            return code is not None and code.state == town
        return any(place in each.zips for each in find(town))
    return merged(town, place) is not None or place.partition(", ")[0].lower() == town.partition(", ")[0].lower()


def _set(made: Plan, end: str, place: str, asked: str | None) -> None:
    if place.isdigit():
        made.heard[end] = place
    else:
        _take(made, end, place, asked)


def _replace(made: Plan, known: dict[str, Any], old: str, loose: tuple[str, ...]) -> None:
    """ "not 10001, 10002": the end that was the one is now the other."""
    ends = [end for end in ENDS if same_place(known, end, old)]
    given = [end for end in ENDS if end in made.heard or end in made.towns]
    if given and not loose:
        return  # "to 10002, not 10001": the end was said.
    if len(ends) != 1:
        made.asks = f"{old} is not what I have. " if not ends else f"{old} is both ends. "
        made.asks += "Say for example: from 90210 to 10001."
    elif len(loose) == 1:
        _set(made, ends[0], loose[0], None)
    elif loose:
        made.asks = end_question(loose[0])
    else:
        made.gone.append(ends[0])
        made.said.append(f"All right, not {old}.")


def _other_unit(made: Plan, known: dict[str, Any], unit: str) -> None:
    """ "I meant ounces": the same figure in another unit, where it is sure which figure was said."""
    pounds = known.get("weight_lbs")
    if "weight_lbs" in made.heard:
        return
    if unit in _CONVERTIBLE and isinstance(pounds, int | float) and pounds >= 1 and float(pounds * 2).is_integer():
        made.heard["weight_lbs"] = round(pounds * POUNDS[unit], 4)
        made.said.append(f"{pounds:g} {_UNIT_WORDS[unit]}, then.")
    else:
        made.asks = f"How many {_UNIT_WORDS[unit]} does it weigh? Say for example 8 {_UNIT_WORDS[unit]}."


def _picked(made: Plan, known: dict[str, Any], reading: Reading) -> None:
    """ "The second one", of the ZIP codes or states that were offered."""
    choice = reading.choice
    if choice is None or choice.by != "position" or not pending(known) or made.heard or made.towns:
        return
    end, town = next(iter(pending(known).items()))
    options = offered(town)
    place = int(choice.value or 0)
    if options and -1 <= place <= len(options):
        _set(made, end, options[place - 1 if place > 0 else -1], None)
