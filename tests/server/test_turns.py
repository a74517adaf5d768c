"""Turns: queued, run one at a time, ended exactly once (I10), whoever stops them, dies or cannot write."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from shipanion.stores.base import SessionStore, Step, TurnClaimed, TurnEnding, TurnQueued
from shipanion.stores.memory import MemoryStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Json, Peer, Room
from tests.support.until_true import until_true


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is tried again is tried again at once."""
    for module in ("awaited", "turns", "sessions", "calls"):
        monkeypatch.setattr(f"shipanion.server.{module}.RETRY_SECONDS", 0)


async def ends(room: Room, peer: Peer) -> list[tuple[str, str]]:
    """(turn id, outcome) of every end in the log; each turn has one, and it is in the log before the next begins."""
    found = [(end["turn_id"], end["outcome"]) for end in await room.told(peer.session_id, "turn_ended")]
    assert len({turn for turn, _ in found}) == len(found), "a turn ended twice"
    return found


async def turn_of(peer: Peer, id: str) -> str:
    """The turn that the message ``id`` began."""
    event = await peer.until("user_message", id=id)
    turn: str = event["turn_id"]
    return turn


# --- in order, one at a time ----------------------------------------------------------------------------------------


async def test_a_message_is_answered_and_the_answer_is_in_the_log(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "milk and eggs")
    turn = await turn_of(ann, "m1")
    ended = await ann.until("turn_ended")
    assert [(d["index"], d["text"]) for d in ann.of("agent_delta")] == [(0, "milk "), (1, "and "), (2, "eggs ")]
    kinds = [(event["type"], event["offset"]) for event in ann.events]
    assert kinds == [("user_message", 1), ("agent_message", 2), ("turn_ended", 3)]
    message = ann.of("agent_message")[0]
    assert (message["turn_id"], message["text"], "partial" in message) == (turn, "milk and eggs ", False)
    assert message["by"] == {"role": "agent", "name": "Bob"}
    assert (ended["turn_id"], ended["outcome"]) == (turn, "completed")


