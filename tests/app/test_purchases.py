"""Finding the purchase behind a label, in the ledger."""

import msgspec
import pytest

from shipanion.app.purchases import Purchases, effect_of
from shipanion.errors import ShippingError
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.purchase import Bought, NotBought, Order, PurchaseOutcome, Unknown
from shipanion.shipping.rates import table
from shipanion.stores.base import EffectRow

ORDER = Order(
    reference="purchase-77", shipment_id="shipment-1", anchor="shp-1", quote_id="g", carrier="USPS", service="Ground",
    cost=2605, details={"from": "90210", "to": "10001"}, transit_days=5, at=1,
)  # fmt: skip


CARRIER = RateCardCarrier(table.load())


def row(status: str = "settled") -> EffectRow:
    outcome = {"tracking_number": "9400", "cost": 2599, "sample": False, "purchase_id": "pl-1"}
    return EffectRow(
        session_id="session-1", effect_id="purchase-77", intent="purchase of shipment-1", kind="buy", status=status,
        owner="b", fence=1, at=1, request=msgspec.json.encode({"order": msgspec.to_builtins(ORDER)}), call_id=None,
        outcome=msgspec.json.encode(outcome) if status == "settled" else None, held=True,
    )  # fmt: skip


def test_a_label_is_named_after_its_purchase() -> None:
    assert effect_of({"label_id": "label-77"}) == "purchase-77"


async def test_order_and_purchase_come_from_the_ledger() -> None:
    async def find(session_id: str, effect_id: str) -> EffectRow | None:
        assert (session_id, effect_id) == ("session-1", "purchase-77")
        return row()

    found = await Purchases(find, CARRIER).of("session-1", {"label_id": "label-77"})
    assert found == (ORDER, Bought(tracking_number="9400", cost=2599, sample=False, purchase_id="pl-1"))


@pytest.mark.parametrize("found", [None, row("unknown"), row("claimed")])
async def test_without_a_settled_purchase_there_is_none(found: EffectRow | None) -> None:
    async def find(session_id: str, effect_id: str) -> EffectRow | None:
        return found

    with pytest.raises(ShippingError) as error:
        await Purchases(find, CARRIER).of("session-1", {"label_id": "label-77"})
    assert error.value.code == "no_such_label"


# --- what turns up after all ----------------------------------------------------------------------------------------

DETAILS = {"from": "90210", "to": "10001", "weight_lbs": 5}
TIED = {
    "shipment_id": "shipment-1", "shipping_details": DETAILS,
    "tied": {"anchor": "shp-1", "effect_id": "purchase-77", "details": DETAILS},
}  # fmt: skip
LATE = Bought(tracking_number="9400", cost=2599, sample=False)


class Answers(RateCardCarrier):
    """A carrier that is asked, and says this."""

    def __init__(self, outcome: PurchaseOutcome) -> None:
        super().__init__(table.load())
        self.outcome = outcome
        self.asked: list[Order] = []

    async def find(self, order: Order) -> PurchaseOutcome:
        self.asked.append(order)
        return self.outcome


async def failed(session_id: str, effect_id: str) -> EffectRow | None:
    return row("failed") if effect_id == "purchase-77" else None


async def test_a_purchase_that_was_read_as_not_made_is_looked_for_again() -> None:
    carrier = Answers(LATE)
    assert await Purchases(failed, carrier).late("session-1", TIED) == ORDER
    assert carrier.asked == [ORDER]
    for outcome in (NotBought("not_bought", "no"), Unknown("?")):
        assert await Purchases(failed, Answers(outcome)).late("session-1", TIED) is None


@pytest.mark.parametrize(
    "state",
    [
        {**TIED, "tied": None},
        {**TIED, "label": {"label_id": "label-77"}},
        {**TIED, "purchase": {"effect_id": "purchase-88"}},
        {**TIED, "shipping_details": {**DETAILS, "weight_lbs": 6}},
    ],
    ids=["not tied", "has its label", "is being bought", "another parcel"],
)
async def test_where_there_is_nothing_to_look_for_nobody_is_asked(state: dict[str, object]) -> None:
    carrier = Answers(LATE)
    assert await Purchases(failed, carrier).late("session-1", state) is None
    assert carrier.asked == []
