"""One session on this node: its state, and the one place where its changes are decided.

Commands, tool results and ends of turns are *works*. The actor takes all that wait, decides them in order on the state
as it will be, and hands them to the store as one list of steps. When a step fails, those decided after it were decided
on a state that never came to be: the store answers them ``Conflict`` and they are decided again. So a session has one
writer, without a lock, and many works share one commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Protocol

import msgspec
import structlog

from shipanion.protocol.codec import envelope
from shipanion.protocol.events import AgentMessage, EventBody, StateChanged, TurnEnded
from shipanion.protocol.frames import AgentDelta, Participant, TurnSoFar
from shipanion.protocol.merge_patch import apply_patch
from shipanion.protocol.position import Position
from shipanion.server import approval
from shipanion.server.domain import Domain, NotAllowed, Situation
from shipanion.server.hub import Appended, Audience
from shipanion.server.socket import text_frame
from shipanion.stores.base import (
    CallClosed,
    CallOpened,
    Committed,
    Conflict,
    Duplicate,
    EffectWrite,
    Fence,
    Grant,
    Loaded,
    NewDocument,
    NewEvent,
    Refused,
    Result,
    SessionStore,
    Step,
    TurnWrite,
    Unavailable,
)

__all__ = ["BOB", "Clock", "Draft", "SessionActor", "View", "Work"]

SNAPSHOT_EVERY: Final = 16
"""So many events may lie between two snapshots of the state: what loading has to fold at most, about."""

RETRY_SECONDS: Final = 1.0
"""How long to wait when the store could not be read."""

BOB: Final = msgspec.json.encode(Participant(role="agent", name="Bob"))

log = structlog.get_logger(__name__)
_encoder = msgspec.json.Encoder()


class View(msgspec.Struct, frozen=True):
    """What a work is decided on: the state and head as they will be once everything before it is committed."""

    session_id: str
    head: int
    state: dict[str, Any]
    now: int

    def situation(self, role: str) -> Situation:
        """The same, as the domain is asked to decide on it, for somebody with this role."""
        return Situation(session_id=self.session_id, state=self.state, now=self.now, role=role)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A decision: the events to append and what goes with them in the same transaction.

    ``id`` and ``digest`` name the client's command; ``answered_by`` is the index of the event that answers it. Without
    events the command changes nothing: it is remembered with ``answer`` (or the head), the offset that says so already.

    ``refusal`` says that nothing is to be written. It counts only if it is the first time this command comes, and if
    everything before it was committed: a repeat of a command that was done is answered as such, whatever has changed.
    """

    events: tuple[EventBody, ...] = ()
    by: bytes = BOB
    id: str | None = None
    digest: bytes | None = None
    answered_by: int = 0
    answer: int | None = None
    grant: Grant | None = None
    fence: Fence | None = None
    turn: TurnWrite | None = None
    call: CallOpened | CallClosed | None = None
    bounded: bool = True
    effect: EffectWrite | None = None
    documents: tuple[NewDocument, ...] = ()
    refusal: NotAllowed | None = None


class Work(Protocol):
    """Something that wants to change the session."""

    source: object
    """Works of one source keep their order: when one is refused for now, those queued behind it are refused too."""

    def decide(self, view: View) -> Draft:
        """What to write, on this view. May be called again on another one. Raises ``NotAllowed``."""

    def committed(self, events: Sequence[Appended], head: int) -> None:
        """It is durable. Called before the events are published."""

    def duplicate(self, offset: int, same: bool) -> None:
        """The id was used before, for the same (``same``) or for something else."""

    def refused(self, code: str, message: str) -> None:
        """It is not done. ``code`` is from ``codes.ERRORS``, or the store's word for a lost right to write."""


_SENTENCES: Final = {
    "not_found": "There is no such session.",
    "expired": "Your sign-in has run out. Sign in again to go on where you were.",
    "session_full": "This session is full. Start another one.",
    "fenced": "That turn is over.",
    "busy": "Another turn is running.",
    "closed": "That call has its result already.",
    "asked": "Something else is being asked already.",
    "resolved": "That was answered already.",
    "late": "That offer has run out. Ask for it again.",
    "taken": "That is being done already.",
}


