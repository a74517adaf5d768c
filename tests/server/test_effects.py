"""Things done outside: claimed before anything leaves, done and settled once, whoever dies meanwhile (I6, I9, I13)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from shipanion.server.node import Node
from shipanion.stores.base import EffectClaimed, EffectSettled, SessionStore, Step
from shipanion.stores.memory import MemoryStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Peer, Room
from tests.support.toy_domain import ShoppingList
from tests.support.toy_till import Mood, Till
from tests.support.until_true import until_true

OPEN = ("claimed", "unknown")
ALL = (*OPEN, "settled", "failed")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("awaited", "turns", "sessions", "calls"):
        monkeypatch.setattr(f"shipanion.server.{module}.RETRY_SECONDS", 0)
    monkeypatch.setattr("shipanion.server.effects.PAUSES", (0,))


@pytest.fixture
def reborn(store: SessionStore, reopened: Callable[[], SessionStore]) -> Callable[[Room], Any]:
    """The next life of the server: the same truth, the same till outside."""

    async def again(room: Room, *, resends: bool = True) -> Room:
        await room.crash()
        room.list.till.resends = resends
        later = Room(reopened(), domain=ShoppingList(room.list.till))
        later.now = room.now
        return await later.start()

    return again


async def ledger(room: Room) -> list[tuple[str, str]]:
    """(intent, status) of every effect there is, oldest first."""
    rows = await room.store.effects(statuses=ALL, limit=100)
    return [(row.intent, row.status) for row in reversed(rows)]


async def statuses(room: Room, session_id: str) -> list[str]:
    """What the log tells of effects, in order."""
    return [str(body["status"]) for body in await room.told(session_id, "effect_changed")]


async def results(room: Room, session_id: str) -> list[tuple[str, Any]]:
    """(call id, status of the result) in the order of the log."""
    told = await room.told(session_id, "client_tool_result")
    return [(body["tool_call_id"], body["result"].get("status")) for body in told]


async def ordered(room: Room, mood: Mood = "pays") -> Peer:
    """Somebody who has ordered tea."""
    room.list.till.mood = mood
    ann = await room.enter()
    ann.call("c1", "order", "tea")
    return ann


# --- one effect -----------------------------------------------------------------------------------------------------


async def test_it_is_claimed_done_and_settled_and_its_outcome_answers_the_call(room: Room) -> None:
    ann = await ordered(room)
    result = await ann.until("client_tool_result")
    assert result["result"] == {"status": "paid", "say": "tea is paid."}
    await ann.until("contextual_update")
    assert [frame["type"] for frame in ann.events] == [
        "client_tool_call", "effect_changed", "effect_changed", "client_tool_result", "contextual_update",
    ]  # fmt: skip
    claimed, settled = ann.of("effect_changed")
    assert (claimed["status"], claimed["patch"]["paying"]["status"]) == ("claimed", "claimed")
    assert (settled["status"], settled["say"], settled["data"]) == ("settled", "tea is paid.", {"item": "tea"})
    assert settled["patch"] == {"paying": None, "paid": "tea"}
    assert room.list.till.book == [(claimed["effect_id"], "tea")]
    assert await ledger(room) == [("the payment of tea", "settled")]


async def test_the_claim_is_on_disk_before_anything_leaves(room: Room) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    (row,) = await room.store.effects_open(limit=9)
    assert (row.status, row.kind, row.request, row.call_id) == ("claimed", "pay", b'{"item":"tea"}', "c1")
    assert row.owner == room.store.boot_id
    await room.list.till.desk.open()
    await ann.until("client_tool_result")
    assert await room.store.effects_open(limit=9) == []


async def test_a_refusal_fails_it_and_leaves_the_way_free(room: Room) -> None:
    ann = await ordered(room, "refuses")
    refused = await ann.until("client_tool_result")
    assert (refused["is_error"], refused["result"]["say"]) == (True, "The till says no.")
    room.list.till.mood = "pays"
    ann.call("c2", "order", "tea")
    assert (await ann.until("client_tool_result"))["result"]["status"] == "paid"
    assert await ledger(room) == [("the payment of tea", "failed"), ("the payment of tea", "settled")]
    assert len(room.list.till.book) == 1


async def test_a_second_order_meanwhile_waits_and_gets_the_first_ones_outcome(room: Room) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    tab = await room.enter(session_id=ann.session_id)
    for n, peer in enumerate((ann, tab, ann)):
        peer.call(f"d{n}", "order", "tea")
        await peer.acked(f"d{n}")
    await room.list.till.desk.open()
    for _ in range(4):
        assert (await tab.until("client_tool_result"))["result"]["status"] == "paid"
    assert len(room.list.till.book) == 1
    assert await ledger(room) == [("the payment of tea", "settled")]


async def test_two_orders_in_one_breath_are_one(room: Room) -> None:
    ann = await room.enter()
    ann.call("c1", "order", "tea")
    ann.call("c2", "order", "tea")
    first, second = await ann.until("client_tool_result"), await ann.until("client_tool_result")
    assert {first["result"]["status"], second["result"]["status"]} <= {"paid", "asking"}
    assert len(room.list.till.book) == 1
    assert await ledger(room) == [("the payment of tea", "settled")]


async def test_a_repeat_of_the_call_does_nothing_again(room: Room) -> None:
    ann = await ordered(room)
    await ann.until("client_tool_result")
    ann.call("c1", "order", "tea")
    assert (await ann.until("client_tool_result"))["result"]["status"] == "paid"
    assert (await statuses(room, ann.session_id), len(room.list.till.book)) == (["claimed", "settled"], 1)


async def test_nobody_listening_is_no_reason_to_stop(room: Room) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    session_id = ann.session_id
    ann.drop()
    await room.list.till.desk.open()
    back = await room.enter(session_id=session_id)
    if "paid" not in back.welcome["state"]:
        await back.until("effect_changed", status="settled")
    assert await results(room, session_id) == [("c1", "paid")]
    back.drop()
    assert len(room.node.sessions) == 0


# --- nobody knows ---------------------------------------------------------------------------------------------------


async def test_no_answer_leaves_it_unknown_until_the_other_end_says(room: Room) -> None:
    room.list.till.answers = False
    ann = await ordered(room, "silent")
    result = await ann.until("client_tool_result")
    assert result["result"] == {"status": "asking", "say": "The till is being asked about tea."}
    assert await ledger(room) == [("the payment of tea", "unknown")]
    ann.call("c2", "order", "tea")
    assert (await ann.until("client_tool_result"))["result"]["status"] == "asking"
    room.list.till.answers = True
    assert (await ann.until("effect_changed", status="settled"))["patch"] == {"paying": None, "paid": "tea"}
    assert [what for what, _ in room.list.till.asked].count("perform") == 1
    assert await results(room, ann.session_id) == [("c1", "asking"), ("c2", "asking")]
    assert len(room.list.till.book) == 1


async def test_not_done_counts_only_when_nothing_can_be_on_its_way_any_more(room: Room) -> None:
    ann = await ordered(room, "deaf")
    await ann.until("effect_changed", status="unknown")
    await room.list.till.questions.arrived(3)
    assert await ledger(room) == [("the payment of tea", "unknown")]
    room.now += Till.patience_ms
    assert (await ann.until("effect_changed", status="failed"))["patch"] == {"paying": None}
    room.list.till.mood = "pays"
    ann.call("c2", "order", "tea")
    await ann.until("client_tool_result", tool_call_id="c2")
    assert len(room.list.till.book) == 1


async def test_what_lands_late_is_found_and_not_paid_again(room: Room) -> None:
    ann = await ordered(room, "late")
    await ann.until("effect_changed", status="unknown")
    await room.list.till.questions.arrived(2)
    room.list.till.lands()
    await ann.until("effect_changed", status="settled")
    assert [what for what, _ in room.list.till.asked].count("perform") == 1
    assert len(room.list.till.book) == 1


async def test_an_effect_that_takes_too_long_is_unknown(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Till, "seconds", 0.01)
    room.list.till.desk.close()
    ann = await ordered(room)
    await ann.until("effect_changed", status="unknown")
    (under_way,) = room.live(ann.session_id).effects
    room.list.till.take(under_way.claimed)
    await ann.until("effect_changed", status="settled")
    assert len(room.list.till.book) == 1


# --- the process dies -----------------------------------------------------------------------------------------------


async def settled_once(room: Room, session_id: str) -> None:
    """The tea is paid once, its call answered once, and everybody agrees."""
    ann = await room.enter(session_id=session_id)
    if "paid" not in ann.welcome["state"]:
        await ann.until("effect_changed", status="settled")
    assert [item for _, item in room.list.till.book] == ["tea"]
    assert (await statuses(room, session_id)).count("settled") == 1
    assert [call for call, _ in await results(room, session_id)] == ["c1"]
    assert await ledger(room) == [("the payment of tea", "settled")]
    ann.call("c9", "order", "tea")
    assert (await ann.until("client_tool_result", tool_call_id="c9"))["result"]["status"] == "paid"
    assert len(room.list.till.book) == 1


@pytest.mark.parametrize("place", ["desk", "exit"])
async def test_killed_in_the_call_it_is_found_or_done_once(room: Room, reborn: Any, place: str) -> None:
    """``desk``: before the money was taken; ``exit``: after."""
    latch = getattr(room.list.till, place)
    latch.close()
    ann = await ordered(room)
    await latch.arrived()
    later = await reborn(room)
    await latch.open()
    try:
        await settled_once(later, ann.session_id)
        performed = [what for what, _ in room.list.till.asked].count("perform")
        assert performed == (2 if place == "desk" else 1)
    finally:
        await later.node.stop(window=0)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", [EffectClaimed, EffectSettled])
async def test_killed_at_a_commit(reborn: Any, room: Room, what: type, when: str) -> None:
    """Nothing of the process goes on: a commit that was not made is not, and nobody hears of one that was."""
    real, gone = room.store.submit, asyncio.Event()

    def submit(steps: Any, done: Any) -> None:
        if gone.is_set():
            return
        if any(isinstance(step.effect, what) for step in steps):
            gone.set()
            if when == "after":
                real(steps, lambda results: None)
            return
        real(steps, done)

    room.store.submit = submit  # type: ignore[method-assign]
    ann = await ordered(room)
    await gone.wait()
    room.store.submit = real  # type: ignore[method-assign]
    later = await reborn(room)
    try:
        if what is EffectClaimed and when == "before":
            back = await later.enter(session_id=ann.session_id)
            assert "paying" not in back.welcome["state"]
            assert (later.list.till.book, await results(later, ann.session_id)) == ([], [("c1", None)])
        else:
            await settled_once(later, ann.session_id)
    finally:
        await later.node.stop(window=0)


async def test_without_leave_to_do_it_again_a_dead_claim_waits_for_the_other_end(room: Room, reborn: Any) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    later = await reborn(room, resends=False)
    try:
        back = await later.enter(session_id=ann.session_id)
        if back.welcome["state"]["paying"]["status"] == "claimed":
            await back.until("effect_changed", status="unknown")
        assert [call for call, _ in await results(later, ann.session_id)] == ["c1"]
        later.now += Till.patience_ms
        await back.until("effect_changed", status="failed")
        assert [what for what, _ in room.list.till.asked].count("perform") == 1
        assert later.list.till.book == []
    finally:
        await later.node.stop(window=0)


async def test_an_unknown_one_is_asked_about_by_the_next_process(room: Room, reborn: Any) -> None:
    room.list.till.answers = False
    ann = await ordered(room, "silent")
    await ann.until("effect_changed", status="unknown")
    later = await reborn(room)
    try:
        later.list.till.answers = True
        await settled_once(later, ann.session_id)
    finally:
        await later.node.stop(window=0)


async def test_who_lost_the_claim_settles_nothing() -> None:
    """Two nodes on one store: the first is frozen between the till's answer and its commit."""
    store, till = MemoryStore(), Till()
    first = await Room(store, domain=ShoppingList(till)).start()
    till.exit.close()
    ann = await first.enter()
    ann.call("c1", "order", "tea")
    await till.exit.arrived()
    second = Node(
        store, ShoppingList(till), first.brain, first._authenticate,
        clock=lambda: first.now, ticks=lambda: first.now / 1000,
    )  # fmt: skip
    assert await second.sessions.sweep_effects() == 1
    live = second.sessions.get(ann.session_id)
    assert live is not None
    (under_way,) = live.effects
    assert under_way.task is not None
    await under_way.task
    await till.exit.open()
    (frozen,) = first.live(ann.session_id).effects
    assert frozen.task is not None
    await frozen.task
    assert await statuses(first, ann.session_id) == ["claimed", "settled"]
    assert len(till.book) == 1
    await first.node.stop(window=0)


