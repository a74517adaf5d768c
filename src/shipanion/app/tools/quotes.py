"""``get_shipping_quotes``: what a parcel costs, from the carrier, written into the session."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from shipanion.app.purchases import Purchases
from shipanion.errors import ShippingError
from shipanion.server.domain import Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping import wire
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.refusals import refusal
from shipanion.shipping.shipment import anchor_for, quoted

__all__ = ["NAME", "PARAMETERS", "quotes_tool"]

Json = dict[str, Any]

NAME: Final = "get_shipping_quotes"

_ZIP = {"type": "string", "description": "A US ZIP code: five digits, or nine with a hyphen."}

PARAMETERS: Final[Json] = {
    "type": "object",
    "required": ["from_zip", "to_zip", "weight"],
    "properties": {
        "from_zip": _ZIP,
        "to_zip": _ZIP,
        "weight": {"type": "number", "description": "Pounds, more than 0 and at most 70."},
        "dimensions": {
            "description": 'Inches: "12x10x8", or an object with length, width and height.',
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["length", "width", "height"],
                    "properties": {side: {"type": "number"} for side in ("length", "width", "height")},
                },
            ],
        },
        "pickup_requested": {"type": "boolean", "description": "Pick-ups are not offered; the answer says so."},
    },
}


def quotes_tool(carrier: Carrier, purchases: Purchases, today: Callable[[], date]) -> Tool:
    """The tool, asking ``carrier`` for prices as of ``today``."""

    async def run(request: ToolRequest) -> ToolOutcome:
        try:
            asked = wire.read_tool_call(request.parameters, ship_date=today())
            details = wire.shipping_details(asked)
            anchor = anchor_for(request.state, details)
            quoted(request.state, details, [], expire_at=0, anchor=anchor)  # refuses before the carrier is asked
            if anchor is not None and await purchases.late(request.session_id, request.state) is not None:
                raise refusal("bought_after_all", _AFTER_ALL, "shipping_details")
            quotation = await carrier.quote(asked, anchor)
            result = wire.tool_result(asked, quotation)
        except ShippingError as error:
            return _failed(error, request.parameters)
        quotes = wire.quotes_state(quotation)
        expire_at = request.now + quotation.valid_seconds * 1000
        told = {"message": result["message"], "tool_name": NAME, "is_error": False}

        def patch(state: Json) -> Json:
            try:
                return quoted(state, details, quotes, expire_at=expire_at, anchor=quotation.anchor)
            except ShippingError:
                return {}  # its label was begun meanwhile: these quotes came too late for it

        return ToolOutcome(
            result=result,
            patch=patch,
            updates=(Update("quote_ready", wire.quote_ready(asked, quotation)), Update(f"{NAME}_result", told)),
            about=(asked, quotation),
        )

    return Tool(
        name=NAME,
        description="Quotes for sending a parcel within the United States, from published prices.",
        parameters=PARAMETERS,
        read_only=True,
        run=run,
    )


_AFTER_ALL: Final = "The label for this parcel was bought after all. Ask for the label to get it; nothing more is paid."


def _failed(error: ShippingError, parameters: Json) -> ToolOutcome:
    told = {"message": error.message, "tool_name": NAME, "is_error": True}
    return ToolOutcome(
        result=wire.tool_failure(error, parameters),
        is_error=True,
        updates=(Update(f"{NAME}_result", told),),
        about=error,
    )
