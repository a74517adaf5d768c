"""What a client keeps between two lives: commands not yet decided, and where it is together with the state
there.

One small SQLite file for each conversation and process. A command is on disk before it is sent; position and
state change in one transaction, so they are there together or not at all. The file is locked while it is in
use. A second process at the same conversation takes the next free file and is a client of its own; what a
process left behind is taken over by whoever comes next, since the ids make sending it twice harmless (I5).
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from shipanion.errors import ConfigurationError, StoreError, StoreTooNew, StoreUnavailable
from shipanion.protocol.outbox import command_id
from shipanion.protocol.position import Position

__all__ = ["FileOutbox", "Kept", "MemoryOutbox", "Place", "device_id"]

VERSION: Final = 1
MOST_PROCESSES: Final = 64

Place = tuple[Position, dict[str, Any]]

_TABLES: Final = """
    CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, position INTEGER NOT
    NULL,
                        state TEXT NOT NULL);
    CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, command TEXT NOT
    NULL);
"""


class Kept(Protocol):
    """Where a client keeps what it must not forget."""

    new: str
    """The client's own key for the session it asks for while it knows none."""

    session_id: str | None
    place: Place | None

    def commands(self) -> list[dict[str, Any]]:
        """The commands not yet decided, oldest first."""

    def add(self, command: dict[str, Any]) -> None:
        """Keep a command; durable when this returns. Raises ``StoreUnavailable``."""

    def settle(self, id: str) -> None:
        """The command is decided. Raises ``StoreUnavailable``."""

    def save(self, session_id: str, position: Position, state: dict[str, Any]) -> None:
        """Keep place and state, together. Raises ``StoreUnavailable``."""

    def close(self) -> None:
        """Let go of it."""


class MemoryOutbox:
    """Keeps nothing beyond this process."""

    def __init__(self, new: str, session_id: str | None = None) -> None:
        self.new = new
        self.session_id = session_id
        self.place: Place | None = None
        self._commands: dict[str, dict[str, Any]] = {}

    def commands(self) -> list[dict[str, Any]]:
        return list(self._commands.values())

    def add(self, command: dict[str, Any]) -> None:
        self._commands[command_id(command)] = command

    def settle(self, id: str) -> None:
        self._commands.pop(id, None)

    def save(self, session_id: str, position: Position, state: dict[str, Any]) -> None:
        self.session_id, self.place = session_id, (position, state)

    def close(self) -> None:
        pass


