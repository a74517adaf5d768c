"""Tokens as the piece of an address that they are: on one line, as they were said, with numbers in digits."""

import re

from shipanion.shipping.language.numerals import house_number
from shipanion.shipping.language.postal_words import COMPANY_FORMS
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import Token

__all__ = ["BREAKS", "HOUSE", "digits", "point", "small_number", "text", "touches"]

BREAKS = frozenset({"comma", "stop", "dash"})
"""Kinds of tokens that stand between two pieces."""

HOUSE = re.compile(r"[1-9][0-9]{0,5}[A-Za-z]?( [1-9]/[1-9])?", re.ASCII)
"""A house number in digits: 12, 221B, 12 1/2."""

_UNIT = re.compile(r"[0-9]{0,5}[A-Za-z]?[0-9]{0,4}", re.ASCII)
# What may stand between two tokens of one piece.
_WITHIN = re.compile(r"['’]?[ \t]*")


def touches(said: Sentence, at: int) -> bool:
    """Whether the sign here has no space on either side."""
    before, sign, after = said.at(at - 1), said.at(at), said.at(at + 1)
    if before is None or sign is None or after is None:
        return False
    return before.end == sign.start and sign.end == after.start


def point(said: Sentence, at: int) -> bool:
    """The point of an abbreviation: behind a short word, and no end of a line."""
    token = said.at(at)
    return token is not None and token.text == "." and 0 < len(said.word(at - 1)) <= 4


def text(said: Sentence, start: int, end: int, *, company: bool = False, town: bool = False) -> str | None:
    """The tokens as they were said on one line, numbers in digits; None where they are more than one piece.

    With ``company`` a comma may stand before one of ``COMPANY_FORMS``; in a ``town`` numbers stay words: Three Rivers.
    """
    parts: list[str] = []
    for at in range(start, end):
        token = said.tokens[at]
        if at > start:
            gap = said.text[said.tokens[at - 1].end : token.start]
            if not _WITHIN.fullmatch(gap):
                return None
            parts.append(" " if gap.isspace() else gap)
        if token.kind == "stop" and not point(said, at):
            return None
        if (token.kind == "dash" and token.text not in ("-", "&")) or (token.text == "-" and not touches(said, at)):
            return None
        if token.kind == "comma" and not (company and said.word(at + 1) in COMPANY_FORMS):
            return None
        if token.kind in ("number", "odd") and token.text[0].isalpha() and not town:
            figures = digits(token)
            if figures is None:
                return None
            parts.append(figures)
        else:
            parts.append(token.text)
    return "".join(parts) or None


def digits(token: Token) -> str | None:
    """A number of a house, a flat or a box, in digits also when it was said in words."""
    if token.text[0].isalpha() and (token.kind == "number" or " " in token.text):
        return house_number(token.text.lower().split())
    return token.text if _UNIT.fullmatch(token.text) or HOUSE.fullmatch(token.text) else None


def small_number(said: Sentence, at: int) -> bool:
    """A whole number that is no ZIP code: of a road, a floor."""
    token = said.at(at)
    return token is not None and token.kind == "number" and not token.zip and 0 < token.value < 10_000
