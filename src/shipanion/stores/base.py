"""The store port: what a node asks of the place where truth is kept.

Guarantees every implementation gives, checked by one contract suite:

- A step is decided outside and verified inside one transaction: all its rows become durable together or none
  does.
- ``submit`` calls back on the event loop, in commit order, only after the rows would survive ``kill -9`` and
  power loss (I3, I4). Steps submitted together share one COMMIT; each is verified on its own, a failed one
  leaves no trace.
- Offsets are given inside the transaction: +1 each, from 1, without a gap.
- An id is used once per session for as long as the session exists; the second use is answered by where the
  first one is, and whether the body was the same (I5).
- Permission, expiry, expected head, fence and limits are checked inside the transaction (I9).
- When a COMMIT fails, every step of its group is answered ``Unavailable``; nothing of it may be shown to
  anyone.

The store knows nothing of what events mean: bodies, participants and states are encoded JSON.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

import msgspec

from shipanion.stores.people import People

__all__ = [
    "MAX_DEVICES",
    "ApprovalAsked",
    "ApprovalEnded",
    "ApprovalRow",
    "CallClosed",
    "CallOpened",
    "Committed",
    "Conflict",
    "DeviceRow",
    "DocumentRow",
    "Done",
    "Duplicate",
    "EffectClaimed",
    "EffectRow",
    "EffectSettled",
    "EffectTaken",
    "EffectWrite",
    "Fence",
    "Grant",
    "Loaded",
    "NewDocument",
    "NewEvent",
    "NewSession",
    "OpenCall",
    "Refused",
    "Result",
    "SessionRow",
    "SessionStore",
    "Step",
    "StoredEvent",
    "TurnCheckpoint",
    "TurnClaimed",
    "TurnEnding",
    "TurnQueued",
    "TurnRow",
    "TurnWrite",
    "Unavailable",
]


MAX_DEVICES: Final = 32
"""Devices one session keeps something for."""


class _Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A plain value."""


# --- what is written ----------------------------------------------------------------------------------------


class NewEvent(_Row, frozen=True, kw_only=True, gc=False):
    """An event to append. ``body`` is its encoded JSON object, ``by`` the encoded participant, ``at`` in ms.

    ``id`` and ``digest`` (the hash of the command's body) are set on the one event that answers a client's
    command.
    """

    type: str
    body: bytes
    by: bytes
    at: int
    id: str | None = None
    digest: bytes | None = None


class Grant(_Row, frozen=True, kw_only=True, gc=False):
    """Who asks, as the token said. Inside the transaction the user must still have this token version, not be
    disabled, own the session, and ``now`` must be before ``expires_at`` (both ms)."""

    user_id: str
    version: int
    expires_at: int
    now: int


class Fence(_Row, frozen=True, kw_only=True, gc=False):
    """The right of one running turn to write: the turn must still be running under this number."""

    turn_id: str
    fence: int


class TurnQueued(_Row, frozen=True, kw_only=True, gc=False):
    """A new turn waits. Its message is the step's first event. Refused ``fenced`` when the id names a turn already."""

    turn_id: str


class TurnClaimed(_Row, frozen=True, kw_only=True, gc=False):
    """A queued turn begins under ``owner`` (a boot id); its fence becomes ``fence`` + 1. At most one runs per
    session; otherwise the step is refused ``busy``, or ``fenced`` when the turn is not queued under
    ``fence``."""

    turn_id: str
    owner: str
    fence: int


class TurnCheckpoint(_Row, frozen=True, kw_only=True, gc=False):
    """The text so far of a running turn, in case its owner dies."""

    turn_id: str
    fence: int
    text: str
    next_index: int


class TurnEnding(_Row, frozen=True, kw_only=True, gc=False):
    """A turn ends with the step's last event. ``fence`` is the running turn's, or None for a turn that is still queued;
    refused ``fenced`` when that is not how the turn stands."""

    turn_id: str
    fence: int | None
    outcome: str


TurnWrite = TurnQueued | TurnClaimed | TurnCheckpoint | TurnEnding


class CallOpened(_Row, frozen=True, kw_only=True, gc=False):
    """A tool call was accepted: the step's first event. ``owner`` is the boot id of the node that runs it, ``turn_id``
    set for Bob's own. Refused ``closed`` when the call id was used before."""

    call_id: str
    tool_name: str
    owner: str
    turn_id: str | None = None