async def test_an_orderly_stop_waits_for_what_is_being_done(room: Room) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    stopping = asyncio.create_task(room.node.stop(window=5))
    await ann.until("going_away")
    await room.list.till.desk.open()
    await ann.until("effect_changed", status="settled")
    await stopping


async def test_an_outcome_is_committed_when_the_store_can(moody: tuple[Room, MoodyStore]) -> None:
    room, wrapper = moody
    left = [3]

    def full(step: Step) -> bool:
        if isinstance(step.effect, EffectSettled) and left[0]:
            left[0] -= 1
            return True
        return False

    wrapper.refuses = full
    ann = await ordered(room)
    assert (await ann.until("client_tool_result"))["result"]["status"] == "paid"
    assert (left, len(room.list.till.book)) == ([0], 1)


# --- turns ----------------------------------------------------------------------------------------------------------


async def test_a_stop_ends_the_turn_and_not_what_it_began_outside(room: Room) -> None:
    room.list.till.desk.close()
    ann = await room.enter()
    ann.say("m1", "#call:order:gum")
    await room.list.till.desk.arrived()
    turn_id = (await ann.until("user_message"))["turn_id"]
    ann.send("stop", id="s1", turn_id=turn_id)
    assert (await ann.until("turn_ended"))["outcome"] == "stopped"
    assert (await ann.until("client_tool_result"))["result"]["status"] == "asking"
    await room.list.till.desk.open()
    await ann.until("effect_changed", status="settled")
    assert [item for _, item in room.list.till.book] == ["gum"]
    assert len(await results(room, ann.session_id)) == 1


