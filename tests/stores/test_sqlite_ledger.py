"""The writer's transaction: what it remembers, and when it must forget."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.stores import sqlite_ledger
from shipanion.stores.base import CallOpened, Committed, Duplicate, SessionRow, Step, TurnQueued
from shipanion.stores.migrations import migrate
from shipanion.stores.sqlite_changes import create_session
from shipanion.stores.sqlite_file import connect
from shipanion.stores.sqlite_ledger import Ledger
from tests.support.store_steps import append, event, new_session

Statements = list[str]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "f", busy_ms=100)) as connection:
        migrate(connection, "f")
        yield connection


@pytest.fixture
def ledger(connection: sqlite3.Connection) -> Ledger:
    ledger = Ledger(connection)
    ledger.begin()
    for n in range(5):
        assert isinstance(create_session(ledger, new_session(f"s{n}"), "i"), SessionRow)
    ledger.commit()
    return ledger


def bodies(connection: sqlite3.Connection) -> list[bytes]:
    return [body for (body,) in connection.execute("SELECT body FROM events ORDER BY session, offset")]


def test_nothing_to_write_is_told(ledger: Ledger) -> None:
    ledger.begin()
    assert ledger.commit() is False
    ledger.begin()
    ledger.apply(append("s1", b"x"))
    assert ledger.commit() is True


def test_a_change_that_raises_is_undone_and_no_other(ledger: Ledger, connection: sqlite3.Connection) -> None:
    ledger.begin()
    ledger.apply(append("s1", b"1", id="c1"))

    def change() -> None:
        ledger.apply(append("s1", b"no", id="c2", turn=TurnQueued(turn_id="t1")))
        raise LookupError("a fault")

    with pytest.raises(LookupError):
        ledger.alone(change)
    assert ledger.apply(append("s1", b"2", id="c2")) == Committed(head=2)
    assert ledger.apply(append("s1", b"1", id="c1")) == Duplicate(offset=1, same=True)
    ledger.commit()
    assert bodies(connection) == [b"1", b"2"]
    assert connection.execute("SELECT COUNT(*) FROM turns").fetchone() == (0,)


def test_a_row_that_cannot_be_stored_is_found_when_alone(ledger: Ledger, connection: sqlite3.Connection) -> None:
    ledger.begin()
    never = Step(session_id="s1", events=(event(b"no"), event(b"no", at=1 << 70)))
    with pytest.raises(OverflowError):
        ledger.alone(lambda: ledger.apply(never))
    assert ledger.apply(append("s1", b"1")) == Committed(head=1)
    ledger.commit()
    assert bodies(connection) == [b"1"]


def test_an_id_used_earlier_in_the_group_is_known(ledger: Ledger) -> None:
    steps = [append("s1", b"1", id="c1"), Step(session_id="s1", id="c2")] * 2
    ledger.begin()
    ledger.ask_ids(steps)
    first, second = Committed(head=1), Duplicate(offset=1, same=True)
    assert [ledger.apply(step) for step in steps] == [first, first, second, second]
    ledger.commit()


def test_a_rollback_leaves_nothing_behind(ledger: Ledger, connection: sqlite3.Connection) -> None:
    ledger.begin()
    ledger.ask_ids([append("s1", b"1", id="c1"), append("s1", b"2", id="c2")])
    ledger.apply(append("s1", b"1", id="c1"))
    ledger.roll_back()
    ledger.begin()
    assert ledger.apply(append("s1", b"2", id="c1")) == Committed(head=1)
    ledger.commit()
    assert bodies(connection) == [b"2"]


def test_heads_are_dropped_when_another_connection_wrote(ledger: Ledger, tmp_path: Path) -> None:
    ledger.begin()
    ledger.apply(append("s1", b"1"))
    ledger.commit()
    with closing(connect(tmp_path / "f", busy_ms=100)) as other:
        beside = Ledger(other)
        beside.begin()
        assert beside.apply(append("s1", b"2")) == Committed(head=2)
        beside.commit()
    assert ledger.take_elsewhere() is False, "not looked yet"
    ledger.begin()
    assert ledger.apply(append("s1", b"3")) == Committed(head=3)
    ledger.commit()
    assert ledger.take_elsewhere() is True
    assert ledger.take_elsewhere() is False


def test_the_sessions_used_longest_ago_are_forgotten(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_ledger, "_MOST_SESSIONS", 2)
    ledger.begin()
    for n in (0, 1, 2, 0):
        ledger.apply(append(f"s{n}", b"x"))
    ledger.commit()
    ledger.begin()
    assert list(ledger._logs) == ["s2", "s0"]
    assert [ledger.apply(append(f"s{n}", b"y")) for n in (1, 0)] == [Committed(head=2), Committed(head=3)]
    ledger.commit()


def statements_of(connection: sqlite3.Connection, work: Callable[[], object]) -> Statements:
    seen: Statements = []
    connection.set_trace_callback(seen.append)
    work()
    connection.set_trace_callback(None)
    return seen


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 129, 500])
def test_a_group_takes_few_statements(ledger: Ledger, connection: sqlite3.Connection, count: int) -> None:
    steps = [append(f"s{n % 5}", b"%d" % n, id=f"c{n}") for n in range(count)]

    def group() -> None:
        ledger.begin()
        ledger.ask_ids(steps)
        for step in steps:
            assert isinstance(ledger.apply(step), Committed)
        ledger.commit()

    seen = statements_of(connection, group)
    assert len(seen) <= 15 + count // 64
    assert sorted(bodies(connection)) == sorted(b"%d" % n for n in range(count))
    ledger.begin()
    ledger.ask_ids(steps)
    assert all(isinstance(ledger.apply(step), Duplicate) for step in steps)
    ledger.commit()


def test_what_a_step_does_not_say_costs_no_statement(ledger: Ledger, connection: sqlite3.Connection) -> None:
    turn = TurnQueued(turn_id="t1")
    call = CallOpened(call_id="k1", tool_name="t", owner="o")
    step = append("s1", b"2", id="c1", turn=turn, call=call, snapshot=b"{}", title="t", max_events=9, expected_head=1)
    ledger.begin()
    ledger.apply(append("s1", b"1"))
    seen = statements_of(connection, lambda: ledger.apply(step))
    ledger.commit()
    assert [text.split()[:3] for text in seen] == [
        ["SELECT", "offset,", "digest"],
        ["SELECT", "status,", "fence"],
        ["SELECT", "result", "FROM"],
        ["INSERT", "INTO", "turns"],
        ["INSERT", "INTO", "calls"],
        ["INSERT", "INTO", "states"],
        ["UPDATE", "sessions", "SET"],
    ]


def test_every_look_up_goes_through_an_index(ledger: Ledger, connection: sqlite3.Connection) -> None:
    def look_up() -> None:
        log = ledger.log("s0")
        assert log is not None
        ledger.ask_ids([append("s0", b"x", id="c1"), append("s1", b"x", id="c1")])
        ledger.user("u1")
        ledger.used(log, "c2")
        ledger.turn(log, "t1")
        ledger.any_running(log)
        ledger.call(log, "k1")
        ledger.approval(log, "a1")
        ledger.open_approval(log)
        ledger.effect(log, "x1")
        ledger.intent_held(log, "buy")
        ledger.has_document("d1")

    ledger.forget()
    statements = [text for text in statements_of(connection, look_up) if "SELECT" in text]
    assert len(statements) == 13
    steps = [row[3] for text in statements for row in connection.execute("EXPLAIN QUERY PLAN " + text)]
    assert [step for step in steps if "SCAN" in step and not re.search("asked|json_each", step)] == []
