"""Short ways to write to a store and to wait for its answers."""

import asyncio
from collections.abc import Sequence
from typing import Any

from shipanion.stores.base import (
    ApprovalAsked,
    ApprovalEnded,
    EffectClaimed,
    EffectSettled,
    EffectTaken,
    Grant,
    NewDocument,
    NewEvent,
    NewSession,
    Result,
    SessionRow,
    SessionStore,
    Step,
)
from shipanion.stores.people import UserRow

OWNER = "u1"


def event(body: bytes = b"{}", *, id: str | None = None, digest: bytes | None = None, at: int = 1) -> NewEvent:
    """An event to append."""
    return NewEvent(type="note", body=body, by=b'{"role":"owner"}', at=at, id=id, digest=digest)


def append(session_id: str, *bodies: bytes, id: str | None = None, **fields: Any) -> Step:
    """A step of one event per body; with ``id`` the first one answers that command (digest: the first body)."""
    digest = bodies[0] if id is not None and bodies else None
    events = tuple(
        event(body, id=id if n == 0 else None, digest=digest if n == 0 else None) for n, body in enumerate(bodies)
    )
    fields.setdefault("digest", digest)
    return Step(session_id=session_id, events=events, id=id, **fields)


def asks(approval_id: str = "a1", *, session_id: str = "s1", expires_at: int = 100, **fields: Any) -> Step:
    """A step that asks a person for their yes."""
    asked = ApprovalAsked(approval_id=approval_id, expires_at=expires_at)
    return Step(session_id=session_id, asked=asked, **fields)


def ends(
    approval_id: str = "a1", decision: str = "approved", *, session_id: str = "s1", now: int = 1, **fields: Any
) -> Step:
    """A step that ends an approval."""
    ended = ApprovalEnded(approval_id=approval_id, decision=decision, now=now)
    return Step(session_id=session_id, ended=ended, **fields)


def claims(effect_id: str = "x1", *, session_id: str = "s1", bodies: tuple[bytes, ...] = (), **fields: Any) -> Step:
    """A step that claims an effect, with an event per body. ``fields`` change the effect."""
    given: dict[str, Any] = {"intent": "buy", "kind": "label", "owner": "boot", "request": b"{}", "at": 1} | fields
    return append(session_id, *bodies, effect=EffectClaimed(effect_id=effect_id, **given))


def takes(
    effect_id: str = "x1", *, session_id: str = "s1", fence: int = 1, owner: str = "o", at: int | None = None
) -> Step:
    """A step by which an effect changes hands."""
    return Step(session_id=session_id, effect=EffectTaken(effect_id=effect_id, fence=fence, owner=owner, at=at))


def settles(
    effect_id: str = "x1", status: str = "settled", *, session_id: str = "s1", fence: int = 1, **fields: Any
) -> Step:
    """A step that says what became of an effect. ``fields`` are the settling's."""
    effect = EffectSettled(effect_id=effect_id, fence=fence, status=status, **fields)
    return Step(session_id=session_id, effect=effect)


def document(document_id: str = "d1", body: bytes = b"%PDF-", **fields: Any) -> NewDocument:
    """A file to keep."""
    return NewDocument(
        document_id=document_id,
        media_type=fields.pop("media_type", "application/pdf"),
        name=fields.pop("name", "label.pdf"),
        body=body,
    )


async def restart(store: SessionStore) -> None:
    """The same store in another life of the process."""
    await store.close()
    await store.open()


async def submit(store: SessionStore, *steps: Step) -> list[Result]:
    """Submit ``steps`` together and wait for their results."""
    answered: asyncio.Future[Sequence[Result]] = asyncio.get_running_loop().create_future()
    store.submit(steps, answered.set_result)
    return list(await answered)


async def one(store: SessionStore, step: Step) -> Result:
    """Submit one step and wait for its result."""
    (result,) = await submit(store, step)
    return result


async def logged(store: SessionStore, session_id: str) -> list[tuple[int, str | None]]:
    """Offset and id of every event of a session."""
    found = await store.events(session_id, after=0, upto=1 << 30, max_bytes=1 << 30, max_count=1 << 30)
    return [(event.offset, event.id) for event in found]


def new_session(session_id: str = "s1", *, owner: str = OWNER, **fields: Any) -> NewSession:
    """A session to create."""
    return NewSession(
        session_id=session_id, owner=owner, epoch=fields.pop("epoch", "e1"), at=fields.pop("at", 1), **fields
    )


async def make_session(store: SessionStore, session_id: str = "s1", **fields: Any) -> SessionRow:
    """Create a session that is certainly new."""
    row = await store.create_session(new_session(session_id, **fields))
    assert isinstance(row, SessionRow)
    return row


def account(user_id: str = OWNER, name: str = "Ann", **fields: Any) -> UserRow:
    """A person with a password, token version 1."""
    return UserRow(
        user_id=user_id,
        name=name,
        kind=fields.pop("kind", "account"),
        password_hash=fields.pop("password_hash", "hash"),
        version=fields.pop("version", 1),
        disabled=fields.pop("disabled", False),
        at=1,
    )


def grant(user_id: str = OWNER, *, version: int = 1, expires_at: int = 100, now: int = 99) -> Grant:
    """A token that is good for one more millisecond."""
    return Grant(user_id=user_id, version=version, expires_at=expires_at, now=now)
