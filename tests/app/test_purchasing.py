"""The effect ``buy``: what is claimed, what an outcome means for state and people, and when it may be done again."""

from typing import Any

import msgspec
import pytest

from shipanion.app.purchasing import CARRIER_SECONDS, KIND, Purchasing, bought_of, order_of
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import Situation
from shipanion.server.effect import Claimed, Done, NotDone, Told, Unsure
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.purchase import Bought, NotBought, Order, PurchaseOutcome, Unknown
from shipanion.shipping.rates import table

Json = dict[str, Any]

NOW = 1_785_000_000_000
QUOTE: Json = {"id": "g", "carrier": "USPS", "service": "Ground Advantage", "cost": 26.05, "eta": "5 days",
               "transit_days": 5, "prices_as_of": "2026-07-12",
               "estimated_delivery": "2026-07-20"}  # fmt: skip
STATE: Json = {
    "shipment_id": "shipment-1", "shipping_details": {"from": "90210", "to": "10001", "weight_lbs": 5},
    "quotes": [QUOTE], "quotes_expire_at": NOW + 60_000, "chosen": "g", "anchor": "shp-1", "labels": [],
}  # fmt: skip


class Carrier(RateCardCarrier):
    """Answers as it is told, and keeps the orders it got."""

    costs_money = True
    patience_seconds = 2.0

    def __init__(self, outcome: PurchaseOutcome) -> None:
        super().__init__(table.load())
        self.outcome = outcome
        self.orders: list[tuple[str, Order]] = []

    async def buy(self, order: Order) -> PurchaseOutcome:
        self.orders.append(("buy", order))
        return self.outcome

    async def find(self, order: Order) -> PurchaseOutcome:
        self.orders.append(("find", order))
        return self.outcome


BOUGHT = Bought(
    tracking_number="9400", cost=2599, sample=False, files=(("application/pdf", b"%PDF"), ("image/x-odd", b"?")),
    purchase_id="pl-1",
)  # fmt: skip


async def qr(text: str) -> bytes:
    return f"QR of {text}".encode()


def purchasing(outcome: PurchaseOutcome = BOUGHT) -> tuple[Purchasing, Carrier]:
    carrier = Carrier(outcome)
    return Purchasing(carrier, "https://ship.example/api/labels", qr), carrier


def claimed(effect: Purchasing, state: Json = STATE) -> tuple[Claimed, Json]:
    """A claim as the server keeps it, and the state after it."""
    claim = effect.claim(state, QUOTE, "77", NOW)
    held = Claimed(
        session_id="session-1", effect_id=claim.effect_id, intent=claim.intent,
        request=msgspec.json.decode(msgspec.json.encode(claim.request)), at=NOW,
    )  # fmt: skip
    return held, apply_patch(state, claim.patch)


def told(effect: Purchasing, held: Claimed, state: Json, outcome: Any) -> tuple[Told, Json]:
    said = effect.told(Situation(session_id="session-1", state=state, now=NOW, role="agent"), held, outcome)
    return said, apply_patch(state, said.patch or {})


# --- the claim ------------------------------------------------------------------------------------------------------


def test_a_claim_holds_all_that_buying_needs() -> None:
    effect, _ = purchasing()
    held, state = claimed(effect)
    assert (held.effect_id, held.intent, effect.kind) == ("purchase-77", "purchase of shipment-1", KIND)
    order = order_of(held.request)
    assert (order.reference, order.anchor, order.quote_id, order.cost) == ("purchase-77", "shp-1", "g", 2605)
    assert order.details["prices_as_of"] == "2026-07-12"
    assert order.details["estimated_delivery"] == "2026-07-20"
    assert state["purchase"] == {
        "effect_id": "purchase-77", "status": "claimed", "carrier": "USPS", "service": "Ground Advantage",
        "cost": 26.05, "is_sample": False, "at": NOW,
    }  # fmt: skip


def test_a_carrier_that_keeps_nothing_is_anchored_on_the_parcel() -> None:
    effect, _ = purchasing()
    held, _ = claimed(effect, {key: value for key, value in STATE.items() if key != "anchor"})
    assert order_of(held.request).anchor == "shipment-1"


async def test_the_same_order_is_bought_and_asked_about() -> None:
    effect, carrier = purchasing()
    held, _ = claimed(effect)
    await effect.perform(held)
    await effect.reconcile(held)
    (buy, first), (find, second) = carrier.orders
    assert (buy, find, first) == ("buy", "find", second)


def test_a_no_that_is_read_counts_late_and_a_dead_claim_may_be_sent_again_while_prices_hold() -> None:
    effect, _ = purchasing()
    held, _ = claimed(effect)
    assert effect.patience_ms == (CARRIER_SECONDS + 2) * 1000
    assert effect.seconds * 1000 < effect.patience_ms
    assert effect.may_resend(held, NOW + 59_999)
    assert not effect.may_resend(held, NOW + 60_000)


# --- outcomes -------------------------------------------------------------------------------------------------------


async def test_a_purchase_leaves_its_files_and_can_be_read_from_the_ledger() -> None:
    effect, _ = purchasing()
    held, _ = claimed(effect)
    done = await effect.perform(held)
    assert isinstance(done, Done)
    assert [(new.document_id, new.media_type, new.name, new.body) for new in done.documents] == [
        ("label-77.pdf", "application/pdf", "label-9400.pdf", b"%PDF"),
        ("label-77-qr.png", "image/png", "qr-9400.png", b"QR of 9400"),
    ]
    read = bought_of(msgspec.json.decode(msgspec.json.encode(done.value)))
    assert (read.tracking_number, read.cost, read.sample, read.purchase_id) == ("9400", 2599, False, "pl-1")


