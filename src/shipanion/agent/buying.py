"""From the quotes to the label: choosing one, asking for the yes, and what became of it.

Bob buys nothing. He calls ``create_label``, which asks the person, and the server takes their yes before his next turn
begins. Whatever he says of a label, the ledger has said before.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from shipanion.agent.figures import QUOTES_TOOL, quote, quote_parameters
from shipanion.agent.label_sentences import (
    AFTER_REFUSAL,
    BUY,
    KEPT,
    NAMES,
    NO_SKIPPING,
    RAN_OUT,
    WHICH,
    address_question,
    confirming,
    is_now,
    made,
    stands,
    stays,
    void,
)
from shipanion.agent.message import Message
from shipanion.agent.sentences import missing, next_question, quoted
from shipanion.shipping.grammar import Choice
from shipanion.shipping.shipment import ENDS, chosen_quote, label_id

__all__ = ["choose", "decline", "go_on", "meant", "order", "outcome", "skip"]

Json = dict[str, Any]
Sentences = AsyncIterator[str]

_TIERS: Final = {"Ground Advantage": "GROUND", "Priority Mail": "PRIORITY", "Priority Mail Express": "EXPRESS"}


def meant(quotes: list[Json], choice: Choice | None) -> Json | None:
    """The quote of the shared state that a choice names; None where there is no such. Pure."""
    if choice is None or not quotes:
        return None
    if choice.by == "cost":
        return min(quotes, key=lambda quote: (quote["cost"], quote["transit_days"]))
    if choice.by == "speed":
        return min(quotes, key=lambda quote: (quote["transit_days"], quote["cost"]))
    if choice.by == "service":
        # Carriers call the same service by names of their own; one alone of its kind is meant.
        kind = [quote for quote in quotes if quote.get("service_tier") == _TIERS.get(str(choice.value), "")]
        named = (quote for quote in quotes if quote["service"] == choice.value)
        return next(named, kind[0] if len(kind) == 1 else None)
    place = int(choice.value or 0)
    return quotes[place - 1 if place > 0 else -1] if place <= len(quotes) else None


async def choose(message: Message) -> Sentences:
    """Take the quote that is meant, and ask for the yes."""
    state = message.state
    quotes = state.get("quotes") or []
    wanted = meant(quotes, message.reading.choice)
    if message.settled:
        yield stands(state)
    elif not quotes:
        yield f"There are no quotes to choose from yet. {next_question(message.details)}"
    elif wanted is None:
        yield f"I have {len(quotes)} quotes here, and that is none of them. {WHICH}"
    else:
        first = "chosen" not in state
        answer = await message.context.call("select_quote", {"quote": wanted["id"]})
        if answer.result.get("code") == "quotes_expired":
            async for sentence in _renew(message, wanted):
                yield sentence
        elif answer.is_error:
            yield _said(answer.result)
        else:
            async for sentence in order(message, first=first):
                yield sentence


async def order(message: Message, *, first: bool = False, renewed: bool = False) -> Sentences:
    """Ask for the yes to what is chosen, or say what became of it. ``first``: it was just chosen."""
    answer = await message.context.call("create_label", {})
    result = answer.result
    status, code = result.get("status"), result.get("code")
    if status == "needs_approval":
        named = not ENDS.keys().isdisjoint(message.details) or bool(message.state.get("labels"))
        yield f"{NAMES if first and result.get('is_sample') and not named else ''}{result['say']}"
    elif status == "bought":
        yield made(result, already=True)
    elif code == "no_choice":
        yield WHICH
    elif code == "quotes_expired" and not renewed:
        async for sentence in _renew(message, chosen_quote(message.state)):
            yield sentence
    elif code == "no_quotes":
        async for sentence in _to_quotes(message):
            yield sentence
    elif code == "missing_address":
        yield address_question(str(result.get("field")), message.details)
    elif code is not None and code == (message.state.get("refusal") or {}).get("code"):
        yield f"{_said(result)} {AFTER_REFUSAL}"
    else:
        yield _said(result)


async def go_on(message: Message) -> Sentences:
    """A plain yes that answered no question, or what follows when an address was taken: the next step of the parcel."""
    state = message.state
    asked = state.get("approval") or {}
    if asked.get("kind") == "void":
        entry = message.listed(asked["label_id"]) or {}
        answer = await message.context.call("void_label", {"tracking_number": entry.get("tracking_number")})
        yield _said(answer.result)
    elif message.settled or state.get("quotes"):
        async for sentence in order(message):
            yield sentence
    else:
        async for sentence in _to_quotes(message):
            yield sentence


async def skip(message: Message) -> Sentences:
    """ "No names": on to the question, unless the carrier needs them."""
    sentences = [sentence async for sentence in go_on(message)]
    needed = [name for name in ENDS if name not in message.details]
    if needed and sentences == [address_question(needed[0], message.details)]:
        yield NO_SKIPPING
    for sentence in sentences:
        yield sentence


def decline(message: Message) -> str:
    """The answer to a no: what stays, and what can be done next."""
    return stays(message.state) or f"All right. {next_question(message.details)}"


# --- after the person's answer ------------------------------------------------------------------------------------


async def outcome(message: Message) -> Sentences:
    """What became of the yes or no that the message was."""
    answered = message.context.answered
    assert answered is not None
    effect_id = str(answered.effect_id)
    if answered.decision == "declined":
        yield decline(message)
        return
    told = _refusal(message, effect_id)
    result: Json = {}
    if told is None:
        result = await (_voided(message) if answered.kind == "void" else _bought(message, effect_id))
        # It may have failed between the look above and the call.
        told = _refusal(message, effect_id)
    if told is None:
        yield _words(result)
        same = result.get("shipment_id") == message.state.get("shipment_id")
        if answered.kind == "void" and same and not missing(message.details) and not message.state.get("quotes"):
            yield f" {KEPT}"
    elif result.get("status") == "needs_approval":
        yield f"{told} {result['say']}"
    else:
        yield f"{told} {AFTER_REFUSAL}" if answered.kind == "buy" else told


async def _bought(message: Message, effect_id: str) -> Json:
    """The purchase that the yes began; it is waited for, unless another parcel was begun meanwhile."""
    entry, state = message.listed(label_id(effect_id)), message.state
    if entry is None or entry["label_id"] == (state.get("label") or {}).get("label_id"):
        return dict((await message.context.call("create_label", {})).result)
    return entry


async def _voided(message: Message) -> Json:
    answered = message.context.answered
    assert answered is not None
    call = {"tracking_number": answered.about.get("tracking_number")}
    result = dict((await message.context.call("void_label", call)).result)
    # The list knows more: whether the refund is pending.
    return (message.listed(result["label_id"]) or result) if result.get("status") == "voided" else result


def _words(result: Json) -> str:
    match result.get("status"):
        case "bought":
            return made(result)
        case "confirming":
            return confirming(result)
        case "voided" | "void_pending":
            return void(result)
        case _:
            return _said(result)


def _refusal(message: Message, effect_id: str) -> str | None:
    """The sentence with which this very effect failed; None while it has not."""
    refusal = message.state.get("refusal") or {}
    return str(refusal["say"]) if refusal.get("effect_id") == effect_id else None


# --- quotes that have run out -------------------------------------------------------------------------------------


async def _renew(message: Message, wanted: Json | None) -> Sentences:
    """Quote again what ran out, say what changed for the chosen service, and ask for the yes to that."""
    answer = await message.context.call(QUOTES_TOOL, quote_parameters(message.details))
    if answer.is_error:
        yield f"{RAN_OUT}{_said(answer.result)}"
        return
    new = next((quote for quote in message.state.get("quotes") or () if wanted and _same(quote, wanted)), None)
    yield RAN_OUT
    if wanted is None or new is None:
        if wanted is not None:
            yield f"{wanted['carrier']} {wanted['service']} is not offered any more. "
        for sentence in quoted(answer.result):
            yield sentence
        yield WHICH if len(answer.result["quotes"]) > 1 else BUY
        return
    yield is_now(wanted, new)
    chosen = await message.context.call("select_quote", {"quote": new["id"]})
    if chosen.is_error:
        yield _said(chosen.result)
        return
    async for sentence in order(message, renewed=True):
        yield sentence


def _same(one: Json, other: Json) -> bool:
    return all(one[key] == other[key] for key in ("carrier", "service"))


async def _to_quotes(message: Message) -> Sentences:
    """Towards quotes: ask for what is missing, or quote."""
    if missing(message.details):
        yield next_question(message.details)
        return
    async for sentence in quote(message):
        yield sentence


def _said(result: Json) -> str:
    return str(result.get("say") or result.get("error") or "That did not work. Try again in a moment.")
