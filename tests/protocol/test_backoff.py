"""Coming back: spread from the first try, bounded, and never before the server's word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.backoff import Backoff, delay_ms, spread_ms
from shipanion.protocol.frames import ReconnectWindow

WINDOW = ReconnectWindow(min_ms=500, max_ms=20_000)

rolls = st.floats(0, 1, allow_nan=False)


def test_the_ceiling_doubles_up_to_the_maximum() -> None:
    assert [delay_ms(n, 1.0, WINDOW) for n in range(8)] == [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]


def test_the_first_try_is_spread_from_nothing() -> None:
    assert [delay_ms(0, roll, WINDOW) for roll in (0.0, 0.5, 1.0)] == [0, 250, 500]


@given(st.integers(0, 10_000), rolls)
def test_every_wait_lies_in_the_window(attempt: int, roll: float) -> None:
    assert 0 <= delay_ms(attempt, roll, WINDOW) <= WINDOW.max_ms


@pytest.mark.parametrize(("attempt", "roll"), [(-1, 0.5), (0, -0.1), (0, 1.1)])
def test_nonsense_is_refused(attempt: int, roll: float) -> None:
    with pytest.raises(ValueError):
        delay_ms(attempt, roll, WINDOW)


def test_spread_begins_at_its_base() -> None:
    assert [spread_ms(100, 400, roll) for roll in (0.0, 0.5, 1.0)] == [100, 300, 500]


@given(st.integers(0, 50_000), st.integers(0, 30_000), rolls)
def test_no_try_before_the_time_the_server_named(until: int, spread: int, roll: float) -> None:
    backoff = Backoff()
    backoff.asked_to_wait(until, spread)
    at = backoff.plan(1000, roll)
    assert at is not None
    assert max(1000, until) <= at <= max(1000, until) + spread
    assert backoff.soonest() == until


def test_the_latest_time_named_holds_until_a_welcome() -> None:
    backoff = Backoff()
    backoff.asked_to_wait(9000)
    backoff.asked_to_wait(5000)
    assert backoff.plan(0, 0.0) == 9000
    backoff.welcomed(ReconnectWindow(min_ms=100, max_ms=200))
    backoff.reset()
    assert backoff.plan(0, 1.0) == 100


def test_the_spread_is_for_the_first_try_only() -> None:
    backoff = Backoff()
    backoff.asked_to_wait(0, 60_000)
    assert backoff.plan(0, 1.0) == 60_000
    backoff.opening()
    assert backoff.plan(0, 1.0) == 1000


def test_without_a_network_there_is_no_time_to_try() -> None:
    backoff = Backoff()
    backoff.offline = True
    assert backoff.plan(0, 0.5) is None
    backoff.reset()
    assert backoff.plan(0, 0.5) == 250
