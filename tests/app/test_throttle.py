"""Limits: counted per window, told when to come again, forgotten when over, bounded in memory."""

import threading

import pytest

from shipanion.app import throttle as throttle_module
from shipanion.app.throttle import RULES, Rule, Throttle, address_key


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock=clock, rules={"a": Rule("3 per 10 second", ""), "b": Rule("1 per 1 minute", "")})


def test_so_many_go_through_and_the_next_is_told_when(throttle: Throttle, clock: Clock) -> None:
    assert [throttle.take("a", "x") for _ in range(3)] == [None] * 3
    clock.now += 4
    assert throttle.take("a", "x") == 6_000
    clock.now += 5.9999
    assert throttle.take("a", "x") == 1
    clock.now += 0.001
    assert throttle.take("a", "x") is None


def test_asking_while_refused_does_not_make_the_wait_longer(throttle: Throttle, clock: Clock) -> None:
    for _ in range(100):
        throttle.take("a", "x")
    clock.now += 10
    assert throttle.take("a", "x") is None


def test_one_does_not_count_for_another(throttle: Throttle) -> None:
    assert throttle.take("b", "x") is None
    assert throttle.take("b", "y") is None
    assert throttle.take("a", "x") is None
    assert throttle.take("b", "x") == 60_000


def test_forgetting_begins_anew(throttle: Throttle) -> None:
    throttle.take("b", "x")
    throttle.forget("b", "x")
    throttle.forget("b", "never seen")
    assert throttle.take("b", "x") is None
    assert throttle.take("b", "x") is not None


def test_off_lets_everything_through() -> None:
    throttle = Throttle(on=False)
    assert all(throttle.take("sign_in_name", "x") is None for _ in range(1_000))


def test_a_rule_nobody_wrote_is_a_bug(throttle: Throttle) -> None:
    with pytest.raises(KeyError):
        throttle.take("no such rule", "x")


def test_ended_counters_are_dropped(throttle: Throttle, clock: Clock) -> None:
    storage = throttle._counted["a"].storage
    for number in range(1_000):
        throttle.take("a", str(number))
    clock.now += 10
    throttle.take("a", "one more")
    assert storage.reset() == 1


def test_counters_are_bounded_and_the_oldest_go_first(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle_module, "MAX_KEYS", 10)
    for _ in range(3):
        throttle.take("a", "first")
    for number in range(9):
        throttle.take("a", str(number))
    assert throttle.take("a", "first") is not None
    throttle.take("a", "one too many")
    assert throttle.take("a", "first") is None
    assert throttle._counted["a"].storage.reset() == 10


def test_no_thread_is_started(throttle: Throttle) -> None:
    before = threading.active_count()
    for number in range(100):
        throttle.take("a", str(number))
    assert threading.active_count() == before


@pytest.mark.parametrize("name", RULES)
def test_the_published_rules_hold_as_written(name: str, clock: Clock) -> None:
    throttle = Throttle(clock=clock)
    allowed = int(RULES[name].limit.split()[0])
    assert [throttle.take(name, "x") for _ in range(allowed)] == [None] * allowed
    assert throttle.take(name, "x") is not None
    assert len(RULES[name].why) > 10


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, "local"),
        ("", "local"),
        ("/run/socket", "local"),
    ],
)
def test_who_counts_as_one_peer(host: str | None, key: str) -> None:
    assert address_key(host) == key
