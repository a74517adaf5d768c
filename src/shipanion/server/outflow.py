"""What leaves a connection: frames joined into one write, events by its cursor, pages when the peer fell behind.

Nothing here waits for the peer. What goes out in one turn of the loop leaves in one write; when the peer does not keep
up, events are read from the store page by page as it makes room, and nothing else is queued for it (I12).
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Final

from shipanion.protocol.codec import encode, envelope
from shipanion.protocol.delivery import Cursor, Next
from shipanion.protocol.frames import ServerFrame
from shipanion.server.hub import PLAIN_TYPES, Appended
from shipanion.server.sessions import LiveSession
from shipanion.server.socket import BUFFER_BYTES, Socket, text_frame
from shipanion.stores.base import StoredEvent

__all__ = ["DIRECT_BYTES", "KEPT_PIECES", "PAGE_BYTES", "PAGE_EVENTS", "Outflow"]

DIRECT_BYTES: Final = BUFFER_BYTES
"""Events go straight out while less than this is buffered; beyond it they are read when there is room again."""

PAGE_BYTES: Final = 65_536
"""What is read for a connection at once. It is copied a few times on its way, for each of a crowd that falls behind."""

PAGE_EVENTS: Final = 1_000

OWN_IDS: Final = 1_024
"""How many of its own messages a plain connection remembers, so that they are not echoed to it."""

KEPT_PIECES: Final = 64
"""Ephemeral frames kept while a connection catches up; more than that are not worth keeping."""


class Outflow(ABC):
    """The sending half of a connection; ``Connection`` is the other half and says what it may use.

    Args:
        socket: where frames go.
        full: whether the peer speaks the full dialect.
    """

    def __init__(self, socket: Socket, *, full: bool) -> None:
        self.socket = socket
        self.full = full
        self.session: LiveSession | None = None
        self.closing = False
        self.written = 0
        """Bytes given to the socket so far."""
        self.held = False
        """Nothing of the session is told for now, as if the peer had no room for it."""
        self._cursor: Cursor | None = None
        self._out: list[bytes] = []
        self._queued = 0
        self._scheduled = False
        self._own: deque[str] = deque(maxlen=OWN_IDS)
        self._kept: deque[bytes] = deque(maxlen=KEPT_PIECES + 1)
        self._room: asyncio.Event = asyncio.Event()
        self._paging: asyncio.Lock = asyncio.Lock()

    # --- what the other half gives --------------------------------------------------------------------------------

    @abstractmethod
    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something for this connection; it ends with it."""

    @abstractmethod
    def _flush_later(self) -> None:
        """Have ``flush`` called once this turn of the loop is through."""

    @abstractmethod
    def _happened(self, event_id: str | None) -> None:
        """The peer is sent the event with this id."""

    @abstractmethod
    async def _page(self, session_id: str, after: int, upto: int) -> list[StoredEvent]:
        """The next page of a session's log."""

    # --- sending --------------------------------------------------------------------------------------------------

    def send(self, frame: ServerFrame) -> None:
        """Queue one frame for this connection."""
        self.push(text_frame(encode(frame)))

    def push(self, frames: bytes) -> None:
        """Queue encoded WebSocket frames; they leave in one write at the end of this turn of the loop."""
        if not self.closing:
            self._wanted()
            self._out.append(frames)
            self._queued += len(frames)

    def _wanted(self) -> None:
        """Something is to go out: have it flushed, once."""
        if not self._scheduled:
            self._scheduled = True
            self._flush_later()

    def flush(self) -> None:
        """Write what was queued."""
        self._scheduled = False
        if self._out:
            out, self._out = self._out, []
            queued, self._queued = self._queued, 0
            self.written += queued
            self.socket.write(*out)

    def offer(self, events: Sequence[Appended]) -> None:
        cursor = self._cursor
        if cursor is None:
            return
        if self._queued >= DIRECT_BYTES:
            self.flush()  # only then is it known whether the peer keeps up
        room = not self.held and self.socket.buffered() < DIRECT_BYTES
        match cursor.offer(events[0].offset, events[-1].offset, room=room):
            case Next.SEND:
                if self.full:
                    for event in events:
                        self._happened(event.id)
                        self.push(event.frame)
                else:
                    for event in events:
                        if self._heard(event.type, event.id):
                            self.push(event.frame)
            case Next.READ:
                self.spawn(self._read(cursor))

    def hint(self, head: int) -> None:
        if self._cursor is not None and self._cursor.hint(head) is Next.READ:
            self.spawn(self._read(self._cursor))

    def ephemeral(self, frame: bytes) -> None:
        cursor = self._cursor
        if cursor is None:
            return
        if self.held or not cursor.at_head:
            self._kept.append(frame)
        elif self.socket.buffered() < DIRECT_BYTES:
            self.push(frame)

    def _heard(self, kind: str, event_id: str | None) -> bool:
        """Whether a plain client hears this event: those mapped for it, but not its own messages."""
        return kind in PLAIN_TYPES and not (event_id is not None and event_id in self._own)

    async def _read(self, cursor: Cursor) -> None:
        """Read from the store and send, page by page, as the peer makes room."""
        session = self.session
        assert session is not None
        while True:
            await self._has_room()
            events = await self._page(session.session_id, cursor.sent, cursor.target)
            if self.held:
                continue  # since this was asked for; it is read again
            self.push(self._encoded(session.session_id, events))
            self.flush()
            last = events[-1].offset if events else 0
            del events  # a peer that makes no room must not hold a page twice, read and encoded
            if cursor.page(last) is not Next.READ:
                self._release_kept()
                return

    def _release_kept(self) -> None:
        """At head: pieces of the running turn that came meanwhile follow now, if none of them was let go."""
        kept, self._kept = self._kept, deque(maxlen=KEPT_PIECES + 1)
        if self.session is not None and self.session.actor.turn_so_far is not None and len(kept) <= KEPT_PIECES:
            for frame in kept:
                self.push(frame)

    def _encoded(self, session_id: str, events: list[StoredEvent]) -> bytes:
        for event in events:
            self._happened(event.id)
        return b"".join(
            text_frame(envelope(session_id, event.offset, event.at, event.by, event.id, event.body))
            for event in events
            if self.full or self._heard(event.type, event.id)
        )

    async def page_out(self, make: Callable[[], Awaitable[ServerFrame]]) -> None:
        """Answer with a frame that may be large: one at a time, and only when the peer has taken what came before."""
        async with self._paging:
            await self._has_room()
            frame = await make()
            while self.held:
                await self._has_room()
                frame = await make()
            self.send(frame)
            self.flush()

    def release(self) -> None:
        """Nothing is held any more: what waited for that goes on."""
        self.held = False
        self._room.set()
        if self._cursor is not None and self._cursor.at_head:
            self._release_kept()

    async def push_when_free(self, frames: bytes) -> None:
        """Queue encoded frames that may tell of the session, once nothing is held any more."""
        while self.held:
            await self._has_room()
        self.push(frames)

    async def _has_room(self) -> None:
        while self.held or self.socket.buffered() > DIRECT_BYTES:
            self._room.clear()
            await self._room.wait()
