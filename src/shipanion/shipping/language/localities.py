"""Rules for what stands behind the street of an address: unit, town, state and ZIP code."""

from typing import NamedTuple

from shipanion.shipping import places, zips
from shipanion.shipping.language import lexicon, pieces
from shipanion.shipping.language.postal_words import CLOSINGS, COUNTRY, ORDINARY
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.streets import unit
from shipanion.shipping.language.tokens import Token

__all__ = ["Tail", "behind"]

_LONGEST_UNITS = 2
_CODES = frozenset(lexicon.STATES.values())
_TOWN_FIRST = frozenset({("new", "york"), ("washington",)})


class Tail(NamedTuple):
    """What stands behind a street."""

    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None


def behind(said: Sentence, start: int) -> Tail | None:
    """Unit, town, state and ZIP code; None where there is anything else."""
    at = start
    units: list[str] = []
    while len(units) < _LONGEST_UNITS and (found := unit(said, _past_breaks(said, at))) is not None:
        text, at = found
        units.append(text)
    end = _before_closing(said, at)
    begin = _past_breaks(said, at)
    tail = Tail(unit=", ".join(units) or None)
    if begin >= end:
        return tail
    last = said.tokens[end - 1]
    if last.kind in ("number", "odd"):
        if not last.zip:
            return None
        tail = tail._replace(zip=_zip(last))
        end -= 1
        while end > begin and (said.word(end - 1) in ("zip", "code", "zipcode") or said.kind(end - 1) in pieces.BREAKS):
            end -= 1
    return _town(said, begin, end, tail, apart=begin > at)


def _past_breaks(said: Sentence, at: int) -> int:
    while said.kind(at) in pieces.BREAKS:
        at += 1
    return at


def _before_closing(said: Sentence, start: int) -> int:
    """The end of the address: before "please", the country, and the last full stop."""
    end = len(said.tokens)
    while end > start:
        if said.kind(end - 1) in pieces.BREAKS or said.word(end - 1) in CLOSINGS:
            end -= 1
            continue
        for length in (3, 2, 1):
            words = tuple(said.word(place) for place in range(end - length, end))
            # "us" is a word too, and "US" none.
            if words in COUNTRY and end - length >= start and (words != ("us",) or said.tokens[end - 1].text == "US"):
                end -= length
                break
        else:
            break
    return end


def _town(said: Sentence, start: int, end: int, tail: Tail, *, apart: bool) -> Tail | None:
    """Town and state, of which either may be missing. ``apart``: a comma stands before them."""
    if end <= start:
        return tail
    state, before = _state(said, start, end, bool(tail.zip))
    if state is not None:
        tail = tail._replace(state=pieces.text(said, before, end))
    while before > start and said.kind(before - 1) in pieces.BREAKS:
        before -= 1
    if before == start:
        return _alone(said, start, end, state, tail) if state else tail
    city = pieces.text(said, start, before, town=True)
    words = [said.tokens[at] for at in range(start, before) if said.tokens[at].name]
    if city is None or len(words) > places.LONGEST_NAME:
        return None
    name = " ".join(token.name for token in words)
    number = any(token.kind in ("number", "odd") for token in said.tokens[start:before])
    ordinary = any(token.word in ORDINARY for token in words)
    found = places.find(name)
    code = zips.preload().get(tail.zip[:5]) if tail.zip else None
    states = {state} if state else {code.state} if code is not None else set()
    here = bool(found) and (not states or any(town.state in states for town in found))
    if here and not (len(words) == 1 and ordinary):
        return tail._replace(city=city)
    # With commas around it a town's name need not be known, where it cannot be taken for anything else.
    surely = apart and (state or tail.zip) and not ordinary and not number
    return tail._replace(city=city) if surely else None


def _alone(said: Sentence, start: int, end: int, state: str, tail: Tail) -> Tail | None:
    """A state's name and no town: "New York 10001" names the town, "Washington 98101" the state."""
    words = tuple(said.word(at) for at in range(start, end))
    town = tail._replace(city=tail.state, state=None)
    if tail.zip is None:
        return town if words in _TOWN_FIRST else tail
    code = zips.preload().get(tail.zip[:5])
    if code is None or words not in _TOWN_FIRST:
        return tail
    if places.key_of(code.city) == " ".join(words):
        return town
    return tail if code.state == state else None


def _state(said: Sentence, start: int, end: int, zipped: bool) -> tuple[str | None, int]:
    """The two letters of the state that ends here, and where it begins; else None and ``end``."""
    for length in range(min(4, end - start), 0, -1):
        words = tuple(said.word(at) for at in range(end - length, end))
        if words in lexicon.STATES:
            return lexicon.STATES[words], end - length
    token = said.tokens[end - 1]
    code = token.word.upper()
    if code not in _CODES:
        return None, end
    before = " ".join(token.name for token in said.tokens[start : end - 1] if token.name)
    if token.text == code or zipped or (before and places.find(f"{before}, {code}")):
        return code, end - 1
    return None, end


def _zip(token: Token) -> str:
    """As it was said; of nine digits that were said in words, the five that lead there."""
    return token.text if token.text[0].isdigit() and "-" in token.text else token.zip
