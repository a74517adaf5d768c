from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping.quotes import Quote, cheapest, delivery_date, eta, fastest


def quote(cost: int, days: int, id: str = "a") -> Quote:
    day = date(2026, 11, 23)
    return Quote(id, "USPS", "Ground Advantage", "GROUND", cost, days, day, estimate=True, prices_as_of=day)


def test_cheapest_is_by_cost_then_days_then_id() -> None:
    assert cheapest([quote(500, 1), quote(400, 3), quote(400, 2, "z"), quote(400, 2, "b")]).id == "b"


def test_fastest_is_by_days_then_cost_then_id() -> None:
    assert fastest([quote(500, 1, "z"), quote(500, 1, "c"), quote(600, 1), quote(400, 3)]).id == "c"


@pytest.mark.parametrize("pick", [cheapest, fastest])
def test_no_quotes_is_a_designed_refusal(pick: object) -> None:
    assert callable(pick)
    with pytest.raises(ShippingError) as caught:
        pick([])
    assert caught.value.code == "no_service"


@given(st.lists(st.builds(quote, st.integers(1, 9), st.integers(1, 9), st.sampled_from("abc")), min_size=1))
def test_nothing_is_cheaper_than_the_cheapest_or_faster_than_the_fastest(quotes: list[Quote]) -> None:
    assert cheapest(quotes).cost == min(each.cost for each in quotes)
    assert fastest(quotes).transit_days == min(each.transit_days for each in quotes)


def test_eta_in_words() -> None:
    assert (eta(1), eta(3)) == ("1 day", "3 days")
    assert quote(1, 2).eta == "2 days"


@pytest.mark.parametrize(
    ("ship", "days", "sundays", "arrives"),
    [
        (date(2026, 11, 23), 3, False, date(2026, 11, 26)),
        (date(2026, 11, 27), 2, False, date(2026, 11, 30)),  # Friday: Saturday, then Monday
        (date(2026, 11, 27), 2, True, date(2026, 11, 29)),
        (date(2026, 11, 22), 1, False, date(2026, 11, 23)),
        (date(2026, 12, 30), 2, False, date(2027, 1, 1)),
    ],
)
def test_sundays_are_no_days_of_delivery_but_for_express(ship: date, days: int, sundays: bool, arrives: date) -> None:
    assert delivery_date(ship, days, sundays=sundays) == arrives