class CallClosed(_Row, frozen=True, kw_only=True, gc=False):
    """A tool call has its result: the step's event number ``event``, counted from 0. Refused ``closed`` when it had one
    already or was never opened."""

    call_id: str
    event: int = 0


class ApprovalAsked(_Row, frozen=True, kw_only=True, gc=False):
    """A person is asked for their yes until ``expires_at`` (ms). At most one approval is open per session: refused
    ``asked`` when another is open that this step does not end, or when the id was used before."""

    approval_id: str
    expires_at: int


class ApprovalEnded(_Row, frozen=True, kw_only=True, gc=False):
    """An open approval ends, once. ``decision`` is ``approved``, ``declined``, ``expired`` or ``cancelled``; ``now``
    (ms) is when. Refused ``resolved`` when it is not open (or never was), ``late`` when it is approved at or after the
    time it was open until."""

    approval_id: str
    decision: str
    now: int


class EffectClaimed(_Row, frozen=True, kw_only=True, gc=False):
    """Something is about to be done outside, at most once per ``intent``.

    The row begins ``claimed`` under fence 1 and holds its intent until it fails or another effect releases it; refused
    ``taken`` when the intent of this session is held, or the id was used before. ``owner`` is the boot id of who does
    it, ``request`` the encoded JSON of what it is about, ``call_id`` the tool call that waits for it, ``at`` (ms) when
    it was begun.
    """

    effect_id: str
    intent: str
    kind: str
    owner: str
    request: bytes
    at: int
    call_id: str | None = None


class EffectTaken(_Row, frozen=True, kw_only=True, gc=False):
    """An open effect (claimed or unknown) changes hands, or is begun anew by its owner: its fence becomes
    ``fence`` + 1. ``at`` (ms) is when it was begun anew; None leaves what is there. Refused ``fenced`` when it is not
    open under ``fence``."""

    effect_id: str
    fence: int
    owner: str
    at: int | None = None


class EffectSettled(_Row, frozen=True, kw_only=True, gc=False):
    """What became of an open effect: ``status`` is ``settled`` (done), ``failed`` (surely not done: its intent is free
    again) or ``unknown`` (still open: somebody has to find out). ``outcome`` is encoded JSON, in place of an earlier
    one. ``releases`` names a settled effect of the same session whose intent is free again when this one is settled,
    too; one that is still open keeps its intent. Refused ``fenced`` when this one is not open under ``fence``."""

    effect_id: str
    fence: int
    status: str
    outcome: bytes | None = None
    releases: str | None = None


EffectWrite = EffectClaimed | EffectTaken | EffectSettled


class NewDocument(_Row, frozen=True, kw_only=True, gc=False):
    """A file that belongs to a session from this step on, and never changes. ``document_id`` is unique in the store:
    refused ``taken`` when it was used before. ``name`` is what a person may save it as."""

    document_id: str
    media_type: str
    name: str
    body: bytes


class Step(_Row, frozen=True, kw_only=True, gc=False):
    """One unit of change of one session: all of it or nothing.

    ``expected_head`` is the offset the step was decided at; when the log has moved on the step is answered
    ``Conflict`` and must be decided again. None: the step does not depend on it.
    ``id`` and ``digest`` name the client's command. When no event of the step bears the id, the pair is
    remembered with the answer ``answer`` (the offset that already says what the command wants).
    ``snapshot`` is the encoded shared state after the step; given now and then, so that loading stays short.
    ``title`` is what lists of sessions show from now on; empty for none, None to leave it. ``unarchives`` brings an
    archived session back among the others.
    ``ended`` is looked at before ``asked``: one step may end an approval and ask for the next.
    ``max_events`` bounds the log (refused ``session_full``); ending turns, calls and effects is always allowed.
    """

    session_id: str
    expected_head: int | None = None
    events: tuple[NewEvent, ...] = ()
    id: str | None = None
    digest: bytes | None = None
    answer: int | None = None
    grant: Grant | None = None
    fence: Fence | None = None
    turn: TurnWrite | None = None
    call: CallOpened | CallClosed | None = None
    asked: ApprovalAsked | None = None
    ended: ApprovalEnded | None = None
    effect: EffectWrite | None = None
    documents: tuple[NewDocument, ...] = ()
    snapshot: bytes | None = None
    title: str | None = None
    unarchives: bool = False
    max_events: int | None = None


# --- what comes back ----------------------------------------------------------------------------------------


