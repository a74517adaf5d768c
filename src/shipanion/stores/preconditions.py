"""What must hold before a step is written, and in which order it is asked.

The order is part of the contract: who may ask comes first, so that a stranger learns nothing; then whether
the id was used, so that a repeat gets its first answer whatever happened since; then what the step was
decided on. Every store asks through this one function, inside its transaction, so that no two stores can come
to differ.
"""

from typing import Protocol, TypeVar

from shipanion.stores.base import (
    CallClosed,
    CallOpened,
    Conflict,
    Duplicate,
    Grant,
    Refused,
    Step,
    TurnCheckpoint,
    TurnClaimed,
    TurnEnding,
    TurnQueued,
    TurnWrite,
)

__all__ = ["Books", "Log", "refusal"]


class Log(Protocol):
    """What is known of a session inside the transaction."""

    @property
    def owner(self) -> str: ...
    @property
    def head(self) -> int: ...


L = TypeVar("L", bound=Log, contravariant=True)


class Books(Protocol[L]):
    """What a transaction can look up. Everything includes what earlier steps of the same transaction
    wrote."""

    def user(self, user_id: str) -> tuple[int, bool] | None:
        """A user's token version and whether they are disabled."""

    def used(self, log: L, id: str) -> tuple[int, bytes | None] | None:
        """The answer and digest of an id used before, by an event or without one."""

    def turn(self, log: L, turn_id: str) -> tuple[str, int] | None:
        """A turn's status (``queued``, ``running``, ``ended``) and fence."""

    def any_running(self, log: L) -> bool:
        """Whether a turn of this session runs."""

    def call(self, log: L, call_id: str) -> bool | None:
        """Whether a call has its result; None for a call nobody opened."""


def refusal(books: Books[L], log: L | None, step: Step) -> Duplicate | Conflict | Refused | None:
    """Why ``step`` must not be written to ``log`` (None: unknown session), or None when it may be."""
    if log is None:
        return Refused(reason="not_found")
    if step.grant is not None:
        reason = _of_grant(books, log, step.grant)
        if reason is not None:
            return Refused(reason=reason)
    if step.id is not None:
        used = books.used(log, step.id)
        if used is not None:
            return Duplicate(offset=used[0], same=used[1] == step.digest)
    for event in step.events:
        if event.id is not None and event.id != step.id:
            used = books.used(log, event.id)
            if used is not None:
                return Duplicate(offset=used[0], same=used[1] == event.digest)
    if step.fence is not None and books.turn(log, step.fence.turn_id) != ("running", step.fence.fence):
        return Refused(reason="fenced")
    if step.expected_head is not None and step.expected_head != log.head:
        return Conflict(head=log.head)
    if step.max_events is not None and log.head + len(step.events) > step.max_events and not _ends(step):
        return Refused(reason="session_full")
    if step.turn is not None:
        reason = _of_turn(books, log, step.turn)
        if reason is not None:
            return Refused(reason=reason)
    if step.call is not None:
        reason = _of_call(books, log, step.call)
        if reason is not None:
            return Refused(reason=reason)
    return None


def _of_grant(books: Books[L], log: L, grant: Grant) -> str | None:
    if grant.user_id != log.owner:
        return "not_found"
    if grant.now >= grant.expires_at or books.user(grant.user_id) != (grant.version, False):
        return "expired"
    return None


def _ends(step: Step) -> bool:
    """What was begun may always be ended, however full the log is. A step without events adds nothing to
    it."""
    return not step.events or isinstance(step.turn, TurnEnding) or isinstance(step.call, CallClosed)


def _of_turn(books: Books[L], log: L, write: TurnWrite) -> str | None:
    held = books.turn(log, write.turn_id)
    match write:
        case TurnQueued():
            return None if held is None else "fenced"
        case TurnClaimed():
            if held != ("queued", write.fence):
                return "fenced"
            return "busy" if books.any_running(log) else None
        case TurnCheckpoint():
            return None if held == ("running", write.fence) else "fenced"
        case TurnEnding(fence=None):
            return None if held is not None and held[0] == "queued" else "fenced"
        case TurnEnding():
            return None if held == ("running", write.fence) else "fenced"


def _of_call(books: Books[L], log: L, write: CallOpened | CallClosed) -> str | None:
    wanted = None if isinstance(write, CallOpened) else False
    return None if books.call(log, write.call_id) is wanted else "closed"