async def test_a_claim_decided_after_the_turn_was_stopped_is_not_made(moody: tuple[Room, MoodyStore]) -> None:
    """The stop is on its way to the disk when the tool proposes its claim; the two are decided one after the other."""
    room, wrapper = moody
    room.list.counter.close()
    ann = await room.enter()
    ann.say("m1", "#call:order:gum")
    await room.list.counter.arrived()
    turn_id = (await ann.until("user_message"))["turn_id"]
    wrapper.held = []
    ann.send("stop", id="s1", turn_id=turn_id)
    while not wrapper.held:
        await ann.answered()
    proposing = next(iter(room.live(ann.session_id).calls._open.values())).task
    await room.list.counter.open()
    assert proposing is not None
    await proposing
    wrapper.release()
    await ann.until("turn_ended")
    assert (await ann.until("client_tool_result"))["is_error"]
    assert (room.list.till.book, await ledger(room)) == ([], [])


async def test_old_effects_without_an_answer_do_not_hide_younger_ones(
    room: Room, reborn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipanion.server.sessions.EFFECTS_AT_ONCE", 2)
    monkeypatch.setattr("shipanion.server.effects.PAUSES", (3600,))
    till = room.list.till
    till.mood, till.answers = "deaf", False
    for n in range(5):
        ann = await room.enter()
        room.now += 1
        ann.call("c1", "order", f"tea {n}")
        await ann.until("client_tool_result")
    claimed = {row.effect_id for row in await room.store.effects_open(limit=9)}
    assert len(claimed) == 5
    till.asked.clear()
    later = await reborn(room)
    try:
        for _ in range(2):
            await later.node.sessions.sweep_effects()
        await until_true(lambda: {effect_id for _, effect_id in till.asked} == claimed)
    finally:
        await later.node.stop(window=0)


@pytest.mark.usefixtures("mishaps")
async def test_a_call_does_not_wait_for_an_effect_of_a_kind_that_is_no_more(
    room: Room, reopened: Callable[[], SessionStore]
) -> None:
    room.list.till.desk.close()
    ann = await ordered(room)
    await room.list.till.desk.arrived()
    await room.crash()
    await room.list.till.desk.open()
    domain = ShoppingList(room.list.till)
    domain.effects = {}
    later = await Room(reopened(), domain=domain).start()
    try:
        (result,) = await until_true(lambda: later.told(ann.session_id, "client_tool_result"))
        assert (result["tool_call_id"], result["is_error"]) == ("c1", True)
        assert [row.status for row in await later.store.effects_open(limit=9)] == ["claimed"], "it must stay on record"
    finally:
        await later.node.stop(window=0)


# --- approvals ------------------------------------------------------------------------------------------------------


async def offered(room: Room) -> Peer:
    """Somebody whom Bob has asked whether to pay for tea."""
    ann = await room.enter()
    ann.say("m1", "#call:order:tea")
    await ann.until("turn_ended")
    return ann


async def test_bob_may_ask_and_the_next_yes_pays(room: Room) -> None:
    ann = await offered(room)
    asked = await ann.until("approval_requested")
    assert (asked["text"], asked["data"]) == ("Pay for tea?", {"item": "tea"})
    assert room.list.till.book == []
    ann.say("m2", "yes")
    resolved = await ann.until("approval_resolved")
    assert (resolved["approval_id"], resolved["decision"]) == (asked["approval_id"], "approved")
    await ann.until("effect_changed", status="settled")
    assert [item for _, item in room.list.till.book] == ["tea"]
    order = [frame["type"] for frame in ann.events]
    assert order.index("approval_resolved") == order.index("user_message", 1) + 1


async def test_from_another_device_and_once(room: Room) -> None:
    ann = await offered(room)
    asked = await ann.until("approval_requested")
    phone = await room.enter(session_id=ann.session_id, device="phone")
    for peer, id in ((phone, "y1"), (ann, "y2")):
        peer.send("resolve_approval", id=id, approval_id=asked["approval_id"], decision="approved")
    assert not (await phone.acked("y1"))["duplicate"]
    assert (await ann.until("error", id="y2"))["code"] == "no_such_approval"
    phone.send("resolve_approval", id="y1", approval_id=asked["approval_id"], decision="approved")
    assert (await phone.acked("y1"))["duplicate"]
    await phone.until("effect_changed", status="settled")
    assert len(room.list.till.book) == 1
    assert len(await room.told(ann.session_id, "approval_resolved")) == 1


@pytest.mark.parametrize("role", ["agent", "viewer", "editor"])
async def test_nobody_but_the_owner_can_answer(room: Room, role: str) -> None:
    ann = await offered(room)
    asked = await ann.until("approval_requested")
    other = await room.enter(f"ann/{role}", session_id=ann.session_id)
    other.send("resolve_approval", id="y1", approval_id=asked["approval_id"], decision="approved")
    assert (await other.until("error", id="y1"))["code"] == "forbidden"
    other.say("m2", "yes")
    if role == "editor":
        await other.acked("m2")
    else:
        assert (await other.until("error", id="m2"))["code"] == "forbidden"
    other.call("c5", "order", "tea")
    if role == "viewer":
        assert (await other.until("error", id="c5"))["code"] == "forbidden"
    else:
        assert (await other.until("client_tool_result", tool_call_id="c5"))["result"]["status"] == "needs_approval"
    assert room.list.till.book == []


async def test_a_change_of_what_it_was_about_cancels_it_in_the_same_commit(room: Room) -> None:
    ann = await offered(room)
    ann.edit("e1", bread=1)
    resolved = await ann.until("approval_resolved")
    assert resolved["decision"] == "cancelled"
    order = [frame["type"] for frame in ann.events]
    assert order[-2:] == ["state_changed", "approval_resolved"]
    ann.say("m2", "yes")
    await ann.until("turn_ended")
    assert room.list.till.book == []


async def test_nobody_answers_in_time(room: Room) -> None:
    ann = await offered(room)
    asked = await ann.until("approval_requested")
    room.now = asked["expires_at"] - 1
    assert await room.node.sessions.expire_approvals() == 0
    room.now += 1
    assert await room.node.sessions.expire_approvals() == 1
    assert (await ann.until("approval_resolved"))["decision"] == "expired"
    assert await room.node.sessions.expire_approvals() == 0
    ann.send("resolve_approval", id="y1", approval_id=asked["approval_id"], decision="approved")
    assert (await ann.until("error", id="y1"))["code"] == "no_such_approval"
    ann.drop()
    assert len(room.node.sessions) == 0, "an expired approval keeps its session in memory"


async def test_an_approval_outlives_the_process_and_ends_once(room: Room, reborn: Any) -> None:
    ann = await offered(room)
    asked = await ann.until("approval_requested")
    later = await reborn(room)
    try:
        back = await later.enter(session_id=ann.session_id)
        assert back.welcome["state"]["approval"]["approval_id"] == asked["approval_id"]
        back.say("m2", "yes")
        await back.until("effect_changed", status="settled")
        assert len(await later.told(ann.session_id, "approval_resolved")) == 1
        assert len(later.list.till.book) == 1
    finally:
        await later.node.stop(window=0)
