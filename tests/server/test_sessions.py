"""Live sessions: loaded once, kept while anybody or anything needs them, and then really gone."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from shipanion.server.sessions import LiveSession, new_id
from tests.support.moody_store import MoodyStore
from tests.support.room import Room
from tests.support.until_true import until_true


async def made(room: Room) -> str:
    """A session nobody is in."""
    ann = await room.enter()
    session_id = ann.session_id
    ann.drop()
    return session_id


def test_ids_are_long_and_say_what_they_are() -> None:
    ids = {new_id("turn") for _ in range(100)}
    assert len(ids) == 100
    assert all(id.startswith("turn-") and len(id) >= 5 + 24 for id in ids)


async def test_a_session_is_loaded_once_however_many_come_at_once(room: Room) -> None:
    session_id = await made(room)
    peers = [room.peer() for _ in range(20)]
    for peer in peers:
        peer.open("ann", session_id=session_id)
    for peer in peers:
        await peer.until("welcome")
    assert len({id(peer.connection.session) for peer in peers}) == 1
    assert len(room.node.sessions) == 1
    peers[0].edit("e1", milk=1)
    for peer in peers:
        await peer.until("state_changed", offset=1)


@pytest.mark.parametrize("rounds", range(8))
async def test_whoever_comes_just_when_it_is_loaded_gets_the_same(quick: Room, rounds: int) -> None:
    session_id = await made(quick)
    first = asyncio.create_task(quick.node.sessions.open(session_id))
    for _ in range(rounds):
        await asyncio.sleep(0)
    second = await quick.node.sessions.open(session_id)
    found = await first
    assert found is not None
    assert found is second
    assert quick.node.sessions.get(session_id) is found
    for _ in range(2):
        quick.node.sessions.release(found)
    assert len(quick.node.sessions) == 0


async def test_an_unknown_session_is_none_and_leaves_nothing(room: Room) -> None:
    assert await room.node.sessions.open("session-unknown") is None
    assert len(room.node.sessions) == 0
    assert room.node.sessions._opening == {}


async def test_who_leaves_while_it_is_loaded_leaves_nothing(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    session_id = await made(room)
    loading, go = asyncio.Event(), asyncio.Event()

    async def slow(session_id: str) -> Any:
        loading.set()
        await go.wait()
        return await store.real.load(session_id)

    room.store.load = slow  # type: ignore[method-assign]
    ann = room.peer()
    ann.open("ann", session_id=session_id)
    await loading.wait()
    (task,) = room.node.sessions._opening.values()
    ann.drop()
    go.set()
    await task
    await asyncio.sleep(0)
    assert (len(room.node.sessions), room.node.sessions._opening) == (0, {})
    back = room.peer()
    back.open("ann", session_id=session_id)
    await back.until("welcome")


async def come_and_go(room: Room, n: int) -> "weakref.ref[LiveSession]":
    """Two people do everything there is to do in a new session, and leave."""
    ann = await room.enter(device=f"d{n}")
    plain = await room.plain(session_id=ann.session_id)
    ann.say("m1", "milk #call:look_up:tea #raise")
    plain.call("c1")
    ann.send("device_state", patch={"n": n})
    await ann.until("turn_ended")
    await plain.until("client_tool_result")
    gone = weakref.ref(room.live(ann.session_id))
    ann.drop()
    plain.drop()
    return gone


@pytest.mark.usefixtures("mishaps")
async def test_after_many_sessions_came_and_went_nothing_is_left(room: Room) -> None:
    gone = [await come_and_go(room, n) for n in range(40)]
    await until_true(lambda: gc.collect() >= 0 and all(ref() is None for ref in gone))  # timers may still be due
    assert (len(room.node.sessions), room.node.connections, room.node.sessions._opening) == (0, {}, {})


@pytest.mark.parametrize("busy", ["turn", "queued", "call"])
async def test_a_session_with_work_to_do_outlives_its_people(room: Room, busy: str) -> None:
    room.brain.word.close()
    room.list.counter.close()
    ann = await room.enter()
    session_id = ann.session_id
    if busy == "call":
        ann.call("c1")
        await room.list.counter.arrived()
    else:
        for n in range(2 if busy == "queued" else 1):
            ann.say(f"m{n}", "milk")
            await ann.acked(f"m{n}")
        await room.brain.word.arrived()
    ann.drop()
    live = room.live(session_id)
    assert len(live.audience) == 0
    await room.brain.word.open()
    await room.list.counter.open()
    await until_true(lambda: len(room.node.sessions) == 0)
    kinds = [event.type for event in await room.log(session_id)]
    assert kinds.count("turn_ended") == {"turn": 1, "queued": 2, "call": 0}[busy]
    assert kinds.count("client_tool_result") == (busy == "call")


async def test_a_forgotten_session_comes_back_as_it_was(room: Room) -> None:
    ann = await room.enter()
    session_id = ann.session_id
    for n in range(40):
        ann.edit(f"e{n}", **{f"item{n}": n % 9 + 1})
    await ann.acked("e39")
    before = room.live(session_id).actor
    ann.drop()
    assert room.node.sessions.get(session_id) is None
    back = await room.enter(session_id=session_id)
    after = room.live(session_id).actor
    assert after is not before
    assert (after.state, after.position) == (before.state, before.position)
    assert back.welcome["state"] == before.state


async def test_sweeping_an_empty_house_finds_nothing(room: Room) -> None:
    assert await room.node.sessions.sweep() == 0
    assert room.node.metrics.swept == 0
