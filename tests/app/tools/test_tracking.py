"""``track_package``: where a parcel is, in words, and honest about samples."""

from tests.app.tools.test_label import quoted
from tests.app.tools.test_void import bought
from tests.support.easypost_double import EasyPostDouble
from tests.support.shipping_room import ShippingRoom, Talk

DAY_MS = 24 * 3600 * 1000


async def test_a_samples_journey_is_made_up_and_says_so(room: ShippingRoom) -> None:
    ann = await quoted(room)
    await ann.call("create_label", "b", quote="cheapest")
    first = await ann.call("track_package", "t1")
    assert (first["status"], first["simulated"]) == ("PRE_TRANSIT", True)
    assert first["say"].endswith("This is a sample: its journey is made up.")
    room.now += 6 * DAY_MS
    last = await ann.call("track_package", "t2")
    assert last["status"] == "DELIVERED"
    assert all("simulated" in event["text"] for event in last["events"])
    assert last["events"][: len(first["events"])] == first["events"]


async def test_a_label_that_is_void_says_so(room: ShippingRoom) -> None:
    ann = await quoted(room)
    number = (await ann.call("create_label", "b", quote="cheapest"))["tracking_number"]
    await ann.call("void_label", "v")
    found = await ann.call("track_package", "t", tracking_number=number)
    assert (found["label_status"], found["say"].endswith("Its label is void.")) == ("voided", True)


async def test_there_must_be_one(room: ShippingRoom) -> None:
    ann = await Talk.enter(room)
    assert (await ann.call("track_package", "t1"))["code"] == "no_label"
    assert (await ann.call("track_package", "t2", tracking_number="9400100208303109505657"))["code"] == "no_such_label"


async def test_the_carriers_own_word_is_passed_on(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await bought(paid)
    number = ann.state["label"]["tracking_number"]
    assert (await ann.call("track_package", "t1"))["tracking_number"] == number
    double.down()
    failed = await ann.call("track_package", "t2")
    assert failed["status"] == "refused"
    double.up()
