"""One session's queue of works: what shares a commit, what is decided again, what may fail without stopping it."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipanion.protocol.events import ContextualUpdate, EventBody, StateChanged
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.actor import SNAPSHOT_EVERY, Draft, SessionActor, View
from shipanion.server.domain import Domain, NotAllowed
from shipanion.server.hub import Appended
from shipanion.stores.base import NewEvent, NewSession, SessionStore, Step
from shipanion.stores.memory import MemoryStore
from shipanion.stores.sqlite import SqliteStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Room
from tests.support.toy_domain import ShoppingList

NOBODY = b'{"role":"owner","name":"Ann"}'


class Work:
    """A work that writes down everything that becomes of it."""

    def __init__(
        self, decide: Callable[[View], Draft] | dict[str, Any], *, source: object = None, id: str | None = None
    ) -> None:
        self.source = source
        self.id = id
        self.saw: list[View] = []
        self.outcomes: list[tuple[Any, ...]] = []
        self.over = asyncio.Event()
        self.hears: Callable[[], Any] = lambda: None
        self._decide = decide

    def decide(self, view: View) -> Draft:
        self.saw.append(view)
        if callable(self._decide):
            return self._decide(view)
        return Draft(events=(StateChanged(patch=self._decide),), by=NOBODY, id=self.id, digest=b"d")

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._tell("committed", head)

    def duplicate(self, offset: int, same: bool) -> None:
        self._tell("duplicate", offset, same)

    def refused(self, code: str, message: str) -> None:
        self._tell("refused", code)

    def _tell(self, *outcome: Any) -> None:
        self.outcomes.append(outcome)
        self.over.set()
        self.hears()


class Listener:
    """Hears what is published."""

    full, device, name = True, "", ""

    def __init__(self) -> None:
        self.client: str | None = None
        self.offsets: list[int] = []
        self.hints: list[int] = []

    def offer(self, events: Sequence[Appended]) -> None:
        self.offsets += [event.offset for event in events]

    def hint(self, head: int) -> None:
        self.hints.append(head)

    def ephemeral(self, frame: bytes) -> None: ...

    def end(self, closing: str) -> None: ...


def bought(name: str, count: int | None = 1) -> dict[str, Any]:
    return {"items": {name: count}}


async def session(store: SessionStore, *, max_events: int = 10_000, fresh: bool = True) -> SessionActor:
    """The actor of the session ``s1``."""
    if fresh:
        await store.open()
        await store.create_session(NewSession(session_id="s1", owner="ann", epoch="e", at=1))
    loaded = await store.load("s1")
    assert loaded is not None
    domain: Domain = ShoppingList()
    return SessionActor(store, domain, loaded, max_events=max_events, now=lambda: 7)


async def reloaded(store: SessionStore) -> SessionActor:
    return await session(store, fresh=False)


async def run(actor: SessionActor, *works: Work) -> None:
    """Post all at once and wait until every one has its outcome."""
    for work in works:
        actor.post(work)
    async with asyncio.timeout(10):
        await actor.settled()
        for work in works:
            await work.over.wait()
        await actor.settled()


@pytest.fixture
async def actor(store: SessionStore) -> Any:
    yield await session(store)
    await store.close()


@pytest.fixture
async def wary() -> Any:
    """An actor and the store that can be told not to answer."""
    moody, store = MoodyStore.over(MemoryStore())
    yield await session(store), moody
    await moody.real.close()


# --- sharing a commit -----------------------------------------------------------------------------------------------


async def test_works_posted_together_share_one_commit_and_see_each_other(
    wary: tuple[SessionActor, MoodyStore],
) -> None:
    actor, store = wary
    works = [Work(bought(name)) for name in ("milk", "eggs", "tea")]
    await run(actor, *works)
    assert [len(steps) for steps in store.submitted] == [3]
    assert [work.saw[0].head for work in works] == [0, 1, 2]
    assert works[2].saw[0].state["items"] == {"milk": 1, "eggs": 1}
    assert [work.outcomes for work in works] == [[("committed", 1)], [("committed", 2)], [("committed", 3)]]
    assert actor.state == {"items": {"milk": 1, "eggs": 1, "tea": 1}, "total": 3}


async def test_what_is_derived_is_part_of_the_stored_patch(actor: SessionActor, store: SessionStore) -> None:
    await run(actor, Work(bought("milk", 2)), Work({"nothing_there": None, "items": {"tea": 1}}))
    patches = [msgspec.json.decode(event.body)["patch"] for event in (await store.load("s1")).since]  # type: ignore[union-attr]
    assert patches == [{"items": {"milk": 2}, "total": 2}, {"items": {"tea": 1}, "total": 3}]


async def test_more_than_one_commit_can_take_is_decided_in_order_all_the_same(actor: SessionActor) -> None:
    listener = Listener()
    actor.audience.join(listener)
    works = [Work(bought("milk", n + 1)) for n in range(1_100)]
    await run(actor, *works)
    assert [work.outcomes for work in works] == [[("committed", n + 1)] for n in range(1_100)]
    assert listener.offsets == list(range(1, 1_101))


# --- decided again --------------------------------------------------------------------------------------------------


async def test_what_was_decided_on_a_step_that_failed_is_decided_again(actor: SessionActor) -> None:
    await run(actor, Work(bought("milk"), id="m1"))
    again = Work({"items": {"milk": 5}, "gone": 1}, id="m1")
    behind = [Work(bought("tea")), Work(bought("jam"))]
    await run(actor, again, *behind)
    assert again.outcomes == [("duplicate", 1, True)]
    assert [[view.head for view in work.saw] for work in behind] == [[2, 1], [3, 2]]
    assert "gone" in behind[0].saw[0].state
    assert "gone" not in behind[0].saw[1].state
    assert [work.outcomes for work in behind] == [[("committed", 2)], [("committed", 3)]]
    assert actor.state["items"] == {"milk": 1, "tea": 1, "jam": 1}


async def test_a_command_that_changes_nothing_is_not_answered_from_a_state_that_never_came_to_be(
    actor: SessionActor,
) -> None:
    def title(view: View) -> Draft:
        patch = {} if view.state.get("title") == "T" else {"title": "T"}
        return Draft(events=(StateChanged(patch=patch),) if patch else (), by=NOBODY, id="t2", digest=b"d")

    await run(actor, Work(bought("milk"), id="m1"))
    follower = Work(title)
    await run(actor, Work({"title": "T"}, id="m1"), follower)
    assert follower.outcomes == [("committed", 2)]
    assert actor.state["title"] == "T"


async def test_a_refusal_counts_only_on_a_state_that_came_to_be(actor: SessionActor) -> None:
    def once(view: View) -> Draft:
        if "title" in view.state:
            raise NotAllowed("not_allowed", "It has a title.")
        return Draft(events=(StateChanged(patch={"title": "B"}),), by=NOBODY)

    await run(actor, Work(bought("milk"), id="m1"))
    wants, late = Work(once), Work(once)
    await run(actor, Work({"title": "A"}, id="m1"), wants)
    assert wants.outcomes == [("committed", 2)]
    await run(actor, late)
    assert late.outcomes == [("refused", "not_allowed")]


async def test_a_repeat_is_told_so_even_if_it_would_be_refused_by_now(actor: SessionActor) -> None:
    def once(view: View) -> Draft:
        refusal = NotAllowed("not_allowed", "There is milk.") if "milk" in view.state["items"] else None
        return Draft(events=(StateChanged(patch=bought("milk")),), id="m1", digest=b"d", refusal=refusal)

    first, second = Work(once), Work(once)
    await run(actor, first)
    await run(actor, second)
    assert (first.outcomes, second.outcomes) == ([("committed", 1)], [("duplicate", 1, True)])
    assert actor.head == 1


async def test_a_refusal_is_told_behind_what_was_asked_before(actor: SessionActor) -> None:
    told: list[str] = []
    order = [Work(bought("milk")), Work(lambda view: no()), Work(bought("tea"))]
    for name, work in zip("abc", order, strict=True):
        work.hears = partial(told.append, name)
    await run(actor, *order)
    assert told == ["a", "b", "c"]


def no() -> Draft:
    raise NotAllowed("bad_request", "No.")


# --- a store that does not answer -----------------------------------------------------------------------------------


async def test_after_unavailable_the_same_source_waits_and_others_go_on(wary: tuple[SessionActor, MoodyStore]) -> None:
    actor, store = wary
    ann, ben = object(), object()
    store.refuses = lambda step: step.id == "a1"
    a1, a2 = Work(bought("milk"), source=ann, id="a1"), Work(bought("tea"), source=ann, id="a2")
    b1, own = Work(bought("jam"), source=ben, id="b1"), Work(bought("oil"))
    await run(actor, a1, b1, a2, own)
    assert a1.outcomes == [("refused", "unavailable")]
    assert a2.outcomes == [("refused", "retry_in_order")]
    assert (b1.outcomes, own.outcomes) == ([("committed", 1)], [("committed", 2)])
    assert actor.state["items"] == {"jam": 1, "oil": 1}


async def test_what_the_same_source_queued_meanwhile_is_refused_with_it(wary: tuple[SessionActor, MoodyStore]) -> None:
    actor, store = wary
    ann = object()
    a1, a2, other = (
        Work(bought("milk"), source=ann),
        Work(bought("tea"), source=ann),
        Work(bought("jam"), source=object()),
    )
    store.refuses = lambda step: True
    store.held = []
    actor.post(a1)
    await asyncio.sleep(0)
    actor.post(a2)
    actor.post(other)
    store.release()
    store.refuses = lambda step: False
    await run(actor)
    async with asyncio.timeout(10):
        await other.over.wait()
    assert (a1.outcomes, a2.outcomes) == ([("refused", "unavailable")], [("refused", "retry_in_order")])
    assert other.outcomes in ([("committed", 1)], [("refused", "unavailable")])


async def test_what_is_committed_all_the_same_is_told_as_committed(wary: tuple[SessionActor, MoodyStore]) -> None:
    """A step that changes nothing fails, one behind it does not depend on it."""
    actor, store = wary
    ann = object()
    store.refuses = lambda step: step.id == "a1"
    nothing = Work(lambda view: Draft(by=NOBODY, id="a1", digest=b"d"), source=ann)
    something = Work(bought("tea"), source=ann, id="a2")
    await run(actor, nothing, something)
    assert something.outcomes == [("committed", 1)]
    assert actor.head == 1


async def test_doubt_is_reported_when_the_store_does_not_answer(wary: tuple[SessionActor, MoodyStore]) -> None:
    actor, store = wary
    doubts: list[None] = []
    actor.on_doubt = lambda: doubts.append(None)
    await run(actor, Work(bought("milk")))
    assert doubts == []
    store.refuses = lambda step: True
    await run(actor, Work(bought("tea")))
    assert doubts == [None]


# --- snapshots and reading again (I7) -------------------------------------------------------------------------------


async def test_a_snapshot_is_written_every_so_many_events(wary: tuple[SessionActor, MoodyStore]) -> None:
    actor, store = wary
    for n in range(2 * SNAPSHOT_EVERY + 1):
        await run(actor, Work(bought("milk", n + 1)))
    heads = [number for number, (step,) in enumerate(store.submitted, 1) if step.snapshot is not None]
    assert heads == [SNAPSHOT_EVERY, 2 * SNAPSHOT_EVERY]
    loaded = await store.real.load("s1")
    assert loaded is not None
    assert (loaded.snapshot_offset, len(loaded.since)) == (2 * SNAPSHOT_EVERY, 1)


async def test_a_snapshot_that_failed_is_made_up_for(wary: tuple[SessionActor, MoodyStore]) -> None:
    actor, store = wary
    await run(actor, *(Work(bought("milk", n + 1)) for n in range(SNAPSHOT_EVERY - 1)))
    store.refuses = lambda step: step.snapshot is not None
    await run(actor, Work(bought("tea")))
    store.refuses = lambda step: False
    await run(actor, Work(bought("jam")))
    loaded = await store.real.load("s1")
    assert loaded is not None
    assert loaded.snapshot is not None
    assert msgspec.json.decode(loaded.snapshot) == actor.state


VALUES = st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.lists(st.none() | st.integers(0, 3), max_size=2)
KEYS = st.sampled_from(["a", "b", "c", "title"])
PATCHES = st.dictionaries(KEYS, st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3)))


@settings(max_examples=60)
@given(commits=st.lists(st.lists(PATCHES, min_size=1, max_size=9), max_size=8), failing=st.sets(st.integers(0, 40)))
def test_the_state_is_the_fold_of_the_log_whatever_is_written(
    commits: list[list[dict[str, Any]]], failing: set[int]
) -> None:
    async def check() -> None:
        moody, store = MoodyStore.over(MemoryStore())
        actor = await session(store)
        moody.refuses = lambda step: step.id is not None and int(step.id) in failing
        number = 0
        for patches in commits:
            works = []
            for patch in patches:
                works.append(Work(patch, id=str(number)))
                number += 1
            await run(actor, *works)
        again = await reloaded(store)
        assert (again.state, again.head) == (actor.state, actor.head)
        folded: dict[str, Any] = {"items": {}, "total": 0}
        for event in await moody.real.events("s1", after=0, upto=999, max_bytes=2**30, max_count=999):
            folded = apply_patch(folded, msgspec.json.decode(event.body).get("patch", {}))
        assert folded == actor.state

    asyncio.run(check())


# --- another program writes beside ----------------------------------------------------------------------------------


def beside(head: int, patch: dict[str, Any]) -> Step:
    body = msgspec.json.encode(StateChanged(patch=patch))
    event = NewEvent(type="state_changed", body=body, by=NOBODY, at=1)
    return Step(session_id="s1", expected_head=head, events=(event,))


async def written(store: SessionStore, step: Step) -> None:
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    store.submit([step], done.set_result)
    await done


async def test_what_another_program_wrote_is_noticed_and_folded_in(tmp_path: Any) -> None:
    store = SqliteStore(tmp_path / "shop.db")
    actor = await session(store)
    listener = Listener()
    actor.audience.join(listener)
    other = SqliteStore(tmp_path / "shop.db", serve=False)
    await other.open()
    await run(actor, Work(bought("milk")))
    await written(other, beside(1, {"items": {"eggs": 4}, "total": 5}))
    assert await store.changed_elsewhere()
    actor.noticed((await store.heads(["s1"]))["s1"])
    await actor.settled()
    assert (actor.head, actor.state, listener.hints) == (2, {"items": {"milk": 1, "eggs": 4}, "total": 5}, [2])
    await run(actor, Work(bought("tea")))
    assert actor.state["total"] == 6
    await other.close()
    await store.close()


async def test_a_conflict_with_another_program_is_decided_again_on_what_it_wrote(tmp_path: Any) -> None:
    store = SqliteStore(tmp_path / "shop.db")
    actor = await session(store)
    other = SqliteStore(tmp_path / "shop.db", serve=False)
    await other.open()
    await written(other, beside(0, {"items": {"eggs": 4}, "total": 4}))
    work = Work(bought("tea"))
    await run(actor, work)
    assert [view.head for view in work.saw] == [0, 1]
    assert work.outcomes == [("committed", 2)]
    assert actor.state == {"items": {"eggs": 4, "tea": 1}, "total": 5}
    await other.close()
    await store.close()


async def test_old_news_changes_nothing(actor: SessionActor) -> None:
    await run(actor, Work(bought("milk")))
    actor.noticed(1)
    actor.noticed(0)
    assert actor.head == 1
    assert actor.at_rest


@pytest.mark.usefixtures("mishaps")
async def test_reading_again_is_tried_until_the_store_answers(
    wary: tuple[SessionActor, MoodyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, store = wary
    monkeypatch.setattr("shipanion.server.actor.RETRY_SECONDS", 0)
    await written(store.real, beside(0, bought("eggs")))
    tries = 0

    async def load(session_id: str) -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("not now")
        return await store.real.load(session_id)

    monkeypatch.setattr(store, "load", load, raising=False)
    actor.noticed(1)
    await run(actor, work := Work(bought("tea")))
    assert tries == 3
    assert work.outcomes == [("committed", 2)]


# --- bugs of others -------------------------------------------------------------------------------------------------


def boom(*args: Any) -> Any:
    raise RuntimeError("a bug")


class Unencodable(EventBody, tag="unencodable", kw_only=True, frozen=True):
    what: Any


@pytest.mark.usefixtures("mishaps")
@pytest.mark.parametrize(
    "decide",
    [boom, lambda view: Draft(events=(Unencodable(what=object()),)), lambda view: Draft(events=(bug_in_derive(),))],
    ids=["decide", "encode", "derive"],
)
async def test_a_work_that_cannot_be_decided_is_refused_and_the_others_go_on(
    actor: SessionActor, decide: Callable[[View], Draft]
) -> None:
    works = [Work(bought("milk")), Work(decide), Work(bought("tea"))]
    await run(actor, *works)
    assert [work.outcomes for work in works] == [[("committed", 1)], [("refused", "bad_request")], [("committed", 2)]]


def bug_in_derive() -> EventBody:
    return StateChanged(patch={"items": {"milk": "many"}})


@pytest.mark.usefixtures("mishaps")
@pytest.mark.parametrize("moment", ["committed", "duplicate", "refused", "decide+refused", "stopped", "listener"])
async def test_a_listener_that_fails_does_not_stop_the_session(
    wary: tuple[SessionActor, MoodyStore], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    actor, store = wary
    ann = object()
    await run(actor, Work(bought("milk"), id="m1"))
    broken = Work(bought("eggs"), source=ann, id="m1" if moment == "duplicate" else "m2")
    works = [broken]
    match moment:
        case "refused" | "stopped":
            store.refuses = lambda step: step.id == "m2"
            if moment == "stopped":
                broken = Work(bought("oil"), source=ann, id="m3")
                works = [Work(bought("jam"), source=ann, id="m2"), broken]
        case "decide+refused":
            broken._decide = boom
        case "listener":
            listener = Listener()
            monkeypatch.setattr(listener, "offer", boom)
            actor.audience.join(listener)
    if moment != "listener":
        broken.hears = boom
    for work in works:
        actor.post(work)
    last = Work(bought("tea"), source=object())
    await run(actor, last)
    assert [outcome[0] for outcome in last.outcomes] == ["committed"]
    assert actor.state["items"]["tea"] == 1


# --- limits and rest ------------------------------------------------------------------------------------------------


async def test_a_full_session_takes_only_what_ends_something(store: SessionStore) -> None:
    actor = await session(store, max_events=2)
    over = Work(bought("jam"))
    note = ContextualUpdate(text="over", data={})
    await run(actor, Work(bought("milk")), Work(bought("tea")), over, Work(lambda view: Draft(events=(note,))))
    assert over.outcomes == [("refused", "session_full")]
    ends = Work(lambda view: Draft(events=(note,), bounded=False))
    await run(actor, ends)
    assert ends.outcomes == [("committed", 3)]
    await store.close()


async def test_it_rests_when_nobody_needs_it_and_says_so(actor: SessionActor) -> None:
    rests: list[bool] = []
    actor.on_rest = lambda: rests.append(actor.at_rest)
    actor.hold()
    actor.post(Work(bought("milk")))
    assert not actor.at_rest
    await actor.settled()
    assert not actor.at_rest
    assert rests == []
    actor.let_go()
    assert rests == [True]
    listener = Listener()
    actor.audience.join(listener)
    assert not actor.at_rest


@pytest.mark.parametrize(
    ("frame", "back"),
    [
        ({"type": "user_message", "text": "milk"}, True),
        ({"type": "update_state", "patch": {"items": {"milk": 1}}}, True),
        ({"type": "update_state", "patch": {"items": {"milk": 1}, "title": "T"}}, True),
        ({"type": "update_state", "patch": {"title": "T"}}, False),
    ],
    ids=["a message", "an edit", "an edit with a title", "a title"],
)
async def test_going_on_with_a_session_that_was_put_away_brings_it_back(
    room: Room, frame: dict[str, Any], back: bool
) -> None:
    ann = await room.enter()
    assert await room.store.set_archived(ann.session_id, "ann", True)
    ann.send(id="c1", **frame)
    await ann.until("ack")
    row = await room.store.session(ann.session_id)
    assert row is not None
    assert (row.head > 0, row.archived) == (True, not back)


async def test_what_bob_does_in_a_session_that_was_put_away_leaves_it_there(room: Room) -> None:
    ann = await room.enter()
    room.brain.word.close()
    ann.say("m1", "#add:milk milk")
    await room.brain.word.arrived()
    assert await room.store.set_archived(ann.session_id, "ann", True)
    await room.brain.word.open()
    await ann.until("turn_ended")
    row = await room.store.session(ann.session_id)
    assert row is not None
    assert (row.head, row.archived) == (ann.events[-1]["offset"], True)
