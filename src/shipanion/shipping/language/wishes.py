"""Rules for what somebody wants: intents, a plain yes or no, and which quote is meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shipanion.shipping.language.lexicon import (
    GOODS,
    INTENTS,
    NEGATIONS,
    NO,
    ORDINALS,
    POLITE,
    SERVICES,
    SUPERLATIVES,
    YES,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import Token

__all__ = ["LONGEST_PHRASE", "Choice", "answer", "choice", "goods", "intents"]

LONGEST_PHRASE = 5
"""Words of a phrase in ``lexicon`` that are compared."""

_LISTED = ("one", "option", "quote", "choice", "service")
_COUNTED = ("number", "option", "quote", "choice", "service")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which quote somebody means: the cheapest or fastest, one by service, or one by its place in a list.

    ``value`` is the service's name, or the place from 1 (-1: the last); None for cost and speed.
    """

    by: Literal["cost", "speed", "service", "position"]
    value: str | int | None = None


def intents(said: Sentence) -> set[str]:
    """The names in ``lexicon.INTENTS`` of which a phrase occurs."""
    runs = _runs(said.words)
    return {name for name, phrases in INTENTS.items() if not runs.isdisjoint(phrases)}


def goods(said: Sentence) -> set[str]:
    """The names in ``lexicon.GOODS`` of which something occurs."""
    runs = _runs(said.words)
    return {name for name, phrases in GOODS.items() if not runs.isdisjoint(phrases)}


def answer(said: Sentence) -> Literal["yes", "no"] | None:
    """A yes or a no that stands alone: beside any number, question or other word there is none."""
    if said.asks or any(token.kind in ("number", "odd") for token in said.tokens):
        return None
    yes, no = _made_of(said.words, YES), _made_of(said.words, NO)
    if yes == no:
        return None
    return "yes" if yes else "no"


def choice(said: Sentence) -> Choice | None:
    """The one quote that is meant. Ambiguous: ``choice_twice``, ``choice_negated``."""
    found = {Choice(by) for by in _superlatives(said.words)}
    if _runs(said.words).isdisjoint(INTENTS["carriers"]):
        # "UPS Ground" is none of these services.
        found |= {Choice("service", name) for name in _services(said.words)}
    found |= {Choice("position", place) for place in _positions(said)}
    if len(found) > 1:
        said.ambiguous.add("choice_twice")
        return None
    if found and NEGATIONS.intersection(said.words):
        said.ambiguous.add("choice_negated")
        return None
    return found.pop() if found else None


def _superlatives(words: list[str]) -> Iterator[Literal["cost", "speed"]]:
    for phrase in _occurring(words, SUPERLATIVES):
        yield "cost" if SUPERLATIVES[phrase] == "cost" else "speed"


def _services(words: list[str]) -> Iterator[str]:
    """The longest name at each place: "priority mail express" names one service, not two."""
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            named = tuple(words[at : at + length])
            if len(named) == length and named in SERVICES:
                yield SERVICES[named]
                at += length
                break
        else:
            at += 1


def _positions(said: Sentence) -> Iterator[int]:
    """ "the second one", "2nd option", "option 2", "#2"."""
    for at, token in enumerate(said.tokens):
        if at in said.taken:
            continue
        place, end = _ordinal(said, at)
        last = end >= len(said.tokens) or said.kind(end) == "stop"
        if place is not None:
            if said.word(end) in _LISTED or (last and (at == 0 or said.word(at - 1) == "the")):
                said.take(at, end)
                yield place
        elif _counts(token) and (said.word(at - 1) in _COUNTED or said.kind(at - 1) == "hash"):
            said.take(at, at + 1)
            yield int(token.value)


def _counts(token: Token) -> bool:
    return token.kind == "number" and not token.zip and 0 < token.value < 10 and token.value.is_integer()


def _ordinal(said: Sentence, at: int) -> tuple[int | None, int]:
    token, after = said.tokens[at], said.at(at + 1)
    if token.word in ORDINALS:
        return ORDINALS[token.word], at + 1
    glued = after is not None and after.word in ("st", "nd", "rd", "th") and after.start == token.end
    if glued and _counts(token):
        return int(token.value), at + 2
    return None, at + 1


def _occurring(words: list[str], phrases: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    return _runs(words).intersection(phrases)


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    """All phrases that the words could be: looking these up costs less than looking for each phrase that is known."""
    longest = range(1, LONGEST_PHRASE + 1)
    return {tuple(words[at : at + length]) for length in longest for at in range(len(words) - length + 1)}


def _made_of(words: list[str], phrases: frozenset[tuple[str, ...]]) -> bool:
    """Whether the words are one or more of the phrases and nothing else but politeness."""
    at, found = 0, False
    while at < len(words):
        for length in range(LONGEST_PHRASE, 0, -1):
            phrase = tuple(words[at : at + length])
            if len(phrase) == length and (phrase in phrases or phrase in POLITE):
                found = found or phrase in phrases
                at += length
                break
        else:
            return False
    return found
