"""The token bucket: bounds, refill, and clocks that jump."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.bucket import TokenBucket

rates = st.sampled_from([0.01, 0.3, 1, 2, 3, 7, 20, 1000, 5000])
bursts = st.sampled_from([1, 1.5, 2, 5, 40])


def test_so_many_at_once_then_so_many_per_second() -> None:
    bucket = TokenBucket(per_second=4, burst=3)
    assert [bucket.take(1000) for _ in range(5)] == [0, 0, 0, 250, 250]
    assert [bucket.take(1249), bucket.take(1250), bucket.take(1250)] == [1, 0, 250]
    assert [bucket.take(60_000) for _ in range(4)] == [0, 0, 0, 250]


@pytest.mark.parametrize("back", [1, 999, 10**12])
def test_a_clock_that_jumps_back_gives_nothing_and_takes_nothing(back: int) -> None:
    bucket = TokenBucket(per_second=1, burst=3)
    assert [bucket.take(10**12) for _ in range(2)] == [0, 0]
    assert [bucket.take(10**12 - back) for _ in range(2)] == [0, 1000]
    assert bucket.take(10**12 - back + 1000) == 0


def test_a_clock_that_jumped_back_still_refills() -> None:
    bucket = TokenBucket(per_second=1, burst=1)
    assert [bucket.take(10**12), bucket.take(5), bucket.take(505), bucket.take(1005)] == [0, 1000, 500, 0]


@given(rates, bursts, st.lists(st.integers(0, 900), min_size=1, max_size=80))
def test_no_window_gets_more_than_it_may(rate: float, burst: float, steps: list[int]) -> None:
    bucket = TokenBucket(per_second=rate, burst=burst)
    now, taken = 0, 0
    for step in steps:
        now += step
        taken += bucket.take(now) == 0
        assert taken <= burst + now * rate / 1000 + 1e-6


@given(rates, bursts, st.lists(st.integers(0, 900), max_size=60))
def test_whoever_waits_as_told_gets_a_token(rate: float, burst: float, steps: list[int]) -> None:
    bucket = TokenBucket(per_second=rate, burst=burst)
    now = 0
    for step in steps:
        now += step
        wait = bucket.take(now)
        if wait:
            now += wait
            assert bucket.take(now) == 0


@given(rates, bursts)
def test_and_is_not_told_to_wait_longer_than_needed(rate: float, burst: float) -> None:
    bucket = TokenBucket(per_second=rate, burst=burst)
    while not (wait := bucket.take(0)):
        pass
    assert wait <= 1000 / rate + 1
    assert wait == 1 or bucket.take(wait - 1) > 0
