"""How a file gets from one version of the schema to the next."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.errors import StoreTooNew, StoreUnavailable
from shipanion.stores.base import Committed, OpenCall
from shipanion.stores.migrations import APPLICATION_ID, NEWEST, VERSIONS, migrate, version_of
from shipanion.stores.people import UserRow
from shipanion.stores.sqlite import SqliteStore
from shipanion.stores.sqlite_schema import FIRST, SECOND
from tests.support.store_steps import append, asks, claims, document, one, submit

OF_THE_FIRST = {"sessions", "events", "commands", "states", "turns", "calls", "devices", "users", "meta"}
COLUMNS = {"sessions": "key, id, owner, epoch, at, client_key, title"}
"""Of tables that got more columns later: those they had."""
ONE = ("CREATE TABLE people (name TEXT)",)
TWO = ("ALTER TABLE people ADD COLUMN age INTEGER NOT NULL DEFAULT 1", "CREATE TABLE places (name TEXT)")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "f.sqlite3", isolation_level=None)) as connection:
        yield connection


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_file_gets_every_version_once(connection: sqlite3.Connection) -> None:
    assert version_of(connection, "f") == 0
    assert migrate(connection, "f") == NEWEST == len(VERSIONS)
    assert version_of(connection, "f") == NEWEST
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert tables(connection) == OF_THE_FIRST | {"approvals", "effects", "documents"}
    assert migrate(connection, "f") == 0


def test_an_older_file_keeps_its_rows(connection: sqlite3.Connection) -> None:
    assert migrate(connection, "f", [ONE]) == 1
    connection.execute("INSERT INTO people VALUES ('Ann')")
    assert migrate(connection, "f", [ONE, TWO]) == 1
    assert connection.execute("SELECT * FROM people").fetchall() == [("Ann", 1)]
    assert "places" in tables(connection)


def test_a_version_that_fails_half_way_leaves_the_one_before(connection: sqlite3.Connection) -> None:
    broken = (*TWO, "CREATE TABLE people (again)")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "f", [ONE, broken])
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert not connection.in_transaction
    assert tables(connection) == {"people"}
    assert migrate(connection, "f", [ONE, TWO]) == 1


def test_a_newer_file_is_refused_in_one_sentence(connection: sqlite3.Connection) -> None:
    migrate(connection, "f")
    connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(StoreTooNew) as refused:
        migrate(connection, "f")
    assert str(refused.value).startswith("f was written by a newer Shipanion")
    assert connection.execute("PRAGMA user_version").fetchone() == (NEWEST + 1,)


# Rows as the first version wrote them. The columns are named, so that no later version can make them fit by chance.
ROWS = (
    "INSERT INTO meta (name, value) VALUES ('incarnation', 'first')",
    "INSERT INTO users (id, name, folded, kind, password_hash, version, disabled, at) "
    "VALUES ('u1', 'Ann', 'ann', 'account', 'hash', 1, 0, 1)",
    "INSERT INTO sessions (key, id, owner, epoch, at, client_key, title) "
    "VALUES (1, 's1', 'u1', 'e1', 1, 'k', 'Boston')",
    "INSERT INTO events (session, offset, type, author, at, id, digest, body) "
    "VALUES (1, 1, 'note', x'7b7d', 5, 'c1', x'31', x'31'), (1, 2, 'note', x'7b7d', 6, NULL, NULL, x'32')",
    "INSERT INTO commands (session, id, digest, offset) VALUES (1, 'c2', NULL, 1)",
    "INSERT INTO states (session, offset, state) VALUES (1, 1, x'7b7d')",
    "INSERT INTO turns (session, id, status, owner, fence, message, text, next_index, outcome, ending) "
    "VALUES (1, 't1', 'queued', NULL, 0, 1, '', 0, NULL, 0)",
    "INSERT INTO calls (session, id, tool_name, owner, turn, offset, result) "
    "VALUES (1, 'k1', 't', 'old', 't1', 2, NULL)",
    "INSERT INTO devices (session, device, state, seen_epoch, seen_offset, at) VALUES (1, 'd', NULL, 'e', 2, 9)",
)


@pytest.fixture
def first_file(tmp_path: Path) -> Path:
    """A file of the first version, with a row in every table."""
    file = tmp_path / "first.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        assert migrate(connection, "first", [FIRST]) == 1
        for statement in ROWS:
            connection.execute(statement)
        assert tables(connection) == OF_THE_FIRST
    return file


def everything(file: Path) -> dict[str, list[object]]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            name: connection.execute(f"SELECT {COLUMNS.get(name, '*')} FROM {name}").fetchall() for name in OF_THE_FIRST
        }


async def test_a_file_of_the_first_version_keeps_every_row_and_gets_the_new_tables(first_file: Path) -> None:
    before = everything(first_file)
    assert all(before.values())
    store = SqliteStore(first_file)
    await store.open()
    loaded = await store.load("s1")
    assert loaded is not None
    assert (loaded.session.epoch, loaded.session.head, loaded.session.title) == ("e1.first", 2, "Boston")
    assert loaded.session.archived is False
    assert [(event.offset, event.body) for event in loaded.since] == [(2, b"2")]
    assert [turn.turn_id for turn in loaded.turns] == ["t1"]
    assert loaded.calls == (
        OpenCall(session_id="s1", call_id="k1", tool_name="t", owner="old", offset=2, turn_id="t1"),
    )
    assert isinstance(await store.user_named("ANN"), UserRow)
    assert await store.effects_open(limit=9) == []
    await store.close()
    assert everything(first_file) == before
    await store.open()
    new = append("s1", b"3", documents=(document("d1"),)), asks("a1"), claims("x1")
    assert await submit(store, *new) == [Committed(head=3)] * 3
    await store.close()
    await store.open()
    assert [row.effect_id for row in await store.effects_open(limit=9)] == ["x1"]
    assert [row.approval_id for row in await store.approvals_due(999, limit=9)] == ["a1"]
    assert await store.document("d1") is not None
    assert await store.set_archived("s1", "u1", True) is True
    assert await one(store, append("s1", b"4")) == Committed(head=4)
    assert await store.archived_of("u1") == 1
    await store.close()


def test_a_program_that_knows_only_the_first_version_refuses_the_second(first_file: Path) -> None:
    with closing(sqlite3.connect(first_file, isolation_level=None)) as connection:
        assert migrate(connection, "first.sqlite3", [FIRST, SECOND]) == 1
    before = first_file.read_bytes()
    with closing(sqlite3.connect(first_file, isolation_level=None)) as connection:
        with pytest.raises(StoreTooNew) as refused:
            migrate(connection, "first.sqlite3", [FIRST])
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert str(refused.value) == (
        "first.sqlite3 was written by a newer Shipanion (schema 2, this program knows up to 1). "
        "Install that version or a later one; the file was not touched."
    )
    assert first_file.read_bytes() == before


def test_the_first_version_is_what_it_was() -> None:
    """Files out there went through it: an edit would make other files of the same number. Spaces do not count."""
    text = "\0".join(" ".join(statement.split()) for statement in FIRST)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "c453f84a06034830"


def test_another_programs_database_is_refused(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreUnavailable, match="database of another program"):
        migrate(connection, "f")
    assert tables(connection) == {"theirs"}
