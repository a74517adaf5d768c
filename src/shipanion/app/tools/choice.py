"""``select_quote``: which quote the label is to be for."""

from typing import Annotated, Final

from msgspec import Meta

from shipanion.app.tools.parameters import Parameters, read, refused, schema
from shipanion.errors import ShippingError
from shipanion.server.domain import Claim, Proposal, Situation, Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping import money
from shipanion.shipping.shipment import frozen, pick

__all__ = ["NAME", "SelectQuote", "select_tool"]

NAME: Final = "select_quote"


class SelectQuote(Parameters, frozen=True, kw_only=True):
    """Choose one of the quotes. Nothing is bought yet."""

    quote: Annotated[str, Meta(description='The quote\'s id, its service, "cheapest" or "fastest".')]


def select_tool() -> Tool:
    """The tool."""

    async def run(request: ToolRequest) -> Proposal | ToolOutcome:
        try:
            wanted = read(request.parameters, SelectQuote)
        except ShippingError as error:
            return refused(NAME, request.parameters, error)

        def decide(situation: Situation) -> ToolOutcome | Claim:
            stands = frozen(situation.state)
            try:
                if stands is not None:
                    raise stands
                quote = pick(situation.state, wanted.quote, now=situation.now)
            except ShippingError as error:
                return refused(NAME, request.parameters, error)
            price = money.text(money.from_dollars(quote["cost"]))
            say = f"{quote['carrier']} {quote['service']} for {price}, usually {quote['eta']}."
            told = {"message": say, "tool_name": NAME, "is_error": False}
            return ToolOutcome(
                result={"status": "chosen", "say": say, "quote": quote},
                patch=lambda state: {"chosen": quote["id"]},
                updates=(Update(f"{NAME}_result", told),),
            )

        return Proposal(decide=decide)

    return Tool(
        name=NAME, description=str(SelectQuote.__doc__), parameters=schema(SelectQuote), read_only=False, run=run
    )
