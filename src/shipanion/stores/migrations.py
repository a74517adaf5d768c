"""The schema's versions, and how a file is brought to the newest.

``PRAGMA user_version`` counts the versions a file has been through. Each is applied in a transaction of its
own, so a program killed half-way leaves a file of one version or the next, never something between.

A change that takes something away is made in two releases: the first adds the new and stops using the old,
the second removes the old. Versions already released are never edited.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from shipanion.errors import StoreTooNew, StoreUnavailable
from shipanion.stores.sqlite_schema import FIRST, SECOND, THIRD

__all__ = ["APPLICATION_ID", "NEWEST", "VERSIONS", "migrate", "version_of"]

VERSIONS: Final[tuple[tuple[str, ...], ...]] = (FIRST, SECOND, THIRD)
NEWEST: Final = len(VERSIONS)
APPLICATION_ID: Final = 0x53484950
"""Marks a file as ours ("SHIP"; https://sqlite.org/fileformat.html#application_id)."""


def version_of(connection: sqlite3.Connection, name: str, newest: int = NEWEST) -> int:
    """The schema version of an open database; 0 for an empty file. ``name`` is the file's, for messages; ``newest`` is
    the last version that is known.

    Raises:
        StoreTooNew: a newer program has been here.
        StoreUnavailable: the database belongs to some other program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    empty = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    if owner != APPLICATION_ID and not (empty and version == 0):
        raise StoreUnavailable(f"{name} is a database of another program. Choose another file with --store.")
    if version > newest:
        raise StoreTooNew(
            f"{name} was written by a newer Shipanion (schema {version}, this program knows up to {newest}). "
            "Install that version or a later one; the file was not touched."
        )
    return version


def migrate(connection: sqlite3.Connection, name: str, versions: Sequence[Sequence[str]] = VERSIONS) -> int:
    """Apply what ``connection`` (in autocommit mode) has not seen yet; returns how many versions that
    were."""
    before = version_of(connection, name, len(versions))
    for number, statements in enumerate(versions[before:], start=before + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return len(versions) - before
