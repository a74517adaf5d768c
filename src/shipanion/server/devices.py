"""What each device keeps for itself: where it was on the page, and what its person was shown.

Written at most once a second per connection, and when it goes; nobody waits for it.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shipanion.protocol.merge_patch import apply_patch
from shipanion.stores.base import DeviceRow, SessionStore

if TYPE_CHECKING:
    from shipanion.server.actor import Clock
    from shipanion.server.connection import Connection
    from shipanion.server.sessions import LiveSession

__all__ = ["Devices", "Place"]

SCROLL: Final = "scrollPosition"

SAVE_SECONDS: Final = 1.0
MAX_BYTES: Final = 16_384
"""What a device may keep in one session."""

_encoder = msgspec.json.Encoder()


class Place:
    """One connection's device: its state, what it was shown, and whether that waits to be written."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.changed = False
        self.seen: int | None = None
        self.last_at = 0
        """When this device last wrote (ms); 0 for one that is new here."""
        self.dirty = False
        self.saving: asyncio.TimerHandle | None = None


class Devices:
    """Reads and writes device rows."""

    def __init__(self, store: SessionStore, now: "Clock") -> None:
        self._store = store
        self._now = now

    async def load(self, connection: "Connection") -> None:
        """Find what this connection's device had kept in its session."""
        session = connection.session
        if session is None or not connection.device:
            return
        for row in await self._store.devices(session.session_id):
            if row.device == connection.device:
                if row.state is not None:
                    connection.place.state = msgspec.json.decode(row.state)
                connection.place.last_at = row.at
                if row.seen_epoch == session.actor.epoch:
                    connection.place.seen = row.seen_offset

    def save(self, connection: "Connection", patch: dict[str, Any]) -> bool:
        """Apply a merge patch to the device's state; False when it would become too large."""
        place = connection.place
        state = apply_patch(place.state, patch)
        if len(_encoder.encode(state)) > MAX_BYTES:
            return False
        place.state = state
        place.changed = True
        if connection.session is not None and SCROLL in patch:
            connection.session.scroll = _scroll_of(state)
        self._soon(connection)
        return True

    def seen(self, connection: "Connection", offset: int) -> None:
        """The person was shown everything up to ``offset``. Never goes back."""
        session, place = connection.session, connection.place
        if session is None or offset > session.actor.head or offset <= (place.seen or 0):
            return
        place.seen = offset
        self._soon(connection)

    async def scroll(self, live: "LiveSession") -> float | None:
        """The last scroll position any device wrote, for the plain form of the state."""
        if live.scroll is not None:  # may be newer than what is stored
            return live.scroll
        for row in await self._store.devices(live.session_id):
            if row.state is not None:
                scroll = _scroll_of(msgspec.json.decode(row.state))
                if scroll is not None:
                    return scroll
        return None

    def flush(self, connection: "Connection") -> None:
        """Write what waits, now."""
        place, session = connection.place, connection.session
        if place.saving is not None:
            place.saving.cancel()
            place.saving = None
        if not place.dirty or session is None:
            return
        place.dirty = False
        changed, place.changed = place.changed, False
        row = DeviceRow(
            device=connection.device or "-",
            state=_encoder.encode(place.state) if changed else None,
            seen_epoch=session.actor.epoch if place.seen is not None else None,
            seen_offset=place.seen,
            at=self._now(),
        )
        self._store.save_device(session.session_id, row)

    def _soon(self, connection: "Connection") -> None:
        place = connection.place
        place.dirty = True
        if place.saving is None:
            loop = asyncio.get_running_loop()
            place.saving = loop.call_later(SAVE_SECONDS, self.flush, connection)


def _scroll_of(state: dict[str, Any]) -> float | None:
    scroll = state.get(SCROLL)
    return scroll if isinstance(scroll, int | float) and not isinstance(scroll, bool) else None
