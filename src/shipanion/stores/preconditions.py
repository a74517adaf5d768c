"""What must hold before a step is written, and in which order it is asked.

The order is part of the contract: who may ask comes first, so that a stranger learns nothing; then whether
the id was used, so that a repeat gets its first answer whatever happened since; then what the step was
decided on: fence, head, room in the log; then what it writes beside the log, in this order: turn, call, approval
ended, approval asked, effect, documents. Every store asks through this one function, inside its transaction, so that
no two stores can come to differ.
"""

from typing import Protocol, TypeVar

from shipanion.stores.base import (
    ApprovalAsked,
    ApprovalEnded,
    CallClosed,
    CallOpened,
    Conflict,
    Duplicate,
    EffectClaimed,
    EffectSettled,
    EffectWrite,
    Grant,
    NewDocument,
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

    def approval(self, log: L, approval_id: str) -> tuple[bool, int] | None:
        """Whether an approval is open, and the time (ms) it is or was open until; None when nobody asked for it."""

    def open_approval(self, log: L) -> str | None:
        """The id of the approval that is open."""

    def effect(self, log: L, effect_id: str) -> tuple[str, int] | None:
        """An effect's status (``claimed``, ``unknown``, ``settled``, ``failed``) and fence."""

    def intent_held(self, log: L, intent: str) -> bool:
        """Whether an effect of this session holds the intent."""

    def has_document(self, document_id: str) -> bool:
        """Whether the store has a document of this id, of whatever session."""


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
    reason = _beside_the_log(books, log, step)
    return None if reason is None else Refused(reason=reason)


def _of_grant(books: Books[L], log: L, grant: Grant) -> str | None:
    if grant.user_id != log.owner:
        return "not_found"
    if grant.now >= grant.expires_at or books.user(grant.user_id) != (grant.version, False):
        return "expired"
    return None


def _ends(step: Step) -> bool:
    """What was begun may always be ended, however full the log is. A step without events adds nothing to
    it."""
    return (
        not step.events
        or isinstance(step.turn, TurnEnding)
        or isinstance(step.call, CallClosed)
        or step.ended is not None
        or isinstance(step.effect, EffectSettled)
    )


def _beside_the_log(books: Books[L], log: L, step: Step) -> str | None:
    reason = None
    if step.turn is not None:
        reason = _of_turn(books, log, step.turn)
    if reason is None and step.call is not None:
        reason = _of_call(books, log, step.call)
    if reason is None and step.ended is not None:
        reason = _of_ended(books, log, step.ended)
    if reason is None and step.asked is not None:
        reason = _of_asked(books, log, step.asked, step.ended)
    if reason is None and step.effect is not None:
        reason = _of_effect(books, log, step.effect)
    if reason is None and step.documents:
        reason = _of_documents(books, step.documents)
    return reason


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


def _of_ended(books: Books[L], log: L, write: ApprovalEnded) -> str | None:
    held = books.approval(log, write.approval_id)
    if held is None or not held[0]:
        return "resolved"
    # Only a yes can come too late: the sweep ends what ran out, and a no is right at any time.
    return "late" if write.decision == "approved" and write.now >= held[1] else None


def _of_asked(books: Books[L], log: L, write: ApprovalAsked, ended: ApprovalEnded | None) -> str | None:
    waiting = books.open_approval(log)
    if waiting is not None and (ended is None or ended.approval_id != waiting):
        return "asked"
    return None if books.approval(log, write.approval_id) is None else "asked"


def _of_effect(books: Books[L], log: L, write: EffectWrite) -> str | None:
    held = books.effect(log, write.effect_id)
    if isinstance(write, EffectClaimed):
        return None if held is None and not books.intent_held(log, write.intent) else "taken"
    return None if held in (("claimed", write.fence), ("unknown", write.fence)) else "fenced"


def _of_documents(books: Books[L], documents: tuple[NewDocument, ...]) -> str | None:
    ids = {document.document_id for document in documents}
    return "taken" if len(ids) < len(documents) or any(map(books.has_document, ids)) else None