async def test_messages_sent_meanwhile_are_answered_one_after_another(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    turns = []
    for n in range(3):
        ann.say(f"m{n}", f"answer{n}")
        turns.append(await turn_of(ann, f"m{n}"))
    await room.brain.word.arrived(1)
    assert room.brain.began == turns[:1]
    await room.brain.word.let(1)
    await room.brain.word.arrived(2)
    assert room.brain.began == turns[:2]
    await room.brain.word.open()
    await ann.until("turn_ended", turn_id=turns[2])
    assert await ends(room, ann) == [(turn, "completed") for turn in turns]
    assert [m["text"] for m in ann.of("agent_message")] == ["answer0 ", "answer1 ", "answer2 "]


async def test_nothing_is_claimed_while_a_turn_runs(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    room.brain.word.close()
    for n in range(3):
        ann.say(f"m{n}", "milk")
        await ann.acked(f"m{n}")
    await room.brain.word.arrived()
    await room.live(ann.session_id).actor.settled()
    claims = [step for steps in store.submitted for step in steps if isinstance(step.turn, TurnClaimed)]
    assert len(claims) == 1
    await room.brain.word.open()


async def test_a_turn_goes_on_when_everybody_has_left(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "milk")
    await turn_of(ann, "m1")
    await room.brain.word.arrived()
    place = ann.welcome["position"] | {"session_id": ann.session_id}
    ann.drop()
    await room.brain.word.open()
    back = await room.enter(**place)
    await back.until("turn_ended", outcome="completed")


async def test_whoever_comes_in_the_middle_gets_the_text_so_far_then_the_live_pieces(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two three")
    turn = await turn_of(ann, "m1")
    await room.brain.word.let(2)
    await room.brain.word.arrived(3)
    late = await room.enter(session_id=ann.session_id)
    assert late.welcome["turn"] == {"turn_id": turn, "text": "one two ", "next_index": 2}
    await room.brain.word.open()
    await late.until("turn_ended")
    assert [(d["index"], d["text"]) for d in late.of("agent_delta")] == [(2, "three ")]
    after = await room.enter(session_id=ann.session_id)
    assert "turn" not in after.welcome


# --- stop -----------------------------------------------------------------------------------------------------------


async def test_stopping_a_running_turn_keeps_what_was_said(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two three")
    turn = await turn_of(ann, "m1")
    await room.brain.word.let(2)
    await room.brain.word.arrived(3)
    ann.send("stop", id="s1", turn_id=turn)
    ended = await ann.until("turn_ended")
    message = ann.of("agent_message")[0]
    assert (message["text"], message["partial"], "id" in message) == ("one two ", True, False)
    assert message["by"]["role"] == "agent"
    assert (ended["outcome"], ended["id"], ended["by"]["name"]) == ("stopped", "s1", "Ann")
    assert (await ann.acked("s1"))["offset"] == ended["offset"]
    await room.brain.word.open()
    await ann.answered()
    assert len(ann.of("agent_delta")) == 2
    assert await ends(room, ann) == [(turn, "stopped")]


async def test_stopping_a_queued_turn_ends_it_without_a_word(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    turns = []
    for n in range(3):
        ann.say(f"m{n}", "word")
        turns.append(await turn_of(ann, f"m{n}"))
    ann.send("stop", id="s1", turn_id=turns[1])
    assert (await ann.until("turn_ended"))["turn_id"] == turns[1]
    await room.brain.word.open()
    await ann.until("turn_ended", turn_id=turns[2])
    assert await ends(room, ann) == [(turns[1], "stopped"), (turns[0], "completed"), (turns[2], "completed")]
    assert room.brain.began == [turns[0], turns[2]]


async def test_stopping_a_turn_that_has_ended_is_answered_by_that_end(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "milk")
    turn = await turn_of(ann, "m1")
    ended = await ann.until("turn_ended")
    for id in ("s1", "s1", "s2"):
        ann.send("stop", id=id, turn_id=turn)
        assert (await ann.acked(id))["offset"] == ended["offset"]
    assert len(await ends(room, ann)) == 1


async def test_stopping_a_turn_nobody_knows_is_refused_and_holds_nothing_up(room: Room) -> None:
    ann = await room.enter()
    ann.send("stop", id="s1", turn_id="turn-of-nobody")
    assert (await ann.until("error", id="s1"))["code"] == "no_such_turn"
    ann.edit("e1", milk=1)
    await ann.acked("e1")


async def test_a_stop_the_store_could_not_write_holds_up_nothing_behind_it(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "milk")
    turn = await turn_of(ann, "m1")
    await room.brain.word.arrived()
    store.refuses = lambda step: isinstance(step.turn, TurnEnding)
    ann.send("stop", id="s1", turn_id=turn)
    assert (await ann.until("error", id="s1"))["temporary"]
    ann.edit("e1", milk=1)
    await ann.acked("e1")
    store.mute = True
    ann.send("stop", id="s2", turn_id=turn)
    assert (await ann.until("error", id="s2"))["code"] == "unavailable"
    store.mute = False
    store.refuses = lambda step: False
    ann.send("stop", id="s1", turn_id=turn)
    await ann.acked("s1")
    assert await ends(room, ann) == [(turn, "stopped")]


@pytest.mark.parametrize("rounds", range(12))
async def test_a_stop_that_races_with_the_end_leaves_exactly_one(quick: Room, rounds: int) -> None:
    """The stop comes so many turns of the loop after the brain was let go: before, beside and behind the end."""
    ann = await quick.enter()
    quick.brain.word.close()
    ann.say("m1", "milk")
    turn = await turn_of(ann, "m1")
    ann.say("m2", "tea")
    await quick.brain.word.arrived()
    await quick.brain.word.open()
    for _ in range(rounds):
        await asyncio.sleep(0)
    ann.send("stop", id="s1", turn_id=turn)
    ann.send("stop", id="s2", turn_id=turn)
    acks = [await ann.acked("s1"), await ann.acked("s2")]
    await ann.until("turn_ended", where=lambda end: end["turn_id"] != turn)
    found = await ends(quick, ann)
    assert [end[0] for end in found] == [turn, quick.brain.began[-1]]
    assert found[0][1] in ("completed", "stopped")
    first = ann.of("turn_ended")[0]
    assert {ack["offset"] for ack in acks} == {first["offset"]}


@pytest.mark.parametrize("rounds", range(10))
async def test_a_stop_that_races_with_the_beginning_leaves_exactly_one(quick: Room, rounds: int) -> None:
    ann = await quick.enter()
    ann.say("m1", "milk")
    await ann.acked("m1")
    turn = (await quick.told(ann.session_id, "user_message"))[0]["turn_id"]
    for _ in range(rounds):
        await asyncio.sleep(0)
    ann.send("stop", id="s1", turn_id=turn)
    await ann.acked("s1")
    assert [end[0] for end in await ends(quick, ann)] == [turn]
    ann.say("m2", "tea")
    await ann.until("turn_ended", outcome="completed", where=lambda end: end["turn_id"] != turn)


async def test_two_people_stopping_at_once_get_the_same_end(quick: Room) -> None:
    ann = await quick.enter()
    also = await quick.enter(session_id=ann.session_id)
    quick.brain.word.close()
    ann.say("m1", "milk")
    turn = await turn_of(ann, "m1")
    await quick.brain.word.arrived()
    ann.send("stop", id="s1", turn_id=turn)
    also.send("stop", id="s2", turn_id=turn)
    offsets = {(await ann.acked("s1"))["offset"], (await also.acked("s2"))["offset"]}
    assert len(offsets) == 1
    assert await ends(quick, ann) == [(turn, "stopped")]


# --- brains that fail -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("mishaps")
@pytest.mark.parametrize("how", ["#raise", "#cancel"])
async def test_a_brain_that_fails_fails_its_turn_and_only_that(room: Room, how: str) -> None:
    ann = await room.enter()
    ann.say("m1", f"one {how} two")
    ended = await ann.until("turn_ended")
    assert ended["outcome"] == "failed"
    assert (ann.of("agent_message")[0]["text"], ann.of("agent_message")[0]["partial"]) == ("one ", True)
    ann.say("m2", "fine")
    assert (await ann.until("turn_ended"))["outcome"] == "completed"


async def test_a_brain_that_says_nothing_ends_its_turn_without_a_message(room: Room) -> None:
    ann = await room.enter()
    ann.say("m1", "#add:milk")
    await ann.until("turn_ended", outcome="completed")
    assert ann.of("agent_message") == []


# --- a store that does not answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", [TurnClaimed, TurnEnding], ids=["claim", "end"])
async def test_claim_and_end_are_tried_until_the_store_answers(moody: tuple[Room, MoodyStore], what: type[Any]) -> None:
    room, store = moody
    ann = await room.enter()
    refused: list[Step] = []

    def refuse(step: Step) -> bool:
        if isinstance(step.turn, what) and len(refused) < 3:
            refused.append(step)
            return True
        return False

    store.refuses = refuse
    ann.say("m1", "milk")
    ended = await ann.until("turn_ended")
    assert (ended["outcome"], len(refused)) == ("completed", 3)
    assert len(await ends(room, ann)) == 1


async def test_a_turn_the_store_holds_but_nobody_runs_is_ended_for_the_next(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    ann = await room.enter()
    # A claim whose commit counted although the answer to it was lost, under a fence nobody here knows.
    queued = Step(session_id=ann.session_id, turn=TurnQueued(turn_id="turn-lost"), events=(), expected_head=None)
    claimed = Step(session_id=ann.session_id, turn=TurnClaimed(turn_id="turn-lost", owner=store.real.boot_id, fence=0))
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    store.real.submit([queued, claimed], done.set_result)
    await done
    ann.say("m1", "milk")
    await ann.until("turn_ended", turn_id="turn-lost", outcome="interrupted")
    await ann.until("turn_ended", outcome="completed")


# --- shutdown -------------------------------------------------------------------------------------------------------


async def test_an_orderly_stop_lets_a_turn_end_within_the_window(
    store: SessionStore, reopened: Callable[[], SessionStore]
) -> None:
    room = await Room(store).start()
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two")
    await room.brain.word.arrived()
    stopping = asyncio.create_task(room.node.stop(window=10))
    await ann.until("going_away", window_ms=10_000)
    await room.brain.word.open()
    await ann.until("turn_ended", outcome="completed")
    await stopping
    assert await ann.over() == (1001, "going_away")


async def test_an_orderly_stop_interrupts_what_does_not_end_and_leaves_the_queue_for_the_next(
    store: SessionStore, reopened: Callable[[], SessionStore]
) -> None:
    room = await Room(store).start()
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two")
    ann.say("m2", "later")
    first, second = await turn_of(ann, "m1"), await turn_of(ann, "m2")
    await room.brain.word.let(1)
    await room.brain.word.arrived(2)
    await room.node.stop(window=0)
    assert [(e["turn_id"], e["outcome"]) for e in ann.of("turn_ended")] == [(first, "interrupted")]
    assert ann.of("agent_message")[0]["text"] == "one "
    next_life = await Room(reopened()).start()
    back = await next_life.enter(session_id=ann.session_id)
    if [turn for turn, _ in await ends(next_life, back)] == [first]:
        await back.until("turn_ended")
    assert await ends(next_life, back) == [(first, "interrupted"), (second, "completed")]
    await next_life.node.stop(window=0)


@pytest.mark.parametrize("rounds", range(8))
async def test_a_turn_that_is_just_being_claimed_at_the_stop_is_not_left_running(rounds: int) -> None:
    store = MemoryStore()
    room = await Room(store).start()
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one")
    for _ in range(rounds):
        await asyncio.sleep(0)
    await room.node.stop(window=0)
    await store.open()
    loaded = await store.load(ann.session_id)
    assert loaded is not None
    assert [row.status for row in loaded.turns] in ([], ["queued"])
    await store.close()


# --- after a crash --------------------------------------------------------------------------------------------------


async def crashed_in_the_middle(room: Room, monkeypatch: pytest.MonkeyPatch) -> tuple[Peer, list[str]]:
    """Three messages; the process dies in the first answer, with "one two " on record."""
    monkeypatch.setattr("shipanion.server.turn.CHECKPOINT_SECONDS", 0)
    ann = await room.enter()
    room.brain.word.close()
    turns = []
    for n, text in enumerate(("one two three", "second", "third")):
        ann.say(f"m{n}", text)
        turns.append(await turn_of(ann, f"m{n}"))
    await room.brain.word.let(2)
    await room.brain.word.arrived(3)
    running = room.live(ann.session_id).turns.running
    assert running is not None

    async def kept() -> bool:
        loaded = await room.store.load(ann.session_id)
        return loaded is not None and loaded.turns[0].text == "one two "

    await until_true(kept)
    await room.crash()
    return ann, turns


async def test_a_turn_cut_by_a_crash_is_interrupted_with_what_was_on_record_and_the_queue_goes_on(
    store: SessionStore, reopened: Callable[[], SessionStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, turns = await crashed_in_the_middle(await Room(store).start(), monkeypatch)
    room = await Room(reopened()).start()
    back = await room.enter(session_id=ann.session_id, epoch=ann.welcome["position"]["epoch"], offset=3)
    assert back.welcome["outcome"] == "recovered"
    await back.until("turn_ended", turn_id=turns[2])
    told: list[Json] = [{k: e[k] for k in ("text", "partial") if k in e} for e in back.of("agent_message")]
    assert told == [{"text": "one two ", "partial": True}, {"text": "second "}, {"text": "third "}]
    outcomes = [(turns[0], "interrupted"), (turns[1], "completed"), (turns[2], "completed")]
    assert await ends(room, back) == outcomes
    assert room.brain.began == turns[1:], "a dead turn was run again"
    assert room.node.metrics.swept == 3
    await room.node.stop(window=0)


async def test_turns_of_the_dead_are_swept_once(
    store: SessionStore, reopened: Callable[[], SessionStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, turns = await crashed_in_the_middle(await Room(store).start(), monkeypatch)
    room = await Room(reopened()).start()
    back = await room.enter(session_id=ann.session_id)
    await room.live(ann.session_id).actor.settled()

    async def all_ended() -> bool:
        return len(await ends(room, back)) == 3

    await until_true(all_ended)
    before = await room.log(ann.session_id)
    assert await room.node.sessions.sweep() == 0
    await room.node.stop(window=0)
    third = await Room(reopened()).start()
    assert third.node.metrics.swept == 0
    assert await third.log(ann.session_id) == before
    assert [end["turn_id"] for end in await third.told(ann.session_id, "turn_ended")] == turns
    await third.node.stop(window=0)


async def test_the_end_of_a_dead_turn_is_tried_until_the_store_answers() -> None:
    moody, store = MoodyStore.over(MemoryStore())
    room = await Room(store).start()
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "one two")
    turn = await turn_of(ann, "m1")
    await room.brain.word.arrived()
    await room.crash()
    refused: list[Step] = []

    def refuse(step: Step) -> bool:
        if isinstance(step.turn, TurnEnding) and len(refused) < 3:
            refused.append(step)
            return True
        return False

    moody.refuses = refuse
    room = await Room(store).start()
    back = await room.enter(session_id=ann.session_id, epoch=ann.welcome["position"]["epoch"], offset=1)
    await back.until("turn_ended", turn_id=turn, outcome="interrupted")
    assert len(refused) == 3
    await room.node.stop(window=0)
