"""The store in one SQLite file: the default, and enough for one server of any size one machine can carry.

One thread writes, one reads, one moves the write-ahead log into the database. What is queued while a commit
runs goes into the next one together.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from shipanion.errors import StoreUnavailable
from shipanion.stores import sqlite_changes as changes
from shipanion.stores import sqlite_reads as reads
from shipanion.stores.base import (
    ApprovalRow,
    DeviceRow,
    DocumentRow,
    Done,
    EffectRow,
    Loaded,
    NewSession,
    OpenCall,
    Refused,
    SessionRow,
    Step,
    StoredEvent,
    TurnRow,
    Unavailable,
)
from shipanion.stores.epoch import wire_epoch
from shipanion.stores.people import UserRow
from shipanion.stores.sqlite_checkpoint import Checkpointer
from shipanion.stores.sqlite_file import FileLock
from shipanion.stores.sqlite_ledger import Ledger
from shipanion.stores.sqlite_opening import Opened, prepare
from shipanion.stores.sqlite_reader import Read, Reader
from shipanion.stores.sqlite_writer import Change, Job, Submission, Writer
from shipanion.stores.worker import Worker

__all__ = ["SqliteStore"]

_NOT_OPEN = "The store is not open."
_HEADS_AT_ONCE = 1000


class SqliteStore:
    """See ``SessionStore``.

    Args:
        path: the database file; it and its folder are created.
        serve: hold the file as its one server. False for a command that reads and writes beside a server.
        busy_ms: how long to wait for another program's write.
    """

    def __init__(self, path: Path | str, *, serve: bool = True, busy_ms: int = 5000) -> None:
        self.path = Path(path)
        self.boot_id = ""
        self.incarnation = ""
        self._serve = serve
        self._busy_ms = busy_ms
        self._lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        self._writer: Worker[Job] | None = None
        self._reader: Worker[Read] | None = None
        self._checkpointer: Checkpointer | None = None
        self._opened: Opened | None = None

    async def open(self) -> None:
        checkpointer = Checkpointer(self.path, busy_ms=self._busy_ms)
        writer = Writer(self.path, busy_ms=self._busy_ms, checkpointer=checkpointer)
        reader = Reader(self.path, busy_ms=self._busy_ms)
        self._opened = await asyncio.to_thread(self._open, writer)
        self.incarnation = self._opened.incarnation
        self.boot_id = secrets.token_hex(8)
        checkpointer.start()
        self._checkpointer = checkpointer
        self._writer = Worker("sqlite-writer", writer.work, limit=1024, finish=writer.close)
        self._reader = Worker("sqlite-reader", reader.work, limit=64, finish=reader.close)

    def _open(self, writer: Writer) -> Opened:
        opened = prepare(self.path, self._lock, serve=self._serve, busy_ms=self._busy_ms)
        try:
            writer.open()
        except BaseException:
            opened.anchor.close()
            self._lock.release()
            raise
        return opened

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        reader, self._reader = self._reader, None
        checkpointer, self._checkpointer = self._checkpointer, None
        opened, self._opened = self._opened, None
        if writer is None or reader is None or checkpointer is None or opened is None:
            return
        await writer.stop()
        await reader.stop()
        await asyncio.to_thread(checkpointer.stop)
        # The last connection: this moves the rest of the log into the database.
        await asyncio.to_thread(opened.anchor.close)
        self._lock.release()

    async def _read(self, run: Callable[..., Any], *args: Any) -> Any:
        if self._reader is None:
            raise StoreUnavailable(_NOT_OPEN)
        future = asyncio.get_running_loop().create_future()
        self._reader.put(Read(run, args, future))
        return await future

    async def _change(self, run: Callable[..., Any], *args: Any) -> Any:
        if self._writer is None:
            raise StoreUnavailable(_NOT_OPEN)
        future = asyncio.get_running_loop().create_future()
        self._writer.put(Change(lambda ledger: run(ledger, *args), future))
        return await future

    # --- logs ---

    def submit(self, steps: Sequence[Step], done: Done) -> None:
        if self._writer is None:
            refused = [Unavailable(message=_NOT_OPEN)] * len(steps)
            asyncio.get_running_loop().call_soon(done, refused)
            return
        self._writer.put(Submission(steps, done), len(steps))

    async def create_session(self, new: NewSession) -> SessionRow | Refused:
        wire_epoch(new.epoch, self.incarnation)
        row: SessionRow | Refused = await self._change(changes.create_session, new, self.incarnation)
        return row

    async def session(self, session_id: str) -> SessionRow | None:
        row: SessionRow | None = await self._read(reads.session_row, session_id, self.incarnation)
        return row

    async def sessions_of(self, owner: str, *, limit: int, archived: bool | None = None) -> list[SessionRow]:
        rows: list[SessionRow] = await self._read(reads.sessions_of, owner, limit, archived, self.incarnation)
        return rows

    async def archived_of(self, owner: str) -> int:
        count: int = await self._read(reads.archived_of, owner)
        return count

    async def set_archived(self, session_id: str, owner: str, archived: bool) -> bool:
        changed: bool = await self._change(changes.set_archived, session_id, owner, archived)
        return changed

    async def load(self, session_id: str) -> Loaded | None:
        loaded: Loaded | None = await self._read(reads.load, session_id, self.incarnation)
        return loaded

    async def events(
        self, session_id: str, *, after: int, upto: int, max_bytes: int, max_count: int
    ) -> list[StoredEvent]:
        events: list[StoredEvent] = await self._read(reads.events, session_id, after, upto, max_bytes, max_count)
        return events

    async def events_before(self, session_id: str, *, before: int, max_bytes: int, max_count: int) -> list[StoredEvent]:
        events: list[StoredEvent] = await self._read(reads.events_before, session_id, before, max_bytes, max_count)
        return events

    async def heads(self, session_ids: Sequence[str]) -> dict[str, int]:
        heads: dict[str, int] = {}
        # In pieces, so that other reads get their turn in between.
        for start in range(0, len(session_ids), _HEADS_AT_ONCE):
            heads |= await self._read(reads.heads, session_ids[start : start + _HEADS_AT_ONCE])
        return heads

    # --- turns, calls ---

    async def result_of(self, session_id: str, call_id: str) -> StoredEvent | OpenCall | None:
        found: StoredEvent | OpenCall | None = await self._read(reads.result_of, session_id, call_id)
        return found

    async def turn(self, session_id: str, turn_id: str) -> tuple[str, int] | None:
        found: tuple[str, int] | None = await self._read(reads.turn, session_id, turn_id)
        return found

    async def turns_of_others(self) -> list[TurnRow]:
        rows: list[TurnRow] = await self._read(reads.turns_of_others, self.boot_id)
        return rows

    async def calls_of_others(self) -> list[OpenCall]:
        rows: list[OpenCall] = await self._read(reads.calls_of_others, self.boot_id)
        return rows

    async def adopt_call(self, session_id: str, call_id: str) -> bool:
        adopted: bool = await self._change(changes.adopt_call, session_id, call_id, self.boot_id)
        return adopted

    # --- approvals, effects, documents ---

    async def approvals_due(self, now: int, *, limit: int) -> list[ApprovalRow]:
        rows: list[ApprovalRow] = await self._read(reads.approvals_due, now, limit)
        return rows

    async def effects(self, *, statuses: Collection[str], limit: int) -> list[EffectRow]:
        rows: list[EffectRow] = await self._read(reads.effects, tuple(statuses), limit)
        return rows

    async def effect(self, session_id: str, effect_id: str) -> EffectRow | None:
        row: EffectRow | None = await self._read(reads.effect, session_id, effect_id)
        return row

    async def effects_open(self, *, limit: int) -> list[EffectRow]:
        rows: list[EffectRow] = await self._read(reads.effects_open, limit)
        return rows

    async def document(self, document_id: str) -> DocumentRow | None:
        row: DocumentRow | None = await self._read(reads.document, document_id)
        return row

    # --- devices ---

    def save_device(self, session_id: str, row: DeviceRow) -> None:
        if self._writer is not None:
            self._writer.put(Change(partial(changes.save_device, session_id=session_id, row=row), None))

    async def devices(self, session_id: str) -> list[DeviceRow]:
        rows: list[DeviceRow] = await self._read(reads.devices, session_id)
        return rows

    # --- people ---

    async def add_user(self, user: UserRow) -> bool:
        added: bool = await self._change(changes.add_user, user)
        return added

    async def user(self, user_id: str) -> UserRow | None:
        row: UserRow | None = await self._read(reads.user, user_id)
        return row

    async def user_named(self, name: str) -> UserRow | None:
        row: UserRow | None = await self._read(reads.user_named, name)
        return row

    async def users(self) -> list[UserRow]:
        rows: list[UserRow] = await self._read(reads.accounts)
        return rows

    async def set_password(self, user_id: str, password_hash: str) -> bool:
        changed: bool = await self._change(changes.set_password, user_id, password_hash)
        return changed

    async def set_disabled(self, user_id: str, disabled: bool) -> bool:
        changed: bool = await self._change(changes.set_disabled, user_id, disabled)
        return changed

    async def withdraw(self, user_id: str) -> bool:
        changed: bool = await self._change(changes.withdraw, user_id)
        return changed

    async def make_account(
        self, user_id: str, *, version: int, name: str, password_hash: str
    ) -> UserRow | Literal["taken", "withdrawn"]:
        made: UserRow | Literal["taken", "withdrawn"]
        made = await self._change(changes.make_account, user_id, version, name, password_hash)
        return made

    async def withdrawn(self, versions: dict[str, int]) -> set[str]:
        gone: set[str] = await self._read(reads.withdrawn, dict(versions))
        return gone

    async def changed_elsewhere(self) -> bool:
        # Asked of the writer: only its connection can tell another program's commits from this one's.
        changed: bool = await self._change(Ledger.take_elsewhere)
        return changed
