from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from shipanion.shipping.purchase import (
    Bought,
    NotBought,
    NotVoided,
    Order,
    PurchaseOutcome,
    Unknown,
    Voided,
    VoidOutcome,
)


def test_each_question_has_three_answers() -> None:
    assert set(get_args(PurchaseOutcome)) == {Bought, NotBought, Unknown}
    assert set(get_args(VoidOutcome)) == {Voided, NotVoided, Unknown}


def test_no_answer_is_taken_for_another() -> None:
    not_bought, not_voided = NotBought("declined", "No."), NotVoided("declined", "No.")
    assert not_bought == NotBought("declined", "No.")
    assert {type(answer).__name__ for answer in (not_bought, not_voided, Unknown("No."), Voided("refunded"))} == {
        "NotBought",
        "NotVoided",
        "Unknown",
        "Voided",
    }
    assert not_bought.__eq__(not_voided) is NotImplemented


def test_an_order_and_its_label_stay_as_they_were_agreed() -> None:
    order = Order(
        reference="purchase 1",
        shipment_id="shipment 1",
        anchor="anchor 1",
        quote_id="usps-ground-advantage",
        carrier="USPS",
        service="Ground Advantage",
        cost=2605,
        details={"from": "90210"},
        transit_days=5,
        at=0,
    )
    label = Bought("SAMPLE-VXCM-GNVD", 2605, sample=True)
    assert (label.files, label.purchase_id) == ((), "")
    with pytest.raises(FrozenInstanceError):
        order.cost = 1  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        label.sample = False  # type: ignore[misc]
