"""``create_label``: who may buy, what is asked first, and that whoever asks twice gets the first outcome."""

import asyncio
from typing import Any

import pytest

from tests.support.easypost_double import EasyPostDouble
from tests.support.shipping_room import ShippingRoom, Talk

Json = dict[str, Any]

SENDER = {"name": "Ana Diaz", "street": "12 Elm St"}
RECIPIENT = {"name": "Ben Wu", "street": "PO Box 77", "unit": "2"}


async def quoted(room: ShippingRoom, **parameters: Any) -> Talk:
    """Somebody with quotes."""
    ann = await Talk.enter(room)
    await ann.call("get_shipping_quotes", "q", from_zip="90210", to_zip="10001", weight=5, **parameters)
    return ann


async def offered(paid: ShippingRoom) -> Talk:
    """Somebody who was asked whether to buy."""
    ann = await quoted(paid)
    result = await ann.call("create_label", "b", quote="cheapest", sender=SENDER, recipient=RECIPIENT)
    assert result["status"] == "needs_approval", result
    return ann


# --- where nothing is paid ------------------------------------------------------------------------------------------


async def test_a_complete_call_on_the_owners_own_connection_is_the_yes(room: ShippingRoom) -> None:
    ann = await quoted(room)
    result = await ann.call("create_label", "b", quote="cheapest")
    assert (result["status"], result["is_sample"], result["carrier"]) == ("bought", True, "USPS")
    assert result["tracking_number"].startswith("SAMPLE-")
    state = ann.state
    assert state["current_step"] == 3
    assert state["label"].items() >= {key: result[key] for key in ("label_id", "tracking_number", "cost")}.items()
    (listed,) = state["labels"]
    assert (listed["status"], listed["from"], listed["to"]) == ("bought", "90210", "10001")
    page, bob = ann.peer.of("contextual_update")[-2:]
    assert page["text"] == "label_created"
    assert page["data"].items() >= {"tracking_number": result["tracking_number"], "carrier": "USPS"}.items()
    assert {"label_url", "qr_code", "message", "is_sample"} <= page["data"].keys()
    assert "practice" in page["data"]["message"]
    assert (bob["text"], bob["data"]["is_error"]) == ("create_label_result", False)


async def test_the_same_bytes_for_as_long_as_the_session_lives(room: ShippingRoom) -> None:
    ann = await quoted(room)
    label_id = (await ann.call("create_label", "b", quote="cheapest"))["label_id"]
    for suffix, media in ((".pdf", "application/pdf"), (".png", "image/png"), ("-qr.png", "image/png")):
        found = await room.store.document(f"{label_id}{suffix}")
        assert found is not None
        assert (found.media_type, found.owner, found.session_id) == (media, "ann", ann.peer.session_id)
        assert found.name.startswith("sample-" if suffix != "-qr.png" else "qr-SAMPLE-")


async def test_a_second_label_for_the_same_parcel_is_the_first_one(room: ShippingRoom) -> None:
    ann = await quoted(room)
    first = await ann.call("create_label", "b1", quote="cheapest")
    second = await ann.call("create_label", "b2", quote="fastest")
    assert (second["status"], second["tracking_number"]) == ("bought", first["tracking_number"])
    assert len(await room.store.effects(statuses=["settled"], limit=9)) == 1


async def test_several_parcels_in_one_session_and_all_their_labels_stay_listed(room: ShippingRoom) -> None:
    ann = await Talk.enter(room)
    for n, to in enumerate(("10001", "60601", "94105")):
        await ann.call("get_shipping_quotes", f"q{n}", from_zip="90210", to_zip=to, weight=2)
        assert (await ann.call("create_label", f"b{n}", quote="cheapest"))["status"] == "bought"
    assert [label["to"] for label in ann.state["labels"]] == ["10001", "60601", "94105"]
    assert len({label["shipment_id"] for label in ann.state["labels"]}) == 3
    assert len({label["tracking_number"] for label in ann.state["labels"]}) == 3


