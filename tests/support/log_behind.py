"""Events written past everybody, as by another program, and what a peer has of a log."""

import asyncio
from typing import Any

from shipanion.stores.base import NewEvent, Step
from tests.support.room import Peer, Room

__all__ = ["append", "offsets"]


async def append(room: Room, peer: Peer, count: int, size: int = 10) -> None:
    """Write ``count`` messages of ``size`` bytes into the log, past everybody, and tell the session."""
    live = room.live(peer.session_id)
    filler = b"x" * size
    head = live.actor.head
    events = tuple(
        NewEvent(type="user_message", body=b'{"type":"user_message","text":"%d %b"}' % (n, filler), by=b"{}", at=n)
        for n in range(head, head + count)
    )
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    room.store.submit([Step(session_id=peer.session_id, events=events)], done.set_result)
    await done
    live.actor.noticed(head + count)
    await live.actor.settled()


def offsets(peer: Peer) -> list[int]:
    return [event["offset"] for event in peer.events]
