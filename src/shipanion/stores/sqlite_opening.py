"""What happens to the file before anybody reads it: locked, migrated, and everything in it surely on disk."""

import sqlite3
from contextlib import closing
from pathlib import Path

from shipanion.errors import StoreInUse, StoreUnavailable
from shipanion.stores.epoch import new_incarnation
from shipanion.stores.migrations import NEWEST, migrate, version_of
from shipanion.stores.sqlite_file import FileLock, connect, explain, flush_log, make_folder

__all__ = ["prepare"]

# A server told to stop may need a moment to let go, and a command beside it holds the lock for milliseconds.
_LOCK_WAIT_S = 1.0


def prepare(path: Path, lock: FileLock, *, serve: bool, busy_ms: int) -> str:
    """Make the file ready and return its incarnation. With ``serve`` the lock is kept, else only used
    meanwhile.

    Raises:
        StoreInUse: another server has the file, or an older one must stop before it can be migrated.
        StoreTooNew: see ``migrations``.
        StoreUnavailable: anything else that is in the way.
    """
    make_folder(path)
    try:
        alone = lock.take(_LOCK_WAIT_S if serve else 0.0)
    except OSError as error:
        raise StoreUnavailable(
            f"{lock.path} cannot be locked ({error.strerror}). Check the rights of the file and its folder."
        ) from error
    if serve and not alone:
        raise StoreInUse(
            f"{path} is in use by another Shipanion server. "
            "Stop that one, or give this one a file of its own with --store."
        )
    ready = False
    try:
        with closing(connect(path, busy_ms=busy_ms)) as connection:
            if alone:
                migrate(connection, str(path))
            elif version_of(connection, str(path)) < NEWEST:
                raise StoreInUse(
                    f"{path} is in use by an older Shipanion server. "
                    "Stop it, so that the file can be brought up to date."
                )
            incarnation = _incarnation(connection)
            if alone:
                flush_log(connection)
        ready = True
    except sqlite3.Error as error:
        raise StoreUnavailable(explain(path, error)) from error
    finally:
        if alone and not (serve and ready):
            lock.release()
    return incarnation


def _incarnation(connection: sqlite3.Connection) -> str:
    asked = "SELECT value FROM meta WHERE name = 'incarnation'"
    row = connection.execute(asked).fetchone()
    if row is None:
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('incarnation', ?)", (new_incarnation(),))
        row = connection.execute(asked).fetchone()
    return str(row[0])
