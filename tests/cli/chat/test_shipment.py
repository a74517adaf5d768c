"""The shipment in lines and in a table: total, whatever the state holds."""

import io
from typing import Any

import pytest
from rich.console import Console

from shipanion.cli.chat.shipment import has_shipment, shipment_lines, shipment_view

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
