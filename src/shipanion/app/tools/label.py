"""``create_label``: buy the label, or ask the person whether to.

It never waits for a person. Where nothing is paid, a complete call on the owner's own connection is the yes; in every
other case the answer is ``needs_approval``, and only the owner's yes buys.
"""

import secrets
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from shipanion.app.purchases import Purchases
from shipanion.app.purchasing import Purchasing
from shipanion.app.tools.parameters import Address, Parameters, read, refused, schema
from shipanion.errors import ShippingError
from shipanion.protocol.events import ApprovalRequested, ApprovalResolved, EventBody
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import Claim, Proposal, Situation, Tool, ToolOutcome, ToolRequest, Update
from shipanion.shipping.address import as_json, read_address
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.offer import offer_to_buy
from shipanion.shipping.refusals import refusal
from shipanion.shipping.shipment import ENDS, MAX_LABELS, chosen_quote, pick, usable_quotes

__all__ = ["NAME", "CreateLabel", "asked", "label_tool"]

Json = dict[str, Any]

NAME: Final = "create_label"


class CreateLabel(Parameters, frozen=True, kw_only=True):
    """Buy the label for the chosen quote, or ask the person whether to. Answers at once."""

    quote: Annotated[
        str, Meta(description='The quote\'s id, its service, "cheapest" or "fastest"; the chosen one if left out.')
    ] | None = None  # fmt: skip
    sender: Address | None = None
    recipient: Address | None = None


def label_tool(carrier: Carrier, purchasing: Purchasing, purchases: Purchases) -> Tool:
    """The tool, buying from ``carrier``."""

    async def run(request: ToolRequest) -> Proposal | ToolOutcome:
        try:
            wanted = read(request.parameters, CreateLabel)
            late = await purchases.late(request.session_id, request.state)
        except ShippingError as error:
            return refused(NAME, request.parameters, error)
        purchase = request.state.get("purchase") or {}
        waits_for = purchase.get("effect_id") if purchase.get("status") == "claimed" else None
        number = secrets.token_hex(12)

        def decide(situation: Situation) -> ToolOutcome | Claim:
            known = _known(situation.state, waits_for)
            if known is not None:
                return known
            if late is not None and situation.state.get("shipment_id") == late.shipment_id:
                return purchasing.claim_late(late, number, situation.now)
            try:
                return _decided(situation, wanted, number, carrier, purchasing)
            except ShippingError as error:
                return refused(NAME, request.parameters, error)

        return Proposal(decide=decide, waits_for=waits_for)

    return Tool(
        name=NAME, description=str(CreateLabel.__doc__), parameters=schema(CreateLabel), read_only=False, run=run
    )


def _known(state: Json, waited_for: str | None) -> ToolOutcome | None:
    """The outcome of the purchase that this parcel has or had: whoever asks a second time gets the first one's."""
    label, purchase, failed = state.get("label"), state.get("purchase"), state.get("refusal") or {}
    if label:
        say = f"This parcel has its label: {label['carrier']} {label['service']}, number {label['tracking_number']}."
        return _outcome({"status": "bought", "say": say, **label})
    if purchase:
        say = (
            f"I am confirming with the carrier whether the {purchase['carrier']} {purchase['service']} label was "
            "bought. Nothing is bought twice; I will say when I know."
        )
        return _outcome({"status": "confirming_with_carrier", "say": say})
    if waited_for is not None and failed.get("effect_id") == waited_for:
        say = str(failed["say"])
        return _outcome({"status": "refused", "say": say, "code": failed["code"], "error": say}, is_error=True)
    return None


def _decided(
    situation: Situation, wanted: CreateLabel, number: str, carrier: Carrier, purchasing: Purchasing
) -> ToolOutcome | Claim:
    patch = _wanted(situation, wanted)
    state = apply_patch(situation.state, patch)
    quote = chosen_quote(state)
    assert quote is not None
    missing = [name for name in ENDS if name not in state["shipping_details"]]
    if carrier.costs_money and missing:
        raise refusal("missing_address", f"A label needs the {' and the '.join(missing)}: name and street.", missing[0])
    if len(state.get("labels", ())) >= MAX_LABELS:
        message = f"This session lists {MAX_LABELS} labels, which is as many as it may. Begin another session."
        raise refusal("too_many_labels", message, "labels")
    if situation.role == "owner" and not carrier.costs_money:
        claim = purchasing.claim(state, quote, number, situation.now)
        # A question that is still open is answered by this.
        return msgspec.structs.replace(claim, patch={**patch, **claim.patch, "approval": None})
    offer = offer_to_buy(
        state, quote, approval_id=f"approval-{number}", now=situation.now, sample=not carrier.costs_money
    )
    return asked(situation, patch, offer, NAME)


def _wanted(situation: Situation, wanted: CreateLabel) -> Json:
    """What a call changes before anything is bought: addresses, and which quote it is for."""
    state = situation.state
    quotes = usable_quotes(state, now=situation.now)
    details: Json = {}
    for name, end in ENDS.items():
        given: Address | None = getattr(wanted, name)
        if given is not None:
            address = read_address(msgspec.to_builtins(given), name, zip=state["shipping_details"][end])
            details[name] = as_json(address)
    patch: Json = {"shipping_details": details} if details else {}
    if wanted.quote is not None:
        return {**patch, "chosen": pick(state, wanted.quote, now=situation.now)["id"]}
    if chosen_quote(state) is not None:
        return patch
    if len(quotes) == 1:
        return {**patch, "chosen": quotes[0]["id"]}
    raise refusal("no_choice", "Which one? Choose one of the quotes first.", "quote")


def asked(situation: Situation, patch: Json, offer: Json, tool_name: str) -> ToolOutcome:
    """The outcome that asks a person for their yes to ``offer``.

    Of one that is open already only the words are repeated, unless a message came in between: then their next words can
    only be meant for it if it is asked anew, for everybody to see.
    """
    open_one = situation.state.get("approval")
    over = open_one is not None and situation.now >= open_one["expires_at"]
    same = open_one is not None and not over and open_one["digest"] == offer["digest"]
    if open_one is not None and same and "answering" in situation.state:
        say = str(open_one["text"])
        result = {"status": "needs_approval", "say": say, "approval_id": open_one["approval_id"]}
        return _outcome(result, patch=patch, tool_name=tool_name)
    told = {key: value for key, value in offer.items() if key not in ("text", "digest", "approval_id", "expires_at")}
    event = ApprovalRequested(
        approval_id=offer["approval_id"], text=offer["text"], expires_at=offer["expires_at"], data=told,
        patch={**patch, "approval": {**_without(open_one), **offer}},
    )  # fmt: skip
    result = {"status": "needs_approval", "say": offer["text"], "approval_id": offer["approval_id"], **told}
    ended: tuple[EventBody, ...] = ()
    if over and open_one is not None:
        ended = (ApprovalResolved(approval_id=open_one["approval_id"], decision="expired"),)
    return _outcome(result, events=(*ended, event), tool_name=tool_name)


def _without(before: Json | None) -> Json:
    """What a merge patch needs so that nothing of the offer before stays."""
    return dict.fromkeys(before or {})


def _outcome(
    result: Json, *, is_error: bool = False, patch: Json | None = None, events: tuple[EventBody, ...] = (),
    tool_name: str = NAME,
) -> ToolOutcome:  # fmt: skip
    told = {"message": result["say"], "tool_name": tool_name, "is_error": is_error}
    return ToolOutcome(
        result=result,
        is_error=is_error,
        patch=None if patch is None else lambda state: patch,
        events=events,
        updates=(Update(f"{tool_name}_result", told),),
    )
