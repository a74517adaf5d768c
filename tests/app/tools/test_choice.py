"""``select_quote``: names one of the quotes, while they hold."""

import pytest

from tests.support.shipping_room import ShippingRoom, Talk


@pytest.fixture
async def ann(room: ShippingRoom) -> Talk:
    """Somebody with three quotes."""
    ann = await Talk.enter(room)
    await ann.call("get_shipping_quotes", "q", from_zip="90210", to_zip="10001", weight=5)
    return ann


@pytest.mark.parametrize(
    ("named", "service"),
    [
        ("cheapest", "Ground Advantage"),
        ("fastest", "Priority Mail Express"),
        ("Priority Mail", "Priority Mail"),
        ("usps priority mail", "Priority Mail"),
        (" usps-ground-advantage ", "Ground Advantage"),
    ],
)
async def test_a_quote_is_chosen_by_any_of_its_names(ann: Talk, named: str, service: str) -> None:
    result = await ann.call("select_quote", "c", quote=named)
    assert (result["status"], result["quote"]["service"]) == ("chosen", service)
    assert result["say"].startswith(f"USPS {service} for $")
    assert ann.state["chosen"] == result["quote"]["id"]
    assert ann.state["current_step"] == 2


@pytest.mark.parametrize("named", ["", "UPS Ground", "second", "usps"])
async def test_what_is_none_of_them_is_refused(ann: Talk, named: str) -> None:
    result = await ann.call("select_quote", "c", quote=named)
    assert (result["status"], result["code"]) == ("refused", "no_such_quote")
    assert "There are: USPS Ground Advantage, USPS Priority Mail, USPS Priority Mail Express." in result["say"]
    assert "chosen" not in ann.state


async def test_quotes_that_ran_out_cannot_be_chosen(ann: Talk, room: ShippingRoom) -> None:
    room.now = ann.state["quotes_expire_at"]
    assert (await ann.call("select_quote", "c", quote="cheapest"))["code"] == "quotes_expired"


async def test_without_quotes_there_is_nothing_to_choose(room: ShippingRoom) -> None:
    ann = await Talk.enter(room)
    assert (await ann.call("select_quote", "c", quote="cheapest"))["code"] == "no_quotes"


async def test_a_parcel_with_a_label_stands(ann: Talk) -> None:
    assert (await ann.call("create_label", "b", quote="cheapest"))["status"] == "bought"
    assert (await ann.call("select_quote", "c", quote="fastest"))["code"] == "labelled"
