"""What leaves a connection: in which order, in how many writes, and what a peer that does not keep up costs."""

import asyncio
from typing import Any

import pytest

from shipanion.protocol.frames import Pong
from shipanion.server.outflow import DIRECT_BYTES, KEPT_PIECES, PAGE_BYTES
from tests.support.fake_socket import frames_in
from tests.support.log_behind import append, offsets
from tests.support.moody_store import MoodyStore
from tests.support.room import START, Room

# --- order and joined writes ----------------------------------------------------------------------------------------


async def test_what_goes_out_in_one_turn_of_the_loop_is_one_write(quick: Room) -> None:
    ann = await quick.enter()
    ann.socket.writes.clear()
    for n in range(20):
        ann.edit(f"e{n}", milk=n % 9 + 1)
    await ann.acked("e19")
    assert len(ann.socket.writes) == 1
    frames = frames_in(ann.socket.writes[0])
    assert [frame["type"] for frame in frames] == ["state_changed"] * 20 + ["ack"]
    assert [ack["id"] for ack in frames[-1]["acks"]] == [f"e{n}" for n in range(20)]


async def test_everybody_gets_every_event_once_in_commit_order(room: Room) -> None:
    ann = await room.enter()
    others = [await room.enter(session_id=ann.session_id) for _ in range(3)]
    peers = [ann, *others]
    for n in range(12):
        peers[n % 4].edit(f"e{n}", milk=n % 9 + 1)
    for n in range(12):
        await peers[n % 4].acked(f"e{n}")
    for peer in peers:
        await peer.until("state_changed", offset=12)
        assert offsets(peer) == list(range(1, 13))
        assert [event["id"] for event in peer.events] == [event["id"] for event in ann.events]


async def test_an_event_bears_its_envelope_and_the_senders_id(quick: Room) -> None:
    ann = await quick.enter(device="phone")
    ann.edit("e1", milk=2)
    assert await ann.until("state_changed") == {
        "session_id": ann.session_id,
        "offset": 1,
        "at": START,
        "by": {"role": "owner", "name": "Ann", "device": "phone"},
        "id": "e1",
        "type": "state_changed",
        "patch": {"items": {"milk": 2}, "total": 2},
    }


async def test_every_frame_bears_its_session(quick: Room) -> None:
    ann, plain = await quick.enter(device="d"), await quick.plain()
    for peer in (ann, plain):
        peer.say("m1", "one #call:look_up:milk")
        await peer.answered()
        peer.call("c1")
        await peer.until("client_tool_result", tool_call_id="c1")
        peer.send("get_price", payload={"item": "milk"})
        await peer.until("price")
        peer.send("history", id="h")
        await peer.until("history_page")
        peer.send("get_session_state")
        await peer.until("session_state")
        peer.send("nonsense")
        await peer.until("error")
        attached = peer.frames[1:]
        assert {frame.get("session_id") for frame in attached} == {peer.session_id}
    await ann.until("presence")


# --- the plain dialect ----------------------------------------------------------------------------------------------


async def test_a_plain_client_hears_the_mapped_events_and_not_its_own_words(room: Room) -> None:
    plain = await room.plain()
    plain.say("mine", "hello")
    await plain.until("turn_ended")
    ann = await room.enter(session_id=plain.session_id)
    ann.edit("e1", milk=1)
    ann.say("hers", "again")
    ann.call("c1")
    await ann.until("client_tool_result")
    await plain.until("contextual_update", text="look_up_result")
    await plain.until("turn_ended")
    heard = sorted(event["type"] for event in plain.events)  # the second answer and the tool run side by side
    assert heard == sorted(["agent_message", "turn_ended"] * 2 + ["user_message"] + ["contextual_update"] * 2)
    assert offsets(plain) == sorted(offsets(plain))
    assert [event["id"] for event in plain.events if event["type"] == "user_message"] == ["hers"]
    assert plain.of("ack", "welcome", "presence", "agent_delta", "client_tool_result", "state_changed") == []


async def test_its_own_words_are_not_echoed_from_the_store_either(quick: Room) -> None:
    plain = await quick.plain()
    plain.send("get_session_state")
    await plain.until("session_state")
    plain.socket.stuck = True
    plain.socket._buffered = DIRECT_BYTES + 1
    plain.say("mine", "hello")
    ann = await quick.enter(session_id=plain.session_id)
    ann.say("hers", "last")
    await ann.until("user_message", id="hers")
    assert plain.events == []
    plain.socket.drain()
    await plain.until("user_message", id="hers")
    assert [event["id"] for event in plain.of("user_message")] == ["hers"]


