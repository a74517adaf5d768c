"""What one sentence of a person says about a parcel, in a closed grammar that never guesses.

``read`` finds figures (two ZIPs, a weight, dimensions), a postal address, and what the person wants. What it is
not sure of it does not fill in: it goes into ``ambiguous`` (a reason) or ``leftover`` (a number that no rule
understood), so that whoever asked can ask again. It knows the names of towns and states, to tell them from other
words; it knows nothing of the conversation, of real ZIPs or of what a carrier takes: 900 pounds from 00000 reads as
just that, and is refused elsewhere. Which ZIP a town means is not decided here (``shipanion.shipping.places``).

The rules are in ``language`` and run in a fixed order, each taking the tokens it understood; what none took
is left over. To teach it a word, add it to ``language.lexicon``.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

from shipanion.shipping.language import addresses, lexicon, measures, towns, wishes
from shipanion.shipping.language.addresses import SpokenAddress
from shipanion.shipping.language.route import Route
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import LONGEST_TEXT, Token
from shipanion.shipping.language.wishes import Choice
from shipanion.shipping.parcel import number_text

__all__ = ["AMBIGUITIES", "INTENTS", "Choice", "Reading", "SpokenAddress", "read"]

INTENTS = (*lexicon.INTENTS, "choice", "abroad", "goods")
"""All values of ``Reading.intents``."""

AMBIGUITIES = {
    "zip_role": "places were given, but not which is the origin and which the destination",
    "origin_twice": "two different origins",
    "destination_twice": "two different destinations",
    "change_from_to": "something changes from one ZIP to another, and it is not clear which end",
    "weight_twice": "two different weights",
    "weight_vague": "a weight with a word that makes it another one: under 5 lb, not 5 lb, a few pounds",
    "weight_range": "a weight from one figure to another: 5-6 lb",
    "dimensions_twice": "two different sizes",
    "dimensions_incomplete": "a size of fewer or more than three sides",
    "place_zip": "a town and a ZIP code that lies in another state",
    "choice_twice": "two different choices",
    "choice_negated": "a choice beside a no: not the cheapest",
    "address_unclear": "a street is in it, but it is not surely one address and nothing else",
    "too_long": f"more than {LONGEST_TEXT} characters; the rest was not read",
}
"""Every code in ``Reading.ambiguous`` and what it means."""

_MOST_LEFTOVER = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence said. Everything has a default that means: not said."""

    origin: str | None = None
    """Five digits."""
    destination: str | None = None
    loose_zips: tuple[str, ...] = ()
    """ZIP codes whose role the sentence does not give. One alone may answer the question asked before."""
    weight_lbs: float | None = None
    bare_number: str | None = None
    """The sentence is a number without a unit and nothing more: "5". It may answer the question before."""
    dimensions: str | None = None
    """Inches, as ``"12x10x8"``."""
    intents: tuple[str, ...] = ()
    """Of ``INTENTS``, sorted."""
    answer: Literal["yes", "no"] | None = None
    """Only when the sentence says nothing else: "yes, but to 10002" is no yes."""
    choice: Choice | None = None
    question: bool = False
    ambiguous: tuple[str, ...] = ()
    """Of ``AMBIGUITIES``, sorted."""
    origin_place: str | None = None
    """A town where no ZIP was said: ``"Boston"``, ``"Portland, ME"``; or a state by its two letters: ``"ME"``."""
    destination_place: str | None = None
    loose_places: tuple[str, ...] = ()
    """Towns and states whose role the sentence does not give."""
    unknown_places: tuple[str, ...] = ()
    """What stands after "from" or "to" like a town, as it was written, and is none that is known."""
    instead_of: str | None = None
    """The ZIP or town that is not meant any more: "not 10001, 10002"."""
    meant_unit: str | None = None
    """``lb``, ``oz``, ``kg`` or ``g``: a unit alone, which corrects the one said before."""
    spoken_zips: tuple[str, ...] = ()
    """Those of the ZIPs above that were said number by number, and deserve to be read back so."""
    goods: tuple[str, ...] = ()
    """Contents that carriers have rules for, of ``lexicon.GOODS``."""
    leftover: tuple[str, ...] = ()
    """Numbers as they were written that no rule understood, in order, at most 20."""
    address: SpokenAddress | None = None
    """A postal address, when all of the sentence is one. Then nothing else above is said: its numbers, its town and
    its ZIP are the address's own, and no figure, no choice and no end of the route."""

    @property
    def has_figures(self) -> bool:
        """Whether it says anything about the parcel or its route."""
        given = (self.origin, self.destination, self.weight_lbs, self.bare_number, self.dimensions)
        return any(value is not None for value in given) or bool(self.loose_zips) or self.has_places

    @property
    def has_places(self) -> bool:
        """Whether it names a town or state whose ZIP is not said, or takes a place back."""
        given = (self.origin_place, self.destination_place, self.instead_of)
        return any(value is not None for value in given) or bool(self.loose_places or self.unknown_places)

    def said(self) -> dict[str, Any]:
        """Only what was said, as plain JSON: for logs and tables of examples."""
        result: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            if isinstance(value, Choice):
                value = {"by": value.by} if value.value is None else {"by": value.by, "value": value.value}
            elif isinstance(value, SpokenAddress):
                value = value.said()
            result[field.name] = list(value) if isinstance(value, tuple) else value
        return result


