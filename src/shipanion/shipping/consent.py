"""Whether a person's next message says yes to what was put to them: a purchase, or taking a label back.

Money moves on a yes, so the whole message must be one: no figure, no choice, no question and no condition beside it,
and not one word that is not known to mean yes. What means neither is None, and whoever asked asks again.
"""

from typing import Final, Literal

from shipanion.shipping.language.lexicon import NO, YES
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import LONGEST_TEXT
from shipanion.shipping.language.wishes import made_of

__all__ = ["consent"]

_THINGS: Final = ("it", "that", "this", "the label", "that label", "this label")
_BUY: Final = (
    "buy", "buy it", "buy it now", "buy the label now", "buy my label", "buy a label", "purchase it", "order it",
    "book it", "get it", "get the label", "get me the label", "get my label", "make the label", "make me the label",
    "create the label", "make my label", "order the label", "purchase the label", "pay for it", "ship it",
    "ship it now", *(f"buy {thing}" for thing in _THINGS),
)  # fmt: skip
_NEVER: Final = ("dont", "do not", "please dont", "please do not", "i dont want to", "i do not want to")


def _phrases(*lines: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(line.split()) for line in lines)


_TO_BUY: Final = YES | _phrases(
    *_BUY, "i want it", "i do want it", "i want the label", "i want to buy it", "i would like to buy it",
    "id like to buy it", "ill take it", "i will take it", "ill buy it", "i will buy it", "lets buy it", "lets get it",
    "do buy it", "you can buy it", "you may buy it", "do it now", "confirm it", "confirm the purchase",
    "i confirm the purchase",
)  # fmt: skip
_NOT_TO_BUY: Final = NO | _phrases(
    *(f"{never} {buy}" for never in _NEVER for buy in _BUY),
    *(f"{never} {buy} yet" for never in _NEVER for buy in _BUY),
    "i do not want it", "i dont want the label", "i do not want the label", "dont buy anything",
    "not that one", "not this one", "cancel this", "cancel the purchase", "no label", "leave it", "hang on", "abort",
    "decline", "i decline", "forget about it", "dont want it", "no deal",
)  # fmt: skip

_VOID: Final = (
    *(f"{do} {thing}" for do in ("void", "refund") for thing in (*_THINGS, "my label")),
    "take it back", "take that back", "take the label back", "take back the label",
)  # fmt: skip
_TO_VOID: Final = YES | _phrases(*_VOID)
_NOT_TO_VOID: Final = _phrases(
    *(f"{never} {void}" for never in _NEVER for void in _VOID),
    "keep it", "keep that", "keep the label", "keep my label", "i want to keep it", "leave it", "hang on", "abort",
    "decline", "i decline", "forget about it",
) | frozenset(phrase for phrase in NO if phrase[0] != "cancel")  # fmt: skip
"""Of a label, "cancel it" may mean either."""

_MEANT: Final[dict[str, tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]]] = {
    "buy": (_TO_BUY, _NOT_TO_BUY),
    "void": (_TO_VOID, _NOT_TO_VOID),
}


def consent(text: str, asked: Literal["buy", "void"] = "buy") -> Literal["yes", "no"] | None:
    """How ``text`` answers "Shall I buy this label for $26.05?": ``"yes"``, ``"no"``, or None where it is not sure.

    All that ``Reading.answer`` takes for a yes or a no is one, and so is the wish itself: "buy it", "get the label",
    "don't buy it"; where a ``void`` is ``asked``, "take it back" and "keep it", but no word of buying, and no "cancel
    it". Anything else beside it makes it None: "yes, but priority", "buy the cheapest", "yes?". Never raises.
    """
    return made_of(Sentence(text), *_MEANT[asked]) if len(text) <= LONGEST_TEXT else None