@pytest.mark.parametrize("role", ["agent", "editor"])
async def test_others_may_ask_and_never_buy(room: ShippingRoom, role: str) -> None:
    ann = await quoted(room)
    other = await Talk.enter(room, f"ann/{role}", session_id=ann.peer.session_id)
    result = await other.call("create_label", "b", quote="cheapest")
    assert result["status"] == "needs_approval"
    assert result["say"].startswith("Shall I make the sample label for USPS Ground Advantage, estimated at $26.05")
    assert await room.store.effects(statuses=["claimed", "settled"], limit=9) == []
    await ann.resolve("approved", "y")
    await ann.peer.until("effect_changed", status="settled")
    assert ann.state["label"]["is_sample"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "no_choice"),
        ({"quote": "UPS"}, "no_such_quote"),
        ({"quote": "cheapest", "sender": {"name": "Ana", "street": "nowhere"}}, "malformed_address"),
        ({"quote": "cheapest", "recipient": {**RECIPIENT, "zip": "10002"}}, "zip_differs"),
        ({"quote": "cheapest", "sender": {**SENDER, "state": "NV"}}, "place_differs"),
        ({"quote": "cheapest", "sender": "Ana"}, "wrong_type"),
    ],
)
async def test_what_is_not_complete_is_refused_and_changes_nothing(
    room: ShippingRoom, parameters: Json, code: str
) -> None:
    ann = await quoted(room)
    before = ann.state
    result = await ann.call("create_label", "b", **parameters)
    assert (result["status"], result["code"]) == ("refused", code)
    assert result["error"] == result["say"]
    assert ann.state == before


async def test_without_quotes_or_with_old_ones_there_is_no_label(room: ShippingRoom) -> None:
    ann = await Talk.enter(room)
    assert (await ann.call("create_label", "b0"))["code"] == "no_quotes"
    ann = await quoted(room)
    room.now = ann.state["quotes_expire_at"]
    assert (await ann.call("create_label", "b1", quote="cheapest"))["code"] == "quotes_expired"


