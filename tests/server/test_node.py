"""One process from start to stop, and what is shared by all its connections."""

import asyncio
import gc
from typing import Any

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.protocol.frames import WireLimits
from shipanion.server.node import FRAMES_BURST, Node, wall_clock
from shipanion.stores.base import SessionStore
from shipanion.stores.memory import MemoryStore
from tests.support.room import Room


async def test_it_is_ready_between_start_and_stop(store: SessionStore) -> None:
    room = Room(store)
    states = [(room.node.ready, room.node.stopping)]
    await room.start()
    states.append((room.node.ready, room.node.stopping))
    await room.node.stop(window=0)
    states.append((room.node.ready, room.node.stopping))
    assert states == [(False, False), (True, False), (False, True)]


async def test_a_stop_says_so_then_closes_everybody(store: SessionStore) -> None:
    room = await Room(store).start()
    ann, plain = await room.enter(device="phone"), await room.plain()
    waiting = room.peer()
    waiting.open(None)
    ann.send("device_state", patch={"step": 2})
    session_id = ann.session_id
    ended: list[None] = []
    ann.socket.on_end = lambda: ended.append(None)  # a real peer's end is noticed later, when the store is closed
    await room.node.stop(window=3)
    assert ended == [None]
    ann.drop()
    farewell = ann.of("going_away")[0]
    assert (farewell["session_id"], farewell["window_ms"]) == (session_id, 3_000)
    for peer in (ann, plain, waiting):
        assert await peer.over() == (1001, "going_away")
    assert room.node.connections == {}
    assert plain.of("going_away") == []
    await store.open()
    (row,) = await store.devices(session_id)
    assert row.state == b'{"step":2}'
    await store.close()


async def test_a_stop_with_a_tool_still_running_does_not_wait_for_it(store: SessionStore) -> None:
    room = await Room(store).start()
    room.list.counter.close()
    ann = await room.enter()
    ann.call("c1")
    await room.list.counter.arrived()
    async with asyncio.timeout(5):
        await room.node.stop(window=0)
    assert await ann.over() == (1001, "going_away")
    # Whoever starts next runs it again: it only reads.
    await room.list.counter.open()


async def test_creating_a_session_by_key_is_idempotent_and_bounded(store: SessionStore) -> None:
    room = await Room(store, limits=WireLimits(sessions=1)).start()
    first = await room.node.create_session("ann", "k")
    again = await room.node.create_session("ann", "k")
    assert first == again
    assert getattr(await room.node.create_session("ann", "other"), "reason", None) == "too_many_sessions"
    await room.node.stop(window=0)


async def test_a_page_is_bounded_by_bytes(room: Room) -> None:
    ann = await room.enter()
    for n in range(8):
        ann.send("update_state", id=f"e{n}", patch={"title": f"{n}" + "x" * 12_000})
    await ann.acked("e7")
    page = await room.node.page(ann.session_id, 0, 8)
    assert 0 < len(page) < 8
    rest = await room.node.page(ann.session_id, len(page), 8)
    assert [event.offset for event in page + rest] == list(range(1, 9))


# --- limits ---------------------------------------------------------------------------------------------------------


async def test_a_persons_frames_are_counted_over_all_their_connections() -> None:
    room = await Room(MemoryStore(), rate_limits=True).start()
    one, two, ben = await room.enter("ann"), await room.enter("ann"), await room.enter("ben")
    for n in range(FRAMES_BURST):
        (one if n % 2 else two).send("seen", position={"epoch": "e", "offset": 1})
    two.send("history", id="h")
    error = await two.until("error")
    assert (error["code"], error["temporary"]) == ("rate_limited", True)
    assert error["retry_after_ms"] > 0
    ben.send("history", id="h")
    await ben.until("history_page")
    room.now += 1_000
    two.send("history", id="h")
    await two.until("history_page")
    await room.node.stop(window=0)


async def test_the_count_is_kept_while_somebody_is_there_and_no_longer() -> None:
    room = await Room(MemoryStore(), rate_limits=True).start()
    ann = await room.enter("ann")
    assert room.node.bucket("ann") is ann.connection.machine.bucket
    ann.drop()
    del ann
    gc.collect()
    assert len(room.node._buckets) == 0
    await room.node.stop(window=0)


async def test_without_limits_nobody_is_counted(quick: Room) -> None:
    assert quick.node.bucket("ann") is None
    assert quick.node.tool_wait((await quick.enter()).connection) == 0


async def test_a_thousand_messages_at_once_are_all_answered(room: Room) -> None:
    ann = await room.enter()
    for n in range(1_000):
        ann.edit(f"e{n}", milk=n % 9 + 1)
    await ann.acked("e999")
    assert [event["id"] for event in ann.events] == [f"e{n}" for n in range(1_000)]


# --- writing together -----------------------------------------------------------------------------------------------


async def test_connections_are_written_to_once_in_each_turn_of_the_loop(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = 0
    real = Node._flush

    def counted(node: Node) -> None:
        nonlocal flushes
        flushes += 1
        real(node)

    monkeypatch.setattr(Node, "_flush", counted)
    ann = await quick.enter()
    others = [await quick.enter(session_id=ann.session_id) for _ in range(20)]
    flushes = 0
    ann.edit("e1", milk=1)
    await others[-1].until("state_changed")
    assert flushes == 1
    assert all(other.events for other in others)


def test_the_wall_clock_counts_milliseconds() -> None:
    first, second = wall_clock(), wall_clock()
    assert 1_500_000_000_000 < first <= second < first + 10_000


async def test_nothing_is_told_under_a_sign_in_once_it_was_signed_out(room: Room) -> None:
    ann, again = await room.enter("ann"), room.peer()
    plain, ben = await room.plain("ann", session_id=ann.session_id), await room.enter("ben")
    await room.store.withdraw("ann")
    again.open("ann@2", session_id=ann.session_id)
    await again.until("welcome")
    told = {peer: len(peer.frames) for peer in (ann, plain)}
    await room.node.signed_out("ann")
    assert (ann.socket.closed, plain.socket.closed) == ((4201, "expired"), (1008, "refused"))
    again.edit("e1", milk=1)
    await again.acked("e1")
    for peer, before in told.items():
        peer.send("history", id="h")
        assert [frame.get("code") for frame in peer.frames[before:]] == ["expired"]
    await ben.answered()
    assert (again.socket.closed, ben.socket.closed) == (None, None)


async def test_where_the_store_cannot_say_whose_sign_in_holds_all_of_that_person_are_cut(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(versions: dict[str, int]) -> set[str]:
        raise StoreUnavailable("The disk is busy.")

    ann, ben = await quick.enter("ann"), await quick.enter("ben")
    await quick.store.withdraw("ann")
    with monkeypatch.context() as trouble:
        trouble.setattr(quick.store, "withdrawn", never)
        await quick.node.signed_out("ann")
    assert (ann.socket.closed, ben.socket.closed) == ((4201, "expired"), None)
    assert quick.node.doubtful


async def test_connections_are_counted_and_let_go(quick: Room) -> None:
    ann = await quick.enter()
    assert quick.node.connections == {ann.connection: None}
    assert quick.node.metrics.connections == 1
    ann.drop()
    connections: dict[Any, None] = quick.node.connections
    assert connections == {}
