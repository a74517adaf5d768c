"""What a person is asked: every part of it said, and bound to what it is for."""

from typing import Any

from shipanion.shipping.offer import OFFER_SECONDS, offer_to_buy, offer_to_void, question
from shipanion.shipping.shipment import binding

Json = dict[str, Any]

NOW = 1_785_000_000_000
DETAILS: Json = {
    "from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "to_place": "New York, NY", "weight_lbs": 5.5,
}  # fmt: skip
QUOTE: Json = {"id": "g", "carrier": "USPS", "service": "Ground Advantage", "cost": 26.05, "eta": "5 days",
               "prices_as_of": "2026-07-12"}  # fmt: skip
STATE: Json = {
    "shipment_id": "shipment-1", "shipping_details": DETAILS, "quotes": [QUOTE], "chosen": "g", "labels": [],
    "quotes_expire_at": NOW + 3_600_000,
}  # fmt: skip


def test_an_offer_of_a_sample_says_that_it_is_one() -> None:
    offer = offer_to_buy(STATE, QUOTE, approval_id="approval-1", now=NOW, sample=True)
    assert offer["text"] == (
        "Shall I make the sample label for USPS Ground Advantage, estimated at $26.05 (prices of 2026-07-12): 5.5 lb "
        "from 90210 (Beverly Hills, CA) to 10001 (New York, NY), usually 5 days? It is for practice: nothing is paid, "
        "and it cannot be mailed. Say yes or no."
    )
    assert offer["is_sample"]


def test_an_offer_of_postage_says_the_price_and_until_when() -> None:
    offer = offer_to_buy(STATE, QUOTE, approval_id="approval-1", now=NOW, sample=False)
    assert offer["text"] == (
        "Shall I buy the label: USPS Ground Advantage for $26.05, 5.5 lb from 90210 (Beverly Hills, CA) to 10001 (New "
        "York, NY), usually 5 days? You pay $26.05. The offer holds until 17:35 UTC. Say yes or no."
    )
    assert offer["expires_at"] == NOW + OFFER_SECONDS * 1000
    assert offer["digest"] == binding(STATE, "buy")
    assert question(offer, DETAILS) == offer["text"]


def test_an_offer_holds_no_longer_than_its_prices() -> None:
    soon = {**STATE, "quotes_expire_at": NOW + 5}
    assert offer_to_buy(soon, QUOTE, approval_id="a", now=NOW, sample=False)["expires_at"] == NOW + 5


def test_voiding_is_asked_for_by_number() -> None:
    label = {"label_id": "label-9f", "tracking_number": "9400", "carrier": "USPS", "service": "Priority Mail",
             "cost": 12.3, "is_sample": False}  # fmt: skip
    offer = offer_to_void(STATE, label, approval_id="approval-2", now=NOW)
    assert offer["text"] == (
        "Shall I void the label 9400 (USPS Priority Mail, $12.30) and ask for the money back? It must not be used "
        "after that. Say yes or no."
    )
    assert (offer["kind"], offer["label_id"], offer["digest"]) == ("void", "label-9f", binding({}, "void", "label-9f"))
    sample = offer_to_void(STATE, {**label, "is_sample": True}, approval_id="approval-2", now=NOW)
    assert sample["text"] == "Shall I void the sample label 9400? Say yes or no."
