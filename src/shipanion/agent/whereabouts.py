"""Towns instead of ZIP codes: which ZIP a name means, and how to ask when it may be several.

A town with one ZIP code is taken. With several, Bob offers a few of them and remembers the town for that end of
the route: in the shared state, as ``from_place`` or ``to_place`` without a ZIP, so that any later answer finds it.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from shipanion.shipping.places import Town, find, state_name

__all__ = ["ENDS", "OFFERED", "Whereabouts", "look_up", "merged", "offered", "pending", "same_place"]

ENDS: Final = {"from": "does it leave from", "to": "does it go to"}
"""End of the route → how a question about it goes on."""

OFFERED: Final = 4
"""ZIP codes or states named in one question."""

# A name as large as this beside its namesakes is the one that is meant; its state is said in the question.
_LARGE: Final = 10
_TIMES: Final = 8


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a name leads to: one ``code``, or what is to be asked. ``text`` is the name as it is remembered."""

    kind: Literal["zip", "zips", "states", "state", "unknown"]
    text: str
    code: str | None = None
    towns: tuple[Town, ...] = ()

    def question(self, end: str) -> str:
        """The question that leads on, for ``"from"`` or ``"to"``."""
        which = ENDS[end]
        match self.kind:
            case "zips":
                town = self.towns[0]
                others = f" For another {town.name}, say its state." if len(self.towns) > 1 else ""
                if len(town.zips) <= OFFERED:
                    return f"{town} has the ZIP codes {_listed(town.zips, 'and')}. Which one {which}?{others}"
                some = _listed(town.zips[:3], "or")
                return f"{town} has many ZIP codes. Which one {which}? For example {some}.{others}"
            case "states":
                name = self.towns[0].name
                shown = [f"{state_name(town.state)} ({_few(town)})" for town in self.towns[:OFFERED]]
                more = len(self.towns) - len(shown)
                also = [f"{more} more state{'s' if more > 1 else ''}"] if more else []
                return f"There is a {name} in {_listed((*shown, *also), 'and')}. Which state or ZIP code {which}?"
            case "state":
                return f"{state_name(self.text)} has many ZIP codes. Which town or ZIP code {which}?"
            case _:
                return f"I do not know a place called {self.text} in the United States. Which ZIP code {which}?"


def look_up(text: str) -> Whereabouts:
    """What ``"Boston"``, ``"Portland, ME"`` or ``"ME"`` leads to. A pure function of the name."""
    if len(text) == 2 and text.isupper():
        return Whereabouts("state", text)
    towns = find(text)
    if not towns:
        town, _, state = text.partition(", ")
        return Whereabouts("unknown", f"{town} in {state_name(state)}" if state else text)
    first = towns[0]
    large = len(towns) > 1 and len(first.zips) >= max(_LARGE, _TIMES * len(towns[1].zips))
    if len(towns) > 1 and not large:
        return Whereabouts("states", first.name, towns=towns)
    if len(first.zips) == 1:
        return Whereabouts("zip", str(first), code=first.zips[0], towns=towns)
    return Whereabouts("zips", str(first), towns=towns)


def offered(text: str) -> tuple[str, ...]:
    """What the question about a name offers, in its order: ZIP codes, or towns with their state."""
    found = look_up(text)
    if found.kind == "zips":
        zips = found.towns[0].zips
        return zips if len(zips) <= OFFERED else zips[:3]
    return tuple(str(town) for town in found.towns[:OFFERED]) if found.kind == "states" else ()


def merged(known: str, said: str) -> str | None:
    """A town asked about and the state that answers, or the other way round; None where they do not fit."""
    states = [text for text in (known, said) if len(text) == 2]
    towns = [text.partition(", ")[0] for text in (known, said) if len(text) > 2]
    if len(states) != 1 or len(towns) != 1:
        return None
    both = f"{towns[0]}, {states[0]}"
    return both if find(both) else None


def pending(details: dict[str, Any]) -> dict[str, str]:
    """The ends of the route whose town is known and whose ZIP is not."""
    return {end: str(details[f"{end}_place"]) for end in ENDS if end not in details and f"{end}_place" in details}


def same_place(details: dict[str, Any], end: str, place: str) -> bool:
    """Whether an end of the route is at this ZIP or town."""
    known = str(details.get(f"{end}_place", "")).lower()
    return details.get(end) == place or place.lower() in (known, known.partition(", ")[0])


def _few(town: Town) -> str:
    return ", ".join(town.zips[:2]) + (", …" if len(town.zips) > 2 else "")


def _listed(parts: tuple[str, ...], last: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
