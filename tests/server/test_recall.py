"""The last messages of a session, whatever lies between them."""

from shipanion.server.domain import Spoken
from shipanion.server.recall import RECENT, recent
from tests.support.room import Room


async def test_the_last_messages_of_both_in_order(room: Room) -> None:
    ann = await room.enter()
    for n in range(5):
        ann.say(f"m{n}", f"word{n}")
        await ann.until("turn_ended")
    ann.call("c1")
    await ann.until("client_tool_result")
    head = room.live(ann.session_id).actor.head
    said = await recent(room.store, ann.session_id, head)
    assert len(said) == RECENT
    assert said[-2:] == (Spoken("owner", "word4"), Spoken("agent", "word4 "))
    assert await recent(room.store, ann.session_id, 1) == (Spoken("owner", "word0"),)
    assert await recent(room.store, ann.session_id, 0) == ()
