"""Rules for streets, PO boxes, and the flats and floors behind them."""

from collections.abc import Iterator
from typing import NamedTuple

from shipanion.shipping.language import pieces
from shipanion.shipping.language.postal_words import (
    ALONE_AS_STREET,
    DIRECTIONS,
    NEVER_IN_STREETS,
    NUMBERED_STREETS,
    ORDINAL_ENDS,
    ORDINAL_UNITS,
    ORDINAL_WORDS,
    STREET_WORDS,
    UNIT_WORDS,
)
from shipanion.shipping.language.sentence import Sentence

__all__ = ["Street", "nameless", "streets", "unit"]

_LONGEST_STREET = 6


class Street(NamedTuple):
    """The tokens of a street from ``start`` to before ``end``. ``numbered``: with a number, which shows that it is."""

    start: int
    end: int
    numbered: bool = True


def streets(said: Sentence, at: int) -> Iterator[Street]:
    """All streets that may begin here, each with another end."""
    box = _box(said, at)
    if box is not None:
        yield box
    name = _after_house(said, at)
    if name is None:
        return
    end, words = name, 0
    while words < _LONGEST_STREET and (step := _street_word(said, end)):
        word, after = said.word(end), end + 1
        words += 1
        end += step
        if word in STREET_WORDS and (words > 1 or word in ALONE_AS_STREET):
            yield from _endings(said, at, after)
        if word in NUMBERED_STREETS and pieces.small_number(said, end):
            yield Street(at, end + 1)


def _endings(said: Sentence, start: int, end: int) -> Iterator[Street]:
    """With the direction that follows, and without, where it may be the beginning of a town's name."""
    if said.word(end) in DIRECTIONS:
        yield Street(start, end + 1)
    yield Street(start, end)


def _after_house(said: Sentence, at: int) -> int | None:
    """Where the street's name begins, if there is something like a house number here."""
    token = said.at(at)
    if token is None or token.kind not in ("number", "odd") or token.plus_four:
        return None
    # A number in words that is not sure is seen here, and then has no text.
    end = at + 1 if token.text[0].isalpha() or pieces.HOUSE.fullmatch(token.text) else None
    if end is not None and said.kind(end) == "dash" and pieces.touches(said, end):
        after = said.tokens[end + 1]
        if after.kind == "number" or len(after.word) == 1:
            end += 2
    if end is not None and said.kind(end) == "number" and "/" in said.tokens[end].text:
        end += 1
    return end


def _street_word(said: Sentence, at: int) -> int:
    """How many tokens the next word of a street's name takes; 0 where it ends."""
    token = said.at(at)
    if token is None:
        return 0
    if token.kind == "number":
        ordinal = said.word(at + 1) in ORDINAL_ENDS and said.tokens[at + 1].start == token.end
        return 2 if ordinal else 0
    if not token.word or token.word in NEVER_IN_STREETS or token.word in UNIT_WORDS - {"lot", "space"}:
        return 0
    if pieces.point(said, at + 1) and said.word(at + 2):
        return 2
    if said.kind(at + 1) == "dash" and pieces.touches(said, at + 1) and said.word(at + 2):
        return 2
    return 1


def _box(said: Sentence, at: int) -> Street | None:
    """ "PO Box 77", "RR 2 Box 15", "General Delivery"."""
    first, after = said.word(at), said.word(at + 1)
    if (first, after) == ("general", "delivery"):
        return Street(at, at + 2, numbered=False)
    end = at
    for name in (("po",), ("p", "o"), ("post", "office")):
        end, missed = at, False
        for word in name:
            missed = missed or said.word(end) != word
            end += 1 + pieces.point(said, end + 1)
        if not missed and said.word(end) == "box" and _box_number(said, end + 1):
            return Street(at, end + 2)
    if first in ("rr", "hc") and pieces.small_number(said, at + 1) and said.word(at + 2) == "box":
        return Street(at, at + 4) if _box_number(said, at + 3) else None
    return None


def _box_number(said: Sentence, at: int) -> bool:
    token = said.at(at)
    return token is not None and token.kind in ("number", "odd") and pieces.digits(token) is not None


def nameless(said: Sentence, at: int) -> Street | None:
    """A street that ends in no word for one: "…, 1600 Alameda, …". Only what stands around it shows that it is one."""
    end = _after_house(said, at)
    if end is None or at == 0 or said.kind(at - 1) not in ("comma", "stop"):
        return None
    words = 0
    while words < _LONGEST_STREET and (step := _street_word(said, end)):
        words += 1
        end += step
    if not words or said.kind(end) not in ("comma", "stop"):
        return None
    return Street(at, end)


def unit(said: Sentence, at: int) -> tuple[str, int] | None:
    """ "Apt 4", "Suite 12-B", "#4", "4th floor", and where it ends."""
    start = at
    if said.word(at) in UNIT_WORDS:
        at += 1
        if said.word(start) == "penthouse" and not _unit_value(said, at):
            return said.tokens[start].text, at
        at += pieces.point(said, at) or (said.kind(at) == "stop" and said.tokens[at].text == ".")
        at += said.kind(at) == "hash"
    elif said.kind(at) == "hash":
        at += 1
    else:
        ordinal = said.word(at) in ORDINAL_WORDS or (
            pieces.small_number(said, at) and said.word(at + 1) in ORDINAL_ENDS
        )
        at += 1 if said.word(at) in ORDINAL_WORDS else 2
        floor = ordinal and said.word(at) in ORDINAL_UNITS
        text = pieces.text(said, start, at + 1) if floor else None
        return (text, at + 1) if text else None
    end = at + _unit_value(said, at)
    text = pieces.text(said, start, end) if end > at else None
    return (text, end) if text else None


def _unit_value(said: Sentence, at: int) -> int:
    """How many tokens the number of a flat takes; 0 where there is none."""
    token = said.at(at)
    if token is None or token.zip:
        return 0
    if token.kind in ("number", "odd"):
        if pieces.digits(token) is None:
            return 0
        dash = said.kind(at + 1) == "dash" and pieces.touches(said, at + 1)
        after = said.at(at + 1 + dash)
        letter = after is not None and len(after.word) == 1 and after.word not in DIRECTIONS
        number = dash and after is not None and after.kind == "number" and not after.zip
        return 1 + dash + 1 if letter or number else 1
    return 1 if len(token.word) == 1 else 0
