"""The database itself refuses a second holder and a second question, should the check before it ever be wrong."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from shipanion.stores import sqlite_effects as effects
from shipanion.stores.base import ApprovalAsked, ApprovalEnded, EffectWrite, NewDocument
from shipanion.stores.migrations import migrate
from tests.support.store_steps import asks, claims, document, settles, takes

KEY = 1


@pytest.fixture
def cursor() -> Iterator[sqlite3.Cursor]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, "memory")
        yield connection.cursor()


def asked(approval_id: str) -> ApprovalAsked:
    written = asks(approval_id).asked
    assert written is not None
    return written


def claim(effect_id: str, intent: str = "buy") -> EffectWrite:
    written = claims(effect_id, intent=intent).effect
    assert written is not None
    return written


def settle(effect_id: str, status: str, releases: str | None = None) -> EffectWrite:
    written = settles(effect_id, status, releases=releases).effect
    assert written is not None
    return written


def test_a_second_open_approval(cursor: sqlite3.Cursor) -> None:
    effects.ask_approval(cursor, KEY, asked("a1"))
    with pytest.raises(sqlite3.IntegrityError):
        effects.ask_approval(cursor, KEY, asked("a2"))
    effects.ask_approval(cursor, KEY + 1, asked("a1"))
    effects.end_approval(cursor, KEY, ApprovalEnded(approval_id="a1", decision="declined", now=7))
    effects.ask_approval(cursor, KEY, asked("a2"))
    assert effects.open_approval(cursor, KEY) == "a2"
    assert effects.approval(cursor, KEY, "a1") == (False, 100)
    assert effects.approval(cursor, KEY, "a2") == (True, 100)
    assert effects.approval(cursor, KEY, "a3") is None


@pytest.mark.parametrize("status", ["claimed", "unknown", "settled"])
def test_a_second_holder_of_an_intent(cursor: sqlite3.Cursor, status: str) -> None:
    effects.write_effect(cursor, KEY, claim("x1"))
    if status != "claimed":
        effects.write_effect(cursor, KEY, settle("x1", status))
    assert effects.intent_held(cursor, KEY, "buy") is True
    with pytest.raises(sqlite3.IntegrityError):
        effects.write_effect(cursor, KEY, claim("x2"))
    effects.write_effect(cursor, KEY, claim("x2", "other"))
    effects.write_effect(cursor, KEY + 1, claim("x1"))


def test_an_intent_freed_by_failing_and_by_being_released(cursor: sqlite3.Cursor) -> None:
    writes = [claim("x1"), settle("x1", "failed"), claim("x2"), settle("x2", "settled"), claim("v1", "void")]
    for write in writes:
        effects.write_effect(cursor, KEY, write)
    assert effects.intent_held(cursor, KEY, "buy") is True
    effects.write_effect(cursor, KEY, settle("v1", "settled", releases="x2"))
    assert effects.intent_held(cursor, KEY, "buy") is False
    effects.write_effect(cursor, KEY, claim("x3"))
    assert effects.effect(cursor, KEY, "x2") == ("settled", 1)


def test_the_fence_is_counted_by_the_database(cursor: sqlite3.Cursor) -> None:
    effects.write_effect(cursor, KEY, claim("x1"))
    taken = takes("x1").effect
    assert taken is not None
    for fence in (2, 3):
        effects.write_effect(cursor, KEY, taken)
        assert effects.effect(cursor, KEY, "x1") == ("claimed", fence)


@pytest.mark.parametrize(
    "write",
    [
        lambda cursor: effects.write_effect(cursor, KEY, settle("x1", "no such status")),
        lambda cursor: effects.end_approval(
            cursor, KEY, ApprovalEnded(approval_id="a1", decision="no such decision", now=1)
        ),
        lambda cursor: effects.add_documents(cursor, KEY + 1, [document("d1")]),
    ],
)
def test_what_nobody_may_write(cursor: sqlite3.Cursor, write: Callable[[sqlite3.Cursor], None]) -> None:
    effects.write_effect(cursor, KEY, claim("x1"))
    effects.ask_approval(cursor, KEY, asked("a1"))
    effects.add_documents(cursor, KEY, [document("d1")])
    with pytest.raises(sqlite3.IntegrityError):
        write(cursor)


def test_documents_are_found_by_their_id_alone(cursor: sqlite3.Cursor) -> None:
    new: list[NewDocument] = [document("d1"), document("d2")]
    effects.add_documents(cursor, KEY, new)
    assert [effects.has_document(cursor, id) for id in ("d1", "d2", "d3")] == [True, True, False]
