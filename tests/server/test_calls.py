"""Tool calls: accepted once, run by the server, answered once, whoever asked and whether they are still there (I13)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from shipanion.stores.base import CallClosed, SessionStore, Step
from tests.support.moody_store import MoodyStore
from tests.support.room import Peer, Room


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("awaited", "turns", "sessions", "calls"):
        monkeypatch.setattr(f"shipanion.server.{module}.RETRY_SECONDS", 0)


async def results(room: Room, session_id: str) -> list[tuple[str, bool]]:
    """(call id, failed) of every result in the log."""
    return [(r["tool_call_id"], r["is_error"]) for r in await room.told(session_id, "client_tool_result")]


async def held(room: Room, id: str = "c1", tool: str = "look_up") -> Peer:
    """Somebody whose tool call is being run, and held."""
    room.list.counter.close()
    ann = await room.enter()
    ann.call(id, tool)
    await room.list.counter.arrived()
    return ann


# --- one call -------------------------------------------------------------------------------------------------------


async def test_a_call_is_acknowledged_run_and_answered(room: Room) -> None:
    ann = await room.enter()
    ann.call("c1", item="tea")
    ack = await ann.acked("c1")
    result = await ann.until("client_tool_result")
    assert ack == {"id": "c1", "offset": 1, "duplicate": False}
    assert [event["offset"] for event in ann.events] == [1, 2, 3, 4]
    assert (result["result"], result["is_error"]) == ({"item": "tea", "price": 3}, False)
    assert result["patch"] == {"items": {"tea": 1}, "total": 1}
    assert [u["text"] for u in ann.of("contextual_update")] == ["price_ready", "look_up_result"]


async def fails(room: Room, tool: str, sentence: str) -> None:
    """A call of ``tool`` fails with this sentence, and the session is as good as before."""
    ann = await room.enter()
    ann.call("c1", tool, item="tea")
    result = await ann.until("client_tool_result")
    assert result["is_error"]
    assert result["result"] == {"error": sentence, "original_request": {"item": "tea"}}
    assert (await ann.until("contextual_update"))["data"]["is_error"]
    ann.call("c2")
    assert not (await ann.until("client_tool_result"))["is_error"]
    ann.drop()
    assert len(room.node.sessions) == 0, "a failed call keeps its session in memory"


@pytest.mark.parametrize(
    ("tool", "sentence"),
    [
        ("sold_out", "That is sold out."),
        ("steal", "There is no tool named steal. There are: broken, buy, garbled, look_up, order, sold_out."),
    ],
)
async def test_a_call_that_fails_says_why_and_leaves_the_session_whole(room: Room, tool: str, sentence: str) -> None:
    await fails(room, tool, sentence)


@pytest.mark.usefixtures("mishaps")
@pytest.mark.parametrize("tool", ["broken", "garbled"])
async def test_a_tool_with_a_bug_fails_like_any_other(room: Room, tool: str) -> None:
    await fails(room, tool, "Something went wrong on our side. Try again in a moment.")


async def test_a_tool_that_takes_too_long_has_failed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.server.calls.TOOL_SECONDS", 0)
    ann = await held(room)
    result = await ann.until("client_tool_result")
    assert result["result"]["error"] == "That took too long. Try again."


async def test_the_effect_of_a_result_is_that_on_the_state_it_meets(room: Room) -> None:
    """Two look-ups of the same item run side by side: the second counts on from the first."""
    room.list.counter.close()
    ann = await room.enter()
    ann.call("c1")
    ann.call("c2")
    await room.list.counter.arrived(2)
    await room.list.counter.open()
    patches = [(await ann.until("client_tool_result"))["patch"] for _ in range(2)]
    assert patches == [{"items": {"milk": 1}, "total": 1}, {"items": {"milk": 2}, "total": 2}]


# --- repeats --------------------------------------------------------------------------------------------------------


async def test_a_repeat_in_flight_waits_for_the_one_result(room: Room) -> None:
    ann = await held(room)
    plain = await room.plain(session_id=ann.session_id)
    for peer in (ann, plain, plain):
        peer.call("c1")
    await ann.acked("c1")
    assert (await ann.acked("c1"))["duplicate"]
    await plain.answered()
    await room.list.counter.open()
    await ann.until("client_tool_result")
    await plain.until("client_tool_result", tool_call_id="c1")
    await plain.until("client_tool_result", tool_call_id="c1")
    assert len(ann.of("client_tool_result")) == 1
    assert len(room.list.ran) == 1
    assert await results(room, ann.session_id) == [("c1", False)]


async def test_a_repeat_after_the_end_gets_the_stored_result(room: Room) -> None:
    ann = await room.enter()
    ann.call("c1")
    first = await ann.until("client_tool_result")
    ann.call("c1")
    assert await ann.until("client_tool_result") == first
    plain = await room.plain(session_id=ann.session_id)
    plain.call("c1")
    told = await plain.until("client_tool_result")
    assert (told["result"], told["is_error"], "offset" in told) == (first["result"], False, False)
    assert len(room.list.ran) == 1


async def test_another_body_under_the_same_id_is_refused(room: Room) -> None:
    ann = await room.enter()
    ann.call("c1", item="tea")
    await ann.until("client_tool_result")
    ann.call("c1", item="jam")
    assert (await ann.until("error", id="c1"))["code"] == "id_reused"
    assert len(room.list.ran) == 1


async def test_for_a_plain_client_another_body_under_the_same_id_is_a_new_call(room: Room) -> None:
    plain = await room.plain()
    plain.call("abc123", item="tea")
    await plain.until("client_tool_result")
    plain.call("abc123", item="jam")
    second = await plain.until("client_tool_result")
    assert (second["tool_call_id"], second["result"]["item"]) == ("abc123", "jam")
    assert [parameters["item"] for _, parameters in room.list.ran] == ["tea", "jam"]


# --- nobody there ---------------------------------------------------------------------------------------------------


async def test_the_result_lands_although_the_asker_is_gone(room: Room) -> None:
    ann = await held(room)
    session_id = ann.session_id
    ann.drop()
    await room.list.counter.open()
    back = await room.enter(session_id=session_id, epoch=ann.welcome["position"]["epoch"], offset=0)
    await back.until("client_tool_result", tool_call_id="c1")
    assert (await back.until("contextual_update"))["text"] == "price_ready"


async def test_a_result_is_tried_until_the_store_answers(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    refused: list[Step] = []

    def refuse(step: Step) -> bool:
        if isinstance(step.call, CallClosed) and len(refused) < 3:
            refused.append(step)
            return True
        return False

    store.refuses = refuse
    ann = await room.enter()
    ann.call("c1")
    await ann.until("client_tool_result")
    assert len(refused) == 3
    assert await results(room, ann.session_id) == [("c1", False)]


# --- after a crash --------------------------------------------------------------------------------------------------


async def test_after_a_crash_what_only_reads_is_run_again_and_the_rest_is_closed(
    store: SessionStore, reopened: Callable[[], SessionStore]
) -> None:
    room = await Room(store).start()
    room.list.counter.close()
    ann = await room.enter()
    ann.call("reads", "look_up", item="tea")
    ann.call("buys", "buy", item="car")
    ann.say("m1", "#call:look_up:jam")
    await room.list.counter.arrived(3)
    bobs = next(c["id"] for c in ann.of("client_tool_call") if c["by"]["role"] == "agent")
    await room.crash()
    room = await Room(reopened()).start()
    back = await room.enter(session_id=ann.session_id, epoch=ann.welcome["position"]["epoch"], offset=4)
    found: dict[str, Any] = {}
    while len(found) < 3:
        result = await back.until("client_tool_result")
        assert result["tool_call_id"] not in found
        found[result["tool_call_id"]] = result
    assert found["reads"]["result"] == {"item": "tea", "price": 3}
    stopped = "The server stopped before it could answer this. Ask how it stands."
    assert found["buys"]["result"] == {"error": stopped, "original_request": {"item": "car"}}
    assert found[bobs]["result"] == {"error": stopped, "original_request": {"item": "jam"}}
    assert [parameters["item"] for _, parameters in room.list.ran] == ["tea"]
    assert (await back.until("turn_ended"))["outcome"] == "interrupted"
    await room.node.stop(window=0)


@pytest.mark.parametrize("askers", [1, 2])
async def test_a_call_this_process_does_not_know_is_run_once_however_many_ask_again(room: Room, askers: int) -> None:
    """As after a sweep that could not adopt it."""
    ann = await held(room)
    live = room.live(ann.session_id)
    lost = live.calls._open.pop("c1")
    live.actor.let_go()
    assert lost.task is not None
    lost.task.cancel()
    peers = [await room.plain(session_id=ann.session_id) for _ in range(askers)]
    for peer in peers:
        peer.call("c1")
    await room.list.counter.arrived(2)
    await room.list.counter.open()
    for peer in peers:
        await peer.until("client_tool_result")
    assert len(room.list.ran) == 2  # the lost one and one more
    for peer in (ann, *peers):
        peer.drop()
    await asyncio.sleep(0)
    assert len(room.node.sessions) == 0, "somebody still holds the session"
