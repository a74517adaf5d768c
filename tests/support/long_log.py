"""Conversations of any length, written straight into the store of a server that does not run."""

from pathlib import Path

import msgspec

from shipanion.protocol.events import AgentMessage, EventBody, TurnEnded, UserMessageEvent
from shipanion.protocol.frames import Participant
from shipanion.stores.base import Committed, NewEvent, Step
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import one

__all__ = ["prolong"]

AT_ONCE = 600
"""Events of one step; a multiple of three."""
MINUTE_MS = 60_000


async def prolong(file: Path, session_id: str, events: int) -> None:
    """Let a session's log have ``events`` events: a person and Bob talk on, three events an exchange.

    What they say is numbered by its offset ("message 41", "answer 42"), a minute apart, the last one a minute ago.
    """
    store = SqliteStore(file)
    await store.open()
    try:
        row = await store.session(session_id)
        assert row is not None, session_id
        start = row.last_at - events * MINUTE_MS
        for first in range(row.head + 1, events + 1, AT_ONCE):
            offsets = range(first, min(first + AT_ONCE, events + 1))
            made = tuple(_event(offset, start + offset * MINUTE_MS) for offset in offsets)
            result = await one(store, Step(session_id=session_id, events=made))
            assert isinstance(result, Committed), result
    finally:
        await store.close()


def _event(offset: int, at: int) -> NewEvent:
    turn_id = f"turn-{offset - offset % 3}"
    bodies: tuple[EventBody, ...] = (
        UserMessageEvent(text=f"message {offset}", turn_id=turn_id),
        AgentMessage(text=f"answer {offset}: the parcel is where it was, and so is what it costs.", turn_id=turn_id),
        TurnEnded(turn_id=turn_id, outcome="completed"),
    )
    body = bodies[offset % 3]
    by = Participant(role="agent", name="Bob") if isinstance(body, AgentMessage) else Participant(role="owner", name="")
    tag = str(body.__struct_config__.tag)
    return NewEvent(type=tag, body=msgspec.json.encode(body), by=msgspec.json.encode(by), at=at)
