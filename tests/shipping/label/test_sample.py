from datetime import date
from typing import Any

import pytest

from shipanion.shipping.label.number import sample_number
from shipanion.shipping.label.sample import Party, from_order
from shipanion.shipping.purchase import Order

PLACES = {"from": "90210", "to": "10001", "from_place": "Beverly Hills, CA", "to_place": "New York, NY"}


def order(**details: Any) -> Order:
    return Order(
        reference="purchase 1",
        shipment_id="shipment 1",
        anchor="ratecard",
        quote_id="usps-ground-advantage",
        carrier="USPS",
        service="Ground Advantage",
        cost=2605,
        details=details,
        transit_days=5,
        at=1_795_478_399_999,  # 2026-11-23, 23:59:59.999 UTC
    )


def test_without_addresses_only_town_and_zip() -> None:
    label = from_order(order(**PLACES, weight_lbs=5, dimensions="12x10x8"))
    assert label.number == sample_number("purchase 1")
    assert (label.carrier, label.service, label.cost) == ("USPS", "Ground Advantage", 2605)
    assert label.sender == Party(town="Beverly Hills, CA", zip="90210")
    assert label.recipient == Party(town="New York, NY", zip="10001")
    assert (label.weight, label.size, label.printed) == ("5 lb", "12x10x8 in", date(2026, 11, 23))
    assert label.prices_as_of == ""
    assert label.qr_text == f"SAMPLE {label.number} NOT POSTAGE"


def test_an_address_takes_the_place_of_the_town() -> None:
    recipient = {
        "name": "Ann Lee",
        "street": "350 Fifth Avenue",
        "unit": "34th Floor",
        "city": "Manhattan",
        "state": "NY",
        "zip": "10118-0110",
    }
    label = from_order(order(**PLACES, recipient=recipient, prices_as_of="2026-07-12"))
    assert label.recipient == Party("Manhattan, NY", "10118-0110", "Ann Lee", "350 Fifth Avenue, 34th Floor")
    assert label.sender == Party("Beverly Hills, CA", "90210")
    assert label.prices_as_of == "2026-07-12"


def test_a_name_alone_stands_over_the_town() -> None:
    label = from_order(order(**PLACES, sender={"name": " Ann Lee ", "street": ""}))
    assert label.sender == Party("Beverly Hills, CA", "90210", "Ann Lee")


@pytest.mark.parametrize(("pounds", "printed"), [(5, "5 lb"), (5.0, "5 lb"), (0.25, "0.25 lb"), (True, ""), ("5", "")])
def test_weight(pounds: object, printed: str) -> None:
    assert from_order(order(weight_lbs=pounds)).weight == printed


@pytest.mark.parametrize("strange", [None, 7, [], {}, "Ann", {"name": 7, "street": None, "zip": ["1"]}])
def test_what_is_no_address_is_left_out(strange: object) -> None:
    label = from_order(order(**PLACES, sender=strange))
    assert label.sender == Party("Beverly Hills, CA", "90210")


def test_nothing_at_all() -> None:
    label = from_order(order())
    assert (label.sender, label.weight, label.size) == (Party("", ""), "", "")
