"""A running turn as its brain sees it: pieces, checkpoints, tools, edits, and nothing once it is over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shipanion.protocol.events import AgentMessage, TurnEnded
from shipanion.server import turn as turn_module
from shipanion.server.turn import Turn, TurnOver, farewell
from shipanion.stores.base import SessionStore, Step, TurnCheckpoint, TurnEnding
from shipanion.stores.memory import MemoryStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Peer, Room
from tests.support.until_true import until_true


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("awaited", "turns", "sessions", "calls"):
        monkeypatch.setattr(f"shipanion.server.{module}.RETRY_SECONDS", 0)


class Script:
    """A brain that is one function of the test's; it keeps the turns it was given."""

    def __init__(self, act: Callable[[Turn], Awaitable[None]]) -> None:
        self.turns: list[Turn] = []
        self._act = act

    async def __call__(self, turn: Turn) -> None:
        self.turns.append(turn)
        await self._act(turn)


async def asked(act: Callable[[Turn], Awaitable[None]], store: SessionStore | None = None) -> tuple[Room, Peer]:
    """A room in which ``act`` answers, and somebody who has just asked."""
    room = await Room(store or MemoryStore(), brain=Script(act)).start()
    ann = await room.enter()
    ann.say("m1", "hello")
    return room, ann


async def on_record(room: Room, peer: Peer) -> tuple[str, int] | None:
    """The text and next index kept of the running turn."""
    loaded = await room.store.load(peer.session_id)
    assert loaded is not None
    return (loaded.turns[0].text, loaded.turns[0].next_index) if loaded.turns else None


async def test_it_can_read_what_it_answers() -> None:
    read: list[Any] = []

    async def act(turn: Turn) -> None:
        read.extend(event.offset for event in await turn.events(before=turn.message_offset + 1, limit=1))
        read.append(turn.state)

    room, ann = await asked(act)
    await ann.until("turn_ended")
    assert read == [1, {"items": {}, "total": 0}]
    await room.node.stop(window=0)


async def test_empty_pieces_are_not_sent_and_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "MAX_TEXT", 5)

    async def act(turn: Turn) -> None:
        for piece in ("", "abc", "", "de", "f"):
            turn.say(piece)

    room, ann = await asked(act)
    await ann.until("turn_ended")
    assert [(d["index"], d["text"]) for d in ann.of("agent_delta")] == [(0, "abc"), (1, "de")]
    assert ann.of("agent_message")[0]["text"] == "abcde"
    await room.node.stop(window=0)


# --- checkpoints ----------------------------------------------------------------------------------------------------


