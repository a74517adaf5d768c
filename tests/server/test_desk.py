"""Where commands go: the connection's own session, or another one of the same person's that a tool call names."""

import asyncio

import pytest

from shipanion.stores.memory import MemoryStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Room


async def test_a_call_for_another_session_of_ones_own_runs_there_and_only_its_answer_comes_back(room: Room) -> None:
    there, here = await room.enter(), await room.enter()
    here.call("c1", item="tea", session_id=there.session_id)
    await there.until("client_tool_result")
    answer = await here.until("client_tool_result")
    assert (answer["session_id"], "offset" in answer) == (there.session_id, False)
    assert answer["result"] == {"item": "tea", "price": 3}
    assert here.events == []
    assert len(await room.log(there.session_id)) == 4
    assert await room.log(here.session_id) == []


async def test_the_session_named_is_loaded_for_the_call_and_let_go_again(room: Room) -> None:
    there, here = await room.enter(), await room.plain()
    session_id = there.session_id
    there.edit("e1", milk=1)
    await there.acked("e1")
    there.drop()
    here.call("c1", item="tea", session_id=session_id)
    answer = await here.until("client_tool_result")
    assert (answer["session_id"], answer["session_context"]) == (session_id, "So far: milk")
    assert len(room.node.sessions) == 0
    here.call("c2", item="jam", session_id=session_id)
    assert "session_context" not in await here.until("client_tool_result")


async def test_naming_ones_own_session_is_nothing_special(room: Room) -> None:
    ann = await room.enter()
    ann.call("c1", session_id=ann.session_id)
    assert (await ann.until("client_tool_result"))["offset"] == 2


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
async def test_an_unknown_session_and_somebody_elses_are_refused_alike(room: Room, whose: str, full: bool) -> None:
    bens = (await room.enter("ben")).session_id
    ann = await room.enter() if full else await room.plain()
    ann.call("c1", session_id="session-unknown" if whose == "nobody" else bens)
    error = await ann.until("error", id="c1")
    assert (error["code"], error["message"]) == ("not_found", "There is no such session.")
    assert room.list.ran == []
    ann.call("c2")
    await ann.until("client_tool_result")


async def test_a_session_that_cannot_be_read_now_is_refused_for_now(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    there = await room.enter()
    session_id = there.session_id
    there.drop()
    here = await room.enter()
    store.mute = True
    here.call("c1", session_id=session_id)
    assert (await here.until("error", id="c1"))["code"] == "unavailable"
    store.mute = False
    here.edit("e1", milk=1)
    assert (await here.until("error", id="e1"))["code"] == "retry_in_order"
    here.call("c1", session_id=session_id)
    await here.until("client_tool_result")
    here.edit("e1", milk=1)
    await here.acked("e1")


async def test_a_stopping_node_takes_no_more_commands(quick: Room) -> None:
    ann = await quick.enter()
    quick.node.stopping = True
    ann.edit("e1", milk=1)
    error = await ann.until("error")
    assert (error["id"], error["code"], error["temporary"]) == ("e1", "starting", True)
    assert error["retry_after_ms"] > 0
    assert await quick.log(ann.session_id) == []
    quick.node.stopping = False


async def test_a_plain_client_needs_no_ids(room: Room) -> None:
    plain = await room.plain()
    plain.send("user_message", text="milk")
    await plain.until("turn_ended")
    plain.send("user_message", text="milk")
    await plain.until("turn_ended")
    assert [event.type for event in await room.log(plain.session_id)].count("user_message") == 2
    assert plain.of("user_message") == []


async def test_a_full_client_needs_ids(quick: Room) -> None:
    ann = await quick.enter()
    ann.send("user_message", text="milk")
    assert (await ann.until("error"))["code"] == "invalid"


async def test_tool_calls_are_bounded_for_each_person() -> None:
    waits = {"ann": 2_000, "ben": 0}
    room = await Room(MemoryStore(), tool_throttle=lambda user_id: waits[user_id]).start()
    ann, ben = await room.enter("ann"), await room.enter("ben")
    ann.call("c1")
    ben.call("c1")
    error = await ann.until("error")
    assert (error["id"], error["code"], error["retry_after_ms"]) == ("c1", "rate_limited", 2_000)
    await ben.until("client_tool_result")
    waits["ann"] = 0
    ann.call("c1")
    await ann.until("client_tool_result")
    await room.node.stop(window=0)


async def test_a_stop_that_keeps_missing_its_turn_gives_up(moody: tuple[Room, MoodyStore]) -> None:
    """The store says it is queued each time it is asked, and that it is not each time it is written."""
    room, _ = moody
    ann = await room.enter()
    asked = 0

    async def queued(session_id: str, turn_id: str) -> tuple[str, int]:
        nonlocal asked
        asked += 1
        return "queued", 0

    room.store.turn = queued  # type: ignore[method-assign]
    ann.send("stop", id="s1", turn_id="turn-x")
    async with asyncio.timeout(5):
        assert (await ann.until("error", id="s1"))["code"] == "no_such_turn"
    assert 1 < asked < 20


async def test_nothing_sent_before_the_welcome_overtakes_a_call_that_the_tools_had_no_time_for() -> None:
    waits = {"ann": 0}
    room = await Room(MemoryStore(), tool_throttle=lambda user_id: waits[user_id]).start()
    ann = room.peer()
    ann.open("ann")
    waits["ann"] = 700
    ann.call("c1")
    ann.edit("e1", milk=1)
    ann.say("m1", "jam")
    codes = [(await ann.until("error", id=id))["code"] for id in ("c1", "e1", "m1")]
    assert codes == ["rate_limited", "retry_in_order", "retry_in_order"]
    assert ann.events == []
    waits["ann"] = 0
    ann.call("c1")
    ann.edit("e1", milk=1)
    offsets = [(await ann.acked(id))["offset"] for id in ("c1", "e1")]
    assert offsets == sorted(offsets)
    await room.node.stop(window=0)


async def test_when_an_earlier_command_fails_after_a_later_one_was_refused_the_earlier_one_comes_first(
    moody: tuple[Room, MoodyStore],
) -> None:
    room, store = moody
    waits = [700]
    room.node._tool_throttle = lambda user_id: waits[0]
    ann = await room.enter()
    store.held, store.refuses = [], lambda step: True
    ann.edit("e1", milk=1)
    await asyncio.sleep(0)
    ann.call("c2")
    assert (await ann.until("error", id="c2"))["code"] == "rate_limited"
    store.release()
    assert (await ann.until("error", id="e1"))["code"] == "unavailable"
    store.refuses, waits[0] = lambda step: False, 0
    ann.call("c2")
    assert (await ann.until("error", id="c2"))["code"] == "retry_in_order"
    ann.edit("e1", milk=1)
    ann.call("c2")
    offsets = [(await ann.acked(id))["offset"] for id in ("e1", "c2")]
    assert offsets == [1, 2]
