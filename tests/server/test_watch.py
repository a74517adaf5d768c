"""What a node looks after on a timer. Time is an argument here: nothing waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.server.watch import HEADS_TICKS, PING_SECONDS, SILENT_SECONDS, STUCK_SECONDS, Watch
from shipanion.stores.base import NewEvent, Step
from shipanion.stores.sqlite import SqliteStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Peer, Room


class Clock:
    """Looks at one peer at chosen moments; at each it was last heard when told so."""

    def __init__(self, room: Room, peer: Peer) -> None:
        self.start = asyncio.get_running_loop().time() + 1000
        self.peer = peer
        self.watch = Watch(room.node)
        self.heard(0)

    def heard(self, at: float) -> None:
        self.peer.socket.last_heard = self.start + at

    def look(self, at: float) -> None:
        self.watch._look_at(self.peer.connection, self.start + at)


def cut(peer: Peer) -> bool:
    return peer.socket.aborted


def fill(peer: Peer, size: int) -> None:
    """Bytes on their way to a peer that takes none of them."""
    peer.socket.stuck = True
    peer.connection.written += size
    peer.socket._buffered += size


# --- stuck ----------------------------------------------------------------------------------------------------------


async def test_a_peer_that_takes_nothing_for_ten_seconds_is_cut(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    clock.look(0)
    fill(ann, 1000)
    clock.look(1)
    clock.heard(9)
    clock.look(STUCK_SECONDS - 0.1)
    assert not cut(ann)
    clock.look(STUCK_SECONDS)
    assert cut(ann)
    assert await ann.over() is None
    assert (quick.node.metrics.cut_stuck, quick.node.metrics.cut_silent) == (1, 0)
    assert quick.node.connections == {}


async def test_a_slow_peer_that_takes_a_little_is_kept(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    fill(ann, 1000)
    for at in range(0, 100, 5):
        clock.heard(at)
        ann.socket._buffered -= 1
        clock.look(at)
    assert not cut(ann)
    clock.look(95 + STUCK_SECONDS)
    assert cut(ann)


async def test_what_is_written_to_a_stuck_peer_is_no_progress_of_its(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    for at in range(int(STUCK_SECONDS) + 1):
        fill(ann, 1000)  # of ours
        ann.socket._buffered += 10  # of the transport's own: pongs
        clock.heard(at)
        clock.look(at)
    assert cut(ann)


async def test_being_stuck_counts_from_the_last_progress_not_from_before(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    fill(ann, 1000)
    clock.look(0)
    ann.socket._buffered = 0
    clock.look(9)
    fill(ann, 1000)
    clock.look(18)
    assert not cut(ann)
    clock.look(19)
    assert cut(ann)


async def test_a_peer_is_not_stuck_at_the_first_look(quick: Room) -> None:
    ann = quick.peer()
    fill(ann, 1000)
    ann.socket.last_heard = asyncio.get_running_loop().time()
    Watch(quick.node)._look_at(ann.connection, asyncio.get_running_loop().time() + 5)
    assert not cut(ann)
    ann.drop()


# --- expired --------------------------------------------------------------------------------------------------------


async def test_a_credential_ends_by_the_clock_even_when_its_timer_has_not_come(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    assert ann.connection.identity is not None
    end = ann.connection.identity.expires_at
    quick.now = end - 1
    clock.look(1)
    await ann.answered()
    quick.now = end  # the clock was set forward, or the machine slept
    clock.look(2)
    assert (await ann.until("error"))["code"] == "expired"
    assert await ann.over() == (4201, "expired")


# --- silent ---------------------------------------------------------------------------------------------------------


async def test_a_silent_peer_is_pinged_once_then_cut(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    pings = []
    for at in (0, PING_SECONDS - 0.1, PING_SECONDS, PING_SECONDS + 1, SILENT_SECONDS - 0.1):
        clock.look(at)
        pings.append(ann.socket.pings)
    assert pings == [0, 0, 1, 1, 1]
    assert not cut(ann)
    clock.look(SILENT_SECONDS)
    assert cut(ann)
    assert quick.node.metrics.cut_silent == 1


async def test_a_peer_that_answers_is_pinged_again_and_kept(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    for turn in range(4):
        clock.look(turn * (PING_SECONDS + 1) + PING_SECONDS)
        clock.heard(turn * (PING_SECONDS + 1) + PING_SECONDS + 0.5)
    assert (ann.socket.pings, ann.socket.aborted) == (4, False)


async def test_a_peer_that_is_not_read_from_shows_life_by_what_it_takes(quick: Room) -> None:
    ann = await quick.enter()
    clock = Clock(quick, ann)
    fill(ann, 2_000_000)
    ann.connection._ignore("backlog")
    for at in range(0, 200, 5):
        ann.socket._buffered -= 1000
        clock.look(at)
    assert not cut(ann)


@pytest.mark.usefixtures("mishaps")
async def test_looking_itself_goes_on_whatever_the_store_does(
    moody: tuple[Room, MoodyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, store = moody
    monkeypatch.setattr("shipanion.server.watch.TICK_SECONDS", 0)
    ann = await room.enter()
    looks = asyncio.Semaphore(0)
    watch = Watch(room.node)
    errors: list[Exception] = [RuntimeError("a bug")]

    async def elsewhere() -> None:
        looks.release()
        if errors:
            raise errors.pop()
        store.mute = True
        await room.store.heads([ann.session_id])

    monkeypatch.setattr(watch, "_elsewhere", elsewhere)
    watch.start()
    async with asyncio.timeout(5):
        for _ in range(4):
            await looks.acquire()
    await watch.stop()
    store.mute = False


# --- what happened elsewhere ----------------------------------------------------------------------------------------


async def beside(room: Room, peer: Peer) -> None:
    """Another writer appends an event that nobody here was told of."""
    event = NewEvent(type="state_changed", body=b'{"type":"state_changed","patch":{"title":"T"}}', by=b"{}", at=1)
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    room.store.submit([Step(session_id=peer.session_id, events=(event,))], done.set_result)
    await done


async def test_a_connection_left_behind_is_caught_up_every_few_seconds(quick: Room) -> None:
    ann = await quick.enter()
    watch = Watch(quick.node)
    await beside(quick, ann)
    for _ in range(HEADS_TICKS - 1):
        await watch._elsewhere()
    await ann.answered()
    assert ann.events == []
    await watch._elsewhere()
    assert (await ann.until("state_changed"))["patch"] == {"title": "T"}
    assert quick.live(ann.session_id).actor.state["title"] == "T"


async def test_after_doubt_heads_are_read_at_once(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    await beside(room, ann)
    store.refuses = lambda step: True
    ann.edit("e1", milk=1)
    await ann.until("error")
    doubts = [room.node.doubtful]
    await Watch(room.node)._elsewhere()
    doubts.append(room.node.doubtful)
    assert doubts == [True, False]
    await ann.until("state_changed", patch={"title": "T"})


async def test_another_programs_write_is_noticed_at_the_next_look(tmp_path: Any) -> None:
    room = await Room(SqliteStore(tmp_path / "shop.db")).start()
    ann, ben = await room.enter("ann"), await room.enter("ben")
    watch = Watch(room.node)
    await watch._elsewhere()
    command = SqliteStore(tmp_path / "shop.db", serve=False)
    await command.open()
    await command.set_disabled("ann", True)
    await watch._elsewhere()
    error = await ann.until("error")
    assert (error["code"], error["message"]) == (
        "expired",
        "Your sign-in was withdrawn. Sign in again to go on where you were.",
    )
    assert await ann.over() == (4201, "expired")
    await ben.answered()
    assert ben.socket.closed is None
    await command.close()
    await room.node.stop(window=0)


@pytest.mark.parametrize("order", [("ann@1", "ann@2"), ("ann@2", "ann@1")])
async def test_an_old_token_is_cut_although_its_owner_is_here_with_a_new_one(
    quick: Room, order: tuple[str, str]
) -> None:
    peers = {token: quick.peer() for token in order}
    peers["ann@1"].open("ann@1")
    await peers["ann@1"].until("welcome")
    await quick.store.set_password("ann", "new")  # from now on version 2 is good
    peers["ann@2"].open("ann@2")
    await peers["ann@2"].until("welcome")
    quick.node.doubtful = True
    await Watch(quick.node)._elsewhere()
    assert await peers["ann@1"].over() == (4201, "expired")
    await peers["ann@2"].answered()
    assert peers["ann@2"].socket.closed is None


def during(room: Room, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[object]]) -> None:
    """Have something happen between the store's next answer about withdrawn sign-ins and its being taken in."""
    read = room.store.withdrawn

    async def late(versions: dict[str, int]) -> set[str]:
        gone = await read(versions)
        monkeypatch.setattr(room.store, "withdrawn", read)
        await meanwhile()
        return gone

    monkeypatch.setattr(room.store, "withdrawn", late)


