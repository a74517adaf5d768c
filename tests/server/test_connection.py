"""One connection: what becomes of commands, when nothing more is read from it, and how it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from shipanion.protocol.frames import Pong
from shipanion.server.connection import BACKLOG_BYTES, ERRORS_AT_ONCE, MAX_QUESTIONS, MAX_UNDECIDED, RETRY_MS
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.server.outflow import DIRECT_BYTES
from tests.support.log_behind import append, offsets
from tests.support.moody_store import MoodyStore
from tests.support.room import Room
from tests.support.until_true import until_true

# --- when nothing more is read --------------------------------------------------------------------------------------


async def test_a_peer_that_reads_no_answers_is_not_read_from(quick: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.server.connection.ERRORS_AT_ONCE", 1_000_000)
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


async def test_with_many_questions_waiting_nothing_more_is_read(quick: Room) -> None:
    ann = await quick.enter()
    ann.socket.stuck = True
    ann.socket._buffered = DIRECT_BYTES + 1
    for n in range(MAX_QUESTIONS):
        assert not ann.socket.paused
        ann.send("history", id=f"h{n}")
    assert ann.socket.paused
    ann.socket.drain()
    await ann.until("history_page", id=f"h{MAX_QUESTIONS - 1}")
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


async def test_an_open_connection_is_renewed_by_what_opens_none(quick: Room) -> None:
    async def renew(token: str) -> Identity:
        if token != "ticket":
            raise NotAuthenticated("sign_in", "That ticket is not one of ours.")
        return msgspec.structs.replace(await quick._authenticate("ann@2"), name="Anna")

    quick.node.renew = renew
    ann, other = await quick.enter(device="d1"), quick.peer()
    other.open("ticket")
    assert (await other.until("error"))["code"] == "sign_in"
    ann.send("auth", token="ann")
    assert (await ann.until("error"))["code"] == "sign_in"
    ann.send("auth", token="ticket")
    await ann.until("auth_ok")
    assert ann.connection.identity is not None
    assert ann.connection.identity.version == 2
    told = await ann.until("presence")
    assert told["devices"] == [{"device": "d1", "name": "Anna"}]
    assert msgspec.json.decode(ann.connection.participant)["name"] == "Anna"


async def renewed(room: Room) -> None:
    """Ann's sign-in is version 2 from now on, and her connections know."""
    await room.store.withdraw("ann")
    room.node.hold("ann", 2)


async def test_an_outdated_sign_in_is_told_nothing_until_the_new_one_is_shown(room: Room) -> None:
    ann, writer, ben = await room.enter(), room.peer(), await room.enter("ben")
    await renewed(room)
    writer.open("ann@2", session_id=ann.session_id)
    await writer.until("welcome")
    room.node.hold("ann", 2)  # who shows it already is free
    before = len(ann.frames)
    ann.send("history", id="h")
    ann.send("get_session_state")
    writer.edit("e1", milk=1)
    writer.say("m1", "tea jam")
    await writer.until("turn_ended")
    await ann.answered()
    ann.send("auth", token="ben")
    await ann.until("error", code="forbidden")
    ann.send("auth", token="ann@1")  # it may come again; it frees nothing
    await ann.until("auth_ok")
    await ann.answered()
    assert {frame["type"] for frame in ann.frames[before:]} == {"pong", "error", "auth_ok"}
    ann.send("auth", token="ann@2")
    await ann.until("turn_ended")
    await ann.until("history_page", id="h")
    await ann.until("session_state")
    assert offsets(ann) == offsets(writer) == list(range(1, len(writer.events) + 1))
    writer.edit("e2", milk=2)
    await ann.until("state_changed", id="e2")
    await ben.answered()
    assert ben.connection.held is False


