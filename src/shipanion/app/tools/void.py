"""``void_label``: take a label back, or ask the person whether to. It never waits for a person either."""

import secrets
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from shipanion.app.tools.label import asked
from shipanion.app.tools.parameters import Parameters, read, refused, schema
from shipanion.app.voiding import Voiding
from shipanion.errors import ShippingError
from shipanion.server.domain import Claim, Proposal, Situation, Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.offer import offer_to_void
from shipanion.shipping.shipment import find_label

__all__ = ["NAME", "VoidLabel", "void_tool"]

Json = dict[str, Any]

NAME: Final = "void_label"


class VoidLabel(Parameters, frozen=True, kw_only=True):
    """Take a label back, or ask the person whether to. Answers at once."""

    tracking_number: Annotated[
        str, Meta(description="Which label; the current parcel's, or the only one, if left out.")
    ] | None = None  # fmt: skip


def void_tool(carrier: Carrier, voiding: Voiding) -> Tool:
    """The tool, asking ``carrier``."""

    async def run(request: ToolRequest) -> Proposal | ToolOutcome:
        try:
            wanted = read(request.parameters, VoidLabel)
            label = find_label(request.state, wanted.tracking_number)
        except ShippingError as error:
            return refused(NAME, request.parameters, error)
        waits_for: str | None = label.get("void_id")
        number = secrets.token_hex(12)

        def decide(situation: Situation) -> ToolOutcome | Claim:
            try:
                return _decided(situation, label["tracking_number"], number, waits_for, carrier, voiding)
            except ShippingError as error:
                return refused(NAME, request.parameters, error)

        return Proposal(decide=decide, waits_for=waits_for)

    return Tool(name=NAME, description=str(VoidLabel.__doc__), parameters=schema(VoidLabel), read_only=False, run=run)


def _decided(
    situation: Situation, number: str, random: str, waited_for: str | None, carrier: Carrier, voiding: Voiding
) -> ToolOutcome | Claim:
    state = situation.state
    label = find_label(state, number)
    failed = state.get("refusal") or {}
    if label["status"] in ("voided", "void_pending"):
        say = f"The label {label['tracking_number']} is void already."
        return _outcome({**label, "status": "voided", "say": say})
    if label["status"] == "voiding":
        say = f"I am confirming with the carrier whether the label {label['tracking_number']} was voided."
        return _outcome({"status": "confirming_with_carrier", "say": say})
    if waited_for is not None and failed.get("effect_id") == waited_for:
        raise ShippingError(str(failed["code"]), str(failed["say"]))
    if situation.role == "owner" and not carrier.costs_money:
        claim = voiding.claim(state, label, random)
        return msgspec.structs.replace(claim, patch={**claim.patch, "approval": None})
    offer = offer_to_void(state, label, approval_id=f"approval-{random}", now=situation.now)
    return asked(situation, {}, offer, NAME)


def _outcome(result: Json) -> ToolOutcome:
    told = {"message": result["say"], "tool_name": NAME, "is_error": False}
    return ToolOutcome(result=result, updates=(Update(f"{NAME}_result", told),))