async def test_a_session_lists_only_so_many_labels(room: ShippingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.app.tools.label.MAX_LABELS", 1)
    ann = await quoted(room)
    await ann.call("create_label", "b0", quote="cheapest")
    await ann.call("new_shipment", "n", same_details=True)
    await ann.call("get_shipping_quotes", "q1", from_zip="90210", to_zip="10001", weight=5)
    assert (await ann.call("create_label", "b1", quote="cheapest"))["code"] == "too_many_labels"


# --- where money moves ----------------------------------------------------------------------------------------------


async def test_the_question_says_all_that_a_yes_is_for(paid: ShippingRoom) -> None:
    ann = await offered(paid)
    asked = await ann.peer.until("approval_requested")
    for part in ("You pay $", "5 lb", "90210 (Beverly Hills, CA)", "10001 (New York, NY)", "usually", "UTC"):
        assert part in asked["text"]
    wanted = {"kind", "carrier", "service", "price", "eta", "from", "to", "weight_lbs", "is_sample", "prices_as_of"}
    assert set(asked["data"]) == wanted
    assert asked["data"]["is_sample"] is False
    assert asked["expires_at"] > paid.now
    assert ann.state["shipping_details"]["sender"]["city"] == "Beverly Hills"


async def test_a_bare_tool_call_of_the_owners_buys_nothing(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    for n in range(3):
        assert (await ann.call("create_label", f"again{n}", quote="cheapest"))["status"] == "needs_approval"
    assert double.labels() == []
    assert len(await paid.told(ann.peer.session_id, "approval_requested")) == 1, "asked once, and again in words only"


async def test_a_question_that_ran_out_is_asked_anew(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    first = ann.state["approval"]
    paid.now = first["expires_at"]
    assert (await ann.call("create_label", "again"))["status"] == "needs_approval"
    assert ann.state["approval"]["approval_id"] != first["approval_id"]
    (over,) = ann.peer.of("approval_resolved")
    assert (over["approval_id"], over["decision"]) == (first["approval_id"], "expired")
    await ann.resolve("approved", "y1")
    await ann.peer.until("effect_changed", status="settled")
    assert len(double.labels()) == 1


async def test_what_landed_after_all_is_given_without_another_yes(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    double.lands_late(line="reset")
    await ann.resolve("approved", "y1")
    await ann.peer.until("effect_changed", status="unknown")
    paid.now += 70_000
    await ann.peer.until("effect_changed", status="failed")
    double.land()
    late = await ann.call("get_shipping_quotes", "q2", from_zip="90210", to_zip="10001", weight=5)
    assert late["code"] == "bought_after_all"
    result = await ann.call("create_label", "b2")
    assert (result["status"], result["tracking_number"]) == ("bought", double.labels()[0].tracking_code)
    assert len(double.labels()) == 1
    assert len(double.calls("buy")) == 1


async def test_addresses_are_needed(paid: ShippingRoom) -> None:
    ann = await quoted(paid)
    result = await ann.call("create_label", "b0", quote="cheapest")
    assert (result["code"], result["field"]) == ("missing_address", "sender")
    result = await ann.call("create_label", "b1", quote="cheapest", sender=SENDER)
    assert (result["code"], result["field"]) == ("missing_address", "recipient")
    assert "sender" not in ann.state["shipping_details"], "a refused call writes nothing"
    ann.peer.send("update_state", id="e1", patch={"shipping_details": {"sender": SENDER, "recipient": RECIPIENT}})
    await ann.peer.acked("e1")
    assert (await ann.call("create_label", "b2", quote="cheapest"))["status"] == "needs_approval"


async def test_the_owners_yes_buys_once(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    await ann.resolve("approved", "y1")
    await ann.peer.until("effect_changed", status="settled")
    (label,) = double.labels()
    assert ann.state["label"]["tracking_number"] == label.tracking_code
    again = await ann.call("create_label", "again", quote="fastest")
    assert (again["status"], again["tracking_number"]) == ("bought", label.tracking_code)
    assert len(double.labels()) == 1


@pytest.mark.parametrize(
    ("patch", "quotes_stay"),
    [
        ({"weight_lbs": 6}, False),
        ({"to": "10002"}, False),
        ({"dimensions": "12x10x8"}, False),
        ({"sender": {"name": "Eve", "street": "1 Oak St"}}, True),
        ({"recipient": None}, True),
    ],
)
async def test_any_change_of_what_it_was_for_cancels_the_question(
    paid: ShippingRoom, double: EasyPostDouble, patch: Json, quotes_stay: bool
) -> None:
    ann = await offered(paid)
    ann.peer.send("update_state", id="e1", patch={"shipping_details": patch})
    await ann.peer.acked("e1")
    assert (await ann.peer.until("approval_resolved"))["decision"] == "cancelled"
    assert "approval" not in ann.state
    assert ("quotes" in ann.state) is quotes_stay
    await ann.say("yes")
    assert double.labels() == []


async def test_another_choice_cancels_it_too(paid: ShippingRoom) -> None:
    ann = await offered(paid)
    await ann.call("select_quote", "c", quote="fastest")
    assert (await ann.peer.until("approval_resolved"))["decision"] == "cancelled"


async def test_a_refusal_is_told_and_the_yes_must_be_said_again(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    double.fault("buy", "refuse")
    await ann.resolve("approved", "y1")
    failed = await ann.peer.until("effect_changed", status="failed")
    assert failed["say"].startswith("The label was not bought.")
    assert ann.state["refusal"]["say"] == failed["say"]
    assert ann.state["current_step"] == 2
    assert (await ann.call("create_label", "b2"))["status"] == "needs_approval"
    await ann.resolve("approved", "y2")
    await ann.peer.until("effect_changed", status="settled")
    assert "refusal" not in ann.state
    assert len(double.labels()) == 1


async def test_a_call_meanwhile_waits_and_is_told_the_outcome(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    double.hold("buy")
    await ann.resolve("approved", "y1")
    await double.arrived("buy")
    waiting = asyncio.create_task(ann.call("create_label", "b2"))
    await ann.peer.acked("b2")
    double.let_go("buy")
    result = await waiting
    assert (result["status"], result["tracking_number"]) == ("bought", double.labels()[0].tracking_code)


async def test_a_parcel_that_is_being_bought_stands(paid: ShippingRoom, double: EasyPostDouble) -> None:
    ann = await offered(paid)
    double.hold("buy")
    await ann.resolve("approved", "y1")
    await double.arrived("buy")
    ann.peer.send("update_state", id="e1", patch={"shipping_details": {"weight_lbs": 6}})
    refused = await ann.peer.until("error", id="e1")
    assert (refused["code"], refused["temporary"]) == ("not_allowed", False)
    assert (await ann.call("select_quote", "c", quote="fastest"))["code"] == "being_bought"
    double.let_go("buy")
    await ann.peer.until("effect_changed", status="settled")
