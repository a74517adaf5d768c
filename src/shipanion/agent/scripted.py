"""Scripted Bob: a brain without a model. A closed grammar reads what was said; a few rules answer it.

He never guesses. What he is sure of he writes down at once, so that it outlives any drop; what is missing he asks for;
what he does not understand he says he did not understand.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Final

from shipanion.agent.brain import Context
from shipanion.shipping import money
from shipanion.shipping.grammar import AMBIGUITIES, Reading, read
from shipanion.shipping.quotes import NO_PICKUPS

__all__ = ["ScriptedBob"]

TOOL: Final = "get_shipping_quotes"

ABLE: Final = (
    "I find out what it costs to send a parcel within the United States. Tell me the weight, the ZIP code it leaves "
    'from and the one it goes to, for example "5 lb from 90210 to 10001". Dimensions such as 12x10x8 inches help with '
    "large boxes."
)

QUESTIONS: Final = {
    "from": "Which ZIP code does it leave from?",
    "to": "Which ZIP code does it go to?",
    "weight_lbs": "How much does it weigh, in pounds?",
}
"""What Bob asks for, in this order."""

SIZE: Final = "What are its length, width and height, in inches?"

ONLY_QUOTES: Final = (
    "I can only quote for now; I cannot buy a label. Change the weight or a ZIP code and I quote again."
)


class ScriptedBob:
    """The default brain. Needs no key and no network."""

    async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        """Answer one message."""
        reading = read(user_text)
        async for sentence in self._answer(context, reading):
            for piece in _pieces(sentence):
                yield piece

    async def _answer(self, context: Context, reading: Reading) -> AsyncIterator[str]:
        if "start_over" in reading.intents:
            async for sentence in self._start_over(context, reading):
                yield sentence
        elif reading.ambiguous == ("zip_role",) and len(reading.loose_zips) == 2 and not reading.leftover:
            # The rest of the sentence is clear, and need not be said again.
            heard, _ = _heard({}, replace(reading, loose_zips=()))
            if heard and await context.update({"shipping_details": heard}) is None:
                yield f"{_confirmed(_details(context), list(heard))} "
            yield _which_end(*reading.loose_zips)
        elif reading.ambiguous or reading.leftover:
            yield _not_sure(reading)
        elif reading.has_figures:
            if "pickup" in reading.intents:
                yield f"{NO_PICKUPS} "
            async for sentence in self._figures(context, reading):
                yield sentence
        elif _wants_quotes(reading) and not _missing(_details(context)):
            async for sentence in self._quote(context, {}):
                yield sentence
        else:
            yield _small_talk(context, reading)

    async def _start_over(self, context: Context, reading: Reading) -> AsyncIterator[str]:
        refused = await context.update({"shipping_details": None})
        yield f"{refused} " if refused else "Let's start over. "
        if reading.ambiguous or reading.leftover:
            yield _not_sure(reading)
        elif reading.has_figures:
            async for sentence in self._figures(context, reading):
                yield sentence
        else:
            yield _next_question({})

    async def _figures(self, context: Context, reading: Reading) -> AsyncIterator[str]:
        known = _details(context)
        heard, unclear = _heard(known, reading)
        if unclear is not None:
            yield unclear
        elif _missing({**known, **heard}):
            async for sentence in self._write_down(context, heard):
                yield sentence
        else:
            async for sentence in self._quote(context, heard):
                yield sentence

    async def _quote(self, context: Context, heard: dict[str, Any]) -> AsyncIterator[str]:
        details = {**_details(context), **heard}
        parameters = {"from_zip": details["from"], "to_zip": details["to"], "weight": details["weight_lbs"]}
        if "dimensions" in details:
            parameters["dimensions"] = details["dimensions"]
        yield "Let me look that up. "
        answer = await context.call(TOOL, parameters)
        if not answer.is_error:
            for sentence in _quoted(answer.result):
                yield sentence
        elif "field" in answer.result and heard:
            async for sentence in self._write_down(context, heard):
                yield sentence
        else:
            yield str(answer.result.get("error", "That did not work. Try again in a moment."))

    async def _write_down(self, context: Context, heard: dict[str, Any]) -> AsyncIterator[str]:
        """Keep what is good, say what is not and why, and ask for the next thing."""
        refused: dict[str, str] = {}
        if await context.update({"shipping_details": heard}) is not None:
            for name, value in heard.items():
                sentence = await context.update({"shipping_details": {name: value}})
                if sentence is not None:
                    # What it was before it is no more, or the person would not have said so.
                    await context.update({"shipping_details": {name: None}})
                    refused[name] = sentence
        details = _details(context)
        kept = [name for name in heard if name not in refused]
        if kept:
            yield f"{_confirmed(details, kept)} "
        for sentence in refused.values():
            yield f"{sentence} "
        yield SIZE if list(refused) == ["dimensions"] and not _missing(details) else _next_question(details)


def _details(context: Context) -> dict[str, Any]:
    return dict(context.state.get("shipping_details", {}))


def _missing(details: dict[str, Any]) -> list[str]:
    return [name for name in QUESTIONS if name not in details]


def _wants_quotes(reading: Reading) -> bool:
    return "quote" in reading.intents and not {"summary", "help", "pickup", "choice"}.intersection(reading.intents)


def _heard(known: dict[str, Any], reading: Reading) -> tuple[dict[str, Any], str | None]:
    """What a sentence adds to the details, given what is known; or the sentence that asks back."""
    heard: dict[str, Any] = {}
    if reading.origin is not None:
        heard["from"] = reading.origin
    if reading.destination is not None:
        heard["to"] = reading.destination
    if reading.weight_lbs is not None:
        heard["weight_lbs"] = reading.weight_lbs
    if reading.dimensions is not None:
        heard["dimensions"] = reading.dimensions
    if reading.loose_zips:
        open_ends = [end for end in ("from", "to") if end not in known and end not in heard]
        if len(reading.loose_zips) > 1 or not open_ends:
            return {}, f"Which is it: does it leave from {reading.loose_zips[0]}, or go there? Say from or to."
        heard[open_ends[0]] = reading.loose_zips[0]
    if reading.bare_number is not None:
        if _missing({**known, **heard})[:1] != ["weight_lbs"]:
            return {}, f"{reading.bare_number} of what? Say for example {reading.bare_number} lb."
        heard["weight_lbs"] = float(reading.bare_number)
    return heard, None


def _confirmed(details: dict[str, Any], heard: list[str]) -> str:
    """What was just written down, so that a mistake is heard."""
    parts = []
    if "weight_lbs" in heard:
        parts.append(f"{_number(details.get('weight_lbs'))} lb")
    if "from" in heard:
        parts.append(f"from {_place(details, 'from')}")
    if "to" in heard:
        parts.append(f"to {_place(details, 'to')}")
    if "dimensions" in heard:
        parts.append(f"{details.get('dimensions')} inches")
    return f"Noted: {', '.join(parts)}."


def _next_question(details: dict[str, Any]) -> str:
    for name, question in QUESTIONS.items():
        if name not in details:
            return question
    return "Ask me for quotes whenever you like."


def _quoted(result: dict[str, Any]) -> Iterator[str]:
    low, quick = result["cheapest"], result["fastest"]
    yield f"For {_number(result.get('weight_lbs'))} lb from {_place(result, 'from')} to {_place(result, 'to')}:\n"
    for quote in result["quotes"]:
        yield f"- {_named(quote)} for {_price(quote)}, usually {quote['eta']}\n"
    if low["service"] == quick["service"]:
        yield f"The cheapest is also the fastest: {_named(low)} for {_price(low)}. "
    else:
        yield f"The cheapest is {_named(low)} for {_price(low)}; the fastest is {_named(quick)} for {_price(quick)}. "
    for note in result.get("notes", []):
        yield f"{note} "


def _small_talk(context: Context, reading: Reading) -> str:
    details = _details(context)
    quoted = bool(context.state.get("quotes"))
    if "summary" in reading.intents:
        return context.summary or f"Nothing yet. {_next_question(details)}"
    if "pickup" in reading.intents:
        return f"{NO_PICKUPS} {_next_question(details)}" if _missing(details) else NO_PICKUPS
    if "choice" in reading.intents:
        return ONLY_QUOTES if quoted else f"There are no quotes to choose from yet. {_next_question(details)}"
    if "help" in reading.intents:
        return ABLE
    if "quote" in reading.intents:
        return _next_question(details)
    if reading.answer is not None:
        if quoted:
            return ONLY_QUOTES
        return _next_question(details) if reading.answer == "yes" else f"All right. {_next_question(details)}"
    if "thanks" in reading.intents:
        return "You are welcome."
    if "greeting" in reading.intents:
        if context.summary:
            return f"Hello. We have this so far:\n{context.summary}"
        return f"Hello, I am Bob. {ABLE}"
    return f"I did not understand that. {ABLE}"


def _which_end(one: str, other: str) -> str:
    return f"Which of {one} and {other} does it leave from? Say for example: from {one} to {other}."


def _not_sure(reading: Reading) -> str:
    if reading.ambiguous:
        return f"I am not sure I understood: {AMBIGUITIES[reading.ambiguous[0]]}. Could you say that again?"
    return f"I do not know what {', '.join(reading.leftover)} stands for. Could you say that again?"


def _place(details: dict[str, Any], end: str) -> str:
    code, name = details.get(end), details.get(f"{end}_place")
    return f"{code} ({name})" if name else str(code)


def _named(quote: dict[str, Any]) -> str:
    return f"{quote['carrier']} {quote['service']}"


def _price(quote: dict[str, Any]) -> str:
    return money.text(money.from_dollars(quote["price"]))


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _pieces(text: str) -> Iterator[str]:
    """A text word by word, each with the space before or after it, as a person would speak it."""
    yield from re.findall(r"\S+\s*|\s+", text)
