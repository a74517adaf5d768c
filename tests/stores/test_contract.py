"""What every store promises of sessions, logs, turns, calls and devices, sentence by sentence."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from shipanion.errors import StoreUnavailable
from shipanion.protocol.position import valid_epoch
from shipanion.stores.base import (
    MAX_DEVICES,
    CallClosed,
    CallOpened,
    Committed,
    Conflict,
    DeviceRow,
    Duplicate,
    Fence,
    OpenCall,
    Refused,
    Result,
    SessionRow,
    SessionStore,
    Step,
    StoredEvent,
    TurnCheckpoint,
    TurnClaimed,
    TurnEnding,
    TurnQueued,
    TurnRow,
    Unavailable,
)
from tests.support.store_steps import (
    account,
    append,
    event,
    grant,
    make_session,
    new_session,
    one,
    restart,
    submit,
)

ALL = 1 << 30


@pytest.fixture
def store(each_store: SessionStore) -> SessionStore:
    return each_store


async def bodies(store: SessionStore, session_id: str = "s1") -> list[bytes]:
    found = await store.events(session_id, after=0, upto=ALL, max_bytes=ALL, max_count=ALL)
    assert [event.offset for event in found] == list(range(1, len(found) + 1))
    return [event.body for event in found]


class TestAppending:
    async def test_offsets_count_from_one_without_a_gap(self, store: SessionStore) -> None:
        await make_session(store)
        assert await one(store, append("s1", b"1", b"2")) == Committed(head=2)
        assert await submit(store, append("s1", b"3"), append("s1", b"4", b"5")) == [
            Committed(head=3),
            Committed(head=5),
        ]
        assert await bodies(store) == [b"1", b"2", b"3", b"4", b"5"]

    async def test_an_event_comes_back_as_it_was_appended(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b'{"text":"caf\xc3\xa9"}', id="c1"))
        (found,) = await store.events("s1", after=0, upto=1, max_bytes=ALL, max_count=1)
        assert found == StoredEvent(
            offset=1, type="note", body=b'{"text":"caf\xc3\xa9"}', by=b'{"role":"owner"}', at=1, id="c1"
        )

    async def test_a_step_without_events_answers_with_the_head(self, store: SessionStore) -> None:
        await make_session(store)
        assert await one(store, Step(session_id="s1")) == Committed(head=0)
        await one(store, append("s1", b"1"))
        assert await one(store, Step(session_id="s1")) == Committed(head=1)

    async def test_sessions_have_logs_of_their_own(self, store: SessionStore) -> None:
        await make_session(store, "s1")
        await make_session(store, "s2")
        results = await submit(store, append("s1", b"a"), append("s2", b"b"), append("s1", b"c"))
        assert results == [Committed(head=1), Committed(head=1), Committed(head=2)]
        assert await bodies(store, "s1") == [b"a", b"c"]
        assert await bodies(store, "s2") == [b"b"]

    async def test_answers_come_in_the_order_of_submission(self, store: SessionStore) -> None:
        await make_session(store)
        seen: list[Result] = []
        calls: list[int] = []
        finished = asyncio.Event()

        def done(results: Sequence[Result]) -> None:
            seen.extend(results)
            calls.append(len(results))
            if len(calls) == 50:
                finished.set()

        for _ in range(25):
            store.submit([append("s1", b"x"), append("s1", b"y")], done)
            store.submit([append("s1", b"z")], done)
        assert not calls, "never called before submit returns"
        await asyncio.wait_for(finished.wait(), 10)
        assert seen == [Committed(head=n) for n in range(1, 76)]
        assert calls == [2, 1] * 25

    async def test_an_empty_submission_is_answered(self, store: SessionStore) -> None:
        assert await submit(store) == []

    async def test_a_failing_receiver_keeps_no_answer_from_others(self, store: SessionStore) -> None:
        await make_session(store)
        loop = asyncio.get_running_loop()
        reported: list[object] = []
        loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        fault = RuntimeError("receiver")

        def failing(results: Sequence[Result]) -> None:
            raise fault

        store.submit([append("s1", b"1")], failing)
        assert await one(store, append("s1", b"2")) == Committed(head=2)
        assert reported == [fault]

    async def test_a_read_sees_what_was_acknowledged(self, store: SessionStore) -> None:
        await make_session(store)
        for n in range(1, 30):
            await one(store, append("s1", b"x"))
            assert await store.heads(["s1"]) == {"s1": n}


class TestOneFailsInAGroup:
    async def test_the_others_are_written_and_it_leaves_no_trace(self, store: SessionStore) -> None:
        await make_session(store)
        results = await submit(
            store,
            append("s1", b"1"),
            append("s1", b"no", b"no", id="c1", expected_head=9, turn=TurnQueued(turn_id="t1")),
            append("s1", b"2", call=CallClosed(call_id="unknown"), snapshot=b"{}"),
            append("unknown", b"no"),
            append("s1", b"2"),
        )
        assert results == [
            Committed(head=1),
            Conflict(head=1),
            Refused(reason="closed"),
            Refused(reason="not_found"),
            Committed(head=2),
        ]
        assert await bodies(store) == [b"1", b"2"]
        loaded = await store.load("s1")
        assert loaded is not None
        assert (loaded.snapshot, loaded.turns, loaded.calls) == (None, (), ())
        assert await one(store, append("s1", b"3", id="c1")) == Committed(head=3), "its id was not used"

    async def test_steps_decided_at_one_head_fall_together(self, store: SessionStore) -> None:
        await make_session(store)
        results = await submit(
            store,
            append("s1", b"1", expected_head=0),
            append("s1", b"no", expected_head=7),
            append("s1", b"no", expected_head=8),
            append("s1", b"2", expected_head=1),
        )
        assert results == [Committed(head=1), Conflict(head=1), Conflict(head=1), Committed(head=2)]


class TestIds:
    async def test_a_repeat_is_answered_by_where_the_first_one_is(self, store: SessionStore) -> None:
        await make_session(store)
        await submit(store, append("s1", b"before"), append("s1", b"body", b"more", id="c1"))
        await one(store, append("s1", b"after"))
        assert await one(store, append("s1", b"body", b"more", id="c1")) == Duplicate(offset=2, same=True)
        assert await one(store, append("s1", b"other", id="c1")) == Duplicate(offset=2, same=False)
        assert await bodies(store) == [b"before", b"body", b"more", b"after"]

    async def test_a_repeat_within_the_same_group(self, store: SessionStore) -> None:
        await make_session(store)
        results = await submit(store, append("s1", b"x", id="c1"), append("s1", b"x", id="c1"))
        assert results == [Committed(head=1), Duplicate(offset=1, same=True)]

    async def test_ids_belong_to_their_session(self, store: SessionStore) -> None:
        await make_session(store, "s1")
        await make_session(store, "s2")
        results = await submit(store, append("s1", b"x", id="c1"), append("s2", b"x", id="c1"))
        assert results == [Committed(head=1), Committed(head=1)]

    async def test_an_id_without_an_event_is_remembered_with_its_answer(self, store: SessionStore) -> None:
        await make_session(store)
        await submit(store, append("s1", b"1"), append("s1", b"2"))
        step = Step(session_id="s1", id="c1", digest=b"d", answer=1)
        assert await submit(store, step, step) == [Committed(head=2), Duplicate(offset=1, same=True)]
        await one(store, append("s1", b"3"))
        assert await one(store, step) == Duplicate(offset=1, same=True)
        assert await one(store, append("s1", b"x", id="c1")) == Duplicate(offset=1, same=False)
        assert await one(store, Step(session_id="s1", id="c2", digest=b"d")) == Committed(head=3)
        assert await one(store, Step(session_id="s1", id="c2", digest=b"d")) == Duplicate(offset=3, same=True)

    async def test_an_id_on_the_steps_event_alone_counts_too(self, store: SessionStore) -> None:
        await make_session(store)
        step = Step(session_id="s1", events=(event(b"x"), event(b"y", id="c1", digest=b"d")))
        assert await one(store, step) == Committed(head=2)
        assert await one(store, step) == Duplicate(offset=2, same=True)
        assert await one(store, Step(session_id="s1", id="c1", digest=b"e")) == Duplicate(offset=2, same=False)

    async def test_events_of_a_step_whose_id_none_of_them_bears(self, store: SessionStore) -> None:
        await make_session(store)
        step = Step(session_id="s1", id="c1", events=(event(b"x"), event(b"y")))
        assert await one(store, step) == Committed(head=2)
        assert await one(store, step) == Duplicate(offset=2, same=True)

    async def test_a_used_id_answers_before_anything_else_is_asked(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"x", id="c1"))
        await one(store, append("s1", b"y"))
        again = append(
            "s1",
            b"x",
            id="c1",
            expected_head=0,
            max_events=0,
            fence=Fence(turn_id="none", fence=1),
            turn=TurnClaimed(turn_id="none", owner="o", fence=0),
        )
        assert await one(store, again) == Duplicate(offset=1, same=True)

    async def test_ids_outlive_a_restart(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"x", id="c1"))
        await one(store, Step(session_id="s1", id="c2"))
        await restart(store)
        assert await one(store, append("s1", b"x", id="c1")) == Duplicate(offset=1, same=True)
        assert await one(store, Step(session_id="s1", id="c2")) == Duplicate(offset=1, same=True)


class TestGrants:
    async def test_the_owner_with_a_valid_token_may(self, store: SessionStore) -> None:
        await store.add_user(account())
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)

    async def test_a_strangers_session_looks_unknown_even_to_a_repeat(self, store: SessionStore) -> None:
        await store.add_user(account())
        await store.add_user(account("u2", "Bea"))
        await make_session(store)
        await one(store, append("s1", b"x", id="c1", grant=grant()))
        foreign = await one(store, append("s1", b"x", id="c1", grant=grant("u2")))
        unknown = await one(store, append("nowhere", b"x", id="c1", grant=grant("u2")))
        assert foreign == unknown == Refused(reason="not_found")

    async def test_a_token_that_ran_out(self, store: SessionStore) -> None:
        await store.add_user(account())
        await make_session(store)
        late = append("s1", b"x", grant=grant(now=100, expires_at=100))
        assert await one(store, late) == Refused(reason="expired")

    async def test_a_withdrawn_token_and_a_person_nobody_knows(self, store: SessionStore) -> None:
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Refused(reason="expired")
        await store.add_user(account())
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Refused(reason="expired")
        await store.set_password("u1", "new")
        assert await one(store, append("s1", b"x", grant=grant())) == Refused(reason="expired")
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Committed(head=2)

    async def test_a_disabled_person(self, store: SessionStore) -> None:
        await store.add_user(account())
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)
        await store.set_disabled("u1", True)
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Refused(reason="expired")
        await store.set_disabled("u1", False)
        assert await one(store, append("s1", b"x", grant=grant(version=3))) == Committed(head=2)


class TestLimits:
    async def test_a_full_session_takes_no_more_events(self, store: SessionStore) -> None:
        await make_session(store)
        assert await one(store, append("s1", b"1", b"2", max_events=2)) == Committed(head=2)
        assert await one(store, append("s1", b"3", max_events=2)) == Refused(reason="session_full")
        assert await one(store, append("s1", b"3", b"4", max_events=3)) == Refused(reason="session_full")
        assert await one(store, append("s1", b"3", max_events=3)) == Committed(head=3)

    async def test_what_was_begun_may_end_in_a_full_session(self, store: SessionStore) -> None:
        await make_session(store)
        opened = CallOpened(call_id="k1", tool_name="tool", owner="b")
        await submit(
            store,
            append("s1", b"1", turn=TurnQueued(turn_id="t1")),
            Step(session_id="s1", turn=TurnClaimed(turn_id="t1", owner="b", fence=0)),
            append("s1", b"2", call=opened),
        )
        assert await one(store, append("s1", b"x", turn=TurnQueued(turn_id="t2"), max_events=2)) == Refused(
            reason="session_full"
        )
        assert await one(store, append("s1", b"3", call=CallClosed(call_id="k1"), max_events=2)) == Committed(head=3)
        ending = TurnEnding(turn_id="t1", fence=1, outcome="completed")
        assert await one(store, append("s1", b"4", turn=ending, max_events=2)) == Committed(head=4)
        assert await one(store, Step(session_id="s1", id="c1", max_events=2)) == Committed(head=4)

    async def test_a_moved_log_is_told_before_a_full_one(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"1"))
        assert await one(store, append("s1", b"2", expected_head=0, max_events=1)) == Conflict(head=1)


async def running_turn(store: SessionStore, turn_id: str = "t1", owner: str = "boot") -> None:
    results = await submit(
        store,
        append("s1", b"hello", turn=TurnQueued(turn_id=turn_id)),
        Step(session_id="s1", turn=TurnClaimed(turn_id=turn_id, owner=owner, fence=0)),
    )
    assert all(isinstance(result, Committed) for result in results)


async def turns(store: SessionStore) -> tuple[TurnRow, ...]:
    loaded = await store.load("s1")
    assert loaded is not None
    return loaded.turns


class TestTurns:
    async def test_the_life_of_a_turn(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"before"))
        await one(store, append("s1", b"hello", b"more", turn=TurnQueued(turn_id="t1")))
        queued = TurnRow(
            session_id="s1", turn_id="t1", status="queued", owner=None, fence=0, message_offset=2, text="", next_index=0
        )
        assert await turns(store) == (queued,)
        assert await store.turn("s1", "t1") == ("queued", 0)
        claim = Step(session_id="s1", turn=TurnClaimed(turn_id="t1", owner="boot", fence=0))
        assert await one(store, claim) == Committed(head=3)
        assert await store.turn("s1", "t1") == ("running", 0)
        checkpoint = TurnCheckpoint(turn_id="t1", fence=1, text="so far", next_index=7)
        assert await one(store, Step(session_id="s1", turn=checkpoint)) == Committed(head=3)
        (row,) = await turns(store)
        assert (row.status, row.owner, row.fence, row.message_offset) == ("running", "boot", 1, 2)
        assert (row.text, row.next_index) == ("so far", 7)
        ending = TurnEnding(turn_id="t1", fence=1, outcome="completed")
        assert await one(store, append("s1", b"answer", b"ended", turn=ending)) == Committed(head=5)
        assert await turns(store) == ()
        assert await store.turn("s1", "t1") == ("ended", 5)
        assert await store.turn("s1", "t2") is None
        assert await store.turn("s2", "t1") is None

    async def test_a_turn_ends_once(self, store: SessionStore) -> None:
        await make_session(store)
        await running_turn(store)
        ending = TurnEnding(turn_id="t1", fence=1, outcome="stopped")
        assert await one(store, append("s1", b"ended", turn=ending)) == Committed(head=2)
        assert await one(store, append("s1", b"ended", turn=ending)) == Refused(reason="fenced")
        queued = TurnEnding(turn_id="t1", fence=None, outcome="stopped")
        assert await one(store, append("s1", b"ended", turn=queued)) == Refused(reason="fenced")
        assert await store.turn("s1", "t1") == ("ended", 2)
        assert await bodies(store) == [b"hello", b"ended"]

    async def test_a_queued_turn_can_be_ended_and_then_not_begun(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"hello", turn=TurnQueued(turn_id="t1")))
        ending = TurnEnding(turn_id="t1", fence=None, outcome="stopped")
        assert await one(store, append("s1", b"ended", turn=ending)) == Committed(head=2)
        claim = Step(session_id="s1", turn=TurnClaimed(turn_id="t1", owner="boot", fence=0))
        assert await one(store, claim) == Refused(reason="fenced")

    async def test_a_running_turn_is_not_ended_as_queued(self, store: SessionStore) -> None:
        await make_session(store)
        await running_turn(store)
        ending = TurnEnding(turn_id="t1", fence=None, outcome="stopped")
        assert await one(store, append("s1", b"ended", turn=ending)) == Refused(reason="fenced")

    async def test_one_runs_at_a_time(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await make_session(store)
        await running_turn(store)
        await one(store, append("s1", b"second", turn=TurnQueued(turn_id="t2")))
        claim = Step(session_id="s1", turn=TurnClaimed(turn_id="t2", owner="boot", fence=0))
        assert await one(store, claim) == Refused(reason="busy")
        assert [row.turn_id for row in await turns(store)] == ["t1", "t2"]
        other = (
            append("s2", b"hello", turn=TurnQueued(turn_id="t1")),
            Step(session_id="s2", turn=TurnClaimed(turn_id="t1", owner="boot", fence=0)),
        )
        assert await submit(store, *other) == [Committed(head=1), Committed(head=1)]
        ending = append("s1", b"ended", turn=TurnEnding(turn_id="t1", fence=1, outcome="completed"))
        assert await submit(store, ending, claim) == [Committed(head=3), Committed(head=3)]

    @pytest.mark.parametrize("fence", [0, 2])
    async def test_a_wrong_fence_writes_nothing(self, store: SessionStore, fence: int) -> None:
        await make_session(store)
        await running_turn(store)
        fenced = Refused(reason="fenced")
        checkpoint = TurnCheckpoint(turn_id="t1", fence=fence, text="late", next_index=1)
        assert await one(store, Step(session_id="s1", turn=checkpoint)) == fenced
        ending = TurnEnding(turn_id="t1", fence=fence, outcome="completed")
        assert await one(store, append("s1", b"late", turn=ending)) == fenced
        assert await one(store, append("s1", b"late", fence=Fence(turn_id="t1", fence=fence))) == fenced
        again = TurnClaimed(turn_id="t1", owner="other", fence=fence)
        assert await one(store, Step(session_id="s1", turn=again)) == fenced
        (row,) = await turns(store)
        assert (row.owner, row.fence, row.text) == ("boot", 1, "")
        assert await bodies(store) == [b"hello"]

    async def test_a_claim_of_a_queued_turn_under_another_fence(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"hello", turn=TurnQueued(turn_id="t1")))
        claim = TurnClaimed(turn_id="t1", owner="boot", fence=1)
        assert await one(store, Step(session_id="s1", turn=claim)) == Refused(reason="fenced")

    async def test_a_fence_lets_its_running_turn_write(self, store: SessionStore) -> None:
        await make_session(store)
        await running_turn(store)
        fence = Fence(turn_id="t1", fence=1)
        assert await one(store, append("s1", b"piece", fence=fence)) == Committed(head=2)
        await one(store, append("s1", b"ended", turn=TurnEnding(turn_id="t1", fence=1, outcome="failed")))
        assert await one(store, append("s1", b"late", fence=fence)) == Refused(reason="fenced")

    async def test_fenced_is_told_before_a_moved_log(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"x"))
        step = append("s1", b"late", fence=Fence(turn_id="t1", fence=1), expected_head=0)
        assert await one(store, step) == Refused(reason="fenced")

    async def test_a_turn_id_is_used_once(self, store: SessionStore) -> None:
        await make_session(store)
        await running_turn(store)
        assert await one(store, append("s1", b"x", turn=TurnQueued(turn_id="t1"))) == Refused(reason="fenced")
        await one(store, append("s1", b"e", turn=TurnEnding(turn_id="t1", fence=1, outcome="completed")))
        assert await one(store, append("s1", b"x", turn=TurnQueued(turn_id="t1"))) == Refused(reason="fenced")

    async def test_what_a_sweep_takes_over(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await make_session(store)
        await running_turn(store, owner=store.boot_id)
        await one(store, append("s1", b"second", turn=TurnQueued(turn_id="t2")))
        assert [row.turn_id for row in await store.turns_of_others()] == ["t2"]
        before = store.boot_id
        await restart(store)
        assert store.boot_id != before
        found = await store.turns_of_others()
        assert [(row.session_id, row.turn_id, row.status, row.owner) for row in found] == [
            ("s1", "t1", "running", before),
            ("s1", "t2", "queued", None),
        ]


class TestCalls:
    async def test_the_life_of_a_call(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"before"))
        opened = CallOpened(call_id="k1", tool_name="get_rates", owner="boot", turn_id="t1")
        assert await one(store, append("s1", b"call", b"more", call=opened)) == Committed(head=3)
        row = OpenCall(session_id="s1", call_id="k1", tool_name="get_rates", owner="boot", offset=2, turn_id="t1")
        assert await store.result_of("s1", "k1") == row
        loaded = await store.load("s1")
        assert loaded is not None
        assert loaded.calls == (row,)
        closed = append("s1", b"result", b"more", call=CallClosed(call_id="k1"))
        assert await one(store, closed) == Committed(head=5)
        result = await store.result_of("s1", "k1")
        assert isinstance(result, StoredEvent)
        assert (result.offset, result.body) == (4, b"result")
        loaded = await store.load("s1")
        assert loaded is not None
        assert loaded.calls == ()

    async def test_the_result_may_be_a_later_event_of_its_step(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"call", call=CallOpened(call_id="k1", tool_name="t", owner="boot")))
        closed = append("s1", b"before", b"result", b"after", call=CallClosed(call_id="k1", event=1))
        assert await one(store, closed) == Committed(head=4)
        result = await store.result_of("s1", "k1")
        assert isinstance(result, StoredEvent)
        assert (result.offset, result.body) == (3, b"result")

    async def test_a_call_has_one_result(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"call", call=CallOpened(call_id="k1", tool_name="t", owner="boot")))
        closed = CallClosed(call_id="k1")
        results = await submit(store, append("s1", b"1", call=closed), append("s1", b"2", call=closed))
        assert results == [Committed(head=2), Refused(reason="closed")]
        assert await bodies(store) == [b"call", b"1"]

    async def test_unknown_calls(self, store: SessionStore) -> None:
        await make_session(store)
        assert await one(store, append("s1", b"x", call=CallClosed(call_id="k1"))) == Refused(reason="closed")
        assert await store.result_of("s1", "k1") is None
        assert await store.result_of("s2", "k1") is None

    async def test_a_call_id_is_opened_once(self, store: SessionStore) -> None:
        await make_session(store)
        opened = CallOpened(call_id="k1", tool_name="t", owner="boot")
        assert await one(store, append("s1", b"call", call=opened)) == Committed(head=1)
        assert await one(store, append("s1", b"call", call=opened)) == Refused(reason="closed")

    async def test_calls_of_others_and_adopting_one(self, store: SessionStore) -> None:
        await make_session(store)
        mine = CallOpened(call_id="k1", tool_name="t", owner=store.boot_id)
        await submit(
            store,
            append("s1", b"call", call=mine),
            append("s1", b"call", call=CallOpened(call_id="k2", tool_name="t", owner="another")),
            append("s1", b"call", call=CallOpened(call_id="k3", tool_name="t", owner="another")),
            append("s1", b"result", call=CallClosed(call_id="k3")),
        )
        assert [call.call_id for call in await store.calls_of_others()] == ["k2"]
        await restart(store)
        assert [call.call_id for call in await store.calls_of_others()] == ["k1", "k2"]
        assert await store.adopt_call("s1", "k1") is True
        assert [call.call_id for call in await store.calls_of_others()] == ["k2"]
        assert await store.adopt_call("s1", "k3") is False
        assert await store.adopt_call("s1", "unknown") is False
        assert await store.adopt_call("unknown", "k1") is False
        found = await store.result_of("s1", "k1")
        assert isinstance(found, OpenCall)
        assert found.owner == store.boot_id


class TestLoading:
    async def test_a_new_session(self, store: SessionStore) -> None:
        row = await make_session(store)
        loaded = await store.load("s1")
        assert loaded is not None
        assert loaded.session == row
        assert (loaded.snapshot, loaded.snapshot_offset, loaded.since) == (None, 0, ())

    async def test_an_unknown_session(self, store: SessionStore) -> None:
        assert await store.load("nowhere") is None
        assert await store.session("nowhere") is None
        assert await store.events("nowhere", after=0, upto=9, max_bytes=9, max_count=9) == []
        assert await store.events_before("nowhere", before=9, max_bytes=9, max_count=9) == []
        assert await store.devices("nowhere") == []

    async def test_the_snapshot_and_the_events_since(self, store: SessionStore) -> None:
        await make_session(store)
        await submit(
            store,
            append("s1", b"1"),
            append("s1", b"2", b"3", snapshot=b'{"title":"a"}'),
            append("s1", b"4", b"5"),
        )
        loaded = await store.load("s1")
        assert loaded is not None
        assert (loaded.session.head, loaded.snapshot, loaded.snapshot_offset) == (5, b'{"title":"a"}', 3)
        assert [(event.offset, event.body) for event in loaded.since] == [(4, b"4"), (5, b"5")]
        await one(store, Step(session_id="s1", snapshot=b"{}"))
        loaded = await store.load("s1")
        assert loaded is not None
        assert (loaded.snapshot, loaded.snapshot_offset, loaded.since) == (b"{}", 5, ())

    async def test_all_events_when_there_is_no_snapshot(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"1", b"2"))
        loaded = await store.load("s1")
        assert loaded is not None
        assert [event.offset for event in loaded.since] == [1, 2]


class TestPages:
    @pytest.fixture(autouse=True)
    async def _log(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", *(b"x" * 10 for _ in range(10))))

    async def test_a_range_of_offsets(self, store: SessionStore) -> None:
        found = await store.events("s1", after=3, upto=6, max_bytes=ALL, max_count=ALL)
        assert [event.offset for event in found] == [4, 5, 6]
        assert await store.events("s1", after=10, upto=99, max_bytes=ALL, max_count=9) == []
        assert await store.events("s1", after=6, upto=6, max_bytes=ALL, max_count=9) == []

    @pytest.mark.parametrize(
        ("max_bytes", "max_count", "expected"),
        [(ALL, 4, 4), (35, ALL, 3), (30, ALL, 3), (30, 2, 2), (9, ALL, 1), (0, ALL, 1), (ALL, 0, 1)],
    )
    async def test_limits(self, store: SessionStore, max_bytes: int, max_count: int, expected: int) -> None:
        found = await store.events("s1", after=2, upto=10, max_bytes=max_bytes, max_count=max_count)
        assert [event.offset for event in found] == list(range(3, 3 + expected))
        found = await store.events_before("s1", before=8, max_bytes=max_bytes, max_count=max_count)
        assert [event.offset for event in found] == list(range(8 - expected, 8))

    async def test_before(self, store: SessionStore) -> None:
        found = await store.events_before("s1", before=4, max_bytes=ALL, max_count=ALL)
        assert [event.offset for event in found] == [1, 2, 3]
        found = await store.events_before("s1", before=99, max_bytes=ALL, max_count=2)
        assert [event.offset for event in found] == [9, 10]
        assert await store.events_before("s1", before=1, max_bytes=ALL, max_count=ALL) == []

    async def test_pages_follow_each_other_without_a_gap(self, store: SessionStore) -> None:
        after = 0
        seen: list[int] = []
        while page := await store.events("s1", after=after, upto=10, max_bytes=25, max_count=7):
            seen += [event.offset for event in page]
            after = seen[-1]
        assert seen == list(range(1, 11))


class TestSessions:
    async def test_the_row(self, store: SessionStore) -> None:
        row = await make_session(store, epoch="e-1", at=5)
        assert row == SessionRow(
            session_id="s1",
            owner="u1",
            epoch=f"e-1.{store.incarnation}",
            head=0,
            first=1,
            at=5,
            last_at=5,
        )
        assert valid_epoch(row.epoch)
        await one(store, Step(session_id="s1", events=(event(at=8), event(at=9))))
        later = await store.session("s1")
        assert later is not None
        assert (later.head, later.first, later.at, later.last_at) == (2, 1, 5, 9)
        assert await store.heads(["s1", "nowhere"]) == {"s1": 2}
        assert await store.heads([]) == {}

    @pytest.mark.parametrize("epoch", ["", "no spaces", "x" * 60, "ü"])
    async def test_an_epoch_that_cannot_go_on_the_wire(self, store: SessionStore, epoch: str) -> None:
        with pytest.raises(ValueError, match="epoch"):
            await store.create_session(new_session(epoch=epoch))
        assert await store.session("s1") is None

    async def test_the_incarnation_stays_and_the_boot_id_does_not(self, store: SessionStore) -> None:
        before = await make_session(store)
        incarnation, boot_id = store.incarnation, store.boot_id
        await restart(store)
        assert store.incarnation == incarnation
        assert store.boot_id != boot_id
        assert await store.session("s1") == before

    async def test_the_same_key_gives_the_same_session(self, store: SessionStore) -> None:
        first = await make_session(store, "s1", key="k")
        await one(store, append("s1", b"x"))
        again = await store.create_session(new_session("s2", key="k", epoch="e2", max_sessions=1))
        assert isinstance(again, SessionRow)
        assert (again.session_id, again.epoch, again.head) == ("s1", first.epoch, 1)
        assert await store.session("s2") is None
        other = await make_session(store, "s3", owner="u2", key="k")
        assert other.session_id == "s3", "a key belongs to its owner"
        assert (await make_session(store, "s4", key="l")).session_id == "s4"
        assert (await make_session(store, "s5")).session_id == "s5"

    async def test_created_at_once_by_several(self, store: SessionStore) -> None:
        rows = await asyncio.gather(*(store.create_session(new_session(f"s{n}", key="k")) for n in range(9)))
        assert all(isinstance(row, SessionRow) for row in rows)
        assert {row.session_id for row in rows if isinstance(row, SessionRow)} == {"s0"}

    async def test_an_id_that_is_taken(self, store: SessionStore) -> None:
        await make_session(store)
        with pytest.raises(ValueError, match="s1"):
            await store.create_session(new_session("s1", owner="u2"))
        assert isinstance(await store.session("s1"), SessionRow)

    async def test_as_many_as_one_may_have(self, store: SessionStore) -> None:
        for n in range(3):
            assert (await make_session(store, f"s{n}", max_sessions=3)).session_id == f"s{n}"
        refused = await store.create_session(new_session("s3", max_sessions=3))
        assert refused == Refused(reason="too_many_sessions")
        assert await store.session("s3") is None
        assert (await make_session(store, "s4", owner="u2", max_sessions=1)).owner == "u2"

    async def test_sessions_of_an_owner_last_used_first(self, store: SessionStore) -> None:
        for n in range(4):
            await make_session(store, f"s{n}", at=n)
        await make_session(store, "s9", owner="u2", at=99)
        await one(store, Step(session_id="s1", events=(event(at=50),)))
        rows = await store.sessions_of("u1", limit=9)
        assert [row.session_id for row in rows] == ["s1", "s3", "s2", "s0"]
        assert [row.head for row in rows] == [1, 0, 0, 0]
        assert [row.session_id for row in await store.sessions_of("u1", limit=2)] == ["s1", "s3"]
        assert await store.sessions_of("nobody", limit=2) == []

    async def test_a_session_put_away_is_listed_apart_until_it_is_brought_back(self, store: SessionStore) -> None:
        for n in range(3):
            await make_session(store, f"s{n}")
            await one(store, Step(session_id=f"s{n}", events=(event(at=n),)))
        await make_session(store, "empty")

        async def listed(archived: bool | None, limit: int = 9) -> list[str]:
            rows = await store.sessions_of("u1", limit=limit, archived=archived)
            assert all(row.archived == archived for row in rows if archived is not None)
            return [row.session_id for row in rows]

        assert await store.set_archived("s2", "u1", True) is True
        assert (await listed(False), await listed(True)) == (["s1", "s0"], ["s2"])
        assert sorted(await listed(None)) == ["empty", "s0", "s1", "s2"]
        assert await listed(False, limit=1) == ["s1"]
        assert await store.set_archived("s1", "u1", True) is True
        assert await store.set_archived("s1", "u1", True) is True
        assert await store.set_archived("empty", "u1", True) is True
        assert (await store.archived_of("u1"), await listed(True)) == (2, ["s2", "s1"])
        assert await store.set_archived("s2", "u1", False) is True
        assert (await store.archived_of("u1"), await listed(True)) == (1, ["s1"])
        assert (await store.archived_of("u2"), await store.archived_of("nobody")) == (0, 0)

    async def test_only_its_owner_puts_a_session_away(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"x"))
        assert await store.set_archived("s1", "u2", True) is False
        assert await store.set_archived("nowhere", "u1", True) is False
        row = await store.session("s1")
        assert row is not None
        assert row.archived is False

    async def test_only_a_step_that_says_so_brings_a_session_back(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, append("s1", b"1"))
        assert await store.set_archived("s1", "u1", True) is True
        put_away = []
        for step in (
            append("s1", b"2"),
            append("s1", b"3", expected_head=0, unarchives=True),  # refused
            append("s1", b"3", unarchives=True),
            append("s1", b"4", unarchives=True),
        ):
            await one(store, step)
            row = await store.session("s1")
            assert row is not None
            put_away.append(row.archived)
        assert put_away == [True, True, False, False]
        assert await store.set_archived("s1", "u1", True) is True
        await restart(store)
        assert await store.archived_of("u1") == 1
        await submit(store, append("s1", b"5"), append("s1", b"6", unarchives=True))
        assert await store.archived_of("u1") == 0

    async def test_a_title_stays_until_another_one_comes(self, store: SessionStore) -> None:
        await make_session(store)
        titles = []
        for title in (None, "to Boston", None, "", None):
            await one(store, Step(session_id="s1", events=(event(),), title=title))
            row = await store.session("s1")
            assert row is not None
            titles.append(row.title)
        assert titles == [None, "to Boston", "to Boston", None, None]

    async def test_a_refused_step_leaves_the_title(self, store: SessionStore) -> None:
        await make_session(store)
        await one(store, Step(session_id="s1", events=(event(),), expected_head=7, title="never"))
        row = await store.session("s1")
        assert row is not None
        assert row.title is None


async def written(store: SessionStore) -> None:
    """Wait until everything given to the store before is written."""
    await submit(store)


class TestDevices:
    async def test_none_leaves_what_is_there(self, store: SessionStore) -> None:
        await make_session(store)
        store.save_device("s1", DeviceRow(device="d", state=b"{}", seen_epoch=None, seen_offset=None, at=1))
        store.save_device("s1", DeviceRow(device="d", state=None, seen_epoch="e", seen_offset=4, at=2))
        await written(store)
        kept = DeviceRow(device="d", state=b"{}", seen_epoch="e", seen_offset=4, at=2)
        assert await store.devices("s1") == [kept]
        store.save_device("s1", DeviceRow(device="d", state=b"[]", seen_epoch="f", seen_offset=0, at=3))
        await written(store)
        kept = DeviceRow(device="d", state=b"[]", seen_epoch="f", seen_offset=0, at=3)
        assert await store.devices("s1") == [kept]

    async def test_last_written_first(self, store: SessionStore) -> None:
        await make_session(store)
        await make_session(store, "s2")
        for device in ["a", "b", "c", "a"]:
            row = DeviceRow(device=device, state=b"{}", seen_epoch=None, seen_offset=None, at=1)
            store.save_device("s1", row)
        store.save_device("s2", DeviceRow(device="z", state=None, seen_epoch=None, seen_offset=None, at=1))
        store.save_device("nowhere", DeviceRow(device="z", state=None, seen_epoch=None, seen_offset=None, at=1))
        await written(store)
        assert [row.device for row in await store.devices("s1")] == ["a", "c", "b"]

    async def test_only_those_that_wrote_last_are_kept(self, store: SessionStore) -> None:
        await make_session(store)
        await make_session(store, "s2")
        seen = DeviceRow(device="0", state=None, seen_epoch="e", seen_offset=1, at=1)
        store.save_device("s2", seen)
        for number in [*range(MAX_DEVICES), 0, *range(MAX_DEVICES, MAX_DEVICES + 3)]:
            store.save_device("s1", replace(seen, device=str(number)))
        await written(store)
        kept = [*range(4, MAX_DEVICES), 0, *range(MAX_DEVICES, MAX_DEVICES + 3)]
        assert [row.device for row in await store.devices("s1")] == [str(number) for number in reversed(kept)]
        assert await store.devices("s2") == [seen]


class TestClosing:
    async def test_what_was_submitted_is_finished(self, store: SessionStore) -> None:
        await make_session(store)
        seen: list[Result] = []
        for _ in range(100):
            store.submit([append("s1", b"x")], seen.extend)
        await store.close()
        assert seen == [Committed(head=n) for n in range(1, 101)]
        await store.close()
        await store.open()
        assert await store.heads(["s1"]) == {"s1": 100}

    async def test_a_closed_store_says_so(self, store: SessionStore) -> None:
        await make_session(store)
        await store.close()
        with pytest.raises(StoreUnavailable):
            await store.session("s1")
        with pytest.raises(StoreUnavailable):
            await store.create_session(new_session("s2"))
        with pytest.raises(StoreUnavailable):
            await store.changed_elsewhere()
        (result,) = await submit(store, append("s1", b"x"))
        assert isinstance(result, Unavailable)
        store.save_device("s1", DeviceRow(device="d", state=None, seen_epoch=None, seen_offset=None, at=1))

    async def test_own_writes_are_not_from_elsewhere(self, store: SessionStore) -> None:
        assert await store.changed_elsewhere() is False
        await make_session(store)
        await one(store, append("s1", b"x"))
        await store.set_password("nobody", "x")
        assert await store.changed_elsewhere() is False
