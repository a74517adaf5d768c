"""Scripted Bob: a brain without a model. A closed grammar reads what was said; a few rules answer it.

He never guesses. What he is sure of he writes down at once, so that it outlives any drop; what is missing he asks for;
what he does not understand he says he did not understand. He keeps nothing of his own between two turns: another Bob
over the same state goes on as well.

plan          what a sentence adds to what is known
whereabouts   towns instead of ZIP codes
small_talk    answers to everything else, as a table
sentences     what he says
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

from shipanion.agent.brain import Context
from shipanion.agent.plan import Plan, plan
from shipanion.agent.sentences import (
    ABLE,
    ABROAD,
    ONLY_QUOTES,
    QUESTIONS,
    SIZE,
    caution,
    confirmed,
    missing,
    next_question,
    not_sure,
    pieces,
    quoted,
    route_heard,
    which_end,
)
from shipanion.agent.small_talk import Scene, small_talk
from shipanion.shipping import places
from shipanion.shipping.grammar import Reading, read
from shipanion.shipping.quotes import NO_PICKUPS

__all__ = ["ABLE", "ONLY_QUOTES", "QUESTIONS", "SIZE", "ScriptedBob"]

TOOL: Final = "get_shipping_quotes"

PARTLY_CLEAR: Final = frozenset({"zip_role", "dimensions_incomplete"})
"""What is unclear for these reasons is asked about by itself; the rest of the sentence need not be said again."""

_NO_QUOTES: Final = frozenset(
    {"summary", "help", "pickup", "choice", "time", "limits", "track", "abroad", "buy", "carriers"}
)


class ScriptedBob:
    """The default brain. Needs no key and no network."""

    async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        """Answer one message."""
        if not places.loaded():
            # Half a second, once; the loop goes on meanwhile.
            await asyncio.to_thread(places.preload)
        reading = read(user_text)
        async for sentence in self._answer(context, reading):
            for piece in pieces(sentence):
                yield piece

    async def _answer(self, context: Context, reading: Reading) -> AsyncIterator[str]:
        if "start_over" in reading.intents:
            refused = await context.update({"shipping_details": None})
            yield f"{refused} " if refused else "Let's start over. "
            if not (reading.ambiguous or reading.leftover or reading.has_figures):
                yield next_question({})
                return
        elif not (reading.ambiguous or reading.leftover or _figures(context, reading)):
            if _wants_quotes(reading) and not missing(_details(context)):
                if reading.goods:
                    yield f"{caution(reading.goods)} "
                async for sentence in self._quote(context, reading, {}):
                    yield sentence
            else:
                yield small_talk(Scene(reading, context.state, _details(context), context.summary))
            return
        if reading.leftover or not PARTLY_CLEAR.issuperset(reading.ambiguous):
            yield not_sure(reading)
            return
        for intent, remark in _REMARKS.items():
            if intent in reading.intents:
                yield f"{remark(reading)} "
        if reading.ambiguous:
            async for sentence in self._partly(context, reading):
                yield sentence
        else:
            async for sentence in self._follow(context, reading, plan(_details(context), reading)):
                yield sentence

    async def _partly(self, context: Context, reading: Reading) -> AsyncIterator[str]:
        """Keep what is clear, and ask about the rest."""
        loose = (*reading.loose_zips, *reading.loose_places)
        clear = replace(reading, loose_zips=(), loose_places=())
        made = plan(_details(context), clear)
        if "dimensions_incomplete" in reading.ambiguous:
            made.asks = made.asks or SIZE
        elif len(loose) == 2:
            made.asks = which_end(*loose)
        else:
            made.asks = not_sure(reading)
            if reading.origin or reading.destination or reading.origin_place or reading.destination_place:
                # "from 90210 to 10001 10002": which of them the roles are for is not clear either.
                made.towns.clear()
                made.heard = {name: value for name, value in made.heard.items() if name not in ("from", "to")}
        async for sentence in self._follow(context, reading, made):
            yield sentence

    async def _follow(self, context: Context, reading: Reading, made: Plan) -> AsyncIterator[str]:
        known = {name: value for name, value in _details(context).items() if name not in made.gone}
        for sentence in made.said:
            yield f"{sentence} "
        whole = not missing({**{n: v for n, v in known.items() if n not in made.towns}, **made.heard})
        if whole and made.asks is None and not made.towns:
            if made.heard or not context.state.get("quotes"):
                async for sentence in self._quote(context, reading, made.heard):
                    yield sentence
            else:
                yield "That is what I have. "
        else:
            async for sentence in self._write_down(context, reading, made):
                yield sentence

    async def _quote(self, context: Context, reading: Reading, heard: dict[str, Any]) -> AsyncIterator[str]:
        details = {**_details(context), **heard}
        parameters = {"from_zip": details["from"], "to_zip": details["to"], "weight": details["weight_lbs"]}
        if "dimensions" in details:
            parameters["dimensions"] = details["dimensions"]
        if reading.spoken_zips:
            yield route_heard(details, reading.spoken_zips)
        yield "Let me look that up. "
        answer = await context.call(TOOL, parameters)
        if not answer.is_error:
            for sentence in quoted(answer.result):
                yield sentence
        elif "field" in answer.result and heard:
            async for sentence in self._write_down(context, reading, Plan(heard)):
                yield sentence
        else:
            yield str(answer.result.get("error", "That did not work. Try again in a moment."))

    async def _write_down(self, context: Context, reading: Reading, made: Plan) -> AsyncIterator[str]:
        """Keep what is good, say what is not and why, and ask for the next thing."""
        refused: dict[str, str] = {}
        heard = made.heard
        if heard and await context.update({"shipping_details": heard}) is not None:
            for name, value in heard.items():
                sentence = await context.update({"shipping_details": {name: value}})
                if sentence is not None:
                    # What it was before it is no more, or the person would not have said so.
                    await context.update({"shipping_details": {name: None}})
                    refused[name] = sentence
        for end in made.gone:
            await context.update({"shipping_details": {end: None}})
        for end, found in made.towns.items():
            wanted = {end: None, f"{end}_place": found.text}
            if await context.update({"shipping_details": wanted}) is not None:
                # A domain that keeps no town without its ZIP: at least the end is open again.
                await context.update({"shipping_details": {end: None}})
        details = _details(context)
        kept = [name for name in heard if name not in refused]
        if kept:
            yield f"{confirmed(details, kept, reading.spoken_zips)} "
        for sentence in refused.values():
            yield f"{sentence} "
        yield _asks_on(made, details, refused)


def _asks_on(made: Plan, details: dict[str, Any], refused: dict[str, str]) -> str:
    if made.asks is not None:
        return made.asks
    for end, found in made.towns.items():
        # A ZIP alone is taken for the first open end.
        remembered = f"{end}_place" in details or end == "from" or "from" in details
        return found.question(end) if remembered else f'{found.question(end)} Please say "{end}" before it.'
    return SIZE if list(refused) == ["dimensions"] and not missing(details) else next_question(details)


_REMARKS: Final[dict[str, Callable[[Reading], str]]] = {
    "abroad": lambda _: ABROAD,
    "pickup": lambda _: NO_PICKUPS,
    "goods": lambda reading: caution(reading.goods),
}
"""Intent → what is said before the figures beside it are answered."""


def _figures(context: Context, reading: Reading) -> bool:
    """Whether a sentence is about figures: it has some, or picks one of the towns or ZIP codes just offered."""
    picks = reading.choice is not None and reading.choice.by == "position" and not context.state.get("quotes")
    offers = any(f"{end}_place" in _details(context) and end not in _details(context) for end in ("from", "to"))
    return reading.has_figures or reading.meant_unit is not None or (picks and offers)


def _details(context: Context) -> dict[str, Any]:
    return dict(context.state.get("shipping_details", {}))


def _wants_quotes(reading: Reading) -> bool:
    return "quote" in reading.intents and not _NO_QUOTES.intersection(reading.intents)
