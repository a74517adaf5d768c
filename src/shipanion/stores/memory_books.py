"""Sessions and people in plain dictionaries, and how a step changes them."""

from msgspec.structs import replace

from shipanion.stores.base import (
    ApprovalRow,
    CallClosed,
    CallOpened,
    Committed,
    DeviceRow,
    EffectClaimed,
    EffectRow,
    EffectSettled,
    EffectTaken,
    EffectWrite,
    NewDocument,
    NewSession,
    OpenCall,
    Result,
    Step,
    StoredEvent,
    TurnCheckpoint,
    TurnClaimed,
    TurnEnding,
    TurnQueued,
    TurnRow,
    TurnWrite,
)
from shipanion.stores.people import UserRow
from shipanion.stores.preconditions import refusal

__all__ = ["MemoryBooks", "MemoryLog"]


class MemoryLog:
    """One session with all that belongs to it. ``number`` counts sessions in the order they were made."""

    def __init__(self, new: NewSession, number: int) -> None:
        self.new = new
        self.number = number
        self.events: list[StoredEvent] = []
        self.ids: dict[str, tuple[int, bytes | None]] = {}
        self.snapshot: bytes | None = None
        self.snapshot_offset = 0
        self.title = ""
        self.archived = False
        self.turns: dict[str, TurnRow] = {}
        self.ended: dict[str, int] = {}
        self.calls: dict[str, OpenCall] = {}
        self.results: dict[str, int] = {}
        self.answered: dict[str, int] = {}
        self.devices: dict[str, DeviceRow] = {}

    @property
    def owner(self) -> str:
        return self.new.owner

    @property
    def head(self) -> int:
        return len(self.events)

    @property
    def last_at(self) -> int:
        return self.events[-1].at if self.events else self.new.at


