import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping import money

cents = st.integers(-(10**9), 10**9)


@pytest.mark.parametrize(("amount", "shown"), [(1299, "$12.99"), (1250, "$12.50"), (5, "$0.05"), (-100, "-$1.00")])
def test_text_always_has_two_decimals(amount: int, shown: str) -> None:
    assert money.text(amount) == shown


@given(cents)
def test_dollars_have_at_most_two_decimals_in_json(amount: int) -> None:
    _, _, decimals = json.dumps(money.dollars(amount)).partition(".")
    assert len(decimals) <= 2


@given(cents)
def test_dollars_lead_back_to_the_same_cents(amount: int) -> None:
    assert money.from_dollars(json.loads(json.dumps(money.dollars(amount)))) == amount


@pytest.mark.parametrize("amount", [math.nan, math.inf])
def test_what_is_no_amount_raises(amount: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        money.from_dollars(amount)
