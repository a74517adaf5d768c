"""The database file: opening it rightly, holding it alone, and saying what is wrong with it."""

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from shipanion.errors import StoreUnavailable
from shipanion.stores.migrations import version_of

__all__ = ["FileLock", "connect", "explain", "flush_log", "identify", "make_folder"]

_LOCKED = "{path} is locked by another program. Try again when that has finished."
_NO_RIGHT = "{path} cannot be written ({error}). Check the rights of the file and its folder."
_SENTENCES: Final = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened ({error}). Check that its folder is there and writable.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged ({error}). Put back a backup, or choose another with --store.",
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full. Free some space; nothing acknowledged is lost.",
    sqlite3.SQLITE_IOERR: "{path} could not be read or written ({error}). Check the disk and its free space.",
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOTADB: "{path} is not a Shipanion database. Choose another file with --store.",
    sqlite3.SQLITE_PERM: _NO_RIGHT,
    sqlite3.SQLITE_READONLY: _NO_RIGHT,
}


def explain(path: Path, error: BaseException) -> str:
    """What went wrong with the file, for a person, with what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code (https://sqlite.org/rescode.html).
    sentence = _SENTENCES.get(code & 0xFF) if isinstance(code, int) else None
    return (sentence or "{path} cannot be used now ({error}).").format(path=path, error=error)


def make_folder(path: Path) -> None:
    """Create the folder of ``path``, and the file itself, readable by nobody else: it holds password hashes.

    Raises:
        StoreUnavailable: this is not possible.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never opened when it exists: closing it again would drop the locks another connection of this process
        # holds on it (https://sqlite.org/howtocorrupt.html, section 2.2).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not path.parent.is_dir():
            raise StoreUnavailable(_no_folder(path, "a file is in its place")) from None
        if path.is_dir():
            raise StoreUnavailable(f"{path} is a folder. Name a file in it with --store.") from None
    except OSError as error:
        raise StoreUnavailable(_no_folder(path, error.strerror)) from error


def _no_folder(path: Path, reason: str | None) -> str:
    return (
        f"{path} cannot be created: the folder {path.parent} cannot be used ({reason}). "
        "Make it a writable folder, or choose another file with --store."
    )


def identify(path: Path, *, busy_ms: int) -> int:
    """The schema version of the file, found out without changing anything in it.

    Raises:
        StoreTooNew, StoreUnavailable: see ``migrations.version_of``.
        sqlite3.Error: the file cannot be read; see ``explain``.
    """
    uri = path.absolute().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=busy_ms / 1000)) as connection:
        return version_of(connection, str(path))


def connect(path: Path, *, busy_ms: int, cache_kib: int = 2048, reading: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode, usable from any one thread at a time.

    A COMMIT on it returns after the rows are on the disk itself. It never checkpoints by itself: that would
    happen within somebody's commit.

    Raises:
        sqlite3.Error: the file cannot be used; see ``explain``.
    """
    connection = sqlite3.connect(
        path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise sqlite3.OperationalError(f"the file system allows no write-ahead log (mode {mode})")
        connection.execute("PRAGMA synchronous = FULL")
        # On macOS a plain fsync stops at the drive's cache; elsewhere these two have no effect.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        if reading:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def flush_log(connection: sqlite3.Connection, *, wait_ms: int) -> None:
    """Make sure that everything in the write-ahead log is in the database itself and on disk.

    After a failed sync the log may hold rows that look committed and were never on disk. Copying them into the
    database and syncing that is the only way to know; until then nobody may be told that they exist.

    Args:
        connection: to the database.
        wait_ms: how long to try while another connection moves the log; SQLite itself would not wait for that.

    Raises:
        sqlite3.Error: it did not work; what the log holds is still in doubt.
    """
    until = time.monotonic() + wait_ms / 1000
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() >= until:
            error = sqlite3.OperationalError("the write-ahead log is in use")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        time.sleep(0.005)


class FileLock:
    """An exclusive lock on a file beside the database: one server per database. The system frees it when the
    process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def take(self, wait_s: float = 0.0) -> bool:
        """Lock, trying for ``wait_s`` seconds; False when another process holds it.

        Raises:
            OSError: the lock file cannot be made.
        """
        until = time.monotonic() + wait_s
        file = self.path.open("ab")
        while not _lock(file):
            if time.monotonic() >= until:
                file.close()
                return False
            time.sleep(0.02)
        self._file = file
        return True

    def release(self) -> None:
        """Let go. The file stays: removing it could take it from under a process that just opened it."""
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
