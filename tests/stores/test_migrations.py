"""How a file gets from one version of the schema to the next."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.errors import StoreTooNew, StoreUnavailable
from shipanion.stores.migrations import APPLICATION_ID, NEWEST, VERSIONS, migrate, version_of

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
    assert {"sessions", "events", "commands", "states", "turns", "calls", "devices", "users", "meta"} <= tables(
        connection
    )
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


def test_another_programs_database_is_refused(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreUnavailable, match="database of another program"):
        migrate(connection, "f")
    assert tables(connection) == {"theirs"}
