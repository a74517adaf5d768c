"""Addresses as people type them: whose it is, written down, read back, and on with the parcel."""

from collections.abc import AsyncIterator
from typing import Any

from shipanion.agent.buying import go_on
from shipanion.agent.label_sentences import NO_NAME, WHOSE, stands
from shipanion.agent.message import Message
from shipanion.agent.sentences import next_question
from shipanion.shipping.address import Address, lines
from shipanion.shipping.language.addresses import SpokenAddress
from shipanion.shipping.shipment import ENDS

__all__ = ["take", "whose"]

Json = dict[str, Any]

_OF_END = {end: name for name, end in ENDS.items()}


def whose(details: Json, spoken: SpokenAddress) -> str | None:
    """``sender`` or ``recipient``, by what was said, by its ZIP code, or by what is missing; None: to be asked."""
    if spoken.end is not None:
        return _OF_END[spoken.end]
    at = [name for name, end in ENDS.items() if spoken.zip and details.get(end) == spoken.zip[:5]]
    return at[0] if len(at) == 1 else next((name for name in ENDS if name not in details), None)


async def take(message: Message) -> AsyncIterator[str]:
    """Write the address down, read it back, and go on."""
    spoken = message.reading.address
    assert spoken is not None
    name = whose(message.details, spoken)
    if message.settled:
        yield stands(message.state)
    elif name is None:
        yield WHOSE
    elif spoken.name is None:
        yield NO_NAME.format(street=spoken.street)
    else:
        given = {key: value for key, value in spoken.said().items() if key != "end"}
        end = ENDS[name]
        route = {end: spoken.zip[:5]} if spoken.zip and end not in message.details else {}
        refused = await message.context.update({"shipping_details": {**route, name: given}})
        if refused is None:
            yield f"Noted, the {name}: {_line(message.details[name])}. "
            async for sentence in go_on(message):
                yield sentence
        elif end not in message.details:
            yield f"{refused} {next_question(message.details)}"
        elif spoken.zip and spoken.zip[:5] != message.details[end]:
            yield f'{refused} For the other ZIP code say "{end} {spoken.zip[:5]}".'
        else:
            yield refused


def _line(address: Json) -> str:
    return ", ".join(lines(Address(**{"unit": None, **address})))
