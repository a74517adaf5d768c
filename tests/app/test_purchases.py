"""Finding the purchase behind a label, in the ledger."""

import msgspec
import pytest

from shipanion.app.purchases import Purchases, effect_of
from shipanion.errors import ShippingError
from shipanion.shipping.purchase import Bought, Order
from shipanion.stores.base import EffectRow

ORDER = Order(
    reference="purchase-77", shipment_id="shipment-1", anchor="shp-1", quote_id="g", carrier="USPS", service="Ground",
    cost=2605, details={"from": "90210", "to": "10001"}, transit_days=5, at=1,
)  # fmt: skip


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

    found = await Purchases(find).of("session-1", {"label_id": "label-77"})
    assert found == (ORDER, Bought(tracking_number="9400", cost=2599, sample=False, purchase_id="pl-1"))


@pytest.mark.parametrize("found", [None, row("unknown"), row("claimed")])
async def test_without_a_settled_purchase_there_is_none(found: EffectRow | None) -> None:
    async def find(session_id: str, effect_id: str) -> EffectRow | None:
        return found

    with pytest.raises(ShippingError) as error:
        await Purchases(find).of("session-1", {"label_id": "label-77"})
    assert error.value.code == "no_such_label"
