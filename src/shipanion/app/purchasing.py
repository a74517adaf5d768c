"""Buying a label as an effect of the server's ledger: claimed, bought once, settled, and what people are told of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from shipanion.server.domain import Claim, Patch, Situation, ToolOutcome, Update
from shipanion.server.effect import Claimed, Done, NotDone, Outcome, Told, Unsure
from shipanion.shipping import money
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.purchase import Bought, NotBought, Order, PurchaseOutcome
from shipanion.shipping.shipment import label_id, tied, with_label
from shipanion.stores.base import NewDocument

__all__ = ["CARRIER_SECONDS", "KIND", "Purchasing", "bought_of", "order_of"]

Json = dict[str, Any]

KIND: Final = "buy"
CARRIER_SECONDS: Final = 60.0
"""How long a carrier may take for one answer."""

_SUFFIX: Final = {"application/pdf": "pdf", "image/png": "png", "application/zpl": "zpl"}


class Purchasing:
    """The effect ``buy``.

    Args:
        carrier: who sells.
        labels_at: where labels are read over HTTP, an absolute path or URL without a slash at the end.
        qr: draws the QR code of a tracking number, as PNG.
    """

    kind = KIND
    seconds = CARRIER_SECONDS

    def __init__(self, carrier: Carrier, labels_at: str, qr: Callable[[str], Awaitable[bytes]]) -> None:
        self._carrier = carrier
        self._labels_at = labels_at
        self._qr = qr

    @property
    def patience_ms(self) -> int:
        """A no that is read counts once the carrier cannot be working on our call any more."""
        return round((self.seconds + self._carrier.patience_seconds) * 1000)

    def claim(self, state: Mapping[str, Any], quote: Mapping[str, Any], number: str, now: int) -> Claim:
        """The claim that buys ``quote`` for the parcel of ``state``; ``number`` is random, of the server's making."""
        details = dict(state["shipping_details"])
        details["prices_as_of"] = quote["prices_as_of"]
        if "estimated_delivery" in quote:
            details["estimated_delivery"] = quote["estimated_delivery"]
        order = Order(
            reference=f"purchase-{number}", shipment_id=state["shipment_id"],
            anchor=str(state.get("anchor") or state["shipment_id"]), quote_id=quote["id"], carrier=quote["carrier"],
            service=quote["service"], cost=money.from_dollars(quote["cost"]), details=details,
            transit_days=quote["transit_days"], at=now,
        )  # fmt: skip
        return self._claim(order, {"resend_until": int(state["quotes_expire_at"])})

    def claim_late(self, order: Order, number: str, now: int) -> Claim:
        """The claim that fetches a label which the carrier has sold for ``order`` after all. Buys nothing."""
        again = replace(order, reference=f"purchase-{number}", at=now)
        return self._claim(again, {"late": True})

    def _claim(self, order: Order, more: Json) -> Claim:
        sample = not self._carrier.costs_money
        told = {
            "carrier": order.carrier, "service": order.service, "cost": money.dollars(order.cost), "is_sample": sample,
        }  # fmt: skip
        purchase = {"effect_id": order.reference, "status": "claimed", **told, "at": order.at}
        return Claim(
            kind=KIND, intent=f"purchase of {order.shipment_id}", effect_id=order.reference,
            request={"order": msgspec.to_builtins(order), **more},
            patch={"purchase": purchase, "refusal": None},
            data={**told, "shipment_id": order.shipment_id},
        )  # fmt: skip

    # --- Effect ---------------------------------------------------------------------------------------------------

    async def perform(self, claimed: Claimed) -> Outcome:
        """Buy; or fetch what was bought after all."""
        if claimed.request.get("late"):
            return await self.reconcile(claimed)
        return await self._outcome(claimed, await self._carrier.buy(order_of(claimed.request)), read=False)

    async def reconcile(self, claimed: Claimed) -> Outcome:
        """Ask the carrier about the same anchor."""
        return await self._outcome(claimed, await self._carrier.find(order_of(claimed.request)), read=True)

    def may_resend(self, claimed: Claimed, now: int) -> bool:
        """Buying again on the same anchor yields the same label; but nobody said yes to tomorrow's price."""
        return now < int(claimed.request.get("resend_until") or 0)

    async def _outcome(self, claimed: Claimed, outcome: PurchaseOutcome, *, read: bool) -> Outcome:
        if isinstance(outcome, Bought):
            label = label_id(claimed.effect_id)
            documents = [
                NewDocument(
                    document_id=f"{label}.{_SUFFIX[media]}", media_type=media,
                    name=f"{'sample-' if outcome.sample else ''}label-{outcome.tracking_number}.{_SUFFIX[media]}",
                    body=body,
                )
                for media, body in outcome.files if media in _SUFFIX
            ]  # fmt: skip
            code = NewDocument(
                document_id=f"{label}-qr.png", media_type="image/png", name=f"qr-{outcome.tracking_number}.png",
                body=await self._qr(_qr_text(outcome)),
            )  # fmt: skip
            value = {
                "tracking_number": outcome.tracking_number, "cost": outcome.cost, "sample": outcome.sample,
                "purchase_id": outcome.purchase_id, "files": [document.document_id for document in documents],
            }  # fmt: skip
            return Done(value=value, documents=(*documents, code))
        if isinstance(outcome, NotBought):
            return NotDone(code="not_bought_as_read" if read else outcome.code, message=outcome.message)
        return Unsure(message=outcome.message)

    def told(self, situation: Situation, claimed: Claimed, outcome: Outcome) -> Told:
        """What became of it, for state, people and the call that waits."""
        order, state = order_of(claimed.request), situation.state
        current = (state.get("purchase") or {}).get("effect_id") == claimed.effect_id
        match outcome:
            case Done():
                files = outcome.value["files"]
                return self._bought(order, bought_of(outcome.value), files, state, current=current)
            case NotDone():
                return self._refused(order, outcome, state, current=current)
            case _:
                return self._unknown(order, current=current)

    def _bought(self, order: Order, bought: Bought, files: list[str], state: Json, *, current: bool) -> Told:
        id = label_id(order.reference)
        label: Json = {
            "label_id": id, "shipment_id": order.shipment_id, "tracking_number": bought.tracking_number,
            "carrier": order.carrier, "service": order.service, "cost": money.dollars(bought.cost),
            "is_sample": bought.sample, "at": order.at,
        }  # fmt: skip
        if files:
            # A PDF first: it is what people print.
            first = min(files, key=lambda name: not name.endswith(".pdf"))
            label["label_url"] = f"{self._labels_at}/{first}"
        code = f"{self._labels_at}/{id}-qr.png"
        entry = {**label, "from": order.details["from"], "to": order.details["to"], "status": "bought"}
        patch: Patch = {"labels": with_label(list(state.get("labels", ())), entry)}
        if current:
            patch |= {"label": {**label, "qr_code": code}, "purchase": None, "refusal": None, "tied": None}
        price = money.text(bought.cost)
        if bought.sample:
            say = (
                f"The sample label is made: {order.carrier} {order.service}, estimated at {price}, number "
                f"{bought.tracking_number}. It is for practice: nothing was paid, and it cannot be mailed."
            )
        else:
            say = f"The label is bought: {order.carrier} {order.service} for {price}, tracking number "
            say += f"{bought.tracking_number}."
        shown = ("tracking_number", "carrier", "label_url", "is_sample")
        told: Json = {key: label[key] for key in shown if key in label}
        page = Update("label_created", {**told, "qr_code": code, "message": say})
        result = {"status": "bought", "say": say, **label, "qr_code": code}
        return Told(say=say, data=_about(entry), patch=patch, result=_answer(result, say, page))

    def _refused(self, order: Order, outcome: NotDone, state: Json, *, current: bool) -> Told:
        say = f"The label was not bought. {outcome.message}"
        if outcome.code == "not_bought_as_read":
            say = "The label was not bought: the carrier never got the order. Nothing was paid. You can try again."
        refusal = {"effect_id": order.reference, "code": outcome.code, "say": say}
        if current:
            patch: Patch = {"purchase": None, "refusal": refusal}
            if outcome.code == "not_bought_as_read":
                patch["tied"] = tied(order.anchor, order.reference, order.details)
        else:
            gone = label_id(order.reference)
            patch = {"labels": [label for label in state.get("labels", ()) if label["label_id"] != gone]}
        result = {"status": "refused", "say": say, "code": outcome.code, "error": say}
        return Told(say=say, data=_named(order), patch=patch, result=_answer(result, say, is_error=True))

    def _unknown(self, order: Order, *, current: bool) -> Told:
        say = (
            f"I am confirming with the carrier whether the {order.carrier} {order.service} label was bought. Nothing "
            "is bought twice; I will say when I know."
        )
        result = {"status": "confirming_with_carrier", "say": say}
        patch: Patch | None = {"purchase": {"status": "unknown"}} if current else None
        return Told(say=say, data=_named(order), patch=patch, result=_answer(result, say))


def order_of(request: Json) -> Order:
    """The order in a claim's request."""
    return msgspec.convert(request["order"], Order)


def bought_of(value: Json) -> Bought:
    """The purchase in a settled outcome, without its files."""
    return Bought(
        tracking_number=value["tracking_number"], cost=value["cost"], sample=value["sample"],
        purchase_id=value["purchase_id"],
    )  # fmt: skip


def _qr_text(bought: Bought) -> str:
    return f"SAMPLE {bought.tracking_number} NOT POSTAGE" if bought.sample else bought.tracking_number


def _named(order: Order) -> Json:
    return {
        "shipment_id": order.shipment_id, "carrier": order.carrier, "service": order.service,
        "cost": money.dollars(order.cost),
    }  # fmt: skip


def _about(entry: Json) -> Json:
    keys = ("label_id", "shipment_id", "tracking_number", "carrier", "service", "cost", "is_sample")
    return {key: entry[key] for key in keys}


def _answer(result: Json, say: str, *updates: Update, is_error: bool = False) -> ToolOutcome:
    told = Update("create_label_result", {"message": say, "tool_name": "create_label", "is_error": is_error})
    return ToolOutcome(result=result, is_error=is_error, updates=(*updates, told))
