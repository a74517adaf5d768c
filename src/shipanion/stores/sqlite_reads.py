"""Reading the tables. Every function is one consistent look; none leaves a transaction open."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from shipanion.stores.base import (
    ApprovalRow,
    DeviceRow,
    DocumentRow,
    EffectRow,
    Loaded,
    OpenCall,
    SessionRow,
    StoredEvent,
    TurnRow,
)
from shipanion.stores.epoch import wire_epoch
from shipanion.stores.paging import page
from shipanion.stores.people import UserRow

__all__ = [
    "accounts",
    "approvals_due",
    "archived_of",
    "calls_of_others",
    "devices",
    "document",
    "effect",
    "effects",
    "effects_open",
    "events",
    "events_before",
    "heads",
    "load",
    "result_of",
    "session_by_key",
    "session_row",
    "sessions_of",
    "turn",
    "turns_of_others",
    "user",
    "user_named",
    "withdrawn",
]

_SESSION = """
SELECT
    id, owner, epoch, at, key,
    (SELECT MAX(offset) FROM events WHERE session = key) AS head,
    (SELECT MIN(offset) FROM events WHERE session = key) AS first,
    COALESCE((SELECT e.at FROM events AS e WHERE e.session = key ORDER BY e.offset DESC LIMIT 1), at) AS last_at,
    title, archived
