"""``get_session_state`` and ``new_shipment``: what there is, and beginning another parcel."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from msgspec import Meta

from shipanion.app.tools.parameters import Parameters, read, refused, schema
from shipanion.errors import ShippingError
from shipanion.server.domain import Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping.shipment import restarted

__all__ = ["NEW_SHIPMENT", "SESSION_STATE", "GetSessionState", "NewShipment", "new_shipment_tool", "session_state_tool"]

Json = dict[str, Any]

SESSION_STATE: Final = "get_session_state"
NEW_SHIPMENT: Final = "new_shipment"


class GetSessionState(Parameters, frozen=True, kw_only=True):
    """What this session holds: the parcel, its quotes, its label, earlier labels."""


class NewShipment(Parameters, frozen=True, kw_only=True):
    """Begin another parcel. Labels stay listed; a purchase under way goes on."""

    same_details: Annotated[bool, Meta(description="Whether to keep route, weight, size and addresses.")] = False


def session_state_tool(plain_state: Callable[[Json], Json]) -> Tool:
    """The tool that tells the state in its plain form."""

    async def run(request: ToolRequest) -> ToolOutcome:
        return ToolOutcome(result=plain_state(request.state))

    return Tool(
        name=SESSION_STATE, description=str(GetSessionState.__doc__), parameters=schema(GetSessionState),
        read_only=True, run=run,
    )  # fmt: skip


def new_shipment_tool() -> Tool:
    """The tool that begins another parcel."""

    async def run(request: ToolRequest) -> ToolOutcome:
        try:
            wanted = read(request.parameters, NewShipment)
        except ShippingError as error:
            return refused(NEW_SHIPMENT, request.parameters, error)
        say = "That is a new parcel."
        if request.state.get("purchase"):
            say += " The label of the one before is still being confirmed with the carrier; I will say when I know."
        told = {"message": say, "tool_name": NEW_SHIPMENT, "is_error": False}
        return ToolOutcome(
            result={"status": "begun", "say": say},
            patch=lambda state: restarted(state, keep_details=wanted.same_details),
            updates=(Update(f"{NEW_SHIPMENT}_result", told),),
        )

    return Tool(
        name=NEW_SHIPMENT, description=str(NewShipment.__doc__), parameters=schema(NewShipment), read_only=False,
        run=run,
    )  # fmt: skip
