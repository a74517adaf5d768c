"""Taking a label back, as an effect of the server's ledger: once per label, and what people are told of it."""

from collections.abc import Mapping
from typing import Any, Final

from shipanion.app.purchases import Purchases, effect_of
from shipanion.app.purchasing import CARRIER_SECONDS
from shipanion.server.domain import Claim, Patch, Situation, ToolOutcome, Update
from shipanion.server.effect import Claimed, Done, NotDone, Outcome, Told, Unsure
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.purchase import NotVoided, Voided, VoidOutcome

__all__ = ["KIND", "Voiding", "marked"]

Json = dict[str, Any]

KIND: Final = "void"

_MONEY: Final = {
    "refunded": "The money was given back.",
    "submitted": "The carrier looks at it before it gives the money back; that may take some weeks.",
    "not_applicable": "Nothing had been paid.",
}


class Voiding:
    """The effect ``void``.

    Args:
        carrier: who sold the label.
        purchases: knows what was bought.
    """

    kind = KIND
    seconds = CARRIER_SECONDS

    def __init__(self, carrier: Carrier, purchases: Purchases) -> None:
        self._carrier = carrier
        self._purchases = purchases

    @property
    def patience_ms(self) -> int:
        """A no that is read counts once the carrier cannot be working on our call any more."""
        return round((self.seconds + self._carrier.patience_seconds) * 1000)

    def claim(self, state: Mapping[str, Any], label: Mapping[str, Any], number: str) -> Claim:
        """The claim that voids ``label``, as the state lists it; ``number`` is random, of the server's making."""
        keys = ("label_id", "tracking_number", "carrier", "service", "cost", "is_sample")
        request = {key: label[key] for key in keys}
        id = f"void-{number}"
        return Claim(
            kind=KIND, intent=f"void of {label['label_id']}", effect_id=id, request=request,
            patch={"labels": marked(state, request, "voiding", void_id=id), "refusal": None}, data=request,
        )  # fmt: skip

    # --- Effect ---------------------------------------------------------------------------------------------------

    async def perform(self, claimed: Claimed) -> Outcome:
        """Ask the carrier to take it back."""
        order, bought = await self._purchases.of(claimed.session_id, claimed.request)
        return _outcome(await self._carrier.void(order, bought), read=False)

    async def reconcile(self, claimed: Claimed) -> Outcome:
        """Ask the carrier whether it has."""
        order, bought = await self._purchases.of(claimed.session_id, claimed.request)
        return _outcome(await self._carrier.find_void(order, bought), read=True)

    def may_resend(self, claimed: Claimed, now: int) -> bool:
        """A label can be taken back only once, however often that is asked."""
        return True

    def told(self, situation: Situation, claimed: Claimed, outcome: Outcome) -> Told:
        """What became of it, for state, people and the call that waits."""
        label, state = claimed.request, situation.state
        match outcome:
            case Done():
                refund = str(outcome.value["refund"])
                status = "void_pending" if refund == "submitted" else "voided"
                patch: Patch = {"labels": marked(state, label, status)}
                if (state.get("label") or {}).get("label_id") == label["label_id"]:
                    # The carrier's shipment is used up: what is sent now must be quoted anew.
                    gone = ("label", "quotes", "quotes_expire_at", "anchor", "chosen", "tied")
                    patch |= dict.fromkeys(gone)
                say = f"The {_kind_of(label)}label {label['tracking_number']} is void. {_MONEY[refund]}"
                result = {"status": "voided", "refund": refund, "say": say, **label}
                return Told(
                    say=say, data={**label, "refund": refund}, patch=patch, result=_answer(result, say),
                    releases=effect_of(label),
                )  # fmt: skip
            case NotDone():
                say = f"The label {label['tracking_number']} was not voided and stays good. {outcome.message}"
                refused = {"effect_id": claimed.effect_id, "code": outcome.code, "say": say}
                result = {"status": "refused", "say": say, "code": outcome.code, "error": say}
                patch = {"labels": marked(state, label, "bought"), "refusal": refused}
                return Told(say=say, data=label, patch=patch, result=_answer(result, say, is_error=True))
            case _:
                say = f"I am confirming with the carrier whether the label {label['tracking_number']} was voided."
                result = {"status": "confirming_with_carrier", "say": say}
                return Told(say=say, data=label, result=_answer(result, say))


def _outcome(outcome: VoidOutcome, *, read: bool) -> Outcome:
    if isinstance(outcome, Voided):
        return Done(value={"refund": outcome.refund})
    if isinstance(outcome, NotVoided):
        return NotDone(code="not_voided_as_read" if read else outcome.code, message=outcome.message)
    return Unsure(message=outcome.message)


def marked(
    state: Mapping[str, Any], label: Mapping[str, Any], status: str, *, void_id: str | None = None
) -> list[Json]:
    """State ``labels`` with this label's status; ``void_id`` is the effect that is taking it back."""
    listed = []
    for entry in state.get("labels", ()):
        if entry["label_id"] == label["label_id"]:
            rest = {key: value for key, value in entry.items() if key != "void_id"}
            entry = {**rest, "status": status, **({} if void_id is None else {"void_id": void_id})}
        listed.append(entry)
    return listed


def _kind_of(label: Mapping[str, Any]) -> str:
    return "sample " if label["is_sample"] else ""


def _answer(result: Json, say: str, *, is_error: bool = False) -> ToolOutcome:
    told = Update("void_label_result", {"message": say, "tool_name": "void_label", "is_error": is_error})
    return ToolOutcome(result=result, is_error=is_error, updates=(told,))
