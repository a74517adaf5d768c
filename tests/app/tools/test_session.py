"""``get_session_state`` and ``new_shipment``."""

from tests.app.tools.test_label import offered, quoted
from tests.support.easypost_double import EasyPostDouble
from tests.support.shipping_room import ShippingRoom


async def test_the_state_in_its_plain_form(room: ShippingRoom) -> None:
    ann = await quoted(room)
    told = await ann.call("get_session_state", "s")
    assert told["currentStep"] == 1
    assert told["shipping_details"]["weight_lbs"] == 5
    assert len(told["quotes"]) == 3


async def test_another_parcel_keeps_the_labels_and_the_title_and_nothing_else(room: ShippingRoom) -> None:
    ann = await quoted(room)
    await ann.call("create_label", "b", quote="cheapest")
    before = ann.state
    assert (await ann.call("new_shipment", "n1"))["status"] == "begun"
    state = ann.state
    assert state == {
        "shipment_id": f"{before['shipment_id']}-2", "labels": before["labels"], "current_step": 0,
        "title": before["title"],
    }  # fmt: skip
    await ann.call("new_shipment", "n2")
    assert ann.state["shipment_id"] == f"{before['shipment_id']}-3"


async def test_the_same_again_keeps_the_details(room: ShippingRoom) -> None:
    ann = await quoted(room)
    details = ann.state["shipping_details"]
    await ann.call("new_shipment", "n", same_details=True)
    assert ann.state["shipping_details"] == details
    assert "quotes" not in ann.state


async def test_an_open_question_is_cancelled_by_it(paid: ShippingRoom) -> None:
    ann = await offered(paid)
    await ann.call("new_shipment", "n")
    assert (await ann.peer.until("approval_resolved"))["decision"] == "cancelled"


async def test_a_purchase_under_way_stays_listed_and_is_settled_there(
    paid: ShippingRoom, double: EasyPostDouble
) -> None:
    ann = await offered(paid)
    double.hold("buy")
    await ann.resolve("approved", "y1")
    await double.arrived("buy")
    result = await ann.call("new_shipment", "n")
    assert "still being confirmed" in result["say"]
    (waiting,) = ann.state["labels"]
    assert (waiting["status"], "tracking_number" in waiting) == ("confirming", False)
    double.let_go("buy")
    await ann.peer.until("effect_changed", status="settled")
    (listed,) = ann.state["labels"]
    assert (listed["status"], listed["tracking_number"]) == ("bought", double.labels()[0].tracking_code)
    assert not {"label", "purchase"} & ann.state.keys(), "it is not this parcel's"


async def test_one_that_was_refused_after_that_is_not_listed_any_more(
    paid: ShippingRoom, double: EasyPostDouble
) -> None:
    ann = await offered(paid)
    double.hold("buy")
    double.fault("buy", "refuse")
    await ann.resolve("approved", "y1")
    await double.arrived("buy")
    await ann.call("new_shipment", "n")
    double.let_go("buy")
    await ann.peer.until("effect_changed", status="failed")
    assert (ann.state["labels"], "refusal" in ann.state) == ([], False)