async def test_what_is_being_read_when_a_sign_in_is_outdated_waits_as_well(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await quick.enter()
    reading, go = asyncio.Semaphore(0), asyncio.Event()

    def slowly(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def slow(*args: Any, **fields: Any) -> Any:
            found = await read(*args, **fields)
            reading.release()
            await go.wait()
            return found

        return slow

    monkeypatch.setattr(quick.store, "events", slowly(quick.store.events))
    monkeypatch.setattr(quick.store, "events_before", slowly(quick.store.events_before))
    ann.socket.stuck = True
    ann.socket._buffered = DIRECT_BYTES + 1
    await append(quick, ann, 3)
    ann.send("history", id="h")
    ann.socket.drain()
    async with asyncio.timeout(5):
        await reading.acquire()
        await reading.acquire()
    await renewed(quick)
    go.set()
    await ann.answered()
    assert ann.of("user_message", "history_page") == []
    ann.send("auth", token="ann@2")
    await ann.until("history_page", id="h")
    await ann.until("user_message", offset=3)
    assert offsets(ann) == [1, 2, 3]


async def test_pieces_of_a_turn_wait_for_the_new_sign_in_too(quick: Room) -> None:
    ann = await quick.enter()
    quick.brain.word.close()
    ann.say("m1", "milk tea jam")
    await quick.brain.word.arrived()
    await renewed(quick)
    await quick.brain.word.let(2)
    await quick.brain.word.arrived(3)
    await ann.answered()
    assert ann.of("agent_delta") == []
    ann.send("auth", token="ann@2")
    await ann.until("agent_delta", index=1)
    await quick.brain.word.open()
    await ann.until("turn_ended")
    assert [delta["index"] for delta in ann.of("agent_delta")] == [0, 1, 2]


async def test_a_tools_result_waits_for_the_new_sign_in_too(quick: Room) -> None:
    plain = await quick.plain()
    quick.list.counter.close()
    plain.call("c1")
    await quick.list.counter.arrived()
    await renewed(quick)
    await quick.list.counter.open()
    session = plain.connection.session
    assert session is not None
    await until_true(lambda: session.calls.running("c1") is None)
    await plain.answered()
    assert plain.of("client_tool_result") == []
    plain.send("auth", token="ann@2")
    assert (await plain.until("client_tool_result"))["tool_call_id"] == "c1"


async def test_who_is_about_to_be_welcomed_under_an_outdated_sign_in_comes_again(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    entering = asyncio.Event()

    async def never(connection: Any) -> None:
        entering.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(quick.node.devices, "load", never)
    ann = quick.peer()
    ann.open("ann")
    await entering.wait()
    await renewed(quick)
    assert await ann.over() == (4201, "expired")
    assert ann.of("welcome") == []


async def test_the_log_tells_in_which_role_something_was_done(quick: Room) -> None:
    ann = await quick.enter()
    ann.edit("e1", milk=1)
    ann.send("auth", token="ann/agent")
    await ann.until("auth_ok")
    ann.edit("e2", milk=2)
    told = [await ann.until("state_changed", id=id) for id in ("e1", "e2")]
    assert [event["by"]["role"] for event in told] == ["owner", "agent"]


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


async def test_a_refused_command_that_happened_by_another_way_lets_the_later_ones_through(
    moody: tuple[Room, MoodyStore],
) -> None:
    room, store = moody
    ann = await room.enter("ann")
    other = await room.enter("ann", session_id=ann.session_id)
    store.refuses = lambda step: True
    ann.send("update_state", id="a", patch={"title": "a"})
    assert (await ann.until("error", id="a"))["code"] == "unavailable"
    store.refuses = lambda step: False
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


async def test_who_is_refused_on_and_on_is_read_in_instalments(quick: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.server.connection.REST_SECONDS", 0.01)
    ann = await quick.enter()
    seen = []
    for _ in range(ERRORS_AT_ONCE):
        seen.append(ann.socket.paused)
        ann.connection.on_text("{")
    assert (any(seen), ann.socket.paused) == (False, True)
    await until_true(lambda: not ann.socket.paused)
    ann.edit("e1", milk=1)
    await ann.acked("e1")