async def test_a_sign_in_withdrawn_while_another_is_looked_at_is_not_forgotten(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.node._watch.stop()
    ann, ben = await room.enter("ann"), await room.enter("ben")

    async def withdraw() -> None:
        await room.store.withdraw("ben")
        room.node.look_again()

    await room.store.withdraw("ann")
    room.node.look_again()
    during(room, monkeypatch, withdraw)
    watch = Watch(room.node)
    await watch._elsewhere()
    assert await ann.over() == (4201, "expired")
    assert ben.socket.closed is None
    await watch._elsewhere()
    assert await ben.over() == (4201, "expired")


async def test_who_shows_a_new_sign_in_while_the_old_one_is_looked_at_stays(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await quick.enter("ann@1")

    async def show() -> None:
        ann.send("auth", token="ann@2")
        await ann.until("auth_ok")

    await quick.store.withdraw("ann")
    quick.node.look_again()
    during(quick, monkeypatch, show)
    await Watch(quick.node)._elsewhere()
    await ann.answered()
    assert ann.socket.closed is None


@pytest.mark.parametrize("of", ["withdrawn", "heads"])
async def test_what_a_store_in_trouble_could_not_say_is_asked_again(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    room = await Room(SqliteStore(tmp_path / "shop.db")).start()
    await room.node._watch.stop()
    ann = await room.enter("ann")
    watch = Watch(room.node)
    await watch._elsewhere()
    command = SqliteStore(tmp_path / "shop.db", serve=False)
    await command.open()
    await command.set_disabled("ben" if of == "heads" else "ann", True)

    async def never(*args: Any) -> Any:
        raise StoreUnavailable("The disk is busy.")

    with monkeypatch.context() as trouble:
        trouble.setattr(room.store, of, never)
        with pytest.raises(StoreUnavailable):
            await watch._elsewhere()
    doubts = [room.node.doubtful]
    await watch._elsewhere()
    doubts.append(room.node.doubtful)
    assert doubts == [True, False]
    if of == "withdrawn":
        assert await ann.over() == (4201, "expired")
    await command.close()
    await room.node.stop(window=0)


async def test_with_nobody_there_nothing_is_asked(quick: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def never(*args: Any) -> Any:
        asked.append(args)
        return {}

    monkeypatch.setattr(quick.store, "withdrawn", never)
    monkeypatch.setattr(quick.store, "heads", never)
    quick.node.doubtful = True
    await Watch(quick.node)._elsewhere()
    assert asked == []
