"""The effect ``void``: what is claimed, and what an outcome means for state and people."""

from typing import Any

import pytest

from shipanion.app.purchases import Purchases
from shipanion.app.voiding import Voiding, marked
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import Situation
from shipanion.server.effect import Claimed, Done, NotDone, Told, Unsure
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.purchase import Bought, NotVoided, Order, Unknown, Voided, VoidOutcome
from shipanion.shipping.rates import table
from shipanion.stores.base import EffectRow
from tests.app.test_purchases import ORDER, row

Json = dict[str, Any]

LABEL: Json = {
    "label_id": "label-77", "tracking_number": "9400", "carrier": "USPS", "service": "Ground", "cost": 25.99,
    "is_sample": False, "status": "bought", "shipment_id": "shipment-1",
}  # fmt: skip
STATE: Json = {
    "shipment_id": "shipment-1", "labels": [{"label_id": "label-1", "status": "bought"}, LABEL],
    "label": {"label_id": "label-77"}, "quotes": [{}], "chosen": "g", "anchor": "shp-1",
}  # fmt: skip


class Carrier(RateCardCarrier):
    """Answers as it is told, and keeps what it was asked."""

    patience_seconds = 2.0

    def __init__(self, outcome: VoidOutcome) -> None:
        super().__init__(table.load())
        self.outcome = outcome
        self.asked: list[tuple[str, Order, Bought]] = []

    async def void(self, order: Order, bought: Bought) -> VoidOutcome:
        self.asked.append(("void", order, bought))
        return self.outcome

    async def find_void(self, order: Order, bought: Bought) -> VoidOutcome:
        self.asked.append(("find_void", order, bought))
        return self.outcome


async def find(session_id: str, effect_id: str) -> EffectRow | None:
    return row()


def voiding(outcome: VoidOutcome) -> tuple[Voiding, Carrier]:
    carrier = Carrier(outcome)
    return Voiding(carrier, Purchases(find, carrier)), carrier


def claimed(effect: Voiding) -> tuple[Claimed, Json]:
    claim = effect.claim(STATE, LABEL, "88")
    held = Claimed(session_id="session-1", effect_id=claim.effect_id, intent=claim.intent, request=claim.request, at=1)
    return held, apply_patch(STATE, claim.patch)


def told(effect: Voiding, held: Claimed, state: Json, outcome: Any) -> tuple[Told, Json]:
    said = effect.told(Situation(session_id="session-1", state=state, now=1, role="agent"), held, outcome)
    return said, apply_patch(state, said.patch or {})


def test_a_claim_marks_the_label() -> None:
    effect, _ = voiding(Voided("refunded"))
    held, state = claimed(effect)
    assert (held.effect_id, held.intent) == ("void-88", "void of label-77")
    assert state["labels"][1] == {**LABEL, "status": "voiding", "void_id": "void-88"}
    assert marked(state, LABEL, "bought")[1] == LABEL
    assert state["labels"][0] == STATE["labels"][0]


@pytest.mark.parametrize(
    ("outcome", "performed", "read"),
    [
        (Voided("submitted"), Done(value={"refund": "submitted"}), Done(value={"refund": "submitted"})),
        (NotVoided("rejected", "No."), NotDone(code="rejected", message="No."),
         NotDone(code="not_voided_as_read", message="No.")),
        (Unknown("hung up"), Unsure(message="hung up"), Unsure(message="hung up")),
    ],
)  # fmt: skip
async def test_the_carrier_is_asked_about_the_purchase(outcome: VoidOutcome, performed: Any, read: Any) -> None:
    effect, carrier = voiding(outcome)
    held, _ = claimed(effect)
    assert await effect.perform(held) == performed
    assert await effect.reconcile(held) == read
    assert [(what, order, bought.purchase_id) for what, order, bought in carrier.asked] == [
        ("void", ORDER, "pl-1"), ("find_void", ORDER, "pl-1"),
    ]  # fmt: skip
    assert effect.may_resend(held, 2**40)
    assert effect.patience_ms > effect.seconds * 1000


@pytest.mark.parametrize(
    ("refund", "status", "says"),
    [
        ("refunded", "voided", "The money was given back."),
        ("submitted", "void_pending", "may take some weeks"),
        ("not_applicable", "voided", "Nothing had been paid."),
    ],
)
def test_void(refund: str, status: str, says: str) -> None:
    effect, _ = voiding(Voided("refunded"))
    held, state = claimed(effect)
    said, after = told(effect, held, state, Done(value={"refund": refund}))
    assert says in said.say
    assert said.releases == "purchase-77"
    assert after["labels"][1] == {**LABEL, "status": status}
    assert not {"label", "quotes", "chosen", "anchor"} & after.keys(), "the carrier's shipment is used up"
    assert said.result.result["status"] == "voided"


def test_a_label_of_an_earlier_parcel_leaves_the_present_one_alone() -> None:
    effect, _ = voiding(Voided("refunded"))
    held, state = claimed(effect)
    state = {**state, "label": {"label_id": "label-99"}}
    _, after = told(effect, held, state, Done(value={"refund": "refunded"}))
    assert (after["label"], after["quotes"]) == ({"label_id": "label-99"}, [{}])


def test_not_void() -> None:
    effect, _ = voiding(Voided("refunded"))
    held, state = claimed(effect)
    said, after = told(effect, held, state, NotDone(code="rejected", message="It was scanned."))
    assert said.say == "The label 9400 was not voided and stays good. It was scanned."
    assert (after["labels"][1], after["label"], said.releases) == (LABEL, STATE["label"], None)
    assert after["refusal"]["effect_id"] == "void-88"
    assert said.result.is_error


def test_nobody_knows() -> None:
    effect, _ = voiding(Voided("refunded"))
    held, state = claimed(effect)
    said, after = told(effect, held, state, Unsure(message="hung up"))
    assert after == state
    assert said.result.result["status"] == "confirming_with_carrier"
    assert "hung up" not in said.say
