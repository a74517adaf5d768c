"""Rules for what somebody wants: intents, a plain yes or no, and which quote is meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple
from unicodedata import category

from shipanion.shipping.language.lexicon import (
    COVERED_INTENTS,
    FORBIDDING,
    GOODS,
    INTENTS,
    LABEL_INTENTS,
    NEGATIONS,
    NO,
    ORDINALS,
    POLITE,
    QUESTION_WORDS,
    SERVICES,
    SUPERLATIVES,
    YES,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import Token

__all__ = ["LONGEST_PHRASE", "Choice", "answer", "choice", "goods", "intents", "made_of", "question"]

LONGEST_PHRASE = 5
"""Words of a phrase in ``lexicon`` that are compared."""

_FORBIDS_WITHIN = 6
_WISHES = {
    phrase: tuple(name for name, phrases in INTENTS.items() if phrase in phrases)
    for phrase in frozenset().union(*INTENTS.values())
}
_SAYING = frozenset({"So", "Sm", "Sc", "Sk", "Cn", "Co", "Cs"})
"""Categories of characters that may say something, and are no word: "yes 👎"."""
# "Don't stop" is no no.
_DOUBLE_NO = frozenset(
    (*never, word)
    for never in (("dont",), ("do", "not"), ("not",), ("never",))
    for word in ("stop", "cancel", "wait", "hold", "forget", "not")
)
_FILLING_NO = frozenset(phrase for phrase in NO if all((word,) in POLITE for word in phrase))
"""A no that could be passed over as politeness beside a yes: "yes... uh-uh"."""
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
    """The names in ``lexicon.INTENTS`` of which a phrase occurs.

    Around a label words mean what the longest phrase says ("cancel the label" buys none), and nothing is wanted that
    is forbidden: "don't void it".
    """
    spans = _spans(said.words)
    begin: dict[int, list[_Span]] = {}
    for span in spans:
        if span.name in LABEL_INTENTS:
            begin.setdefault(span.start, []).append(span)
    places = [at for at, token in enumerate(said.tokens) if token.word]
    found = set()
    for span in spans:
        near = (other for start in range(span.end - LONGEST_PHRASE, span.end) for other in begin.get(start, ()))
        covered = span.name in COVERED_INTENTS and any(other.covers(span) for other in near)
        forbidden = span.name in LABEL_INTENTS and _forbidden(said, places[span.start])
        if not covered and not forbidden:
            found.add(span.name)
    return found


class _Span(NamedTuple):
    """A phrase of an intent among the words of a sentence, from ``start`` to before ``end``."""

    name: str
    start: int
    end: int

    def covers(self, other: "_Span") -> bool:
        """Whether it is another intent's longer phrase, of which the other is a part."""
        longer = self.end - self.start > other.end - other.start
        return self.name != other.name and longer and self.start <= other.start and other.end <= self.end


def _spans(words: list[str]) -> list[_Span]:
    return [
        _Span(name, at, at + length)
        for at in range(len(words))
        for length in range(1, min(LONGEST_PHRASE, len(words) - at) + 1)
        for name in _WISHES.get(tuple(words[at : at + length]), ())
    ]


def _forbidden(said: Sentence, at: int) -> bool:
    """Whether a "don't" stands a few words before this token: "I don't want to void it", but not "don't, void it"."""
    for place in range(at - 1, max(-1, at - 1 - _FORBIDS_WITHIN), -1):
        if said.kind(place) in ("comma", "stop"):
            return False
        if said.word(place) in FORBIDDING:
            return True
    return False


def goods(said: Sentence) -> set[str]:
    """The names in ``lexicon.GOODS`` of which something occurs."""
    runs = _runs(said.words)
    return {name for name, phrases in GOODS.items() if not runs.isdisjoint(phrases)}


def question(said: Sentence) -> bool:
    """Whether it has a question mark, or begins as questions do. "Do not" begins none."""
    first, second = (*said.words[:2], "", "")[:2]
    return said.asks or (first in QUESTION_WORDS and (first, second) != ("do", "not"))


def answer(said: Sentence) -> Literal["yes", "no"] | None:
    """A yes or a no that stands alone: beside any number, question, sign or other word there is none."""
    return made_of(said, YES, NO)


def made_of(
    said: Sentence, yes: frozenset[tuple[str, ...]], no: frozenset[tuple[str, ...]]
) -> Literal["yes", "no"] | None:
    """Which of two lists of phrases all words are from, politeness aside; None where they are from both or neither."""
    unread = "too_long" in said.ambiguous or any(category(sign) in _SAYING for sign in said.text)
    if said.asks or unread or any(token.kind in ("number", "odd") for token in said.tokens):
        return None
    said_yes, said_no = _made_of(said.words, yes), _made_of(said.words, no)
    if said_yes == said_no or not _DOUBLE_NO.isdisjoint(_runs(said.words)):
        return None
    if said_yes and not _FILLING_NO.isdisjoint(_runs(said.words)):
        return None
    return "yes" if said_yes else "no"


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
        for length in range(_longest(phrases), 0, -1):
            phrase = tuple(words[at : at + length])
            if len(phrase) == length and (phrase in phrases or phrase in POLITE):
                found = found or phrase in phrases
                at += length
                break
        else:
            return False
    return found


@cache
def _longest(phrases: frozenset[tuple[str, ...]]) -> int:
    return max(map(len, phrases))
