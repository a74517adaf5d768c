"""What is counted when a session is entered."""

from typing import Any

import pytest

from shipanion.protocol.frames import ReconnectWindow, Welcome, WireLimits
from shipanion.protocol.position import Position
from shipanion.server.metrics import Metrics


def welcome(outcome: Any, *, reason: str | None = None, replayed: int = 0) -> Welcome:
    return Welcome(
        session_id="s1", outcome=outcome, reason=reason, replayed=replayed, position=Position("e", 1), devices=[],
        heartbeat_ms=1, limits=WireLimits(), reconnect=ReconnectWindow(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entered", "counted"),
    [
        (welcome("created"), {"created": 1}),
        (welcome("recovered"), {"recovered": 1}),
        (welcome("recovered", replayed=3), {"recovered": 1, "recovered_with_events": 1, "replayed": 3}),
        (welcome("snapshot"), {"snapshots": {"fresh": 1}}),
        (welcome("snapshot", reason="ahead"), {"snapshots": {"ahead": 1}}),
    ],
)
def test_each_outcome_counts_as_itself(entered: Welcome, counted: dict[str, object]) -> None:
    metrics = Metrics()
    before = dict(vars(metrics), snapshots={})
    metrics.resumed(entered)
    assert vars(metrics) == before | counted


def test_counts_add_up() -> None:
    metrics = Metrics()
    for replayed in (2, 0, 5):
        metrics.resumed(welcome("recovered", replayed=replayed))
    for reason in ("epoch", "limit", "epoch"):
        metrics.resumed(welcome("snapshot", reason=reason))
    assert (metrics.recovered, metrics.recovered_with_events, metrics.replayed) == (3, 2, 7)
    assert metrics.snapshots == {"epoch": 2, "limit": 1}
