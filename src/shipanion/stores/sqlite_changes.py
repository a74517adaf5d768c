"""Changes that are not steps: new sessions, people, devices. Each runs inside the writer's transaction."""

from typing import Literal

from msgspec.structs import replace

from shipanion.stores.base import MAX_DEVICES, DeviceRow, NewSession, Refused, SessionRow
from shipanion.stores.people import UserRow
from shipanion.stores.sqlite_ledger import Ledger
from shipanion.stores.sqlite_reads import session_by_key, session_row, user

__all__ = [
    "add_user",
    "adopt_call",
    "create_session",
    "make_account",
    "save_device",
    "set_archived",
    "set_disabled",
    "set_password",
    "withdraw",
]


def create_session(ledger: Ledger, new: NewSession, incarnation: str) -> SessionRow | Refused:
    """See ``SessionStore.create_session``."""
    connection = ledger.connection
    if new.key is not None:
        known = session_by_key(connection, new.owner, new.key, incarnation)
        if known is not None:
            return known
    if new.max_sessions is not None:
        counted = connection.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE owner = ? LIMIT ?)",
            (new.owner, new.max_sessions),
        )
        if counted.fetchone()[0] >= new.max_sessions:
            return Refused(reason="too_many_sessions")
    if ledger.log(new.session_id) is not None:
        raise ValueError(f"there is a session {new.session_id!r} already")
    connection.execute(
        "INSERT INTO sessions (id, owner, epoch, at, client_key) VALUES (?, ?, ?, ?, ?)",
        (new.session_id, new.owner, new.epoch, new.at, new.key),
    )
    row = session_row(connection, new.session_id, incarnation)
    assert row is not None
    return row


def set_archived(ledger: Ledger, session_id: str, owner: str, archived: bool) -> bool:
    """See ``SessionStore.set_archived``."""
    log = ledger.log(session_id)
    if log is None or log.owner != owner:
        return False
    ledger.connection.execute("UPDATE sessions SET archived = ? WHERE key = ?", (archived, log.key))
    log.archived = archived
    return True


def save_device(ledger: Ledger, session_id: str, row: DeviceRow) -> None:
    """See ``SessionStore.save_device``; a session that does not exist is passed over."""
    log = ledger.log(session_id)
    if log is None:
        return
    ledger.connection.execute(
        """
        REPLACE INTO devices (session, device, state, seen_epoch, seen_offset, at)
        SELECT ?1, ?2, COALESCE(?3, state), COALESCE(?4, seen_epoch), COALESCE(?5, seen_offset), ?6
        FROM (SELECT 1) LEFT JOIN devices ON session = ?1 AND device = ?2
        """,
        (log.key, row.device, row.state, row.seen_epoch, row.seen_offset, row.at),
    )
    ledger.connection.execute(
        """
        DELETE FROM devices WHERE session = ?1 AND place IN (
            SELECT place FROM devices WHERE session = ?1 ORDER BY place DESC LIMIT -1 OFFSET ?2
        )
        """,
        (log.key, MAX_DEVICES),
    )


def adopt_call(ledger: Ledger, session_id: str, call_id: str, owner: str) -> bool:
    """See ``SessionStore.adopt_call``."""
    log = ledger.log(session_id)
    if log is None:
        return False
    adopted = ledger.connection.execute(
        "UPDATE calls SET owner = ? WHERE session = ? AND id = ? AND result IS NULL",
        (owner, log.key, call_id),
    )
    return adopted.rowcount == 1


def add_user(ledger: Ledger, user: UserRow) -> bool:
    """See ``SessionStore.add_user``."""
    added = ledger.connection.execute(
        """
        INSERT INTO users (id, name, folded, kind, password_hash, version, disabled, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        (
            user.user_id,
            user.name,
            user.name.casefold(),
            user.kind,
            user.password_hash,
            user.version,
            user.disabled,
            user.at,
        ),
    )
    return added.rowcount == 1


def set_password(ledger: Ledger, user_id: str, password_hash: str) -> bool:
    """See ``SessionStore.set_password``."""
    return _of_user(
        ledger,
        user_id,
        "UPDATE users SET password_hash = ?, version = version + 1 WHERE id = ?",
        password_hash,
    )


def set_disabled(ledger: Ledger, user_id: str, disabled: bool) -> bool:
    """See ``SessionStore.set_disabled``."""
    return _of_user(ledger, user_id, "UPDATE users SET disabled = ?, version = version + 1 WHERE id = ?", disabled)


def withdraw(ledger: Ledger, user_id: str) -> bool:
    """See ``People.withdraw``."""
    return _of_user(ledger, user_id, "UPDATE users SET version = version + 1 WHERE id = ?")


def make_account(
    ledger: Ledger, user_id: str, version: int, name: str, password_hash: str
) -> UserRow | Literal["taken", "withdrawn"]:
    """See ``People.make_account``."""
    known = user(ledger.connection, user_id)
    if known is None or known.kind != "guest" or known.disabled or known.version != version:
        return "withdrawn"
    # OR IGNORE: the index of names refuses a second account of this one.
    made = _of_user(
        ledger,
        user_id,
        "UPDATE OR IGNORE users SET name = ?, folded = ?, kind = 'account', password_hash = ?, version = version + 1 "
        "WHERE id = ?",
        name,
        name.casefold(),
        password_hash,
    )
    return (
        replace(known, name=name, kind="account", password_hash=password_hash, version=version + 1) if made else "taken"
    )


def _of_user(ledger: Ledger, user_id: str, statement: str, *values: str | bool) -> bool:
    ledger.forget_user(user_id)
    return ledger.connection.execute(statement, (*values, user_id)).rowcount == 1
