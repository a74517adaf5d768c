"""One connection: what is sent, in which order, to a peer that keeps up, lags, or takes nothing at all."""

import asyncio
from typing import Any

import pytest

from shipanion.protocol.frames import Pong
from shipanion.server.connection import (
    BACKLOG_BYTES,
    DIRECT_BYTES,
    KEPT_PIECES,
    MAX_UNDECIDED,
    PAGE_BYTES,
    RETRY_MS,
)
from shipanion.stores.base import NewEvent, Step
from tests.support.fake_socket import frames_in
from tests.support.moody_store import MoodyStore
from tests.support.room import START, Peer, Room


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


async def test_a_peer_that_reads_no_answers_is_not_read_from(quick: Room) -> None:
    ann = await quick.enter()
    ann.socket.stuck = True
    sent = 0
    while not ann.socket.paused and sent < 20_000:
        for _ in range(100):
            ann.send("nonsense" * 8)
        sent += 100
        await asyncio.sleep(0)
    assert ann.connection.deaf
    assert ann.socket.most_buffered < BACKLOG_BYTES + 100 * 1000
    ann.socket.drain()
    assert (ann.socket.paused, ann.connection.deaf) == (False, False)
    await ann.answered()


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


async def test_with_many_commands_under_way_nothing_more_is_read(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    store.held = []
    for n in range(MAX_UNDECIDED):
        assert not ann.socket.paused
        ann.edit(f"e{n}", milk=n % 9 + 1)
    assert ann.socket.paused
    await asyncio.sleep(0)
    store.release()
    await ann.acked(f"e{MAX_UNDECIDED - 1}")
    assert not ann.socket.paused


# --- what becomes of commands ---------------------------------------------------------------------------------------


async def test_after_a_refusal_for_now_later_commands_wait_until_it_comes_again(
    moody: tuple[Room, MoodyStore],
) -> None:
    room, store = moody
    ann = await room.enter()
    store.refuses = lambda step: step.id == "e1"
    for n in (1, 2, 3):
        ann.edit(f"e{n}", milk=n)
    first = await ann.until("error", id="e1")
    assert (first["code"], first["temporary"], first["retry_after_ms"]) == ("unavailable", True, RETRY_MS)
    for n in (2, 3):
        assert (await ann.until("error", id=f"e{n}"))["code"] == "retry_in_order"
    ann.edit("e2", milk=2)
    assert (await ann.until("error", id="e2"))["code"] == "retry_in_order"
    store.refuses = lambda step: False
    for n in (1, 2, 3):
        ann.edit(f"e{n}", milk=n)
    await ann.acked("e3")
    assert [event["id"] for event in ann.events] == ["e1", "e2", "e3"]
    ann.edit("e3", milk=3)
    assert (await ann.acked("e3"))["duplicate"]


async def test_a_used_id_is_refused_for_another_body_and_acknowledged_for_the_same(room: Room) -> None:
    ann = await room.enter()
    ann.edit("e1", milk=1)
    assert await ann.acked("e1") == {"id": "e1", "offset": 1, "duplicate": False}
    ann.edit("e1", milk=1)
    assert await ann.acked("e1") == {"id": "e1", "offset": 1, "duplicate": True}
    ann.edit("e1", milk=2)
    error = await ann.until("error")
    assert (error["code"], error["id"], error["temporary"]) == ("id_reused", "e1", False)


async def test_an_edit_that_changes_nothing_is_acknowledged_where_that_was_said(room: Room) -> None:
    ann = await room.enter()
    ann.edit("e1", milk=1)
    ann.edit("e2", milk=1)
    assert (await ann.acked("e2"))["offset"] == 1
    assert offsets(ann) == [1]
    ann.edit("e3", tea=1)
    ann.edit("e2", milk=1)
    assert await ann.acked("e2") == {"id": "e2", "offset": 1, "duplicate": True}


async def test_a_repeat_of_an_edit_is_acknowledged_even_if_it_would_be_refused_by_now(room: Room) -> None:
    ann = await room.enter()
    for _ in range(2):
        ann.send("update_state", id="e1", patch={"items": {"milk": 1}, "once": True})
    assert not (await ann.acked("e1"))["duplicate"]
    assert (await ann.acked("e1"))["duplicate"]
    ann.send("update_state", id="e2", patch={"items": {"milk": 2}, "once": True})
    assert (await ann.until("error", id="e2"))["code"] == "not_allowed"


# --- endings --------------------------------------------------------------------------------------------------------


async def test_a_sign_in_that_was_withdrawn_is_noticed_by_the_next_command(room: Room) -> None:
    ann = await room.enter()
    await room.store.set_disabled("ann", True)
    ann.edit("e1", milk=1)
    assert (await ann.until("error"))["code"] == "expired"
    assert await ann.over() == (4201, "expired")
    assert await room.log(ann.session_id) == []


async def test_a_sign_in_ends_when_its_time_has_come(quick: Room) -> None:
    ann = await quick.enter()
    quick.now += 366 * 24 * 3600 * 1000 + 1
    ann.connection._timed_out()
    assert (await ann.until("error"))["code"] == "expired"
    assert await ann.over() == (4201, "expired")


async def test_a_token_is_refreshed_on_the_open_connection(quick: Room) -> None:
    ann = await quick.enter("ann@1")
    ann.send("auth", token="ben")
    assert (await ann.until("error"))["code"] == "forbidden"
    ann.send("auth", token="late")
    assert (await ann.until("error", code="expired"))["message"]
    ann.send("auth", token="ann@2")
    await ann.until("auth_ok")
    assert ann.connection.identity is not None
    assert (ann.connection.identity.user_id, ann.connection.identity.version) == ("ann", 2)
    ann.edit("e1", milk=1)
    assert (await ann.until("error", code="expired"))["message"]  # the store knows version 1 only


@pytest.mark.usefixtures("mishaps")
async def test_a_failure_of_our_own_closes_with_a_code_that_means_resume(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    ann.socket.stuck = True
    ann.socket._buffered = DIRECT_BYTES + 1
    await append(room, ann, 1)
    store.mute = True
    ann.socket.drain()
    assert await ann.over() == (1011, "internal error")
    store.mute = False


async def test_what_was_queued_leaves_before_the_close(quick: Room) -> None:
    ann = await quick.enter()
    ann.connection.send(Pong(session_id="last words"))
    ann.connection.end("resume_now")
    assert ann.frames[-1] == {"type": "pong", "session_id": "last words"}
    assert ann.socket.closed == (4000, "resume_now")
    ann.connection.send(Pong(session_id="too late"))
    ann.connection.flush()
    assert ann.frames[-1]["session_id"] == "last words"


async def test_a_connection_that_is_gone_leaves_nothing_running(room: Room) -> None:
    ann = await room.enter()
    ann.socket.stuck = True
    await append(room, ann, 100, size=10_000)
    ann.send("history", id="h1")
    assert ann.connection._tasks
    tasks = tuple(ann.connection._tasks)
    ann.drop()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(task.done() for task in tasks)
    assert ann.connection.closed.done()
    assert len(room.node.sessions) == 0


@pytest.mark.usefixtures("mishaps")
async def test_a_broken_socket_does_not_keep_others_from_their_frames(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await quick.enter()
    other = await quick.enter(session_id=ann.session_id)

    def broken(frames: bytes) -> None:
        raise OSError("a bug of the transport's")

    monkeypatch.setattr(ann.socket, "write", broken)
    other.edit("e1", milk=1)
    await other.acked("e1")
    assert await ann.over() is None
    assert ann.socket.aborted
    other.edit("e2", tea=1)
    await other.until("state_changed", offset=2)


async def test_a_refused_command_that_happened_by_another_way_lets_the_later_ones_through(room: Room) -> None:
    ann = await room.enter("ann")
    other = await room.enter("ann", session_id=ann.session_id)
    ann.connection.refuse("a", "unavailable", "not now")
    await ann.until("error", id="a")
    ann.send("update_state", id="b", patch={"title": "b"})
    assert (await ann.until("error", id="b"))["code"] == "retry_in_order"
    other.send("update_state", id="a", patch={"title": "a"})
    await ann.until("state_changed", id="a")
    ann.send("update_state", id="b", patch={"title": "b"})
    await ann.until("state_changed", id="b")


async def test_a_refusal_repeats_the_requests_own_names(room: Room) -> None:
    plain = await room.plain()
    plain.send("update_state", requestId=7, patch={"nothing": "to edit"})
    told = await plain.until("error")
    assert (told["code"], told["requestId"], "id" in told) == ("not_allowed", 7, False)
