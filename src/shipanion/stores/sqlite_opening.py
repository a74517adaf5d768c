"""What happens to the file before anybody reads it: locked, migrated, and everything in it surely on disk."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from shipanion.errors import StoreInUse, StoreUnavailable
from shipanion.stores.epoch import new_incarnation
from shipanion.stores.migrations import NEWEST, migrate
from shipanion.stores.sqlite_file import FileLock, connect, explain, flush_log, identify, make_folder

__all__ = ["Opened", "prepare"]

# A server told to stop may need a moment to let go, and a command beside it holds the lock for milliseconds.
_LOCK_WAIT_S = 1.0


class Opened(NamedTuple):
    """A file made ready.

    ``anchor`` is a connection that does nothing but stay open for as long as the store. When the last connection to a
    file is closed, the next one reads the log anew, and takes rows that a failed COMMIT left in it for committed. With
    the anchor there is no such moment: the index of the log, shared by all connections, never counted those rows.
    """

    incarnation: str
    anchor: sqlite3.Connection


def prepare(path: Path, lock: FileLock, *, serve: bool, busy_ms: int) -> Opened:
    """Make the file ready. With ``serve`` the lock is kept, else only used meanwhile.

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
    opened = None
    try:
        opened = _ready(path, alone=alone, busy_ms=busy_ms)
    except sqlite3.Error as error:
        raise StoreUnavailable(explain(path, error)) from error
    finally:
        if alone and (opened is None or not serve):
            lock.release()
    return opened


def _ready(path: Path, *, alone: bool, busy_ms: int) -> Opened:
    if identify(path, busy_ms=busy_ms) < NEWEST and not alone:
        raise StoreInUse(
            f"{path} is in use by an older Shipanion server. Stop it, so that the file can be brought up to date."
        )
    anchor = connect(path, busy_ms=busy_ms)
    try:
        if alone:
            migrate(anchor, str(path))
        incarnation = _incarnation(anchor)
        if alone:
            flush_log(anchor, wait_ms=busy_ms)
    except BaseException:
        anchor.close()
        raise
    return Opened(incarnation, anchor)


def _incarnation(connection: sqlite3.Connection) -> str:
    asked = "SELECT value FROM meta WHERE name = 'incarnation'"
    row = connection.execute(asked).fetchone()
    if row is None:
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('incarnation', ?)", (new_incarnation(),))
        row = connection.execute(asked).fetchone()
    return str(row[0])
