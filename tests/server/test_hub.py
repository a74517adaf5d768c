"""Who hears what, and that one listener's failure is its own."""

from collections.abc import Sequence
from typing import Any

import pytest

from shipanion.protocol.frames import Pong
from shipanion.server.hub import PRESENCE_LIMIT, Appended, Audience
from tests.support.fake_socket import frames_in


class Ear:
    """A listener that writes down what it is told."""

    def __init__(self, *, full: bool = True, device: str = "", name: str = "Ann", breaks: bool = False) -> None:
        self.full, self.device, self.name = full, device, name
        self.client: str | None = None
        self.breaks = breaks
        self.heard: list[Any] = []

    def offer(self, events: Sequence[Appended]) -> None:
        if self.breaks:
            raise RuntimeError("a bug")
        self.heard.append(("offer", [event.offset for event in events]))

    def hint(self, head: int) -> None:
        self.heard.append(("hint", head))

    def ephemeral(self, frame: bytes) -> None:
        self.heard.append(("ephemeral", frames_in(frame)))

    def end(self, closing: str) -> None:
        self.heard.append(("end", closing))


def event(offset: int) -> Appended:
    return Appended(offset, "note", None, b"")


def audience(*listeners: Ear) -> Audience:
    gathered = Audience("s1")
    for listener in listeners:
        gathered.join(listener)
    return gathered


def test_events_and_hints_reach_everybody_in_order() -> None:
    ears = [Ear(), Ear(full=False)]
    gathered = audience(*ears)
    gathered.publish([event(1), event(2)])
    gathered.publish([event(3)])
    gathered.hint(9)
    assert [ear.heard for ear in ears] == [[("offer", [1, 2]), ("offer", [3]), ("hint", 9)]] * 2


def test_whoever_left_hears_nothing_more_and_may_leave_twice() -> None:
    stays, leaves = Ear(), Ear()
    gathered = audience(stays, leaves)
    gathered.leave(leaves)
    gathered.leave(leaves)
    gathered.publish([event(1)])
    assert (len(stays.heard), leaves.heard, len(gathered), list(gathered)) == (1, [], 1, [stays])


@pytest.mark.usefixtures("mishaps")
def test_a_listener_that_fails_is_sent_to_resume_and_the_others_go_on() -> None:
    before, broken, behind = Ear(), Ear(breaks=True), Ear()
    gathered = audience(before, broken, behind)
    gathered.publish([event(1)])
    gathered.publish([event(2)])
    assert broken.heard == [("end", "resume_now")]
    assert before.heard == behind.heard == [("offer", [1]), ("offer", [2])]


def test_ephemeral_frames_are_for_full_clients_only() -> None:
    full, plain = Ear(), Ear(full=False)
    audience(full, plain).say(Pong(session_id="s1"))
    assert full.heard == [("ephemeral", [{"type": "pong", "session_id": "s1"}])]
    assert plain.heard == []


def test_a_device_is_listed_once_with_its_connections() -> None:
    listed = audience(Ear(device="phone"), Ear(device="phone"), Ear(device="desk", name="Ben"), Ear()).devices()
    assert [(d.device, d.name, d.connections) for d in listed] == [("phone", "Ann", 2), ("desk", "Ben", 1)]


@pytest.mark.parametrize("count", [PRESENCE_LIMIT, PRESENCE_LIMIT + 1])
def test_a_crowd_is_not_shown_one_by_one(count: int) -> None:
    assert len(audience(*(Ear(device=f"d{n}") for n in range(count))).devices()) == PRESENCE_LIMIT
