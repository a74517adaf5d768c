"""Sessions and people in plain dictionaries, and how a step changes them."""

from msgspec.structs import replace

from shipanion.stores.base import (
    CallClosed,
    CallOpened,
    Committed,
    DeviceRow,
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
    UserRow,
)
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
        self.turns: dict[str, TurnRow] = {}
        self.ended: dict[str, int] = {}
        self.calls: dict[str, OpenCall] = {}
        self.results: dict[str, int] = {}
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
        if step.snapshot is not None:
            log.snapshot = step.snapshot
            log.snapshot_offset = log.head
        if step.title is not None:
            log.title = step.title
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
            log.results[write.call_id] = first
            return
        log.calls[write.call_id] = OpenCall(
            session_id=log.new.session_id,
            call_id=write.call_id,
            tool_name=write.tool_name,
            owner=write.owner,
            offset=first,
            turn_id=write.turn_id,
        )
