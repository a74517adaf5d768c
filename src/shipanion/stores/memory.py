"""A store in plain dictionaries, for tests and for trying things out: everything is gone with the process.

It keeps the contract of every store except the one thing memory cannot do, to outlive the process. Closing
and opening the same object again is a restart: what was stored is there, under another boot id.
"""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from typing import Literal

from msgspec.structs import replace

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import (
    MAX_DEVICES,
    ApprovalRow,
    DeviceRow,
    DocumentRow,
    Done,
    EffectRow,
    Loaded,
    NewSession,
    OpenCall,
    Refused,
    Result,
    SessionRow,
    Step,
    StoredEvent,
    TurnRow,
    Unavailable,
)
from shipanion.stores.epoch import new_incarnation, wire_epoch
from shipanion.stores.memory_books import MemoryBooks, MemoryLog
from shipanion.stores.paging import page
from shipanion.stores.people import UserRow

__all__ = ["MemoryStore"]


class MemoryStore:
    """See ``SessionStore``."""

    def __init__(self) -> None:
        self.boot_id = ""
        self.incarnation = new_incarnation()
        self._held: MemoryBooks = MemoryBooks()
        self._open = False

    async def open(self) -> None:
        self.boot_id = secrets.token_hex(8)
        self._open = True

    async def close(self) -> None:
        self._open = False
        # Answers wait for the loop's next round; they have been given when this returns.
        await asyncio.sleep(0)

    @property
    def _books(self) -> MemoryBooks:
        if not self._open:
            raise StoreUnavailable("The store is not open.")
        return self._held

    # --- logs -----------------------------------------------------------------------------------------------

    def submit(self, steps: Sequence[Step], done: Done) -> None:
        results: list[Result]
        if self._open:
            results = [self._held.apply(step) for step in steps]
        else:
            results = [Unavailable(message="The store is not open.") for _ in steps]
        asyncio.get_running_loop().call_soon(done, results)

    async def create_session(self, new: NewSession) -> SessionRow | Refused:
        books = self._books
        wire_epoch(new.epoch, self.incarnation)
        if new.key is not None:
            known = books.keys.get((new.owner, new.key))
            if known is not None:
                return self._row(known)
        owned = sum(1 for log in books.logs.values() if log.owner == new.owner)
        if new.max_sessions is not None and owned >= new.max_sessions:
            return Refused(reason="too_many_sessions")
        if new.session_id in books.logs:
            raise ValueError(f"there is a session {new.session_id!r} already")
        log = MemoryLog(new, len(books.logs))
        books.logs[new.session_id] = log
        if new.key is not None:
            books.keys[new.owner, new.key] = log
        return self._row(log)

    async def session(self, session_id: str) -> SessionRow | None:
        log = self._books.logs.get(session_id)
        return None if log is None else self._row(log)

    async def sessions_of(self, owner: str, *, limit: int, archived: bool | None = None) -> list[SessionRow]:
        logs = [log for log in self._books.logs.values() if log.owner == owner]
        if archived is not None:
            logs = [log for log in logs if log.head > 0 and log.archived == archived]
        logs.sort(key=lambda log: (log.last_at, log.number), reverse=True)
        return [self._row(log) for log in logs[:limit]]

    async def archived_of(self, owner: str) -> int:
        return sum(1 for log in self._books.logs.values() if log.owner == owner and log.head > 0 and log.archived)

    async def set_archived(self, session_id: str, owner: str, archived: bool) -> bool:
        log = self._books.logs.get(session_id)
        if log is None or log.owner != owner:
            return False
        log.archived = archived
        return True

    async def load(self, session_id: str) -> Loaded | None:
        log = self._books.logs.get(session_id)
        if log is None:
            return None
        return Loaded(
            session=self._row(log),
            snapshot=log.snapshot,
            snapshot_offset=log.snapshot_offset,
            since=tuple(log.events[log.snapshot_offset :]),
            turns=tuple(log.turns.values()),
            calls=tuple(log.calls.values()),
        )

    async def events(
        self, session_id: str, *, after: int, upto: int, max_bytes: int, max_count: int
    ) -> list[StoredEvent]:
        log = self._books.logs.get(session_id)
        if log is None:
            return []
        return page(log.events[max(0, after) : max(0, upto)], max_bytes=max_bytes, max_count=max_count)

    async def events_before(self, session_id: str, *, before: int, max_bytes: int, max_count: int) -> list[StoredEvent]:
        log = self._books.logs.get(session_id)
        if log is None:
            return []
        newest_first = reversed(log.events[: max(0, before - 1)])
        return page(newest_first, max_bytes=max_bytes, max_count=max_count)[::-1]

    async def heads(self, session_ids: Sequence[str]) -> dict[str, int]:
        logs = self._books.logs
        return {id: logs[id].head for id in session_ids if id in logs}

    def _row(self, log: MemoryLog) -> SessionRow:
        return SessionRow(
            session_id=log.new.session_id,
            owner=log.owner,
            epoch=wire_epoch(log.new.epoch, self.incarnation),
            head=log.head,
            first=1,
            at=log.new.at,
            last_at=log.last_at,
            title=log.title or None,
            archived=log.archived,
        )

    # --- turns, calls ---------------------------------------------------------------------------------------

    async def result_of(self, session_id: str, call_id: str) -> StoredEvent | OpenCall | None:
        log = self._books.logs.get(session_id)
        if log is None:
            return None
        offset = log.results.get(call_id)
        return log.calls.get(call_id) if offset is None else log.events[offset - 1]

    async def turn(self, session_id: str, turn_id: str) -> tuple[str, int] | None:
        log = self._books.logs.get(session_id)
        if log is None:
            return None
        if turn_id in log.ended:
            return "ended", log.ended[turn_id]
        row = log.turns.get(turn_id)
        return None if row is None else (row.status, 0)

    async def turns_of_others(self) -> list[TurnRow]:
        rows = [row for log in self._books.logs.values() for row in log.turns.values()]
        return [row for row in rows if row.status == "queued" or row.owner != self.boot_id]

    async def calls_of_others(self) -> list[OpenCall]:
        calls = [call for log in self._books.logs.values() for call in log.calls.values()]
        return [call for call in calls if call.owner != self.boot_id]

    async def adopt_call(self, session_id: str, call_id: str) -> bool:
        log = self._books.logs.get(session_id)
        if log is None or call_id not in log.calls:
            return False
        log.calls[call_id] = replace(log.calls[call_id], owner=self.boot_id)
        return True

    # --- approvals, effects, documents ----------------------------------------------------------------------

    async def approvals_due(self, now: int, *, limit: int) -> list[ApprovalRow]:
        due = [row for row in self._books.asking.values() if row.expires_at <= now]
        return sorted(due, key=lambda row: row.expires_at)[: max(0, limit)]

    async def effects(self, *, statuses: Collection[str], limit: int) -> list[EffectRow]:
        rows = [row for row in reversed(self._books.effects.values()) if row.status in statuses]
        return sorted(rows, key=lambda row: -row.at)[: max(0, limit)]

    async def effect(self, session_id: str, effect_id: str) -> EffectRow | None:
        return self._books.effects.get((session_id, effect_id))

    async def effects_open(self, *, limit: int) -> list[EffectRow]:
        rows = [row for row in self._books.effects.values() if row.status in ("claimed", "unknown")]
        return sorted(rows, key=lambda row: row.at)[: max(0, limit)]

    async def document(self, document_id: str) -> DocumentRow | None:
        found = self._books.documents.get(document_id)
        if found is None:
            return None
        log, document = found
        return DocumentRow(
            document_id=document_id,
            session_id=log.new.session_id,
            owner=log.owner,
            media_type=document.media_type,
            name=document.name,
            body=document.body,
        )

    # --- devices --------------------------------------------------------------------------------------------

    def save_device(self, session_id: str, row: DeviceRow) -> None:
        log = self._held.logs.get(session_id)
        if log is None or not self._open:
            return
        old = log.devices.pop(row.device, row)  # popped, so that the last written stands last
        log.devices[row.device] = DeviceRow(
            device=row.device,
            state=old.state if row.state is None else row.state,
            seen_epoch=old.seen_epoch if row.seen_epoch is None else row.seen_epoch,
            seen_offset=old.seen_offset if row.seen_offset is None else row.seen_offset,
            at=row.at,
        )
        if len(log.devices) > MAX_DEVICES:
            del log.devices[next(iter(log.devices))]

    async def devices(self, session_id: str) -> list[DeviceRow]:
        log = self._books.logs.get(session_id)
        return [] if log is None else list(reversed(log.devices.values()))

    # --- people ---------------------------------------------------------------------------------------------

    async def add_user(self, user: UserRow) -> bool:
        users = self._books.users
        if user.user_id in users or (user.kind == "account" and await self.user_named(user.name) is not None):
            return False
        users[user.user_id] = user
        return True

    async def user(self, user_id: str) -> UserRow | None:
        return self._books.users.get(user_id)

    async def user_named(self, name: str) -> UserRow | None:
        wanted = name.casefold()
        return next((user for user in await self.users() if user.name.casefold() == wanted), None)

    async def users(self) -> list[UserRow]:
        accounts = [user for user in self._books.users.values() if user.kind == "account"]
        return sorted(accounts, key=lambda user: user.name.casefold())

    async def set_password(self, user_id: str, password_hash: str) -> bool:
        users = self._books.users
        old = users.get(user_id)
        if old is None:
            return False
        users[user_id] = replace(old, password_hash=password_hash, version=old.version + 1)
        return True

    async def set_disabled(self, user_id: str, disabled: bool) -> bool:
        users = self._books.users
        old = users.get(user_id)
        if old is None:
            return False
        users[user_id] = replace(old, disabled=disabled, version=old.version + 1)
        return True

    async def withdraw(self, user_id: str) -> bool:
        users = self._books.users
        old = users.get(user_id)
        if old is None:
            return False
        users[user_id] = replace(old, version=old.version + 1)
        return True

    async def make_account(
        self, user_id: str, *, version: int, name: str, password_hash: str
    ) -> UserRow | Literal["taken", "withdrawn"]:
        users = self._books.users
        old = users.get(user_id)
        if old is None or old.kind != "guest" or old.disabled or old.version != version:
            return "withdrawn"
        if await self.user_named(name) is not None:
            return "taken"
        users[user_id] = replace(old, name=name, kind="account", password_hash=password_hash, version=version + 1)
        return users[user_id]

    async def withdrawn(self, versions: dict[str, int]) -> set[str]:
        books = self._books
        return {id for id, version in versions.items() if books.user(id) != (version, False)}

    async def changed_elsewhere(self) -> bool:
        _ = self._books
        return False