class Committed(_Row, frozen=True, kw_only=True, gc=False):
    """Durable. The step's events have the offsets ``head`` - n + 1 .. ``head``; without events ``head`` is
    the head."""

    head: int


class Duplicate(_Row, frozen=True, kw_only=True, gc=False):
    """The id was used before: ``offset`` is its answer; ``same`` tells whether the digest was equal."""

    offset: int
    same: bool


class Conflict(_Row, frozen=True, kw_only=True, gc=False):
    """The log had moved on; nothing was written. ``head`` is where it is."""

    head: int


class Refused(_Row, frozen=True, kw_only=True, gc=False):
    """A precondition does not hold; nothing was written.

    ``reason`` is one of: ``not_found`` (no such session for this user), ``expired`` (token expired,
    withdrawn, user disabled), ``fenced``, ``busy``, ``closed``, ``asked``, ``resolved``, ``late``, ``taken``,
    ``session_full``.
    """

    reason: str


class Unavailable(_Row, frozen=True, kw_only=True, gc=False):
    """The store could not write (full, locked, failed sync); the same step may succeed later."""

    message: str


Result = Committed | Duplicate | Conflict | Refused | Unavailable
Done = Callable[[Sequence[Result]], None]


# --- what is read -------------------------------------------------------------------------------------------


class StoredEvent(_Row, frozen=True, kw_only=True, gc=False):
    """One entry of a log, as appended."""

    offset: int
    type: str
    body: bytes
    by: bytes
    at: int
    id: str | None


class NewSession(_Row, frozen=True, kw_only=True, gc=False):
    """A session to create. ``key`` is the client's own key: the same owner with the same key gets the same
    session."""

    session_id: str
    owner: str
    epoch: str
    at: int
    key: str | None = None
    max_sessions: int | None = None


class SessionRow(_Row, frozen=True, kw_only=True, gc=False):
    """One session. ``epoch`` is as it goes on the wire: the session's own, joined with the store's
    incarnation.

    ``head`` is the last offset, ``first`` the oldest kept, ``at`` when it was created, ``last_at`` its last
    event (ms).
    """

    session_id: str
    owner: str
    epoch: str
    head: int
    first: int
    at: int
    last_at: int
    title: str | None = None
    archived: bool = False


class TurnRow(_Row, frozen=True, kw_only=True, gc=False):
    """A turn that has not ended: ``queued`` or ``running``. ``message_offset`` is the message it answers."""

    session_id: str
    turn_id: str
    status: str
    owner: str | None
    fence: int
    message_offset: int
    text: str
    next_index: int


class OpenCall(_Row, frozen=True, kw_only=True, gc=False):
    """A tool call without a result. ``offset`` is its ``client_tool_call`` event."""

    session_id: str
    call_id: str
    tool_name: str
    owner: str
    offset: int
    turn_id: str | None


class ApprovalRow(_Row, frozen=True, kw_only=True, gc=False):
    """An approval that is open."""

    session_id: str
    approval_id: str
    expires_at: int


class EffectRow(_Row, frozen=True, kw_only=True, gc=False):
    """One effect as it stands. ``held``: whether its intent is still taken by it."""

    session_id: str
    effect_id: str
    intent: str
    kind: str
    status: str
    owner: str
    fence: int
    at: int
    request: bytes
    call_id: str | None
    outcome: bytes | None
    held: bool


class DocumentRow(_Row, frozen=True, kw_only=True, gc=False):
    """A file, and the session it belongs to; ``owner`` is that session's."""

    document_id: str
    session_id: str
    owner: str
    media_type: str
    name: str
    body: bytes


class Loaded(_Row, frozen=True, kw_only=True, gc=False):
    """All that is needed to go on with a session: its row, the state as last snapshotted, the events since
    that snapshot (to be folded in), the turns not ended in the order queued, and the calls without a
    result."""

    session: SessionRow
    snapshot: bytes | None
    snapshot_offset: int
    since: tuple[StoredEvent, ...]
    turns: tuple[TurnRow, ...]
    calls: tuple[OpenCall, ...]


class DeviceRow(_Row, frozen=True, kw_only=True, gc=False):
    """What one device keeps in a session: its encoded state, and what it was shown (epoch and offset)."""

    device: str
    state: bytes | None
    seen_epoch: str | None
    seen_offset: int | None
    at: int


