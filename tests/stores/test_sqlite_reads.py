"""No read grows with the log, with the sessions or with what has ended: each finds its rows through an index."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from shipanion.stores import sqlite_reads as reads
from shipanion.stores.migrations import migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, "memory")
        connection.execute("INSERT INTO sessions (id, owner, epoch, at) VALUES ('s1', 'u1', 'e', 1)")
        yield connection


READS: dict[str, Callable[[sqlite3.Connection], Any]] = {
    "session_row": lambda c: reads.session_row(c, "s1", "i"),
    "session_by_key": lambda c: reads.session_by_key(c, "u1", "k", "i"),
    "sessions_of": lambda c: reads.sessions_of(c, "u1", 9, False, "i"),
    "archived_of": lambda c: reads.archived_of(c, "u1"),
    "load": lambda c: reads.load(c, "s1", "i"),
    "events": lambda c: reads.events(c, "s1", 0, 9, 9, 9),
    "events_before": lambda c: reads.events_before(c, "s1", 9, 9, 9),
    "heads": lambda c: reads.heads(c, ["s1"]),
    "result_of": lambda c: reads.result_of(c, "s1", "k1"),
    "turn": lambda c: reads.turn(c, "s1", "t1"),
    "turns_of_others": lambda c: reads.turns_of_others(c, "boot"),
    "calls_of_others": lambda c: reads.calls_of_others(c, "boot"),
    "approvals_due": lambda c: reads.approvals_due(c, 9, 9),
    "effect": lambda c: reads.effect(c, "s1", "x1"),
    "effects": lambda c: reads.effects(c, ("claimed", "settled", "unknown", "failed"), 9),
    "effects_open": lambda c: reads.effects_open(c, 9),
    "document": lambda c: reads.document(c, "d1"),
    "devices": lambda c: reads.devices(c, "s1"),
    "user": lambda c: reads.user(c, "u1"),
    "user_named": lambda c: reads.user_named(c, "ann"),
    "withdrawn": lambda c: reads.withdrawn(c, {"u1": 1}),
}


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement)]


@pytest.mark.parametrize("name", READS)
def test_every_row_is_found_through_an_index(connection: sqlite3.Connection, name: str) -> None:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    READS[name](connection)
    connection.set_trace_callback(None)
    steps = [step for statement in statements if "SELECT" in statement for step in plan(connection, statement)]
    assert steps
    # Open turns and calls are read whole, through an index that holds nothing else.
    allowed = (
        "SCAN wanted",
        "SCAN asked",
        "SCAN json_each",
        "SCAN t USING INDEX turns_open",
        "SCAN c USING INDEX calls_open",
        "SCAN e USING INDEX effects_open",
        "SCAN (subquery",
    )
    scans = [step for step in steps if step.startswith("SCAN") and not step.startswith(allowed)]
    assert scans == []
    assert not connection.in_transaction


@pytest.mark.parametrize("name", ["approvals_due", "effects_open"])
def test_a_sweep_stops_at_its_limit(connection: sqlite3.Connection, name: str) -> None:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    READS[name](connection)
    connection.set_trace_callback(None)
    (statement,) = statements
    assert [step for step in plan(connection, statement) if "TEMP B-TREE" in step] == [], "the index has the order"


def test_every_read_is_looked_at() -> None:
    assert set(READS) == set(reads.__all__) - {"accounts"}, "all accounts are read whole, by one rare command"
