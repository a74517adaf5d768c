"""The counts an operator reads."""

from types import SimpleNamespace
from typing import Any

from prometheus_client import generate_latest

from shipanion.app.metrics import registry_of
from shipanion.protocol.frames import ReconnectWindow, Welcome, WireLimits
from shipanion.protocol.position import Position
from shipanion.server.metrics import Metrics


def welcome(outcome: Any, *, replayed: int = 0, reason: str | None = None) -> Welcome:
    return Welcome(
        outcome=outcome,
        position=Position("e", 1),
        reason=reason,
        replayed=replayed,
        devices=[],
        heartbeat_ms=1,
        limits=WireLimits(),
        reconnect=ReconnectWindow(),
    )


def test_every_way_into_a_session_is_counted_by_outcome_and_reason() -> None:
    counts = Metrics()
    for entered in (
        welcome("created"),
        welcome("recovered"),
        welcome("recovered", replayed=7),
        welcome("snapshot"),
        welcome("snapshot", reason="ahead"),
    ):
        counts.resumed(entered)
    counts.positions_ahead = 1
    counts.cut_stuck = 3
    node: Any = SimpleNamespace(metrics=counts, connections={1: None, 2: None}, sessions=[1])
    lines = generate_latest(registry_of(node)).decode().splitlines()
    for expected in (
        "shipanion_connections 2.0",
        "shipanion_sessions_live 1.0",
        'shipanion_resumes_total{outcome="created",reason=""} 1.0',
        'shipanion_resumes_total{outcome="recovered",reason=""} 2.0',
        'shipanion_resumes_total{outcome="snapshot",reason="fresh"} 1.0',
        'shipanion_resumes_total{outcome="snapshot",reason="ahead"} 1.0',
        "shipanion_resumes_with_events_total 1.0",
        "shipanion_events_replayed_total 7.0",
        "shipanion_positions_ahead_total 1.0",
        'shipanion_connections_cut_total{why="stuck"} 3.0',
    ):
        assert expected in lines


def test_two_nodes_in_one_process_do_not_mix() -> None:
    first, second = (SimpleNamespace(metrics=Metrics(), connections={}, sessions=[]) for _ in range(2))
    one, other = registry_of(first), registry_of(second)  # type: ignore[arg-type]
    first.metrics.swept = 5
    assert one.get_sample_value("shipanion_swept_total") == 5
    assert other.get_sample_value("shipanion_swept_total") == 0