async def test_the_answer_to_a_request_comes_before_the_broadcasts_it_causes(room: Room) -> None:
    plain = await room.plain()
    plain.call("c1")
    await plain.until("contextual_update", text="look_up_result")
    plain.send("get_price", payload={"item": "tea"}, requestId="r1")
    await plain.until("price")
    await plain.until("contextual_update", text="look_up_result")
    kinds = [frame["type"] for frame in plain.frames if frame["type"] != "pong"]
    update = "contextual_update"
    assert kinds == ["client_tool_result", update, update, "price", update, update]


# --- peers that lag -------------------------------------------------------------------------------------------------


async def test_a_peer_that_takes_nothing_costs_a_bounded_amount_and_catches_up_page_by_page(room: Room) -> None:
    ann = await room.enter()
    ann.socket.stuck = True
    for _ in range(10):
        await append(room, ann, 40, size=10_000)
    await ann.answered()
    most = DIRECT_BYTES + PAGE_BYTES + 65_536
    assert ann.socket.most_buffered <= most
    pages = 0
    while not ann.events or offsets(ann)[-1] < 400:
        following = offsets(ann)[-1] + 1 if ann.events else 1
        ann.socket.drain(10**9)  # takes what there is, then stops again
        await ann.until("user_message", offset=following)
        pages += 1
    assert offsets(ann) == list(range(1, 401))
    assert ann.socket.most_buffered <= most
    assert pages > 10


async def test_while_it_lags_nothing_ephemeral_is_queued_and_afterwards_it_is_live_again(quick: Room) -> None:
    ann = await quick.enter()
    other = await quick.enter(session_id=ann.session_id)
    ann.socket.stuck = True
    await append(quick, ann, 40, size=10_000)
    for _ in range(KEPT_PIECES + 1):
        quick.live(ann.session_id).audience.say(Pong(session_id=ann.session_id))
    other.edit("e1", milk=1)
    await other.acked("e1")
    assert ann.of("pong", "state_changed") == []
    ann.socket.drain()
    await ann.until("state_changed", offset=41)
    other.edit("e2", tea=1)
    await ann.until("state_changed", offset=42)
    assert offsets(ann) == list(range(1, 43))


@pytest.mark.parametrize("pieces", [3, KEPT_PIECES, KEPT_PIECES + 1])
async def test_pieces_that_came_while_it_caught_up_follow_whole_or_not_at_all(quick: Room, pieces: int) -> None:
    ann = await quick.enter()
    quick.brain.word.close()
    ann.say("m1", " ".join("w" * (pieces + 1)))
    await quick.brain.word.arrived()
    ann.socket.stuck = True
    ann.socket._buffered = DIRECT_BYTES + 1
    await append(quick, ann, 1)
    await quick.brain.word.let(pieces)
    await quick.brain.word.arrived(pieces + 1)
    assert ann.of("agent_delta") == []
    ann.socket.drain()
    await ann.until("user_message", offset=2)
    await ann.answered()
    expected = list(range(pieces)) if pieces <= KEPT_PIECES else []
    assert [delta["index"] for delta in ann.of("agent_delta")] == expected
    await quick.brain.word.open()


async def test_pieces_the_welcome_told_of_are_not_sent_again(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two three")
    await room.brain.word.arrived()
    reading, go = asyncio.Event(), asyncio.Event()
    real = store.real.events_before

    async def slow(*args: Any, **fields: Any) -> Any:
        reading.set()
        await go.wait()
        return await real(*args, **fields)

    late = room.peer()
    room.store.events_before = slow  # type: ignore[method-assign]
    late.open("ann", session_id=ann.session_id)
    await reading.wait()
    await room.brain.word.let(2)
    await room.brain.word.arrived(3)
    go.set()
    await late.until("welcome")
    assert late.welcome["turn"]["text"] == "one two "
    await append(room, late, 1)  # a reading lets go of what was kept
    await late.until("user_message")
    await late.answered()
    assert late.of("agent_delta") == []
    await room.brain.word.open()


async def test_history_waits_until_the_peer_takes_what_it_asked_for(quick: Room) -> None:
    ann = await quick.enter()
    await append(quick, ann, 200, size=5_000)
    await ann.until("user_message", offset=200)
    ann.socket.stuck = True
    for n in range(50):
        ann.send("history", id=f"h{n}", limit=200)
    for _ in range(50):  # whoever would answer has had every chance to
        await asyncio.sleep(0)
    assert ann.socket.most_buffered <= DIRECT_BYTES + PAGE_BYTES + 65_536
    ann.socket.drain()
    await ann.until("history_page", id="h49")
    assert [page["id"] for page in ann.of("history_page")] == [f"h{n}" for n in range(50)]