_RETRY_IN_ORDER: Final = "An earlier command was refused for now; send it again first."


class _After(msgspec.Struct, frozen=True, gc=False):
    """Where a decided step leaves the session if it is committed, and why it was refused if it was."""

    head: int
    state: dict[str, Any]
    since: int
    refusal: NotAllowed | None


class SessionActor:
    """The session's state on this node, and the queue of works on it."""

    def __init__(self, store: SessionStore, domain: Domain, loaded: Loaded, *, max_events: int, now: "Clock") -> None:
        row = loaded.session
        self.session_id = row.session_id
        self.owner = row.owner
        self.epoch = row.epoch
        self.first = row.first
        self.head = row.head
        self.state = _fold(domain, loaded)
        self.audience = Audience(row.session_id)
        self.turn_so_far: TurnSoFar | None = None
        self.on_rest: Callable[[], None] | None = None
        self.on_doubt: Callable[[], None] | None = None
        """Called when the store could not say whether something was written."""
        self._held = 0
        self._asked_by: tuple[str, str] | None = None
        """The last approval that a turn asked for, and that turn."""
        self._store = store
        self._domain = domain
        self.now = now
        self._max_events = max_events
        self._since = row.head - loaded.snapshot_offset
        self._queue: deque[Work] = deque()
        self._busy = False
        self._loop = asyncio.get_running_loop()
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.head)

    def situation(self, role: str) -> Situation:
        """The session as it is now, for somebody with this role."""
        return Situation(session_id=self.session_id, state=self.state, now=self.now(), role=role)

    @property
    def at_rest(self) -> bool:
        """Nobody is attached, nothing waits, nothing holds it: it may be forgotten."""
        return not self._busy and not self._queue and not len(self.audience) and not self._held

    def hold(self) -> None:
        """Somebody needs the session live (a turn, a call, a connection on its way in)."""
        self._held += 1

    def let_go(self) -> None:
        """Undo one ``hold``."""
        self._held -= 1
        self._maybe_rest()

    def _maybe_rest(self) -> None:
        if self.on_rest is not None and self.at_rest:
            self.on_rest()

    def post(self, work: Work) -> None:
        """Queue a work; it is decided with everything else that arrives in this turn of the loop."""
        self._queue.append(work)
        if not self._busy:
            self._busy = True
            self._idle.clear()
            self._loop.call_soon(self._flush)

    async def settled(self) -> None:
        """Wait until nothing is queued or under way."""
        await self._idle.wait()

    def piece(self, turn_id: str, index: int, text: str) -> None:
        """A piece of a running turn, for those who listen now."""
        self.audience.say(AgentDelta(session_id=self.session_id, turn_id=turn_id, index=index, text=text))

    def noticed(self, head: int) -> None:
        """The store's log reaches ``head``: if that is news and nothing of ours is under way, somebody else wrote."""
        if head > self.head and not self._busy:
            self._busy = True
            self._idle.clear()
            self._loop.create_task(self._reload())

    # --- deciding and committing ----------------------------------------------------------------------------------

    def _flush(self) -> None:
        works: list[Work] = []
        steps: list[Step] = []
        after: list[_After] = []
        head, state, since = self.head, self.state, self._since
        while self._queue and len(works) < 512:
            work = self._queue.popleft()
            now = self.now()
            try:
                draft = self._decide(work, View(self.session_id, head, state, now))
                changed, bodies, draft = self._bodies(draft, state)
            except Exception:
                log.exception("work could not be decided", session_id=self.session_id)
                sentence = "That could not be carried out; the server's log says why."
                self._guard(work.refused, "bad_request", sentence)
                continue
            since += len(bodies)
            snapshot = None
            if since >= SNAPSHOT_EVERY and bodies:
                snapshot, since = _encoder.encode(changed), 0
            steps.append(self._step(draft, head, now, bodies, state, changed, snapshot))
            head, state = head + len(bodies), changed
            works.append(work)
            after.append(_After(head, state, since, draft.refusal))
        if not works:
            self._busy = bool(self._queue)
            if self._busy:
                self._loop.call_soon(self._flush)
            else:
                self._idle.set()
                self._maybe_rest()
            return
        self._store.submit(steps, lambda results: self._done(works, steps, after, results))

    def _decide(self, work: Work, view: View) -> Draft:
        try:
            return work.decide(view)
        except NotAllowed as refusal:
            return Draft(refusal=refusal)

    def _bodies(self, draft: Draft, state: dict[str, Any]) -> tuple[dict[str, Any], list[bytes], Draft]:
        """The state after the draft's events, and the events encoded with the patches as they really apply.

        The draft comes back with one event more when it takes an open approval away without saying how it ended.
        """
        before, bodies = state, []
        for event in draft.events:
            if isinstance(event, TurnEnded):
                event = self._ended(event, state)
            if event.patch is not None:
                after = apply_patch(state, event.patch)
                patch = {**event.patch, **self._domain.derive(state, after)}
                if "approval" in patch:
                    asked = approval.answering(state, apply_patch(state, patch))
                    if asked and draft.fence is not None:
                        self._asked_by = (asked["answering"], draft.fence.turn_id)
                    patch |= asked
                patch = {k: v for k, v in patch.items() if v is not None or k in state}
                state = apply_patch(state, patch)
                event = msgspec.structs.replace(event, patch=patch or None)
            bodies.append(_encoder.encode(event))
        cancelled = approval.cancelled(draft.events, before, state)
        if cancelled is not None:
            bodies.append(_encoder.encode(cancelled))
            draft = msgspec.structs.replace(draft, events=(*draft.events, cancelled))
        return state, bodies, draft

    def _ended(self, event: TurnEnded, state: dict[str, Any]) -> TurnEnded:
        """A turn ends: what somebody else asked meanwhile is not what Bob asked last, so no yes is meant for it."""
        answering = state.get("answering")
        if answering is None or self._asked_by == (answering, event.turn_id):
            return event
        return msgspec.structs.replace(event, patch={**(event.patch or {}), "answering": None})

    def _step(
        self, draft: Draft, head: int, now: int, bodies: list[bytes], before: dict[str, Any], after: dict[str, Any],
        snapshot: bytes | None,
    ) -> Step:  # fmt: skip
        events = tuple(
            NewEvent(
                type=_tag_of(type(event)), body=body, by=BOB if isinstance(event, AgentMessage) else draft.by, at=now,
                id=draft.id if index == draft.answered_by else None,
                digest=draft.digest if index == draft.answered_by else None,
            )
            for index, (event, body) in enumerate(zip(draft.events, bodies, strict=True))
        )  # fmt: skip
        if draft.refusal is not None:
            # No log has this head: the step writes nothing, but tells whether the id was used and who may ask.
            return Step(
                session_id=self.session_id, expected_head=-1, id=draft.id, digest=draft.digest, grant=draft.grant
            )
        answer = None if events else (head if draft.answer is None else draft.answer)
        title = None if after.get("title") == before.get("title") else str(after.get("title", ""))
        ended, asked = approval.written(draft.events, before, after, now)
        return Step(
            session_id=self.session_id, expected_head=head, events=events, id=draft.id,
            digest=draft.digest, answer=answer, grant=draft.grant, fence=draft.fence, turn=draft.turn,
            call=draft.call, ended=ended, asked=asked, effect=draft.effect,
            documents=draft.documents, snapshot=snapshot, title=title,
            unarchives=draft.grant is not None and any(map(_goes_on, draft.events)),
            max_events=self._max_events if draft.bounded else None,
        )  # fmt: skip

    def _done(self, works: list[Work], steps: list[Step], after: "list[_After]", results: Sequence[Result]) -> None:
        again: list[Work] = []
        stopped: set[object] = set()
        elsewhere: int | None = None
        doubtful = False
        for work, step, then, result in zip(works, steps, after, results, strict=True):
            done = isinstance(result, Committed | Duplicate)
            if work.source is not None and work.source in stopped and not done:
                self._guard(work.refused, "retry_in_order", _RETRY_IN_ORDER)
                continue
            match result:
                case Committed():
                    events = self._appended(step, result.head)
                    if events:
                        self.head, self.state, self._since = then.head, then.state, then.since
                    self._guard(work.committed, events, result.head)
                    if events:
                        self.audience.publish(events)
                case Duplicate(offset=offset, same=same):
                    self._guard(work.duplicate, offset, same)
                case Conflict(head=head) if then.refusal is not None and head == self.head == then.head:
                    self._guard(work.refused, then.refusal.code, then.refusal.message)
                case Conflict(head=head):
                    if head > self.head:
                        elsewhere = head
                    again.append(work)
                case Refused(reason=reason):
                    self._guard(work.refused, reason, _SENTENCES.get(reason, reason))
                case Unavailable(message=message):
                    doubtful = True
                    if work.source is not None:
                        stopped.add(work.source)
                    self._guard(work.refused, "unavailable", message)
        if doubtful and self.on_doubt is not None:
            self.on_doubt()
        if stopped:
            self._refuse_queued(stopped)
        self._queue.extendleft(reversed(again))
        if elsewhere is not None:
            self._loop.create_task(self._reload())
        else:
            self._flush()

    def _guard(self, tell: Any, *args: Any) -> None:
        """A listener's bug must not stop the session."""
        try:
            tell(*args)
        except Exception:
            log.exception("telling the outcome failed", session_id=self.session_id)

    def _refuse_queued(self, stopped: set[object]) -> None:
        kept: deque[Work] = deque()
        for work in self._queue:
            if work.source is not None and work.source in stopped:
                self._guard(work.refused, "retry_in_order", _RETRY_IN_ORDER)
            else:
                kept.append(work)
        self._queue = kept

    def _appended(self, step: Step, head: int) -> list[Appended]:
        first = head - len(step.events) + 1
        return [
            Appended(
                first + index, event.type, event.id,
                text_frame(
                    envelope(self.session_id, first + index, event.at, event.by, event.id, event.body)
                ),
            )
            for index, event in enumerate(step.events)
        ]  # fmt: skip

    async def _reload(self) -> None:
        """Somebody else wrote to this session: take its state from the store, then go on."""
        try:
            loaded = await self._store.load(self.session_id)
        except Exception:
            log.exception("session could not be read again", session_id=self.session_id)
            self._loop.call_later(RETRY_SECONDS, lambda: self._loop.create_task(self._reload()))
            return
        if loaded is not None and loaded.session.head >= self.head:
            self.head = loaded.session.head
            self.state = _fold(self._domain, loaded)
            self._since = self.head - loaded.snapshot_offset
            self.audience.hint(self.head)
        self._flush()


def _goes_on(event: EventBody) -> bool:
    """Whether somebody who asks for this event goes on with the session: anything but giving it another title."""
    return not (isinstance(event, StateChanged) and event.patch is not None and event.patch.keys() == {"title"})


@cache
def _tag_of(kind: type[EventBody]) -> str:
    """The event type's name on the wire."""
    return str(kind.__struct_config__.tag)


def _fold(domain: Domain, loaded: Loaded) -> dict[str, Any]:
    """The state at the head: the last snapshot, then the patches since (I7)."""
    if loaded.snapshot is None:
        state = domain.new_state(loaded.session.session_id)
    else:
        state = msgspec.json.decode(loaded.snapshot)
    for event in loaded.since:
        patch = _patch_of.decode(event.body).patch
        if patch is not None:
            state = apply_patch(state, patch)
    return state


class _Patch(msgspec.Struct):
    patch: dict[str, Any] | None = None


_patch_of = msgspec.json.Decoder(_Patch)


class Clock(Protocol):
    """The time in ms since the Unix epoch."""

    def __call__(self) -> int: ...
