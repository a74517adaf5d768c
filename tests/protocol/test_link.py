"""One connection's clock, and which of its words still count."""

import pytest

from shipanion.errors import MachineError
from shipanion.protocol.frames import ErrorFrame
from shipanion.protocol.link import PONG_MS, SILENCE_MS, STABLE_MS, Link, Who
from shipanion.protocol.position import Position


def test_silence_is_tested_once_and_an_answer_ends_the_test() -> None:
    link = Link(1, now=0)
    link.welcomed(0, heartbeat_ms=60_000)
    link.heard(100)
    assert link.deadline() == 100 + SILENCE_MS
    assert not link.is_silent(99 + SILENCE_MS)
    assert link.is_silent(100 + SILENCE_MS)
    assert link.test(20_000)
    assert not link.test(20_001)
    assert link.deadline() == 20_000 + PONG_MS
    assert link.is_lost(20_000 + PONG_MS)
    link.heard(20_100)
    assert not link.is_lost(99_999)


@pytest.mark.parametrize(("heartbeat", "after"), [(25_000, 15_000), (8_000, 8_000), (0, 5_000)])
def test_a_server_may_ask_to_be_tested_sooner_but_not_later(heartbeat: int, after: int) -> None:
    link = Link(1, now=0)
    link.welcomed(0, heartbeat)
    assert link.deadline() == after


def test_only_a_connection_that_lived_was_stable() -> None:
    link = Link(1, now=0)
    assert not link.was_stable(99_999)
    link.welcomed(50_000, 25_000)
    assert not link.was_stable(50_000 + STABLE_MS - 1)
    assert link.was_stable(50_000 + STABLE_MS)


def test_what_counts() -> None:
    link = Link(2, now=0)
    assert [link.is_stale(number) for number in (None, 2, 1)] == [False, False, True]
    link.attached = False
    assert link.is_stale(None)
    with pytest.raises(MachineError):
        link.is_stale(3)
    assert not Link().is_stale(None)


def test_why_it_ended() -> None:
    link = Link(1)
    assert [link.reason(code) for code in (4300, 1009, 4242)] == ["replaced", "too_large", "4242"]
    assert link.message() is None
    link.last_words = ErrorFrame(code="expired", message="Sign in again.", temporary=False)
    assert (link.reason(4201), link.message()) == ("expired", "Sign in again.")


def test_the_key_for_a_new_session_is_said_only_until_there_is_one() -> None:
    who = Who(new="n", device="d")
    assert who.query(None, None) == {"new": "n", "device": "d"}
    place = {"session_id": "s", "epoch": "e", "offset": 0, "device": "d"}
    assert who.query("s", Position("e", 0)) == place
