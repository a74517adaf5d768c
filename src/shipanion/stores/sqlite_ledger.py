"""One group of changes in the making: looks up, checks and writes inside one transaction of the writer."""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from shipanion.stores import sqlite_effects as effects
from shipanion.stores.base import (
    CallClosed,
    CallOpened,
    Committed,
    Result,
    Step,
    TurnCheckpoint,
    TurnClaimed,
    TurnEnding,
    TurnQueued,
    TurnWrite,
)
from shipanion.stores.preconditions import refusal

__all__ = ["Ledger", "LogEntry"]

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode

_SESSION = """
SELECT key, owner, (SELECT MAX(offset) FROM events WHERE session = sessions.key), archived FROM sessions WHERE id = ?
"""
_USER = "SELECT version, disabled FROM users WHERE id = ?"
_TURN = "SELECT status, fence FROM turns WHERE session = ? AND id = ?"
_RUNNING = "SELECT 1 FROM turns WHERE session = ? AND status = 'running'"
_CALL = "SELECT result FROM calls WHERE session = ? AND id = ?"
_USED = """
SELECT offset, digest FROM events WHERE session = ?1 AND id = ?2
UNION ALL SELECT offset, digest FROM commands WHERE session = ?1 AND id = ?2
"""
_USED_AMONG = """
WITH asked AS (SELECT value ->> 0 AS session, value ->> 1 AS id FROM json_each(?))
SELECT asked.session, asked.id, e.offset, e.digest
FROM asked CROSS JOIN events AS e ON e.session = asked.session AND e.id = asked.id
UNION ALL
SELECT asked.session, asked.id, c.offset, c.digest
FROM asked CROSS JOIN commands AS c ON c.session = asked.session AND c.id = asked.id
"""
_COLUMNS = 8
# OR FAIL: a statement that fails half-way need not undo itself, the transaction or savepoint around it is rolled back
# anyway; without it SQLite keeps a copy of every page the statement touches, at twice the cost.
_APPEND = {
    rows: "INSERT OR FAIL INTO events (session, offset, type, author, at, id, digest, body) VALUES "
    + ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * rows)
    for rows in (64, 32, 16, 8, 4, 2, 1)
}
_REMEMBER = "INSERT INTO commands (session, id, digest, offset) VALUES (?, ?, ?, ?)"
_TITLE = "UPDATE sessions SET title = ? WHERE key = ?"
_UNARCHIVE = "UPDATE sessions SET archived = 0 WHERE key = ?"
_SNAPSHOT = """
INSERT INTO states (session, offset, state) VALUES (?, ?, ?)
ON CONFLICT (session) DO UPDATE SET offset = excluded.offset, state = excluded.state
"""
_TURN_QUEUED = """
INSERT INTO turns (session, id, status, owner, fence, message, text, next_index, outcome, ending)
VALUES (?, ?, 'queued', NULL, 0, ?, '', 0, NULL, 0)
"""
_TURN_CLAIMED = """
UPDATE turns SET status = 'running', owner = ?, fence = fence + 1 WHERE session = ? AND id = ?
"""
_TURN_CHECKPOINT = "UPDATE turns SET text = ?, next_index = ? WHERE session = ? AND id = ?"
_TURN_ENDED = """
UPDATE turns SET status = 'ended', text = '', outcome = ?, ending = ? WHERE session = ? AND id = ?
"""
_CALL_OPENED = """
INSERT INTO calls (session, id, tool_name, owner, turn, offset, result) VALUES (?, ?, ?, ?, ?, ?, NULL)
"""
_CALL_CLOSED = "UPDATE calls SET result = ? WHERE session = ? AND id = ?"

_MOST_SESSIONS = 50_000
_MOST_USERS = 50_000


class LogEntry:
    """What the writer keeps of a session between transactions."""

    __slots__ = ("archived", "head", "key", "owner")

    def __init__(self, key: int, owner: str, head: int, archived: bool) -> None:
        self.key = key
        self.owner = owner
        self.head = head
        self.archived = archived