class FileOutbox:
    """Keeps everything in one file, which it holds until ``close``.

    Args:
        folder: made if it is not there, readable by this person only.
        conversation: what tells this conversation from others: the server, and a session or a name.
        new_id: makes the key for a new session, once.
        session_id: the session, if the caller knows it.

    Raises:
        ConfigurationError: the folder or file cannot be used.
        StoreTooNew: a newer program wrote the file.
    """

    def __init__(
        self, folder: Path, conversation: str, new_id: Callable[[], str], session_id: str | None = None
    ) -> None:
        self._stem = hashlib.sha256(conversation.encode()).hexdigest()[:24]
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path, self._db = self._first_free()
            self._db.execute("INSERT OR IGNORE INTO about VALUES ('new', ?)", (new_id(),))
            if session_id is not None:
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('session_id', ?)", (session_id,))
            self._join()
            self._take_over()
            about = dict(self._db.execute("SELECT key, value FROM about"))
            row = self._db.execute("SELECT epoch, position, state FROM place").fetchone()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"What this client must keep cannot be kept in {folder}: {error}. Name another folder."
            ) from error
        self.new: str = about["new"]
        self.session_id: str | None = about.get("session_id")
        self.place: Place | None = None if row is None else (Position(row[0], row[1]), json.loads(row[2]))

    def commands(self) -> list[dict[str, Any]]:
        return [json.loads(row[0]) for row in self._db.execute("SELECT command FROM outbox ORDER BY seq")]

    def add(self, command: dict[str, Any]) -> None:
        self._write("INSERT OR IGNORE INTO outbox (id, command) VALUES (?, ?)", command_id(command), command)

    def settle(self, id: str) -> None:
        self._write("DELETE FROM outbox WHERE id = ?", id)

    def save(self, session_id: str, position: Position, state: dict[str, Any]) -> None:
        if session_id != self.session_id:
            self._write("INSERT OR REPLACE INTO about VALUES ('session_id', ?)", session_id)
            self.session_id = session_id
            self._announce(session_id)
        place = "INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)"
        self._write(place, position.epoch, position.offset, state)
        self.place = (position, state)

    def close(self) -> None:
        self._db.close()

    # --- inside ---------------------------------------------------------------------------------------------

    def _write(self, statement: str, *values: object) -> None:
        bound = [json.dumps(value) if isinstance(value, dict) else value for value in values]
        try:
            self._db.execute(statement, bound)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self.path} cannot be written: {error}. Make room, try again.") from error

    def _first_free(self) -> tuple[Path, sqlite3.Connection]:
        for number in range(1, MOST_PROCESSES + 1):
            path = self._folder / f"{self._stem}.{number}.db"
            db = _open(path)
            if db is not None:
                return path, db
        raise ConfigurationError(
            f"{MOST_PROCESSES} programs use this conversation from {self._folder} already. Close some."
        )

    def _announce(self, session_id: str) -> None:
        """Say beside the locked file which session this is, so that a second process joins it."""
        note = self._note()
        fresh = note.with_suffix(f".{self.path.stem[-1]}.tmp")
        try:
            fresh.write_text(session_id, encoding="utf-8")
            fresh.replace(note)
        except OSError as error:
            raise StoreUnavailable(f"{note} cannot be written: {error}.") from error

    def _join(self) -> None:
        if self._note().exists():
            session_id = self._note().read_text(encoding="utf-8")
            self._db.execute("INSERT OR IGNORE INTO about VALUES ('session_id', ?)", (session_id,))

    def _note(self) -> Path:
        return self._folder / f"{self._stem}.session"

    def _take_over(self) -> None:
        """Adopt what dead processes left. Theirs is removed after ours is safe; in between both have it."""
        for path in sorted(self._folder.glob(f"{self._stem}.*.db")):
            if path == self.path:
                continue
            left = _open(path)
            if left is None:
                continue
            try:
                ours = dict(self._db.execute("SELECT key, value FROM about")).get("session_id")
                theirs = dict(left.execute("SELECT key, value FROM about")).get("session_id")
                rows = left.execute("SELECT id, command FROM outbox ORDER BY seq").fetchall()
                if not rows or theirs is None or ours not in (None, theirs):
                    continue
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('session_id', ?)", (theirs,))
                for row in rows:
                    self._db.execute("INSERT OR IGNORE INTO outbox (id, command) VALUES (?, ?)", row)
                left.execute("DELETE FROM outbox")
            finally:
                left.close()


def _open(path: Path) -> sqlite3.Connection | None:
    """The file, locked for us alone; None when somebody has it."""
    path.touch(mode=0o600)
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        # Exclusive locking keeps the lock after the first write, until the connection ends, however it ends.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN EXCLUSIVE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreTooNew(f"{path} was written by a newer Shipanion. Upgrade, or name another folder.")
        if version == 0:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return None
        raise
    except (sqlite3.Error, StoreError):
        db.close()
        raise
    return db


def device_id(folder: Path, new_id: Callable[[], str]) -> str:
    """This device's own id, made once and kept in ``folder``. Raises ``ConfigurationError``."""
    path = folder / "device"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="ascii") as file:
                file.write(new_id())
        except FileExistsError:
            pass
        return path.read_text(encoding="ascii").strip() or new_id()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be used: {error}. Name another folder.") from error
