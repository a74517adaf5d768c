"""The last messages of a session, for whoever has to go on with it."""

from typing import Final

import msgspec

from shipanion.server.domain import Spoken
from shipanion.stores.base import SessionStore

__all__ = ["RECENT", "recent"]

RECENT: Final = 6
"""Messages that are recalled."""

_EVENTS: Final = 60
_BYTES: Final = 65_536
_ROLES: Final = {"user_message": "owner", "agent_message": "agent"}


class _Said(msgspec.Struct):
    text: str


_said = msgspec.json.Decoder(_Said)


async def recent(store: SessionStore, session_id: str, head: int) -> tuple[Spoken, ...]:
    """The last messages up to ``head``, oldest first; fewer where much else happened in between."""
    events = await store.events_before(session_id, before=head + 1, max_bytes=_BYTES, max_count=_EVENTS)
    said = [Spoken(_ROLES[event.type], _said.decode(event.body).text) for event in events if event.type in _ROLES]
    return tuple(said[-RECENT:])
