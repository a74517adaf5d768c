"""From what was said about a parcel to its quotes: keep what is good, ask for the rest, quote when all is known."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

from shipanion.agent.label_sentences import BUY, WHICH, old_quotes
from shipanion.agent.message import Message
from shipanion.agent.plan import Plan, plan
from shipanion.agent.sentences import (
    SIZE,
    confirmed,
    missing,
    next_question,
    not_sure,
    quoted,
    route_heard,
    which_end,
)
from shipanion.shipping import zips

__all__ = ["QUOTES_TOOL", "follow", "partly", "quote", "quote_parameters"]

Sentences = AsyncIterator[str]
Then = Callable[[Message], Sentences]

QUOTES_TOOL: Final = "get_shipping_quotes"

_STAND: Final = ("being_bought", "labelled")


async def partly(message: Message) -> Sentences:
    """Keep what is clear, and ask about the rest."""
    reading = message.reading
    loose = (*reading.loose_zips, *reading.loose_places)
    made = plan(message.details, replace(reading, loose_zips=(), loose_places=()))
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
    async for sentence in follow(message, made):
        yield sentence


async def follow(message: Message, made: Plan, then: Then | None = None) -> Sentences:
    """Quote, if nothing is missing and nothing to be asked; else write down what was heard and ask on.

    ``then`` goes on once there are new quotes, instead of asking which one it shall be.
    """
    known = {name: value for name, value in message.details.items() if name not in made.gone}
    for sentence in made.said:
        yield f"{sentence} "
    whole = not missing({**{n: v for n, v in known.items() if n not in made.towns}, **made.heard})
    if not whole or made.asks is not None or made.towns:
        async for sentence in _write_down(message, made):
            yield sentence
    elif _changed(known, made.heard) or not message.state.get("quotes"):
        async for sentence in quote(message, made.heard, then):
            yield sentence
    else:
        yield f"That is what I have. {BUY if 'chosen' in message.state else WHICH}"


async def quote(message: Message, heard: dict[str, Any] | None = None, then: Then | None = None) -> Sentences:
    """Quote the parcel as it is known, with what was just ``heard`` about it; ``then`` as in ``follow``."""
    heard, known, was_chosen = heard or {}, message.details, "chosen" in message.state
    details = {**known, **heard}
    if message.reading.spoken_zips:
        yield route_heard(details, message.reading.spoken_zips)
    if _exist(details):
        yield "Let me look that up. "
    answer = await message.context.call(QUOTES_TOOL, quote_parameters(details))
    result = answer.result
    if not answer.is_error:
        changed = _changed(known, heard)
        if was_chosen and changed:
            yield f"{old_quotes(changed)}; here are new ones. "
        for sentence in quoted(result):
            yield sentence
        if then is None:
            yield f"{WHICH if len(result['quotes']) > 1 else BUY} "
        else:
            async for sentence in then(message):
                yield sentence
    elif "field" in result and heard and result.get("code") not in _STAND:
        async for sentence in _write_down(message, Plan(heard)):
            yield sentence
    else:
        yield str(result.get("error", "That did not work. Try again in a moment."))


def quote_parameters(details: dict[str, Any]) -> dict[str, Any]:
    """What the tool for quotes is given for these details."""
    parameters = {"from_zip": details["from"], "to_zip": details["to"], "weight": details["weight_lbs"]}
    return {**parameters, **({"dimensions": details["dimensions"]} if "dimensions" in details else {})}


def _exist(details: dict[str, Any]) -> bool:
    """Whether both ends are ZIP codes that there are; with others nothing is looked up."""
    return all(zips.preload().get(details[end]) is not None for end in ("from", "to"))


def _changed(known: dict[str, Any], heard: dict[str, Any]) -> list[str]:
    return [name for name, value in heard.items() if known.get(name) != value]


async def _write_down(message: Message, made: Plan) -> Sentences:
    """Keep what is good, say what is not and why, and ask for the next thing."""
    context, heard = message.context, made.heard
    was_chosen, known = "chosen" in message.state, message.details
    refused: dict[str, str] = {}
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
    details = message.details
    kept = [name for name in heard if name not in refused]
    if kept:
        yield f"{confirmed(details, kept, message.reading.spoken_zips)} "
    for sentence in refused.values():
        yield f"{sentence} "
    if was_chosen and "quotes" not in message.state:
        yield f"{old_quotes([name for name in known if known[name] != details.get(name)])}, so they are gone. "
    choice = message.reading.choice
    if choice is not None and choice.by != "position" and "quotes" not in message.state:
        yield "Choose once there are quotes. "
    yield _asks_on(made, details, refused)


def _asks_on(made: Plan, details: dict[str, Any], refused: dict[str, str]) -> str:
    if made.asks is not None:
        return made.asks
    for end, found in made.towns.items():
        # A ZIP alone is taken for the first open end.
        remembered = f"{end}_place" in details or end == "from" or "from" in details
        return found.question(end) if remembered else f'{found.question(end)} Please say "{end}" before it.'
    return SIZE if list(refused) == ["dimensions"] and not missing(details) else next_question(details)