class Ledger:
    """The writer's transaction. Between ``begin`` and ``commit`` nobody else can write.

    Appended rows are collected and written together, and the ids of a group are looked up together: every
    statement lets go of the interpreter lock, and with a busy event loop beside it the writer may wait
    milliseconds to get it back. ``flush`` before reading what the collected rows may change.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.elsewhere = False
        self._cursor = connection.cursor()
        self._seen = self._data_version()
        self._changes = 0
        self._logs: OrderedDict[str, LogEntry] = OrderedDict()
        self._users: dict[str, tuple[int, bool]] = {}
        self._rows: list[object] = []
        self._asked: set[tuple[int, str]] = set()
        self._ids: dict[tuple[int, str], tuple[int, bytes | None]] = {}

    def begin(self) -> None:
        """Begin, and drop what is remembered when another connection has written since."""
        self._cursor.execute("BEGIN IMMEDIATE")
        self._changes = self.connection.total_changes
        version = self._data_version()
        if version != self._seen:
            self._seen = version
            self.elsewhere = True
            self._logs.clear()
            self._users.clear()
        while len(self._logs) > _MOST_SESSIONS:
            self._logs.popitem(last=False)
        if len(self._users) > _MOST_USERS:
            self._users.clear()

    def commit(self) -> bool:
        """Make it durable; False when there was nothing to write."""
        self.flush()
        changed = self.connection.total_changes != self._changes
        self._cursor.execute("COMMIT")
        self._asked.clear()
        self._ids.clear()
        return changed

    def roll_back(self) -> None:
        """Undo everything since ``begin``."""
        self.forget()
        if self.connection.in_transaction:
            self._cursor.execute("ROLLBACK")

    def forget(self) -> None:
        """Drop all that is remembered: after a rollback it may be wrong."""
        self._logs.clear()
        self._users.clear()
        self._rows.clear()
        self._asked.clear()
        self._ids.clear()

    def take_elsewhere(self) -> bool:
        """Whether another connection has committed since this was last asked."""
        elsewhere, self.elsewhere = self.elsewhere, False
        return elsewhere

    def forget_user(self, user_id: str) -> None:
        """A user's row changes."""
        self._users.pop(user_id, None)

    def flush(self) -> None:
        """Write the rows collected so far."""
        values = self._rows
        done = 0
        for rows, statement in _APPEND.items():
            width = rows * _COLUMNS
            while len(values) - done >= width:
                self._cursor.execute(statement, values[done : done + width])
                done += width
        values.clear()

    def _data_version(self) -> int:
        # Moves when another connection commits, never for commits made through this one or for checkpoints
        # (https://sqlite.org/pragma.html#pragma_data_version).
        return int(self._cursor.execute("PRAGMA data_version").fetchone()[0])

    # --- what a step may look up (``Books``) ---

    def log(self, session_id: str) -> LogEntry | None:
        """A session by id, or None."""
        entry = self._logs.get(session_id)
        if entry is not None:
            self._logs.move_to_end(session_id)
            return entry
        row = self._cursor.execute(_SESSION, (session_id,)).fetchone()
        if row is None:
            return None
        entry = self._logs[session_id] = LogEntry(row[0], row[1], row[2] or 0, bool(row[3]))
        return entry

    def user(self, user_id: str) -> tuple[int, bool] | None:
        known = self._users.get(user_id)
        if known is None:
            row = self._cursor.execute(_USER, (user_id,)).fetchone()
            if row is None:
                return None
            known = self._users[user_id] = (row[0], bool(row[1]))
        return known

    def ask_ids(self, steps: Iterable[Step]) -> None:
        """Find out at once which of these steps' ids were used."""
        asked = []
        for step in steps:
            if step.id is not None:
                log = self.log(step.session_id)
                if log is not None:
                    asked.append((log.key, step.id))
        if len(asked) > 1:
            found = self._cursor.execute(_USED_AMONG, (_encode(asked),)).fetchall()
            self._asked.update(asked)
            self._ids.update({(key, id): (offset, digest) for key, id, offset, digest in found})

    def used(self, log: LogEntry, id: str) -> tuple[int, bytes | None] | None:
        name = (log.key, id)
        known = self._ids.get(name)
        if known is not None or name in self._asked:
            return known
        row: tuple[int, bytes | None] | None = self._cursor.execute(_USED, (log.key, id)).fetchone()
        return row

    def turn(self, log: LogEntry, turn_id: str) -> tuple[str, int] | None:
        row: tuple[str, int] | None = self._cursor.execute(_TURN, (log.key, turn_id)).fetchone()
        return row

    def any_running(self, log: LogEntry) -> bool:
        return self._cursor.execute(_RUNNING, (log.key,)).fetchone() is not None

    def call(self, log: LogEntry, call_id: str) -> bool | None:
        row = self._cursor.execute(_CALL, (log.key, call_id)).fetchone()
        return None if row is None else row[0] is not None

    def approval(self, log: LogEntry, approval_id: str) -> tuple[bool, int] | None:
        return effects.approval(self._cursor, log.key, approval_id)

    def open_approval(self, log: LogEntry) -> str | None:
        return effects.open_approval(self._cursor, log.key)

    def effect(self, log: LogEntry, effect_id: str) -> tuple[str, int] | None:
        return effects.effect(self._cursor, log.key, effect_id)

    def intent_held(self, log: LogEntry, intent: str) -> bool:
        return effects.intent_held(self._cursor, log.key, intent)

    def has_document(self, document_id: str) -> bool:
        return effects.has_document(self._cursor, document_id)

    # --- writing ---

    def apply(self, step: Step) -> Result:
        """Check one step and, when nothing speaks against it, write it."""
        log = self.log(step.session_id)
        refused = refusal(self, log, step)
        if refused is not None or log is None:
            assert refused is not None
            return refused
        key = log.key
        first = log.head + 1
        head = log.head
        named = False
        for event in step.events:
            head += 1
            self._rows += (key, head, event.type, event.by, event.at, event.id, event.digest, event.body)
            if event.id is not None:
                self._ids[key, event.id] = (head, event.digest)
                named = named or event.id == step.id
        log.head = head
        if step.id is not None and not named:
            answer = head if step.answer is None else step.answer
            self._cursor.execute(_REMEMBER, (key, step.id, step.digest, answer))
            self._ids[key, step.id] = (answer, step.digest)
        if step.turn is not None:
            self._write_turn(key, step.turn, first, head)
        if step.call is not None:
            self._write_call(key, step.call, first)
        if step.ended is not None:
            effects.end_approval(self._cursor, key, step.ended)
        if step.asked is not None:
            effects.ask_approval(self._cursor, key, step.asked)
        if step.effect is not None:
            effects.write_effect(self._cursor, key, step.effect)
        if step.documents:
            effects.add_documents(self._cursor, key, step.documents)
        if step.snapshot is not None:
            self._cursor.execute(_SNAPSHOT, (key, head, step.snapshot))
        if step.title is not None:
            self._cursor.execute(_TITLE, (step.title, key))
        if step.unarchives and log.archived:
            self._cursor.execute(_UNARCHIVE, (key,))
            log.archived = False
        return Committed(head=head)

    def alone(self, change: Callable[[], T]) -> T:
        """Do ``change`` so that, when it raises, the rest of the transaction is as it was."""
        self.flush()
        self._cursor.execute("SAVEPOINT part")
        try:
            result = change()
            self.flush()
        except BaseException:
            self.forget()
            # After some errors (a full disk) SQLite has rolled everything back by itself.
            if self.connection.in_transaction:
                self._cursor.execute("ROLLBACK TO part")
                self._cursor.execute("RELEASE part")
            raise
        self._cursor.execute("RELEASE part")
        return result

    def _write_turn(self, key: int, write: TurnWrite, first: int, head: int) -> None:
        execute = self._cursor.execute
        match write:
            case TurnQueued(turn_id=id):
                execute(_TURN_QUEUED, (key, id, first))
            case TurnClaimed(turn_id=id, owner=owner):
                execute(_TURN_CLAIMED, (owner, key, id))
            case TurnCheckpoint(turn_id=id, text=text, next_index=index):
                execute(_TURN_CHECKPOINT, (text, index, key, id))
            case TurnEnding(turn_id=id, outcome=outcome):
                execute(_TURN_ENDED, (outcome, head, key, id))

    def _write_call(self, key: int, write: CallOpened | CallClosed, first: int) -> None:
        if isinstance(write, CallClosed):
            self._cursor.execute(_CALL_CLOSED, (first + write.event, key, write.call_id))
        else:
            self._cursor.execute(_CALL_OPENED, (key, write.call_id, write.tool_name, write.owner, write.turn_id, first))