def read(text: str) -> Reading:
    """Read one sentence, or a few. Never raises, whatever the text; the same text reads the same."""
    said = Sentence(text)
    if len(text) > LONGEST_TEXT:
        said.ambiguous.add("too_long")
    # Before all figures: whoever says "123 Main Street, #2" speaks of no weight, and chooses no second quote.
    address = addresses.find(said)
    if address is not None:
        return Reading(address=address)
    dimensions = measures.dimensions(said)
    weight = measures.weight(said)
    measures.one_parcel(said)
    choice = wishes.choice(said)
    route = Route(said)
    intents = wishes.intents(said)
    goods = wishes.goods(said)
    if goods:
        intents.add("goods")
    if towns.foreign(said, route.names):
        intents.add("abroad")
    if choice:
        intents.add("choice")
    left = said.left()
    alone = len(left) == 1 and lexicon.BARE_FILLERS.issuperset(said.words) and not said.ambiguous
    bare = _bare(left[0]) if alone else None
    return Reading(
        origin=_zip(route.origin),
        destination=_zip(route.destination),
        loose_zips=tuple(place for place in route.loose if _zip(place)),
        weight_lbs=weight,
        bare_number=bare,
        dimensions=dimensions,
        intents=tuple(sorted(intents)),
        answer=wishes.answer(said),
        choice=choice,
        question=wishes.question(said),
        ambiguous=tuple(sorted(said.ambiguous)),
        origin_place=_town(route.origin),
        destination_place=_town(route.destination),
        loose_places=tuple(place for place in route.loose if _town(place)),
        unknown_places=towns.unknown(said, route.names),
        instead_of=route.instead_of,
        meant_unit=measures.meant_unit(said) if weight is None else None,
        spoken_zips=tuple(dict.fromkeys(token.zip for token in said.tokens if token.spoken)),
        goods=tuple(sorted(goods)),
        leftover=() if bare is not None else tuple(token.text for token in left[:_MOST_LEFTOVER]),
    )


def _zip(place: str | None) -> str | None:
    return place if place is not None and place.isdigit() else None


def _town(place: str | None) -> str | None:
    return None if place is None or place.isdigit() else place


def _bare(token: Token) -> str | None:
    """A lone number, in digits also when it was said in words."""
    if token.kind != "number" or token.zip:
        return None
    figures = token.text.replace(".", "", 1).removeprefix("-")
    return token.text if figures.isdecimal() else number_text(token.value)
