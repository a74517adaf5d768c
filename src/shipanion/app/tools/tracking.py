"""``track_package``: where a parcel is."""

from typing import Annotated, Final

from msgspec import Meta

from shipanion.app.purchases import Purchases
from shipanion.app.tools.parameters import Parameters, read, refused, schema
from shipanion.errors import ShippingError
from shipanion.server.domain import Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping import tracking
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.shipment import find_label

__all__ = ["NAME", "TrackPackage", "track_tool"]

NAME: Final = "track_package"


class TrackPackage(Parameters, frozen=True, kw_only=True):
    """Where a parcel is, and what happened to it so far. A sample's history is made up and says so."""

    tracking_number: Annotated[
        str, Meta(description="Of a label of this session; the current parcel's, or the only one, if left out.")
    ] | None = None  # fmt: skip


def track_tool(carrier: Carrier, purchases: Purchases) -> Tool:
    """The tool, asking ``carrier``."""

    async def run(request: ToolRequest) -> ToolOutcome:
        try:
            wanted = read(request.parameters, TrackPackage)
            label = find_label(request.state, wanted.tracking_number)
            order, bought = await purchases.of(request.session_id, label)
            found = await carrier.track(order, bought, request.now)
        except ShippingError as error:
            return refused(NAME, request.parameters, error)
        say = _sentence(found)
        if label["status"] in ("voided", "void_pending"):
            say = f"{say} Its label is void."
        told = {"message": say, "tool_name": NAME, "is_error": False}
        result = {"say": say, **tracking.as_json(found), "label_status": label["status"]}
        return ToolOutcome(result=result, updates=(Update(f"{NAME}_result", told),))

    return Tool(
        name=NAME, description=str(TrackPackage.__doc__), parameters=schema(TrackPackage), read_only=True, run=run
    )


_WORDS: Final = {
    "PRE_TRANSIT": "has not been handed in yet",
    "IN_TRANSIT": "is on its way",
    "OUT_FOR_DELIVERY": "is out for delivery",
    "DELIVERED": "was delivered",
    "RETURNED": "was sent back",
    "FAILURE": "could not be delivered",
    "UNKNOWN": "has not been seen yet",
}


def _sentence(found: tracking.Tracking) -> str:
    last = found.events[-1] if found.events else None
    where = f" Last: {last.text}, {last.place}." if last is not None else ""
    when = f" It should arrive on {found.estimated_delivery}." if _still_comes(found) else ""
    made_up = " This is a sample: its journey is made up." if found.simulated else ""
    return f"The parcel {found.tracking_number} {_WORDS[found.status]}.{where}{when}{made_up}"


def _still_comes(found: tracking.Tracking) -> bool:
    return found.estimated_delivery is not None and found.status in ("PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY")
