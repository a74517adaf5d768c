"""The shipment in lines and in a table: total, whatever the state holds."""

import io
from typing import Any

import pytest
from rich.console import Console

from shipanion.cli.chat.shipment import has_shipment, shipment_lines, shipment_view, state_lines

QUOTE = {
    "carrier": "USPS",
    "service": "Ground Advantage",
    "cost": 26.5,
    "eta": "5 days",
    "estimated_delivery": "2026-11-27",
    "notes": ["An estimate."],
}
STATE = {
    "title": "Books",
    "shipping_details": {"from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "weight_lbs": 5.0},
    "quotes": [QUOTE, {**QUOTE, "service": "Priority Mail", "cost": 36}],
}


def drawn(state: dict[str, Any], width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(shipment_view(state, width))
    return out.getvalue()


def test_the_details() -> None:
    assert shipment_lines(STATE) == [
        "title       Books",
        "from        90210 (Beverly Hills, CA)",
        "to          10001",
        "weight      5 lb",
    ]


def test_the_quotes_as_a_table() -> None:
    text = drawn(STATE, 80)
    assert "USPS Ground Advantage" in text
    assert "$26.50" in text
    assert "$36.00" in text
    assert "2026-11-27" in text
    assert text.count("An estimate.") == 1


@pytest.mark.parametrize("width", [1, 10, 20, 49])
def test_a_narrow_terminal_gets_a_list(width: int) -> None:
    text = drawn(STATE, width)
    assert max(map(len, text.splitlines())) <= width
    assert "$26.50" in text.replace("\n", "")


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"shipping_details": None, "quotes": None},
        {"shipping_details": "x", "quotes": ["x", {}]},
        {"shipping_details": {"from": 5, "weight_lbs": "heavy"}, "quotes": [{"cost": "much"}]},
    ],
)
def test_any_state_can_be_shown(state: dict[str, Any]) -> None:
    assert drawn(state, 80)


def test_whether_there_is_anything_to_show() -> None:
    assert has_shipment(STATE)
    assert not has_shipment(None)
    assert not has_shipment({"labels": [], "current_step": 0, "shipment_id": "x"})


def test_a_town_stands_for_its_zip_until_that_is_said() -> None:
    details = {"to_place": "Boston, MA", "weight_lbs": 5.5}
    assert shipment_lines({"shipping_details": details}) == ["to          Boston, MA", "weight      5.5 lb"]


LABEL = {"label_id": "label-1", "tracking_number": "SAMPLE-1", "carrier": "USPS", "service": "Ground Advantage",
         "cost": 26.5, "is_sample": True, "status": "bought"}  # fmt: skip
DONE = {
    **STATE,
    "quotes": [{**QUOTE, "id": "a"}, {**QUOTE, "id": "b", "service": "Priority Mail"}],
    "chosen": "b",
    "label": LABEL,
    "labels": [{**LABEL, "label_id": "label-0", "status": "voided"}, LABEL],
}


@pytest.mark.parametrize("width", [30, 80])
def test_the_chosen_quote_and_the_labels_are_told(width: int) -> None:
    text = " ".join(drawn(DONE, width).split())
    assert text.count("(chosen)") == 1
    assert text.index("Priority Mail") < text.index("(chosen)")
    assert "SAMPLE, no postage: SAMPLE-1" in text
    assert "SAMPLE, void" in text
    assert "this parcel's" in text


def test_who_it_is_from_and_to() -> None:
    ana = {"name": "Ana Diaz", "street": "123 Main St", "unit": "Apt 2", "city": "Beverly Hills", "state": "CA",
           "zip": "90210"}  # fmt: skip
    assert shipment_lines({"shipping_details": {"sender": ana, "recipient": {"name": "Ben"}}}) == [
        "sender      Ana Diaz, 123 Main St, Apt 2, Beverly Hills, CA 90210",
        "recipient   Ben",
    ]


@pytest.mark.parametrize(("status", "words"), [("claimed", "being bought"), ("unknown", "it is not bought twice")])
def test_a_purchase_under_way(status: str, words: str) -> None:
    purchase = {"status": status, "carrier": "USPS", "service": "Priority Mail", "cost": 36.9, "is_sample": False}
    assert words in state_lines({"purchase": purchase})[-1]


def test_the_open_question_comes_last() -> None:
    approval = {"kind": "buy", "price": 26.5, "text": "Shall I buy it? Say yes or no.", "expires_at": 1}
    lines = state_lines({**DONE, "approval": approval})
    assert lines[-3:-1] == ["$26.50 to pay", "Shall I buy it?"]
    assert drawn({**DONE, "approval": approval}, 80).rstrip().splitlines()[-1].startswith("Say yes or no")