class MemoryBooks:
    """All there is. Writes come after every check and cannot fail, so a step needs no undoing."""

    def __init__(self) -> None:
        self.logs: dict[str, MemoryLog] = {}
        self.keys: dict[tuple[str, str], MemoryLog] = {}
        self.users: dict[str, UserRow] = {}
        self.asking: dict[str, ApprovalRow] = {}
        """The open approval of each session that has one, in the order asked."""
        self.effects: dict[tuple[str, str], EffectRow] = {}
        """By session and id, in the order claimed."""
        self.documents: dict[str, tuple[MemoryLog, NewDocument]] = {}

    def user(self, user_id: str) -> tuple[int, bool] | None:
        row = self.users.get(user_id)
        return None if row is None else (row.version, row.disabled)

    def used(self, log: MemoryLog, id: str) -> tuple[int, bytes | None] | None:
        return log.ids.get(id)

    def turn(self, log: MemoryLog, turn_id: str) -> tuple[str, int] | None:
        row = log.turns.get(turn_id)
        if row is not None:
            return row.status, row.fence
        return ("ended", 0) if turn_id in log.ended else None

    def any_running(self, log: MemoryLog) -> bool:
        return any(row.status == "running" for row in log.turns.values())

    def call(self, log: MemoryLog, call_id: str) -> bool | None:
        if call_id in log.calls:
            return False
        return True if call_id in log.results else None

    def approval(self, log: MemoryLog, approval_id: str) -> tuple[bool, int] | None:
        row = self.asking.get(log.new.session_id)
        if row is not None and row.approval_id == approval_id:
            return True, row.expires_at
        return (False, log.answered[approval_id]) if approval_id in log.answered else None

    def open_approval(self, log: MemoryLog) -> str | None:
        row = self.asking.get(log.new.session_id)
        return None if row is None else row.approval_id

    def effect(self, log: MemoryLog, effect_id: str) -> tuple[str, int] | None:
        row = self.effects.get((log.new.session_id, effect_id))
        return None if row is None else (row.status, row.fence)

    def intent_held(self, log: MemoryLog, intent: str) -> bool:
        session_id = log.new.session_id
        return any(row.held and (row.session_id, row.intent) == (session_id, intent) for row in self.effects.values())

    def has_document(self, document_id: str) -> bool:
        return document_id in self.documents

    def apply(self, step: Step) -> Result:
        """Check and write one step."""
        log = self.logs.get(step.session_id)
        refused = refusal(self, log, step)
        if refused is not None or log is None:
            assert refused is not None
            return refused
        first = log.head + 1
        named = False
        for event in step.events:
            stored = StoredEvent(
                offset=log.head + 1, type=event.type, body=event.body, by=event.by, at=event.at, id=event.id
            )
            log.events.append(stored)
            if event.id is not None:
                log.ids[event.id] = (stored.offset, event.digest)
                named = named or event.id == step.id
        if step.id is not None and not named:
            log.ids[step.id] = (log.head if step.answer is None else step.answer, step.digest)
        if step.turn is not None:
            self._write_turn(log, step.turn, first)
        if step.call is not None:
            self._write_call(log, step.call, first)
        if step.ended is not None:
            row = self.asking.pop(step.session_id)
            log.answered[row.approval_id] = row.expires_at
        if step.asked is not None:
            self.asking[step.session_id] = ApprovalRow(
                session_id=step.session_id, approval_id=step.asked.approval_id, expires_at=step.asked.expires_at
            )
        if step.effect is not None:
            self._write_effect(step.session_id, step.effect)
        for document in step.documents:
            self.documents[document.document_id] = (log, document)
        if step.snapshot is not None:
            log.snapshot = step.snapshot
            log.snapshot_offset = log.head
        if step.title is not None:
            log.title = step.title
        if step.unarchives:
            log.archived = False
        return Committed(head=log.head)

    def _write_turn(self, log: MemoryLog, write: TurnWrite, first: int) -> None:
        match write:
            case TurnQueued(turn_id=id):
                log.turns[id] = TurnRow(
                    session_id=log.new.session_id,
                    turn_id=id,
                    status="queued",
                    owner=None,
                    fence=0,
                    message_offset=first,
                    text="",
                    next_index=0,
                )
            case TurnClaimed(turn_id=id, owner=owner, fence=fence):
                log.turns[id] = replace(log.turns[id], status="running", owner=owner, fence=fence + 1)
            case TurnCheckpoint(turn_id=id, text=text, next_index=index):
                log.turns[id] = replace(log.turns[id], text=text, next_index=index)
            case TurnEnding(turn_id=id):
                del log.turns[id]
                log.ended[id] = log.head

    def _write_call(self, log: MemoryLog, write: CallOpened | CallClosed, first: int) -> None:
        if isinstance(write, CallClosed):
            del log.calls[write.call_id]
            log.results[write.call_id] = first + write.event
            return
        log.calls[write.call_id] = OpenCall(
            session_id=log.new.session_id,
            call_id=write.call_id,
            tool_name=write.tool_name,
            owner=write.owner,
            offset=first,
            turn_id=write.turn_id,
        )

    def _write_effect(self, session_id: str, write: EffectWrite) -> None:
        name = (session_id, write.effect_id)
        match write:
            case EffectClaimed():
                self.effects[name] = EffectRow(
                    session_id=session_id,
                    effect_id=write.effect_id,
                    intent=write.intent,
                    kind=write.kind,
                    status="claimed",
                    owner=write.owner,
                    fence=1,
                    at=write.at,
                    request=write.request,
                    call_id=write.call_id,
                    outcome=None,
                    held=True,
                )
            case EffectTaken(owner=owner, fence=fence, at=at):
                row = self.effects[name]
                self.effects[name] = replace(row, owner=owner, fence=fence + 1, at=row.at if at is None else at)
            case EffectSettled(status=status, outcome=outcome, releases=releases):
                if status == "settled" and releases is not None:
                    self._release(session_id, releases)
                self.effects[name] = replace(
                    self.effects[name], status=status, outcome=outcome, held=status != "failed"
                )

    def _release(self, session_id: str, effect_id: str) -> None:
        row = self.effects.get((session_id, effect_id))
        if row is not None and row.status == "settled":
            self.effects[session_id, effect_id] = replace(row, held=False)