async def test_what_was_said_is_kept_at_most_once_a_second(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[TurnCheckpoint] = []
    submit = room.store.submit

    def watched(steps: Any, done: Any) -> None:
        kept.extend(step.turn for step in steps if isinstance(step.turn, TurnCheckpoint))
        submit(steps, done)

    monkeypatch.setattr(room.store, "submit", watched)
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two three")
    await room.brain.word.let(2)
    await room.brain.word.arrived(3)
    turn = room.live(ann.session_id).turns.running
    assert turn is not None
    assert turn._saving is not None
    assert 0.5 < turn._saving.when() - asyncio.get_running_loop().time() <= turn_module.CHECKPOINT_SECONDS
    assert kept == []
    turn._saving.cancel()
    turn._checkpoint()  # what the timer does
    await room.brain.word.open()
    await ann.until("turn_ended")
    assert [(k.text, k.next_index) for k in kept] == [("one two ", 2)]
    assert turn._saving is None, "a timer outlived its turn"


async def test_a_checkpoint_is_what_a_crash_leaves(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two")
    await room.brain.word.let(1)
    await room.brain.word.arrived(2)
    turn = room.live(ann.session_id).turns.running
    assert turn is not None
    turn._checkpoint()

    async def kept() -> bool:
        return await on_record(room, ann) == ("one ", 1)

    await until_true(kept)
    await room.brain.word.open()
    await ann.until("turn_ended")


# --- over is over ---------------------------------------------------------------------------------------------------


async def fence_taken(room: Room, ann: Peer) -> None:
    """Somebody else (another owner) ends the running turn in the store."""
    turn = room.live(ann.session_id).turns.running
    assert turn is not None
    ending = TurnEnding(turn_id=turn.turn_id, fence=turn.fence.fence, outcome="interrupted")
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    room.store.submit([Step(session_id=ann.session_id, turn=ending)], done.set_result)
    await done


@pytest.mark.parametrize("then", ["#call:look_up:milk", "#add:milk", "checkpoint"])
async def test_after_a_lost_fence_nothing_is_written_and_no_piece_is_sent(room: Room, then: str) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", f"one {then if then != 'checkpoint' else ''} two three")
    await room.brain.word.let(1)
    await room.brain.word.arrived(2)
    await fence_taken(room, ann)
    live = room.live(ann.session_id)
    turn = live.turns.running
    assert turn is not None
    if then == "checkpoint":
        turn._checkpoint()
        await until_true(lambda: turn.over)
    await room.brain.word.open()
    await until_true(lambda: live.turns.running is None)
    assert [d["text"] for d in ann.of("agent_delta")] == ["one "]
    assert [event.type for event in await room.log(ann.session_id)] == ["user_message"]
    ann.say("m2", "next")
    await ann.until("turn_ended", outcome="completed")


async def test_a_call_whose_turn_was_lost_meanwhile_is_closed_without_its_effect(room: Room) -> None:
    room.list.counter.close()
    ann = await room.enter()
    ann.say("m1", "#call:look_up:milk")
    await room.list.counter.arrived()
    await fence_taken(room, ann)
    await room.list.counter.open()
    result = await ann.until("client_tool_result")
    assert result["result"]["error"] == "The turn ended before that was done."
    assert room.live(ann.session_id).actor.state["items"] == {}
    loaded = await room.store.load(ann.session_id)
    assert loaded is not None
    assert loaded.calls == ()


async def test_a_brain_that_does_not_give_up_cannot_speak_after_the_stop() -> None:
    told: list[str] = []
    ready, go = asyncio.Event(), asyncio.Event()

    async def act(turn: Turn) -> None:
        turn.say("one ")
        ready.set()
        try:
            await go.wait()
        except asyncio.CancelledError:
            for late in (lambda: turn.say("two "), lambda: turn.call("look_up", {}), lambda: turn.update({})):
                try:
                    result = late()
                    if result is not None:
                        await result
                except TurnOver:
                    told.append("over")

    room, ann = await asked(act)
    await ready.wait()
    ann.send("stop", id="s1", turn_id=(await ann.until("user_message"))["turn_id"])
    await ann.acked("s1")
    await ann.answered()
    assert told == ["over"] * 3
    assert [event["type"] for event in ann.events] == ["user_message", "agent_message", "turn_ended"]
    await room.node.stop(window=0)


# --- what it does besides speaking ----------------------------------------------------------------------------------


async def test_a_tool_call_is_in_the_log_and_its_effect_in_the_state_when_it_returns(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "a #call:look_up:milk b")
    await ann.until("turn_ended")
    kinds = [event["type"] for event in ann.events]
    assert kinds == [
        "user_message",
        "client_tool_call",
        "client_tool_result",
        "contextual_update",
        "contextual_update",
        "agent_message",
        "turn_ended",
    ]
    call, result = ann.of("client_tool_call")[0], ann.of("client_tool_result")[0]
    assert call["client_tool_call"] == {
        "tool_name": "look_up",
        "tool_call_id": call["id"],
        "parameters": {"item": "milk"},
    }
    assert (result["tool_call_id"], result["result"]) == (call["id"], {"item": "milk", "price": 4})
    assert result["patch"] == {"items": {"milk": 1}, "total": 1}
    assert call["by"]["role"] == "agent"
    assert [outcome.result for outcome in room.brain.results] == [{"item": "milk", "price": 4}]


async def test_an_edit_is_the_domains_to_allow(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "#add:milk #edit:price #add:milk")
    await ann.until("turn_ended", outcome="completed")
    assert room.brain.results == [None, "Only items and title can be edited.", None]
    assert [e.get("patch") for e in ann.of("state_changed")] == [{"items": {"milk": 1}, "total": 1}]


@pytest.mark.usefixtures("mishaps")
async def test_a_bug_in_the_domain_fails_the_turn(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "one #edit:raise two")
    await ann.until("turn_ended", outcome="failed")
    assert ann.of("agent_message")[0]["text"] == "one "


async def test_calls_and_edits_are_tried_until_the_store_answers(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    refused: list[Step] = []

    def refuse(step: Step) -> bool:
        mine = step.fence is not None
        if mine and len(refused) % 3 != 2:
            refused.append(step)
            return True
        if mine:
            refused.append(step)
        return False

    store.refuses = refuse
    ann.say("m1", "#call:look_up:milk #add:tea")
    await ann.until("turn_ended", outcome="completed")
    assert len(refused) == 9  # three tries each for the call, its result and the edit
    assert len(ann.of("client_tool_call")) == len(ann.of("client_tool_result")) == len(ann.of("state_changed")) == 1


@pytest.mark.parametrize("rounds", range(10))
async def test_a_stop_in_the_middle_of_a_tool_call_leaves_no_call_without_a_result(rounds: int) -> None:
    room = await Room(MemoryStore()).start()
    room.list.counter.close()
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "#call:look_up:milk")
    turn = (await ann.until("user_message"))["turn_id"]
    await room.brain.word.arrived()
    await room.brain.word.let()
    for _ in range(rounds):
        await asyncio.sleep(0)
    ann.send("stop", id="s1", turn_id=turn)
    await ann.acked("s1")
    live = room.live(ann.session_id)
    await live.actor.settled()
    await ann.answered()
    assert len(ann.of("turn_ended")) == 1
    results = ann.of("client_tool_result")
    assert [r["tool_call_id"] for r in results] == [c["id"] for c in ann.of("client_tool_call")]
    assert all(result["is_error"] for result in results)
    loaded = await room.store.load(ann.session_id)
    assert loaded is not None
    assert loaded.calls == ()
    await room.node.stop(window=0)


# --- how a turn ends ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "partial"), [("completed", False), ("stopped", True), ("failed", True)])
def test_what_was_said_comes_before_the_end(outcome: Any, partial: bool) -> None:
    said, end = farewell("t1", "milk", outcome)
    assert said == AgentMessage(turn_id="t1", text="milk", partial=partial)
    assert end == TurnEnded(turn_id="t1", outcome=outcome)


def test_a_turn_that_said_nothing_only_ends() -> None:
    assert farewell("t1", "", "interrupted") == (TurnEnded(turn_id="t1", outcome="interrupted"),)