class SessionStore(People, Protocol):
    """The port. Methods are called on the event loop and never block it; reads see every acknowledged commit.

    Raises ``StoreUnavailable`` from any read when the store cannot answer right now.
    """

    boot_id: str
    """Random per ``open``: owns the turns and calls of this life of the process."""
    incarnation: str
    """One life of the store; part of every epoch."""

    async def open(self) -> None:
        """Take the store for this process: lock, migrate, make everything already written durable
        (``StoreInUse``, ``StoreTooNew``, ``StoreUnavailable``)."""

    async def close(self) -> None:
        """Finish what was submitted, then let go. Safe to call twice."""

    def submit(self, steps: Sequence[Step], done: Done) -> None:
        """Write ``steps`` in order; ``done`` gets one result each, on the loop, after everything submitted
        before."""

    async def create_session(self, new: NewSession) -> SessionRow | Refused:
        """Create a session, or find the one this owner made with the same key. Durable when it returns.
        ``Refused("too_many_sessions")`` when the owner has ``max_sessions`` already.

        Raises:
            ValueError: the epoch cannot go on the wire, or the session id is taken; both are the server's to make.
            StoreUnavailable: see above.
        """

    async def session(self, session_id: str) -> SessionRow | None:
        """The session's row as of now, or None."""

    async def sessions_of(self, owner: str, *, limit: int, archived: bool | None = None) -> list[SessionRow]:
        """The owner's sessions, last used first: all there are, or those with an event in them that are archived, or
        are not."""

    async def archived_of(self, owner: str) -> int:
        """How many sessions of the owner's, with an event in them, are archived."""

    async def set_archived(self, session_id: str, owner: str, archived: bool) -> bool:
        """Put a session away, or bring it back; False when the owner has no such session."""

    async def load(self, session_id: str) -> Loaded | None:
        """Everything needed to go on with a session, from one consistent read."""

    async def events(
        self, session_id: str, *, after: int, upto: int, max_bytes: int, max_count: int
    ) -> list[StoredEvent]:
        """The events ``after`` < offset <= ``upto``, in order: at most ``max_count``, their bodies at most
        ``max_bytes`` together, yet always at least one where there is one."""

    async def events_before(self, session_id: str, *, before: int, max_bytes: int, max_count: int) -> list[StoredEvent]:
        """The last events with offset < ``before``, oldest first, within the same limits counted from the
        newest."""

    async def heads(self, session_ids: Sequence[str]) -> dict[str, int]:
        """The last offset of each session that exists."""

    async def result_of(self, session_id: str, call_id: str) -> StoredEvent | OpenCall | None:
        """The result event of a tool call, the open call when it has none yet, or None for an unknown id."""

    async def turn(self, session_id: str, turn_id: str) -> tuple[str, int] | None:
        """A turn's status (``queued``, ``running``, ``ended``) and the offset that ended it (0 before), or
        None."""

    async def turns_of_others(self) -> list[TurnRow]:
        """Turns ``running`` under another boot id, and all ``queued`` ones: what a sweep takes over."""

    async def calls_of_others(self) -> list[OpenCall]:
        """Calls without a result that belong to another boot id."""

    async def adopt_call(self, session_id: str, call_id: str) -> bool:
        """Make an open call this boot's own; False when it has a result by now."""

    async def approvals_due(self, now: int, *, limit: int) -> list[ApprovalRow]:
        """Open approvals whose ``expires_at`` is at or before ``now`` (ms), the longest overdue first."""

    async def effect(self, session_id: str, effect_id: str) -> EffectRow | None:
        """One effect as it stands, or None."""

    async def effects(self, *, statuses: Collection[str], limit: int) -> list[EffectRow]:
        """The effects in any of these statuses, of all sessions, the newest ``at`` first (the last claimed of equal
        ones)."""

    async def effects_open(self, *, limit: int) -> list[EffectRow]:
        """The effects claimed or unknown, whoever owns them, the oldest ``at`` first: what a sweep asks about."""

    async def document(self, document_id: str) -> DocumentRow | None:
        """A file by its id."""

    def save_device(self, session_id: str, row: DeviceRow) -> None:
        """Keep a device's state and seen position, soon and without an answer. None fields leave what is
        there. A session keeps the ``MAX_DEVICES`` that wrote last: anybody can call themselves a new device."""

    async def devices(self, session_id: str) -> list[DeviceRow]:
        """The devices of a session, last written first."""

    async def changed_elsewhere(self) -> bool:
        """Whether another program wrote to the store since this was last asked."""