FROM sessions
"""
_SESSION_BY_ID = _SESSION + "WHERE id = ?"
_SESSION_BY_KEY = _SESSION + "WHERE owner = ? AND client_key = ?"
_BEGUN = "EXISTS (SELECT 1 FROM events WHERE session = key)"
_SESSIONS_OF = (
    _SESSION
    + f"WHERE owner = ?1 AND (?2 IS NULL OR (archived = ?2 AND {_BEGUN})) ORDER BY last_at DESC, key DESC LIMIT ?3"
)
_ARCHIVED_OF = f"SELECT COUNT(*) FROM sessions WHERE owner = ? AND archived AND {_BEGUN}"
_HEADS = """
SELECT s.id, COALESCE((SELECT MAX(offset) FROM events WHERE session = s.key), 0)
FROM json_each(?) AS wanted JOIN sessions AS s ON s.id = wanted.value
"""
_EVENT = "SELECT e.offset, e.type, e.body, e.author, e.at, e.id FROM events AS e "
_EVENTS_SINCE = _EVENT + "WHERE e.session = ? AND e.offset > ? ORDER BY e.offset"
_EVENTS = (
    _EVENT
    + "WHERE e.session = (SELECT key FROM sessions WHERE id = ?) AND e.offset > ? AND e.offset <= ? "
    + "ORDER BY e.offset LIMIT ?"
)
_EVENTS_BEFORE = (
    _EVENT
    + "WHERE e.session = (SELECT key FROM sessions WHERE id = ?) AND e.offset < ? "
    + "ORDER BY e.offset DESC LIMIT ?"
)
# Named, because the planner would rather walk through all turns than sort the few that are open.
_TURN_ROW = """
SELECT s.id, t.id, t.status, t.owner, t.fence, t.message, t.text, t.next_index
FROM turns AS t INDEXED BY turns_open JOIN sessions AS s ON s.key = t.session WHERE t.status != 'ended'
"""
_TURNS_OF = _TURN_ROW + "AND t.session = ? ORDER BY t.place"
_TURNS_OF_OTHERS = _TURN_ROW + "AND (t.status = 'queued' OR t.owner != ?) ORDER BY t.place"
_TURN = """
SELECT t.status, t.ending FROM turns AS t JOIN sessions AS s ON s.key = t.session WHERE s.id = ? AND t.id = ?
"""
_CALL_COLUMNS = "SELECT s.id, c.id, c.tool_name, c.owner, c.offset, c.turn FROM calls AS c "
_CALL = _CALL_COLUMNS + "JOIN sessions AS s ON s.key = c.session WHERE s.id = ? AND c.id = ?"
_CALLS_OPEN = _CALL_COLUMNS + "INDEXED BY calls_open JOIN sessions AS s ON s.key = c.session WHERE c.result IS NULL "
_CALLS_OF = _CALLS_OPEN + "AND c.session = ? ORDER BY c.place"
_CALLS_OF_OTHERS = _CALLS_OPEN + "AND c.owner != ? ORDER BY c.place"
_RESULT = (
    _EVENT
    + "JOIN calls AS c ON c.session = e.session AND c.result = e.offset "
    + "JOIN sessions AS s ON s.key = c.session WHERE s.id = ? AND c.id = ?"
)
_APPROVALS_DUE = """
SELECT s.id, a.id, a.expires_at
FROM approvals AS a INDEXED BY approvals_due CROSS JOIN sessions AS s ON s.key = a.session
WHERE a.decision IS NULL AND a.expires_at <= ? ORDER BY a.expires_at, a.place LIMIT ?
"""
_EFFECT_COLUMNS = """
SELECT s.id, e.id, e.intent, e.kind, e.status, e.owner, e.fence, e.at, e.request, e.call, e.outcome, e.held
FROM effects AS e
"""
_EFFECTS_OPEN = (
    _EFFECT_COLUMNS
    + "INDEXED BY effects_open CROSS JOIN sessions AS s ON s.key = e.session "
    + "WHERE e.status IN ('claimed', 'unknown') ORDER BY e.at, e.place LIMIT ?"
)
# The newest of each status by the index alone, so that only rows near the answer are read.
_NEWEST = "SELECT * FROM (SELECT place FROM effects WHERE status = ? ORDER BY at DESC, place DESC LIMIT ?)"
_DOCUMENT = """
SELECT d.id, s.id, s.owner, d.media_type, d.name, d.body
FROM documents AS d JOIN sessions AS s ON s.key = d.session WHERE d.id = ?
"""
_DEVICES = """
SELECT d.device, d.state, d.seen_epoch, d.seen_offset, d.at
FROM devices AS d JOIN sessions AS s ON s.key = d.session WHERE s.id = ? ORDER BY d.place DESC
"""
_USER = "SELECT id, name, kind, password_hash, version, disabled, at FROM users "
_VALID = """
SELECT u.id, u.version FROM json_each(?) AS asked JOIN users AS u ON u.id = asked.value WHERE NOT u.disabled
"""

Row = tuple[Any, ...]


def _session(row: Row, incarnation: str) -> SessionRow:
    return SessionRow(
        session_id=row[0],
        owner=row[1],
        epoch=wire_epoch(row[2], incarnation),
        head=row[5] or 0,
        first=row[6] or 1,
        at=row[3],
        last_at=row[7],
        title=row[8] or None,
        archived=bool(row[9]),
    )


def _events(rows: Iterable[Row]) -> Iterable[StoredEvent]:
    return (
        StoredEvent(offset=offset, type=type, body=body, by=by, at=at, id=id) for offset, type, body, by, at, id in rows
    )


def _turn(row: Row) -> TurnRow:
    return TurnRow(
        session_id=row[0],
        turn_id=row[1],
        status=row[2],
        owner=row[3],
        fence=row[4],
        message_offset=row[5],
        text=row[6],
        next_index=row[7],
    )


def _call(row: Row) -> OpenCall:
    return OpenCall(session_id=row[0], call_id=row[1], tool_name=row[2], owner=row[3], offset=row[4], turn_id=row[5])


def _effect(row: Row) -> EffectRow:
    return EffectRow(
        session_id=row[0],
        effect_id=row[1],
        intent=row[2],
        kind=row[3],
        status=row[4],
        owner=row[5],
        fence=row[6],
        at=row[7],
        request=row[8],
        call_id=row[9],
        outcome=row[10],
        held=bool(row[11]),
    )


def _user(row: Row) -> UserRow:
    return UserRow(
        user_id=row[0],
        name=row[1],
        kind=row[2],
        password_hash=row[3],
        version=row[4],
        disabled=bool(row[5]),
        at=row[6],
    )


def session_row(connection: sqlite3.Connection, session_id: str, incarnation: str) -> SessionRow | None:
    row = connection.execute(_SESSION_BY_ID, (session_id,)).fetchone()
    return None if row is None else _session(row, incarnation)


def session_by_key(connection: sqlite3.Connection, owner: str, key: str, incarnation: str) -> SessionRow | None:
    row = connection.execute(_SESSION_BY_KEY, (owner, key)).fetchone()
    return None if row is None else _session(row, incarnation)


def sessions_of(
    connection: sqlite3.Connection, owner: str, limit: int, archived: bool | None, incarnation: str
) -> list[SessionRow]:
    rows = connection.execute(_SESSIONS_OF, (owner, archived, max(0, limit))).fetchall()
    return [_session(row, incarnation) for row in rows]


def archived_of(connection: sqlite3.Connection, owner: str) -> int:
    return int(connection.execute(_ARCHIVED_OF, (owner,)).fetchone()[0])


def load(connection: sqlite3.Connection, session_id: str, incarnation: str) -> Loaded | None:
    connection.execute("BEGIN")
    try:
        row = connection.execute(_SESSION_BY_ID, (session_id,)).fetchone()
        if row is None:
            return None
        key = row[4]
        state = connection.execute("SELECT offset, state FROM states WHERE session = ?", (key,)).fetchone()
        offset, snapshot = (0, None) if state is None else state
        return Loaded(
            session=_session(row, incarnation),
            snapshot=snapshot,
            snapshot_offset=offset,
            since=tuple(_events(connection.execute(_EVENTS_SINCE, (key, offset)))),
            turns=tuple(map(_turn, connection.execute(_TURNS_OF, (key,)))),
            calls=tuple(map(_call, connection.execute(_CALLS_OF, (key,)))),
        )
    finally:
        connection.execute("ROLLBACK")


def events(
    connection: sqlite3.Connection, session_id: str, after: int, upto: int, max_bytes: int, max_count: int
) -> list[StoredEvent]:
    cursor = connection.execute(_EVENTS, (session_id, after, upto, max(1, max_count)))
    try:
        return page(_events(cursor), max_bytes=max_bytes, max_count=max_count)
    finally:
        cursor.close()  # a cursor left half-read would keep the log from being reset


def events_before(
    connection: sqlite3.Connection, session_id: str, before: int, max_bytes: int, max_count: int
) -> list[StoredEvent]:
    cursor = connection.execute(_EVENTS_BEFORE, (session_id, before, max(1, max_count)))
    try:
        return page(_events(cursor), max_bytes=max_bytes, max_count=max_count)[::-1]
    finally:
        cursor.close()


def heads(connection: sqlite3.Connection, session_ids: Sequence[str]) -> dict[str, int]:
    return dict(connection.execute(_HEADS, (json.dumps(list(session_ids)),)).fetchall())


def result_of(connection: sqlite3.Connection, session_id: str, call_id: str) -> StoredEvent | OpenCall | None:
    connection.execute("BEGIN")
    try:
        result = connection.execute(_RESULT, (session_id, call_id)).fetchone()
        if result is not None:
            return next(iter(_events([result])))
        row = connection.execute(_CALL, (session_id, call_id)).fetchone()
        return None if row is None else _call(row)
    finally:
        connection.execute("ROLLBACK")


def turn(connection: sqlite3.Connection, session_id: str, turn_id: str) -> tuple[str, int] | None:
    row: tuple[str, int] | None = connection.execute(_TURN, (session_id, turn_id)).fetchone()
    return row


def turns_of_others(connection: sqlite3.Connection, owner: str) -> list[TurnRow]:
    return [_turn(row) for row in connection.execute(_TURNS_OF_OTHERS, (owner,)).fetchall()]


def calls_of_others(connection: sqlite3.Connection, owner: str) -> list[OpenCall]:
    return [_call(row) for row in connection.execute(_CALLS_OF_OTHERS, (owner,)).fetchall()]


def approvals_due(connection: sqlite3.Connection, now: int, limit: int) -> list[ApprovalRow]:
    return [
        ApprovalRow(session_id=session_id, approval_id=approval_id, expires_at=expires_at)
        for session_id, approval_id, expires_at in connection.execute(_APPROVALS_DUE, (now, max(0, limit))).fetchall()
    ]


def effects(connection: sqlite3.Connection, statuses: Collection[str], limit: int) -> list[EffectRow]:
    wanted = sorted(set(statuses))
    if not wanted:
        return []
    most = max(0, limit)
    newest = " UNION ALL ".join([_NEWEST] * len(wanted))
    rows = connection.execute(
        f"{_EFFECT_COLUMNS} JOIN sessions AS s ON s.key = e.session "
        f"WHERE e.place IN ({newest}) ORDER BY e.at DESC, e.place DESC LIMIT ?",
        (*(value for status in wanted for value in (status, most)), most),
    )
    return [_effect(row) for row in rows.fetchall()]


def effect(connection: sqlite3.Connection, session_id: str, effect_id: str) -> EffectRow | None:
    row = connection.execute(
        f"{_EFFECT_COLUMNS} JOIN sessions AS s ON s.key = e.session WHERE s.id = ? AND e.id = ?",
        (session_id, effect_id),
    ).fetchone()
    return None if row is None else _effect(row)


def effects_open(connection: sqlite3.Connection, limit: int) -> list[EffectRow]:
    return [_effect(row) for row in connection.execute(_EFFECTS_OPEN, (max(0, limit),)).fetchall()]


def document(connection: sqlite3.Connection, document_id: str) -> DocumentRow | None:
    row = connection.execute(_DOCUMENT, (document_id,)).fetchone()
    if row is None:
        return None
    return DocumentRow(document_id=row[0], session_id=row[1], owner=row[2], media_type=row[3], name=row[4], body=row[5])


def devices(connection: sqlite3.Connection, session_id: str) -> list[DeviceRow]:
    return [
        DeviceRow(device=device, state=state, seen_epoch=epoch, seen_offset=offset, at=at)
        for device, state, epoch, offset, at in connection.execute(_DEVICES, (session_id,)).fetchall()
    ]


def user(connection: sqlite3.Connection, user_id: str) -> UserRow | None:
    row = connection.execute(_USER + "WHERE id = ?", (user_id,)).fetchone()
    return None if row is None else _user(row)


def user_named(connection: sqlite3.Connection, name: str) -> UserRow | None:
    row = connection.execute(_USER + "WHERE folded = ? AND kind = 'account'", (name.casefold(),)).fetchone()
    return None if row is None else _user(row)


def accounts(connection: sqlite3.Connection) -> list[UserRow]:
    rows = connection.execute(_USER + "WHERE kind = 'account' ORDER BY folded").fetchall()
    return [_user(row) for row in rows]


def withdrawn(connection: sqlite3.Connection, versions: dict[str, int]) -> set[str]:
    valid = connection.execute(_VALID, (json.dumps(list(versions)),)).fetchall()
    return versions.keys() - {id for id, version in valid if versions[id] == version}
