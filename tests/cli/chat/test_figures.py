"""Prices, names and times: a text for whatever there is."""

import pytest

from shipanion.cli.chat.figures import mapping, number, price, service, until


def test_what_is_there() -> None:
    assert (price(26.5), number(5.0), number(5.25)) == ("$26.50", "5", "5.25")
    assert service({"carrier": "USPS", "service": "Priority Mail"}) == "USPS Priority Mail"
    assert until(1_700_000_000_000) == "22:13 UTC"


@pytest.mark.parametrize("value", [None, "x", [], {}])
def test_what_is_not(value: object) -> None:
    assert price(value) == "?"
    assert until(value) == ""
    assert mapping(value) == {}
    assert isinstance(number(value), str)


def test_a_time_that_no_calendar_has() -> None:
    assert until(10**30) == ""


def test_no_text_steers_the_terminal() -> None:
    assert "\x1b" not in service({"carrier": "\x1b[2J"}) + number("\x1b")