async def test_a_samples_code_says_that_it_is_no_postage() -> None:
    effect, _ = purchasing(Bought(tracking_number="SAMPLE-X", cost=1, sample=True))
    done = await effect.perform(claimed(effect)[0])
    assert isinstance(done, Done)
    assert done.documents[0].body == b"QR of SAMPLE SAMPLE-X NOT POSTAGE"


@pytest.mark.parametrize(
    ("outcome", "performed", "read"),
    [
        (NotBought("declined", "No."), NotDone(code="declined", message="No."),
         NotDone(code="not_bought_as_read", message="No.")),
        (Unknown("hung up"), Unsure(message="hung up"), Unsure(message="hung up")),
    ],
)  # fmt: skip
async def test_what_a_carrier_says_and_what_is_read_are_told_apart(
    outcome: PurchaseOutcome, performed: Any, read: Any
) -> None:
    effect, _ = purchasing(outcome)
    held, _ = claimed(effect)
    assert await effect.perform(held) == performed
    assert await effect.reconcile(held) == read


async def test_bought() -> None:
    effect, _ = purchasing()
    held, state = claimed(effect)
    said, after = told(effect, held, state, await effect.perform(held))
    assert said.say == "The label is bought: USPS Ground Advantage for $25.99, tracking number 9400."
    assert after["label"] == {
        "label_id": "label-77", "shipment_id": "shipment-1", "tracking_number": "9400", "carrier": "USPS",
        "service": "Ground Advantage", "cost": 25.99, "is_sample": False, "at": NOW,
        "label_url": "https://ship.example/api/labels/label-77.pdf",
        "qr_code": "https://ship.example/api/labels/label-77-qr.png",
    }  # fmt: skip
    assert "purchase" not in after
    (entry,) = after["labels"]
    assert (entry["from"], entry["to"], entry["status"]) == ("90210", "10001", "bought")
    assert said.result.result["status"] == "bought"
    assert [update.text for update in said.result.updates] == ["label_created", "create_label_result"]


@pytest.mark.parametrize(
    ("outcome", "tied", "says"),
    [
        (NotDone(code="declined", message="The card was declined."), False, "The card was declined."),
        (NotDone(code="not_bought_as_read", message="nothing there"), True, "You can try again."),
    ],
)
def test_not_bought(outcome: NotDone, tied: bool, says: str) -> None:
    effect, _ = purchasing()
    held, state = claimed(effect)
    said, after = told(effect, held, state, outcome)
    assert said.say.startswith("The label was not bought")
    assert says in said.say
    assert after["refusal"] == {"effect_id": "purchase-77", "code": outcome.code, "say": said.say}
    known = {"anchor": "shp-1", "effect_id": "purchase-77", "details": STATE["shipping_details"]}
    assert ("purchase" in after, after.get("tied")) == (False, known if tied else None)
    assert (said.result.is_error, said.result.result["error"]) == (True, said.say)


def test_nobody_knows() -> None:
    effect, _ = purchasing()
    held, state = claimed(effect)
    said, after = told(effect, held, state, Unsure(message="hung up"))
    assert "confirming with the carrier" in said.say
    assert "hung up" not in said.say
    assert after["purchase"]["status"] == "unknown"
    assert said.result.result == {"status": "confirming_with_carrier", "say": said.say}


async def test_what_turned_up_late_is_fetched_and_never_bought() -> None:
    effect, carrier = purchasing()
    order = order_of(claimed(effect)[0].request)
    claim = effect.claim_late(order, "88", NOW + 9)
    assert (claim.effect_id, claim.intent) == ("purchase-88", "purchase of shipment-1")
    held = Claimed(
        session_id="session-1", effect_id=claim.effect_id, intent=claim.intent, request=claim.request, at=NOW
    )
    assert isinstance(await effect.perform(held), Done)
    assert not effect.may_resend(held, NOW)
    assert [(what, order.anchor) for what, order in carrier.orders] == [("find", "shp-1")]


async def test_a_label_without_a_picture_has_no_address() -> None:
    effect, _ = purchasing(Bought(tracking_number="9400", cost=2599, sample=False))
    held, state = claimed(effect)
    _, after = told(effect, held, state, await effect.perform(held))
    assert "label_url" not in after["label"]
    png = Bought(tracking_number="9400", cost=2599, sample=False, files=(("image/png", b"png"),))
    effect, _ = purchasing(png)
    _, after = told(effect, held, state, await effect.perform(held))
    assert after["label"]["label_url"].endswith("/label-77.png")


async def test_a_purchase_of_an_earlier_parcel_changes_only_its_own_entry() -> None:
    effect, _ = purchasing()
    held, _ = claimed(effect)
    waiting = {"label_id": "label-77", "status": "confirming", "shipment_id": "shipment-1"}
    later = {**STATE, "shipment_id": "shipment-1-2", "labels": [waiting]}
    _, bought = told(effect, held, later, await effect.perform(held))
    assert [entry["status"] for entry in bought["labels"]] == ["bought"]
    assert "label" not in bought
    _, failed = told(effect, held, later, NotDone(code="declined", message="No."))
    assert (failed["labels"], "refusal" in failed) == ([], False)
    _, unsure = told(effect, held, later, Unsure(message="?"))
    assert unsure == later
