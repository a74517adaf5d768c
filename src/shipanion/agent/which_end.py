"""Whether a parcel leaves from a place or goes there: asked where a place alone could be either end of the route.

The question is kept nowhere but in Bob's answer, which the log has; so a word is enough to answer it.
"""

import re
from typing import Final, Literal

__all__ = ["STILL_OPEN", "asked_about", "end_of", "end_question", "here"]

STILL_OPEN: Final = "First what is still open. "
"""Before the question when something else was said to it; asked so once, it is left."""

_QUESTION: Final = "Which is it: does it leave from {place}, or go there? Say from or to."
_ASKED: Final = re.compile(
    r"Which is it: does it leave from (?P<place>[^?]{1,80}), or go there\? Say from or to\.\s*\Z"
)

_POLITE: Final = r"\W*(?:(?:please|well|oh|um|uh|ok(?:ay)?|no|sorry|actually|bob|i mean|i meant|say)\W+)*"
_FROM: Final = (
    r"from|from (?:there|it)|(?:it )?(?:leaves|goes|comes|is) from(?: there)?|it['’]?s from there|the origin|origin"
)
_TO: Final = (
    r"to|to (?:there|it)|there|(?:it )?(?:goes|is going|should go|must go) (?:to|there|to there)|it['’]?s going there|"
    r"go(?:es)? there|going there|the destination|destination"
)


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_POLITE}(?:{words})(?:\W+please)?\W*", re.IGNORECASE)


_ENDS: Final[tuple[tuple[Literal["from", "to"], re.Pattern[str]], ...]] = (("from", _whole(_FROM)), ("to", _whole(_TO)))
_HERE: Final = re.compile(
    r"\W*(?:(?:hi|hello|hey|ok(?:ay)?|well|so|and|bob)\W+)*"
    r"(?:i['’]?m|i am|we['’]?re|we are|i live|we live)\W+(?:in|at)\b",
    re.IGNORECASE,
)


def end_question(place: str) -> str:
    """The question about a place, as it was named."""
    return _QUESTION.format(place=place)


def asked_about(answer: str) -> str | None:
    """The place that an answer of Bob's ends by asking about; None where it ends otherwise."""
    asked = _ASKED.search(answer)
    return asked["place"] if asked else None


def end_of(text: str) -> Literal["from", "to"] | None:
    """The end of the route that all of a text names: "to", "it leaves from there". Pure and total."""
    if "?" in text:
        return None
    return next((end for end, words in _ENDS if words.fullmatch(text)), None)


def here(text: str) -> bool:
    """Whether somebody says where they are, which is where their parcel leaves from: "I'm in Seattle"."""
    return _HERE.match(text) is not None
