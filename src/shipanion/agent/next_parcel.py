"""When somebody speaks of another parcel than the one that has its label, and when of that very one.

Who gives a whole route, or begins with "now one to …", has a next parcel. Who says "no, six pounds" means the label
that is made, which can only be taken back. Nothing in between is guessed: then Bob says how to say either.
"""

import re
from collections.abc import AsyncIterator
from typing import Final

from shipanion.agent.message import Message
from shipanion.shipping.grammar import Reading

__all__ = ["begin", "begins", "opening"]

_WORDS: Final = r"[\s,;:.!]*"
_OPENING: Final = re.compile(
    rf"{_WORDS}(?:(?:ok(?:ay)?|great|good|thanks|thank you|and|so|now|then|next|also|well){_WORDS})*"
    r"(?P<thing>now|next|also|(?:the )?next one|(?:just |yet )?another one|one more|another|one|a second one|a new one)"
    rf"{_WORDS}(?=\b(?:from|to|of|for|at|that|which|with|weigh\w*|is|it|[0-9].*)\b)",
    re.IGNORECASE,
)
_CORRECTS: Final = re.compile(
    r"\W*(?:(?:ok(?:ay)?|oh|um|uh|hmm|bob|but|and|well)\W+)*(?:no|nope|not|sorry|actually|wait|oops|hold on|i meant|"
    r"i mean|i said|make (?:it|that)|change|correct|correction|rather|it should|it is|its|it's|it weighs)\b",
    re.IGNORECASE,
)
_AGAIN: Final = (
    r"(?:again|once more|as before|as last time|as (?:the )?(?:last|first|previous|other) (?:one|time|parcel))"
)
_SAME: Final = re.compile(rf"\bsame (?:details|thing|everything|{_AGAIN})\b|\ball the same\b", re.IGNORECASE)
_DIFFERS: Final = re.compile(r"\b(?:not|no|never|without|different|other than)\b|n['’]?t\b", re.IGNORECASE)
_SAME_AGAIN: Final = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|good|thanks|thank you|and|so|now|then|yes|please|bob|i want|i need|i'?d like|give me|"
    r"let'?s do|do|send|ship)\W+)*"
    rf"(?:(?:another(?: one)?|one more)\W+(?:with\W+)?)?(?:exactly\W+)?(?:the\W+)?same"
    rf"(?:\W+(?:details|thing|one|parcel|package|box))?\W+{_AGAIN}(?:\W+please)?\W*",
    re.IGNORECASE,
)


def opening(text: str) -> tuple[str, bool]:
    """The text without a beginning that says a next parcel follows, and whether it had one. Pure and total."""
    begun = _OPENING.match(text)
    return (text[begun.end() :], True) if begun else (text, False)


def begins(message: Message) -> bool:
    """Whether another parcel is to be begun before the message is answered."""
    reading = message.reading
    if message.wants("start_over"):
        return True
    if message.wants("another") or _SAME_AGAIN.fullmatch(message.text):
        # As long as nothing is lost by it; asked while a parcel is being described, it is answered in words.
        return message.settled or not reading.question or reading.has_figures
    if not message.settled or reading.instead_of or reading.meant_unit or _CORRECTS.match(message.text):
        return False
    ends, weight = _ends(reading), reading.weight_lbs is not None
    return ends == 2 or (ends == 1 and weight) or (message.further and reading.has_figures)


def _ends(reading: Reading) -> int:
    ends = ((reading.origin, reading.origin_place), (reading.destination, reading.destination_place))
    return sum(code is not None or place is not None for code, place in ends)


async def begin(message: Message) -> AsyncIterator[str]:
    """Begin it, and say so; with the same details, where that is said."""
    same = bool(_SAME_AGAIN.fullmatch(message.text)) or (
        message.wants("another") and bool(_SAME.search(message.text)) and not _DIFFERS.search(message.text)
    )
    if message.settled or same or (message.wants("another") and message.state.get("labels")):
        answer = await message.context.call("new_shipment", {"same_details": True} if same else {})
        yield f"{answer.result.get('say') or answer.result.get('error')} "
    else:
        refused = await message.context.update({"shipping_details": None})
        yield f"{refused} " if refused else "Let's start over. "
