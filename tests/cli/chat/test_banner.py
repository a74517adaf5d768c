"""The banner tells the truth, in one line, for every state that the client knows."""

from typing import get_args

import pytest

from shipanion.cli.chat.banner import MOODS, banner_line
from shipanion.client import Banner
from shipanion.protocol.client_outputs import Status


@pytest.mark.parametrize(
    ("banner", "mood", "text"),
    [
        (Banner(status="connecting"), "wait", "connecting"),
        (Banner(status="live"), "good", "live"),
        (
            Banner(status="reconnecting", attempt=3, at=6_001), "wait",
            "reconnecting (3, next try in 6 s); /retry to try now",
        ),
        (Banner(status="reconnecting", attempt=1, at=0), "wait", "reconnecting (1, trying); /retry to try now"),
        (Banner(status="offline"), "wait", "offline"),
        (Banner(status="resumed", replayed=7), "good", "live, resumed (7 replayed)"),
        (Banner(status="resumed"), "good", "live, resumed (0 replayed)"),
        (Banner(status="still_working", turn_id="t"), "good", "live, still working on the server"),
        (Banner(status="sign_in", message="It ran out."), "bad", "sign in again: It ran out."),
        (Banner(status="stopped", message="No such session."), "bad", "stopped: No such session."),
        (Banner(status="stopped", reason="done"), "bad", "stopped: done"),
    ],
)  # fmt: skip
def test_every_state(banner: Banner, mood: str, text: str) -> None:
    assert banner_line(banner, 1_000) == (mood, text)


@pytest.mark.parametrize("reason", ["epoch", "gone", "limit", "ahead", "something new"])
def test_a_snapshot_says_why(reason: str) -> None:
    line = banner_line(Banner(status="snapshot", reason=reason), 0)
    assert line.text.startswith("live, restored from a snapshot (")
    assert len(line.text) > len("live, restored from a snapshot ()")


def test_no_state_is_forgotten() -> None:
    assert set(MOODS) == set(get_args(Status))


def test_that_one_is_back_stops_being_news() -> None:
    for status in ("resumed", "snapshot"):
        assert banner_line(Banner(status=status), 0, age=10_001) == ("good", "live")
    assert banner_line(Banner(status="sign_in"), 0, age=10_001).mood == "bad"


def test_what_is_pending_and_what_can_be_done() -> None:
    text = banner_line(Banner(status="live"), 0, unsent=2, answering=True).text
    assert text == "live; 2 messages not acknowledged yet; Bob is answering, Ctrl-C stops him"
    text = banner_line(Banner(status="reconnecting", attempt=1), 0, unsent=1, answering=True).text
    assert "1 message not" in text
    assert "Ctrl-C" not in text, "nothing can be stopped without a connection"
