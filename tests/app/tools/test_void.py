"""``void_label``: which label, who may, and once."""

from tests.app.tools.test_label import offered, quoted
from tests.support.easypost_double import EasyPostDouble
from tests.support.shipping_room import ShippingRoom, Talk


async def bought(paid: ShippingRoom) -> Talk:
    """Somebody who has paid for a label."""
    ann = await offered(paid)
    await ann.resolve("approved", "y1")
    await ann.peer.until("effect_changed", status="settled", kind="buy")
    return ann


async def test_a_sample_is_void_at_once_on_the_owners_own_connection(room: ShippingRoom) -> None:
    ann = await quoted(room)
    label = await ann.call("create_label", "b", quote="cheapest")
    result = await ann.call("void_label", "v1")
    assert (result["status"], result["refund"]) == ("voided", "not_applicable")
    state = ann.state
    assert [entry["status"] for entry in state["labels"]] == ["voided"]
    assert not {"label", "quotes", "chosen"} & state.keys()
    assert state["shipping_details"]["to"] == "10001"
    again = await ann.call("void_label", "v2", tracking_number=label["tracking_number"].lower())
    assert (again["status"], "already" in again["say"]) == ("voided", True)
    assert [row.kind for row in await room.store.effects(statuses=["settled"], limit=9)] == ["void", "buy"]


async def test_after_it_the_same_parcel_may_be_bought_again(room: ShippingRoom) -> None:
    ann = await quoted(room)
    first = await ann.call("create_label", "b1", quote="cheapest")
    await ann.call("void_label", "v1")
    await ann.call("get_shipping_quotes", "q2", from_zip="90210", to_zip="10001", weight=5)
    second = await ann.call("create_label", "b2", quote="cheapest")
    assert second["status"] == "bought"
    assert second["shipment_id"] == first["shipment_id"]
    assert second["tracking_number"] != first["tracking_number"]


async def test_which_one_is_asked_when_there_are_several(room: ShippingRoom) -> None:
    ann = await Talk.enter(room)
    assert (await ann.call("void_label", "v0"))["code"] == "no_label"
    for n in range(2):
        await ann.call("get_shipping_quotes", f"q{n}", from_zip="90210", to_zip="10001", weight=5)
        await ann.call("create_label", f"b{n}", quote="cheapest")
    await ann.call("new_shipment", "n")
    assert (await ann.call("void_label", "v1"))["code"] == "which_label"
    assert (await ann.call("void_label", "v2", tracking_number="SAMPLE-NONE-SUCH"))["code"] == "no_such_label"
    number = ann.state["labels"][0]["tracking_number"]
    assert (await ann.call("void_label", "v3", tracking_number=number))["status"] == "voided"
    assert [label["status"] for label in ann.state["labels"]] == ["voided", "bought"]


async def test_where_money_was_paid_a_yes_is_needed(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await bought(paid)
    result = await ann.call("void_label", "v1")
    assert result["status"] == "needs_approval"
    assert result["say"].startswith("Shall I void the label ")
    assert not double.labels()[0].refunded
    await ann.resolve("approved", "y2")
    told = await ann.peer.until("effect_changed", status="settled", kind="void")
    assert told["data"]["refund"] == "submitted"
    assert [label["status"] for label in ann.state["labels"]] == ["void_pending"]
    assert len(double.calls("refund")) == 1
    assert (await ann.call("void_label", "v2", tracking_number=told["data"]["tracking_number"]))["status"] == "voided"
    assert len(double.calls("refund")) == 1


async def test_a_no_leaves_the_label_good(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await bought(paid)
    await ann.call("void_label", "v1")
    await ann.resolve("declined", "y2")
    assert ann.state["labels"][0]["status"] == "bought"
    assert double.calls("refund") == []


async def test_a_carrier_that_will_not_is_told_and_the_label_stays_good(
    paid: ShippingRoom, double: EasyPostDouble
) -> None:
    double.answer_refunds("rejected")
    ann = await bought(paid)
    await ann.call("void_label", "v1")
    await ann.resolve("approved", "y2")
    failed = await ann.peer.until("effect_changed", status="failed", kind="void")
    assert "stays good" in failed["say"]
    assert (ann.state["labels"][0]["status"], ann.state["label"]["label_id"]) == (
        "bought", ann.state["labels"][0]["label_id"],
    )  # fmt: skip
