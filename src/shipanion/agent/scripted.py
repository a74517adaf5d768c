"""Scripted Bob: a brain without a model. A closed grammar reads what was said; a few rules answer it.

He never guesses. What he is sure of he writes down at once, so that it outlives any drop; what is missing he asks for;
what he does not understand he says he did not understand. He keeps nothing of his own between two turns: another Bob
over the same state goes on as well.

message           what was said, and what is known
plan, figures     what a sentence adds to what is known, up to the quotes
which_end         which end of the route a place is
whereabouts       towns instead of ZIP codes
buying            from the quotes to the label
addresses         for the label
labels            after it
next_parcel       when another parcel is meant
small_talk        answers to everything else, as a table
sentences         what he says; label_sentences: about buying and labels
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final, Literal

from shipanion.agent import addresses, buying, figures, labels, next_parcel, which_end
from shipanion.agent.brain import Context
from shipanion.agent.label_sentences import BUY, WHICH, confirming, paid, quote_told, stands
from shipanion.agent.message import Message
from shipanion.agent.plan import plan
from shipanion.agent.sentences import ABLE, ABROAD, QUESTIONS, SIZE, caution, missing, next_question, not_sure, pieces
from shipanion.agent.small_talk import AFTERWARDS, Scene, small_talk
from shipanion.agent.tracking_numbers import taken_out
from shipanion.shipping import places
from shipanion.shipping.consent import consent
from shipanion.shipping.grammar import Reading, read
from shipanion.shipping.quotes import NO_PICKUPS
from shipanion.shipping.shipment import chosen_quote

__all__ = ["ABLE", "ACTS", "ONE_PARCEL", "QUESTIONS", "SIZE", "ScriptedBob"]

Sentences = AsyncIterator[str]

PARTLY_CLEAR: Final = frozenset({"zip_role", "dimensions_incomplete"})
"""What is unclear for these reasons is asked about by itself; the rest of the sentence need not be said again."""

_NO_QUOTES: Final = ("summary", "help", "pickup", "choice", "time", "limits", "abroad", "buy", "carriers", "void")


_LIST: Final = re.compile(r"\b(?:quotes|rates|prices)\b", re.IGNORECASE)
"""Who says so wants all of them, also after choosing one."""


_SEVERAL: Final = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\W+(?:parcels|packages|boxes|envelopes|packets)\b",
    re.IGNORECASE,
)
ONE_PARCEL: Final = "I do one parcel at a time. Please tell me about the first one alone."

_WILLING: Final = re.compile(r"\W*(?:(?:yes|yeah|yep|ok|okay|sure|please|and)\W+)*(?:please|make it)\W*", re.IGNORECASE)
"""No yes, and yet a wish to go on: "yes please make it". What is to be made is asked about."""


class ScriptedBob:
    """The default brain. Needs no key and no network."""

    async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        """Answer one message."""
        if not places.loaded():
            # Half a second, once; the loop goes on meanwhile.
            await asyncio.to_thread(places.preload)
        async for sentence in _answer(await _heard(context, user_text)):
            for piece in pieces(sentence):
                yield piece


async def _heard(context: Context, text: str) -> Message:
    end = which_end.end_of(text)
    if end is not None and (place := which_end.asked_about(await context.last_answer())) is not None:
        text = f"{end} {place}"
    text, numbers = taken_out(text)
    further = False
    if context.state.get("label") or context.state.get("purchase"):
        text, further = next_parcel.opening(text)
    message = Message(context, text, read(text), numbers, further)
    loose = (*message.reading.loose_zips, *message.reading.loose_places)
    if len(loose) == 1 and "from" not in message.details and which_end.here(text):
        alone = replace(message.reading, loose_zips=(), loose_places=())
        zipped = bool(message.reading.loose_zips)
        here = replace(alone, origin=loose[0]) if zipped else replace(alone, origin_place=loose[0])
        return replace(message, reading=here)
    return message


async def _left_open(message: Message) -> str | None:
    """The question about an end of the route, where something else was said to it that goes on towards a label."""
    goes_on = message.wants("choice", "buy") or _yes_or_no(message) == "yes"
    if not goes_on or message.settled:
        return None
    last = await message.context.last_answer()
    place = which_end.asked_about(last)
    return None if place is None or last.startswith(which_end.STILL_OPEN) else which_end.end_question(place)


async def _answer(message: Message) -> Sentences:
    reading = message.reading
    unclear = bool(reading.ambiguous or reading.leftover)
    if message.context.answered is not None:
        way = buying.outcome(message)
    elif reading.address is not None:
        way = addresses.take(message)
    elif next_parcel.begins(message):
        way = _begin(message, unclear)
    elif unclear or _figures(message):
        way = _about_figures(message)
    elif (question := await _left_open(message)) is not None:
        yield f"{which_end.STILL_OPEN}{question}"
        return
    else:
        way = _about_the_rest(message)
    async for sentence in way:
        yield sentence


async def _begin(message: Message, unclear: bool) -> Sentences:
    async for sentence in next_parcel.begin(message):
        yield sentence
    if unclear or message.reading.has_figures:
        async for sentence in _about_figures(message):
            yield sentence
    elif missing(message.details):
        yield next_question(message.details)
    else:
        async for sentence in figures.quote(message):
            yield sentence


async def _about_figures(message: Message) -> Sentences:
    reading = message.reading
    if reading.leftover or not PARTLY_CLEAR.issuperset(reading.ambiguous):
        yield ONE_PARCEL if reading.leftover and _SEVERAL.search(message.text) else not_sure(reading)
        return
    if message.settled:
        yield stands(message.state)
        return
    for remark in _remarks(reading):
        yield remark
    if reading.ambiguous:
        way = figures.partly(message)
    else:
        choice = reading.choice
        picks = choice is not None and choice.by != "position" and not reading.question
        way = figures.follow(message, plan(message.details, reading), buying.choose if picks else None)
    async for sentence in way:
        yield sentence


async def _about_the_rest(message: Message) -> Sentences:
    """What has no figures: something to be done, a question, a yes or no, or nothing that is understood."""
    reading, state = message.reading, message.state
    act = next((act for intent, act in ACTS if _wished(message, intent)), None)
    scene = Scene(reading, state, message.details, message.context.summary, message.text)
    if act is not None:
        for remark in _remarks(reading):
            yield remark
        async for sentence in act(message):
            yield sentence
    elif message.settled and message.wants("quote") and message.wants("buy"):
        async for sentence in _price(message):  # "how much did I pay?"
            yield sentence
    elif message.wants("quote") and not message.wants(*_NO_QUOTES) and not missing(message.details):
        async for sentence in _price(message):
            yield sentence
    elif (said := small_talk(scene)) is not None:
        yield said
        if message.wants("summary"):
            async for sentence in _still_open(message):
                yield sentence
        elif message.wants("help") and said == ABLE and (message.details or message.settled):
            yield " "
            async for sentence in _asks_again(message):
                yield sentence
    elif (answer := _yes_or_no(message)) is not None:
        if answer == "yes":
            async for sentence in buying.go_on(message):
                yield sentence
        else:
            yield buying.decline(message)
    elif (said := small_talk(scene, AFTERWARDS)) is not None:
        yield said
        if message.wants("greeting"):
            async for sentence in _still_open(message):
                yield sentence
    elif _WILLING.fullmatch(message.text):
        async for sentence in buying.go_on(message):
            yield sentence
    else:
        yield "I did not understand that. "
        async for sentence in _asks_again(message):
            yield sentence


def _yes_or_no(message: Message) -> Literal["yes", "no"] | None:
    """The yes or no that a message is to what is asked, read as the server reads it: what Bob takes for a no is one."""
    asked = message.state.get("approval") or {}
    return consent(message.text, asked.get("kind", "buy"))


async def _price(message: Message) -> Sentences:
    """What it costs: what was chosen is asked for again, and nothing is quoted anew that stands."""
    state = message.state
    chosen = None if _LIST.search(message.text) else chosen_quote(state)
    if message.settled:
        yield paid(state["label"]) if state.get("label") else confirming(state["purchase"])
        return
    for remark in _remarks(message.reading):
        yield remark
    if chosen is not None:
        yield f"{quote_told(chosen)}. "
    async for sentence in buying.order(message) if chosen is not None else figures.quote(message):
        yield sentence


async def _still_open(message: Message) -> Sentences:
    """What waits for the person or the carrier; a question is asked again, so that a yes to it counts."""
    if message.state.get("approval"):
        async for sentence in buying.go_on(message):
            yield sentence
    elif message.state.get("purchase"):
        yield confirming(message.state["purchase"])


async def _asks_again(message: Message) -> Sentences:
    """What the person was asked, or can say next; all that Bob is able to where nothing is known yet."""
    state = message.state
    if state.get("approval"):
        yield "I still need your yes or no: "
        async for sentence in buying.go_on(message):
            yield sentence
    elif state.get("purchase"):
        yield confirming(state["purchase"])
    elif state.get("label"):
        yield 'Say "another parcel" for the next one, "print it" for the label, or "help".'
    elif state.get("quotes"):
        yield BUY if "chosen" in state else WHICH
    else:
        yield next_question(message.details) if message.details else ABLE


async def _buy(message: Message) -> Sentences:
    async for sentence in buying.order(message, first="chosen" not in message.state):
        yield sentence


ACTS: Final[tuple[tuple[str, Callable[[Message], Sentences]], ...]] = (
    ("void", labels.void_label),
    ("labels", labels.list_labels),
    ("print", labels.print_label),
    ("track", labels.track),
    ("choice", buying.choose),
    ("buy", _buy),
    ("skip", buying.skip),
)
"""Intent → what is done about it; the first of these that was wished counts."""

_WHERE: Final = re.compile(r"\W*(?:(?:and|so|ok(?:ay)?)\W+)*where(?:['’]?s| is)\b", re.IGNORECASE)
_TELLING: Final = frozenset({"labels", "print", "track"})


def _wished(message: Message, intent: str) -> bool:
    """Whether this is to be done: what changes nothing also when it is asked, anything else only when it is said."""
    if intent == "track" and message.numbers and not message.wants("void", "labels", "print"):
        return True  # a number alone
    if intent == "track" and message.state.get("labels") and _WHERE.match(message.text):
        choice = message.reading.choice
        if choice is not None and choice.by == "position":
            return True  # of the labels: a quote is nowhere
    if intent == "print" and message.wants("buy") and not message.state.get("labels"):
        return False  # "give me the label", before there is one
    return message.wants(intent) and (intent in _TELLING or not message.reading.question)


def _remarks(reading: Reading) -> list[str]:
    """What is said before what stands beside it is answered."""
    return [f"{remark(reading)} " for intent, remark in _REMARKS.items() if intent in reading.intents]


_REMARKS: Final[dict[str, Callable[[Reading], str]]] = {
    "abroad": lambda _: ABROAD,
    "pickup": lambda _: NO_PICKUPS,
    "goods": lambda reading: caution(reading.goods),
}


def _figures(message: Message) -> bool:
    """Whether a sentence is about figures: it has some, or picks one of the towns or ZIP codes just offered."""
    reading, known = message.reading, message.details
    picks = reading.choice is not None and reading.choice.by == "position" and not message.state.get("quotes")
    offers = any(f"{end}_place" in known and end not in known for end in ("from", "to"))
    return reading.has_figures or reading.meant_unit is not None or (picks and offers)
