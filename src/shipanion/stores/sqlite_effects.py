"""What a step says of approvals, effects and documents: looked up and written inside the writer's transaction.

``key`` is the session's short name. Nothing here checks: ``preconditions`` has done so, and the tables' own unique
indexes stand behind it.
"""

import sqlite3
from collections.abc import Iterable

from shipanion.stores.base import (
    ApprovalAsked,
    ApprovalEnded,
    EffectClaimed,
    EffectSettled,
    EffectTaken,
    EffectWrite,
    NewDocument,
)

__all__ = [
    "add_documents",
    "approval",
    "ask_approval",
    "effect",
    "end_approval",
    "has_document",
    "intent_held",
    "open_approval",
    "write_effect",
]

_APPROVAL = "SELECT decision IS NULL, expires_at FROM approvals WHERE session = ? AND id = ?"
_APPROVAL_OPEN = "SELECT id FROM approvals WHERE session = ? AND decision IS NULL"
_APPROVAL_ASKED = "INSERT INTO approvals (session, id, expires_at) VALUES (?, ?, ?)"
_APPROVAL_ENDED = "UPDATE approvals SET decision = ?, ended_at = ? WHERE session = ? AND id = ?"
_EFFECT = "SELECT status, fence FROM effects WHERE session = ? AND id = ?"
_INTENT = "SELECT 1 FROM effects WHERE session = ? AND intent = ? AND held"
_EFFECT_CLAIMED = """
INSERT INTO effects (session, id, intent, kind, status, owner, fence, at, call, held, request)
VALUES (?, ?, ?, ?, 'claimed', ?, 1, ?, ?, 1, ?)
"""
_EFFECT_TAKEN = """
UPDATE effects SET fence = fence + 1, owner = ?, at = COALESCE(?, at) WHERE session = ? AND id = ?
"""
_EFFECT_SETTLED = """
UPDATE effects SET status = ?1, outcome = ?2, held = ?1 != 'failed' WHERE session = ?3 AND id = ?4
"""
_EFFECT_RELEASED = "UPDATE effects SET held = 0 WHERE session = ? AND id = ? AND status = 'settled'"
_DOCUMENT = "SELECT 1 FROM documents WHERE id = ?"
_DOCUMENT_ADDED = "INSERT INTO documents (session, id, media_type, name, body) VALUES (?, ?, ?, ?, ?)"


def approval(cursor: sqlite3.Cursor, key: int, approval_id: str) -> tuple[bool, int] | None:
    """See ``Books.approval``."""
    row = cursor.execute(_APPROVAL, (key, approval_id)).fetchone()
    return None if row is None else (bool(row[0]), row[1])


def open_approval(cursor: sqlite3.Cursor, key: int) -> str | None:
    """See ``Books.open_approval``."""
    row = cursor.execute(_APPROVAL_OPEN, (key,)).fetchone()
    return None if row is None else row[0]


def effect(cursor: sqlite3.Cursor, key: int, effect_id: str) -> tuple[str, int] | None:
    """See ``Books.effect``."""
    row: tuple[str, int] | None = cursor.execute(_EFFECT, (key, effect_id)).fetchone()
    return row


def intent_held(cursor: sqlite3.Cursor, key: int, intent: str) -> bool:
    """See ``Books.intent_held``."""
    return cursor.execute(_INTENT, (key, intent)).fetchone() is not None


def has_document(cursor: sqlite3.Cursor, document_id: str) -> bool:
    """See ``Books.has_document``."""
    return cursor.execute(_DOCUMENT, (document_id,)).fetchone() is not None


def ask_approval(cursor: sqlite3.Cursor, key: int, write: ApprovalAsked) -> None:
    """A person is asked."""
    cursor.execute(_APPROVAL_ASKED, (key, write.approval_id, write.expires_at))


def end_approval(cursor: sqlite3.Cursor, key: int, write: ApprovalEnded) -> None:
    """They answered, or are not asked any more."""
    cursor.execute(_APPROVAL_ENDED, (write.decision, write.now, key, write.approval_id))


def write_effect(cursor: sqlite3.Cursor, key: int, write: EffectWrite) -> None:
    """An effect begins, changes hands, or has an outcome."""
    match write:
        case EffectClaimed(effect_id=id, intent=intent, kind=kind, owner=owner, at=at, call_id=call, request=request):
            cursor.execute(_EFFECT_CLAIMED, (key, id, intent, kind, owner, at, call, request))
        case EffectTaken(effect_id=id, owner=owner, at=at):
            cursor.execute(_EFFECT_TAKEN, (owner, at, key, id))
        case EffectSettled(effect_id=id, status=status, outcome=outcome, releases=releases):
            if status == "settled" and releases is not None:
                cursor.execute(_EFFECT_RELEASED, (key, releases))
            cursor.execute(_EFFECT_SETTLED, (status, outcome, key, id))


def add_documents(cursor: sqlite3.Cursor, key: int, documents: Iterable[NewDocument]) -> None:
    """Files begin to belong to the session."""
    cursor.executemany(
        _DOCUMENT_ADDED,
        [(key, new.document_id, new.media_type, new.name, new.body) for new in documents],
    )
