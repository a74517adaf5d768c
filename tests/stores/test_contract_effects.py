"""What every store promises of approvals, effects and documents, sentence by sentence."""

import asyncio
import os
from collections.abc import Collection, Sequence

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import (
    ApprovalEnded,
    ApprovalRow,
    Committed,
    Conflict,
    DocumentRow,
    EffectRow,
    Fence,
    Refused,
    Result,
    SessionStore,
    Step,
    Unavailable,
)
from tests.support.store_steps import (
    account,
    append,
    asks,
    claims,
    document,
    ends,
    event,
    grant,
    logged,
    make_session,
    one,
    restart,
    settles,
    submit,
    takes,
)

DONE = Committed(head=0)
ASKED, RESOLVED, LATE = Refused(reason="asked"), Refused(reason="resolved"), Refused(reason="late")
TAKEN, FENCED = Refused(reason="taken"), Refused(reason="fenced")
STATUSES = ("claimed", "unknown", "settled", "failed")
OPEN = ("claimed", "unknown")


@pytest.fixture
async def store(each_store: SessionStore) -> SessionStore:
    """One session, ``s1``, which is empty."""
    await make_session(each_store)
    return each_store


async def open_approvals(store: SessionStore) -> list[str]:
    return [row.approval_id for row in await store.approvals_due(1 << 60, limit=99)]


async def effect(store: SessionStore, effect_id: str = "x1", session_id: str = "s1") -> EffectRow:
    row = await store.effect(session_id, effect_id)
    assert row is not None
    return row


async def names(store: SessionStore, statuses: Collection[str] = STATUSES, limit: int = 99) -> list[str]:
    return [row.effect_id for row in await store.effects(statuses=statuses, limit=limit)]


async def open_names(store: SessionStore, limit: int = 99) -> list[str]:
    return [row.effect_id for row in await store.effects_open(limit=limit)]


class TestApprovals:
    async def test_an_approval_is_open_until_it_ends(self, store: SessionStore) -> None:
        assert await one(store, asks("a1", expires_at=100)) == DONE
        assert await store.approvals_due(100, limit=9) == [
            ApprovalRow(session_id="s1", approval_id="a1", expires_at=100)
        ]
        assert await one(store, ends("a1")) == DONE
        assert await store.approvals_due(100, limit=9) == []

    async def test_it_comes_with_events_of_its_step(self, store: SessionStore) -> None:
        assert await one(store, asks(events=(event(), event()))) == Committed(head=2)
        assert await one(store, ends(events=(event(),))) == Committed(head=3)

    @pytest.mark.parametrize("decision", ["approved", "declined", "expired", "cancelled"])
    async def test_it_ends_once(self, store: SessionStore, decision: str) -> None:
        await one(store, asks())
        assert await one(store, ends(decision=decision)) == DONE
        for again in ("approved", "declined", "expired", "cancelled"):
            assert await one(store, ends(decision=again, events=(event(),))) == RESOLVED
        assert await logged(store, "s1") == []

    async def test_of_two_answers_in_one_submission_one_counts(self, store: SessionStore) -> None:
        await one(store, asks())
        answers = ends(events=(event(),)), ends(decision="declined", events=(event(),))
        assert await submit(store, *answers) == [Committed(head=1), RESOLVED]
        assert await logged(store, "s1") == [(1, None)]

    async def test_one_that_nobody_asked_for(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await one(store, asks())
        assert await one(store, ends("a2")) == RESOLVED
        assert await one(store, ends("a1", session_id="s2")) == RESOLVED
        assert await open_approvals(store) == ["a1"]

    @pytest.mark.parametrize(("now", "told"), [(99, DONE), (100, LATE), (101, LATE)])
    async def test_a_yes_counts_until_the_time_is_over(self, store: SessionStore, now: int, told: Result) -> None:
        await one(store, asks(expires_at=100))
        assert await one(store, ends(decision="approved", now=now)) == told
        assert await open_approvals(store) == ([] if told == DONE else ["a1"])

    @pytest.mark.parametrize("decision", ["declined", "expired", "cancelled"])
    @pytest.mark.parametrize("now", [99, 100, 101])
    async def test_any_other_end_is_never_late(self, store: SessionStore, decision: str, now: int) -> None:
        await one(store, asks(expires_at=100))
        assert await one(store, ends(decision=decision, now=now)) == DONE

    async def test_a_yes_that_came_too_late_twice_is_resolved_the_second_time(self, store: SessionStore) -> None:
        await one(store, asks(expires_at=100))
        late, over = ends(decision="approved", now=100), ends(decision="expired", now=100)
        assert await submit(store, late, over, late) == [LATE, DONE, RESOLVED]

    async def test_one_is_open_per_session(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        assert await submit(store, asks("a1"), asks("a2"), asks("a2", session_id="s2")) == [DONE, ASKED, DONE]
        assert await one(store, ends("a1")) == DONE
        assert await one(store, asks("a2")) == DONE

    async def test_one_step_may_end_one_and_ask_for_the_next(self, store: SessionStore) -> None:
        await one(store, asks("a1"))
        both = asks("a2", ended=ApprovalEnded(approval_id="a1", decision="cancelled", now=1))
        assert await one(store, both) == DONE
        assert await open_approvals(store) == ["a2"]
        assert await one(store, ends("a1")) == RESOLVED
        assert await one(store, ends("a2")) == DONE

    async def test_it_must_end_the_one_that_is_open(self, store: SessionStore) -> None:
        await submit(store, asks("a1"), ends("a1"), asks("a2"))
        other = ApprovalEnded(approval_id="a1", decision="cancelled", now=1)
        assert await one(store, asks("a3", ended=other)) == RESOLVED
        late = ApprovalEnded(approval_id="a2", decision="approved", now=100)
        assert await one(store, asks("a3", ended=late)) == LATE
        assert await open_approvals(store) == ["a2"]

    async def test_an_id_is_used_once_in_its_session(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await submit(store, asks("a1"), ends("a1"))
        assert await one(store, asks("a1")) == ASKED
        assert await one(store, asks("a1", session_id="s2")) == DONE
        await one(store, asks("a2"))
        again = asks("a2", ended=ApprovalEnded(approval_id="a2", decision="cancelled", now=1))
        assert await one(store, again) == ASKED
        assert await open_approvals(store) == ["a1", "a2"], "nothing of that step was written, its ending neither"

    async def test_it_outlives_a_restart(self, store: SessionStore) -> None:
        await submit(store, asks("a1"), ends("a1"), asks("a2"))
        await restart(store)
        assert await open_approvals(store) == ["a2"]
        assert await submit(store, asks("a3"), ends("a1"), asks("a1"), ends("a2"), asks("a1")) == [
            ASKED,
            RESOLVED,
            ASKED,
            DONE,
            ASKED,
        ]

    async def test_those_due_the_longest_overdue_first(self, store: SessionStore) -> None:
        for n, expires_at in enumerate([50, 30, 40, 30, 60], start=2):
            await make_session(store, f"s{n}")
            await one(store, asks(f"a{n}", session_id=f"s{n}", expires_at=expires_at))
        due = await store.approvals_due(50, limit=9)
        assert [(row.session_id, row.expires_at) for row in due] == [("s3", 30), ("s5", 30), ("s4", 40), ("s2", 50)]
        assert await store.approvals_due(50, limit=2) == due[:2]
        assert await store.approvals_due(50, limit=0) == []
        assert await store.approvals_due(29, limit=9) == []
        assert [row.session_id for row in await store.approvals_due(30, limit=9)] == ["s3", "s5"]


class TestClaiming:
    async def test_a_claim_comes_back_as_it_was_made(self, store: SessionStore) -> None:
        claim = claims(
            "x1", intent="buy:p1", kind="label", owner="boot", request=b'{"rate":"caf\xc3\xa9"}', at=7, call_id="k1"
        )
        assert await one(store, claim) == DONE
        row = EffectRow(
            session_id="s1",
            effect_id="x1",
            intent="buy:p1",
            kind="label",
            status="claimed",
            owner="boot",
            fence=1,
            at=7,
            request=b'{"rate":"caf\xc3\xa9"}',
            call_id="k1",
            outcome=None,
            held=True,
        )
        assert await store.effects(statuses=["claimed"], limit=9) == [row]
        assert await store.effects_open(limit=9) == [row]
        assert await store.effect("s1", "x1") == row
        await one(store, claims("x2", intent="other"))
        assert (await effect(store, "x2")).call_id is None

    async def test_it_outlives_a_restart(self, store: SessionStore) -> None:
        await one(store, claims("x1", owner=store.boot_id))
        before = await store.effects_open(limit=9)
        await restart(store)
        assert await store.effects_open(limit=9) == before
        assert await one(store, claims("x2")) == TAKEN
        assert await one(store, claims("x1", intent="other")) == TAKEN
        assert await one(store, settles("x1")) == DONE

    async def test_a_held_intent_is_taken(self, store: SessionStore) -> None:
        await one(store, claims("x1"))
        assert await one(store, claims("x2", bodies=(b"no",))) == TAKEN
        await one(store, settles("x1", "unknown"))
        assert await one(store, claims("x2", bodies=(b"no",))) == TAKEN
        await one(store, settles("x1", "settled"))
        assert await one(store, claims("x2", bodies=(b"no",))) == TAKEN
        assert await names(store) == ["x1"]
        assert await logged(store, "s1") == []

    async def test_an_intent_belongs_to_its_session(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        claimed = claims("x1"), claims("x1", session_id="s2"), claims("x2", intent="other")
        assert await submit(store, *claimed) == [DONE] * 3

    async def test_a_failed_effect_frees_its_intent(self, store: SessionStore) -> None:
        await one(store, claims("x1"))
        assert await one(store, settles("x1", "failed")) == DONE
        assert (await effect(store, "x1")).held is False
        assert await one(store, claims("x2")) == DONE
        assert await one(store, claims("x3")) == TAKEN

    async def test_an_id_is_used_once_in_its_session(self, store: SessionStore) -> None:
        await submit(store, claims("x1"), settles("x1", "failed"))
        assert await one(store, claims("x1")) == TAKEN
        assert await one(store, claims("x1", intent="other")) == TAKEN
        assert (await effect(store, "x1")).status == "failed"

    async def test_two_in_one_submission_for_the_same_intent(self, store: SessionStore) -> None:
        first, second = claims("x1", bodies=(b"1",)), claims("x2", bodies=(b"2", b"2"), owner="other")
        assert await submit(store, first, second, append("s1", b"3")) == [Committed(head=1), TAKEN, Committed(head=2)]
        found = await store.events("s1", after=0, upto=9, max_bytes=99, max_count=9)
        assert [event.body for event in found] == [b"1", b"3"]
        assert await names(store) == ["x1"]
        assert (await effect(store, "x1")).owner == "boot"

    async def test_many_submissions_for_the_same_intent(self, store: SessionStore) -> None:
        seen: list[Result] = []
        finished = asyncio.Event()

        def done(results: Sequence[Result]) -> None:
            seen.extend(results)
            if len(seen) == 40:
                finished.set()

        for n in range(40):
            store.submit([claims(f"x{n}", bodies=(b"x",))], done)
        await asyncio.wait_for(finished.wait(), 10)
        assert seen == [Committed(head=1), *[TAKEN] * 39]

    async def test_a_refused_claim_leaves_no_trace(self, store: SessionStore) -> None:
        await submit(store, claims("x1"), asks("a1"))
        spoiled = claims("x2", bodies=(b"no",))
        changes = {
            "id": "c1",
            "documents": (document("d1"),),
            "ended": ends("a1").ended,
            "asked": asks("a2").asked,
            "snapshot": b"{}",
            "title": "no",
        }
        step = Step(session_id="s1", events=spoiled.events, effect=spoiled.effect, **changes)  # type: ignore[arg-type]
        assert await one(store, step) == TAKEN
        loaded = await store.load("s1")
        assert loaded is not None
        assert (loaded.session.head, loaded.session.title, loaded.snapshot) == (0, None, None)
        assert await open_approvals(store) == ["a1"]
        assert await store.document("d1") is None
        assert await names(store) == ["x1"]
        await one(store, settles("x1", "failed"))
        assert await one(store, step) == Committed(head=1), "its id was not used"
        assert await open_approvals(store) == ["a2"]
        assert await store.document("d1") is not None


class TestTaking:
    async def test_the_fence_rises_and_the_old_one_is_refused(self, store: SessionStore) -> None:
        await one(store, claims("x1", at=5))
        assert await one(store, takes("x1", fence=1, owner="other")) == DONE
        row = await effect(store)
        assert (row.fence, row.owner, row.at, row.status, row.held) == (2, "other", 5, "claimed", True)
        assert await one(store, settles("x1", fence=1)) == FENCED
        assert await one(store, takes("x1", fence=1, owner="third")) == FENCED
        assert await effect(store) == row
        assert await one(store, settles("x1", fence=2)) == DONE

    async def test_its_owner_may_begin_it_anew(self, store: SessionStore) -> None:
        await one(store, claims("x1", owner="boot", at=5))
        assert await one(store, takes("x1", owner="boot", at=9)) == DONE
        row = await effect(store)
        assert (row.fence, row.owner, row.at) == (2, "boot", 9)

    async def test_of_two_that_take_one_gets_it(self, store: SessionStore) -> None:
        await one(store, claims("x1"))
        assert await submit(store, takes(owner="a"), takes(owner="b")) == [DONE, FENCED]
        assert (await effect(store)).owner == "a"

    async def test_an_unknown_one_stays_unknown_and_keeps_its_outcome(self, store: SessionStore) -> None:
        await submit(store, claims("x1"), settles("x1", "unknown", outcome=b'{"why":1}'))
        assert await one(store, takes("x1", owner="other")) == DONE
        row = await effect(store)
        assert (row.status, row.fence, row.owner, row.outcome) == ("unknown", 2, "other", b'{"why":1}')

    @pytest.mark.parametrize("status", ["settled", "failed"])
    async def test_what_is_over_is_not_taken(self, store: SessionStore, status: str) -> None:
        await submit(store, claims("x1"), settles("x1", status))
        assert await one(store, takes("x1")) == FENCED

    @pytest.mark.parametrize("fence", [0, 2])
    async def test_a_wrong_fence_or_an_unknown_id(self, store: SessionStore, fence: int) -> None:
        await make_session(store, "s2")
        await one(store, claims("x1"))
        assert await one(store, takes("x1", fence=fence)) == FENCED
        assert await one(store, takes("x2", fence=1)) == FENCED
        assert await one(store, takes("x1", session_id="s2", fence=1)) == FENCED
        assert (await effect(store)).fence == 1


class TestSettling:
    @pytest.mark.parametrize("status", ["settled", "failed", "unknown"])
    async def test_what_became_of_it(self, store: SessionStore, status: str) -> None:
        await one(store, claims("x1", request=b'{"a":1}', at=5))
        assert await one(store, settles("x1", status, outcome=b'{"b":2}')) == DONE
        row = await effect(store)
        assert (row.status, row.outcome, row.held) == (status, b'{"b":2}', status != "failed")
        assert (row.request, row.at, row.fence, row.owner) == (b'{"a":1}', 5, 1, "boot")
        assert await open_names(store) == (["x1"] if status == "unknown" else [])
        await restart(store)
        assert await effect(store) == row

    @pytest.mark.parametrize("status", ["settled", "failed"])
    async def test_it_settles_once(self, store: SessionStore, status: str) -> None:
        await submit(store, claims("x1"), settles("x1", status, outcome=b"1"))
        for again in ("settled", "failed", "unknown"):
            assert await one(store, settles("x1", again, outcome=b"2")) == FENCED
        row = await effect(store)
        assert (row.status, row.outcome) == (status, b"1")

    @pytest.mark.parametrize("status", ["settled", "failed"])
    async def test_unknown_can_be_settled_later(self, store: SessionStore, status: str) -> None:
        unknown = settles("x1", "unknown", outcome=b"1")
        assert await submit(store, claims("x1"), unknown, unknown) == [DONE] * 3
        assert await one(store, settles("x1", status)) == DONE
        row = await effect(store)
        assert (row.status, row.outcome) == (status, None), "the later word takes the place of the earlier one"

    async def test_of_two_in_one_submission_one_counts(self, store: SessionStore) -> None:
        await one(store, claims("x1"))
        assert await submit(store, settles("x1", "failed"), settles("x1", "settled")) == [DONE, FENCED]
        assert (await effect(store)).status == "failed"

    @pytest.mark.parametrize("fence", [0, 2])
    @pytest.mark.parametrize("status", ["settled", "failed", "unknown"])
    async def test_a_wrong_fence_or_an_unknown_id(self, store: SessionStore, fence: int, status: str) -> None:
        await make_session(store, "s2")
        await one(store, claims("x1"))
        assert await one(store, settles("x1", status, fence=fence)) == FENCED
        assert await one(store, settles("x2", status)) == FENCED
        assert await one(store, settles("x1", status, session_id="s2")) == FENCED
        assert (await effect(store)).status == "claimed"

    async def test_it_may_release_the_intent_of_another(self, store: SessionStore) -> None:
        await submit(store, claims("x1"), settles("x1"), claims("v1", intent="void"))
        assert await one(store, claims("x2")) == TAKEN
        assert await one(store, settles("v1", releases="x1")) == DONE
        assert [(await effect(store, id)).held for id in ("x1", "v1")] == [False, True]
        assert (await effect(store, "x1")).status == "settled"
        assert await submit(store, claims("x2"), claims("x3")) == [DONE, TAKEN]

    @pytest.mark.parametrize("status", ["failed", "unknown"])
    async def test_nothing_is_released_by_what_is_not_settled(self, store: SessionStore, status: str) -> None:
        await submit(store, claims("x1"), settles("x1"), claims("v1", intent="void"))
        assert await one(store, settles("v1", status, releases="x1")) == DONE
        assert await one(store, claims("x2")) == TAKEN

    @pytest.mark.parametrize("before", [(), ("unknown",)])
    async def test_what_is_still_open_keeps_its_intent(self, store: SessionStore, before: tuple[str, ...]) -> None:
        await submit(store, claims("x1"), *(settles("x1", status) for status in before), claims("v1", intent="void"))
        assert await one(store, settles("v1", releases="x1")) == DONE
        assert (await effect(store, "x1")).held is True
        assert await one(store, claims("x2")) == TAKEN

    async def test_releasing_reaches_no_other_session_and_not_itself(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await submit(store, claims("x1"), settles("x1"))
        await submit(store, claims("x1", session_id="s2"), claims("v1", intent="void", session_id="s2"))
        await one(store, settles("v1", session_id="s2", releases="x9"))
        await one(store, settles("x1", session_id="s2", releases="x1"))
        assert [(await effect(store, "x1", id)).held for id in ("s1", "s2")] == [True, True]

    async def test_a_refused_one_releases_nothing(self, store: SessionStore) -> None:
        await submit(store, claims("x1"), settles("x1"), claims("v1", intent="void"))
        assert await one(store, settles("v1", fence=2, releases="x1")) == FENCED
        assert (await effect(store, "x1")).held is True


class TestListing:
    async def test_one_by_its_session_and_id(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        await submit(store, claims("x1", at=1), claims("x1", session_id="s2", at=2), claims("x2", intent="i", at=3))
        for session_id, effect_id, at in (("s1", "x1", 1), ("s2", "x1", 2), ("s1", "x2", 3)):
            row = await effect(store, effect_id, session_id)
            assert (row.session_id, row.effect_id, row.at) == (session_id, effect_id, at)
        assert [await store.effect(*name) for name in (("s2", "x2"), ("s1", "x3"), ("nowhere", "x1"))] == [None] * 3

    async def test_the_newest_first_in_the_statuses_asked_for(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        for n, at in enumerate([3, 1, 2, 5, 4, 2, 2]):
            await one(store, claims(f"x{n}", intent=f"i{n}", at=at, session_id="s2" if n % 2 else "s1"))
        await submit(store, settles("x0"), settles("x1", "failed", session_id="s2"), settles("x2", "unknown"))
        await submit(store, settles("x6", "unknown"))
        assert await names(store) == ["x3", "x4", "x0", "x6", "x5", "x2", "x1"]
        assert await names(store, limit=3) == ["x3", "x4", "x0"]
        assert await names(store, limit=0) == []
        assert await names(store, ["unknown"]) == ["x6", "x2"]
        assert await names(store, {"settled", "failed"}) == ["x0", "x1"]
        assert await names(store, ["claimed", "unknown", "claimed"], limit=4) == ["x3", "x4", "x6", "x5"]
        assert await names(store, []) == []
        assert await names(store, ["unheard of"]) == []

    async def test_the_open_ones_oldest_first_whoever_owns_them(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        owners = [store.boot_id, "another", "another", store.boot_id, "third"]
        for n, (at, owner) in enumerate(zip([3, 1, 2, 2, 0], owners, strict=True)):
            await one(store, claims(f"x{n}", intent=f"i{n}", at=at, owner=owner, session_id="s2" if n % 2 else "s1"))
        await submit(store, settles("x0", "unknown"), settles("x4", "failed"))
        assert await open_names(store) == ["x1", "x2", "x3", "x0"]
        assert await open_names(store, limit=2) == ["x1", "x2"]
        assert await open_names(store, limit=0) == []
        await submit(store, takes("x1", session_id="s2", at=9), takes("x2"))
        assert await open_names(store) == ["x2", "x3", "x0", "x1"], "begun anew is younger, changing hands is not"
        assert (await names(store, OPEN))[0] == "x1"


class TestDocuments:
    async def test_a_document_comes_back_byte_for_byte(self, store: SessionStore) -> None:
        body = os.urandom(100_000) + bytes(range(256))
        step = append("s1", b"x", documents=(document("d1", body, media_type="image/png", name="café.png"),))
        assert await one(store, step) == Committed(head=1)
        row = DocumentRow(
            document_id="d1", session_id="s1", owner="u1", media_type="image/png", name="café.png", body=body
        )
        assert await store.document("d1") == row
        await restart(store)
        assert await store.document("d1") == row

    async def test_several_of_one_step_and_none(self, store: SessionStore) -> None:
        await make_session(store, "s2", owner="u2")
        await one(store, Step(session_id="s2", documents=(document("d1", b"1"), document("d2", b""))))
        for id, body in (("d1", b"1"), ("d2", b"")):
            row = await store.document(id)
            assert row is not None
            assert (row.session_id, row.owner, row.body) == ("s2", "u2", body)
        assert await store.document("d3") is None

    async def test_an_id_is_used_once_in_the_store_and_the_first_stays(self, store: SessionStore) -> None:
        await make_session(store, "s2")
        first = Step(session_id="s1", documents=(document("d1", b"first"),))
        second = append("s2", b"no", documents=(document("d2"), document("d1", b"second")))
        twice = append("s2", b"no", documents=(document("d3"), document("d3")))
        assert await submit(store, first, second, twice) == [DONE, TAKEN, TAKEN]
        row = await store.document("d1")
        assert row is not None
        assert (row.session_id, row.body) == ("s1", b"first")
        assert [await store.document(id) for id in ("d2", "d3")] == [None, None]
        assert await logged(store, "s2") == []


class TestOtherConditions:
    async def test_they_are_asked_inside_the_same_transaction(self, store: SessionStore) -> None:
        """Permission, head and fence hold for these writes as for any other."""
        await store.add_user(account())
        await submit(store, append("s1", b"1"), asks("a1"))
        assert await one(store, ends("a1", grant=grant("u2"))) == Refused(reason="not_found")
        assert await one(store, ends("a1", grant=grant(version=2))) == Refused(reason="expired")
        assert await one(store, ends("a1", expected_head=0)) == Conflict(head=1)
        assert await one(store, ends("a1", fence=Fence(turn_id="t1", fence=1))) == FENCED
        assert await open_approvals(store) == ["a1"]
        assert await one(store, ends("a1", grant=grant(), expected_head=1)) == Committed(head=1)

    async def test_what_was_begun_may_end_in_a_full_session(self, store: SessionStore) -> None:
        await submit(store, append("s1", b"1", b"2"), asks("a1"), claims("x1"), claims("x2", intent="i2"))

        async def full(step: Step) -> Result:
            return await one(
                store,
                append("s1", b"x", max_events=2, asked=step.asked, ended=step.ended, effect=step.effect),
            )

        no = Refused(reason="session_full")
        assert await full(asks("a2")) == no
        assert await full(claims("x3", intent="i3")) == no
        assert await full(takes("x1")) == no
        assert await full(settles("x1", "unknown")) == Committed(head=3)
        assert await full(settles("x1", "settled")) == Committed(head=4)
        assert await full(settles("x2", "failed")) == Committed(head=5)
        assert await full(ends("a1")) == Committed(head=6)

    async def test_a_closed_store_says_so(self, store: SessionStore) -> None:
        await store.close()
        for read in (
            store.approvals_due(1, limit=1),
            store.effects(statuses=OPEN, limit=1),
            store.effects_open(limit=1),
            store.effect("s1", "x1"),
            store.document("d1"),
        ):
            with pytest.raises(StoreUnavailable):
                await read
        assert isinstance(await one(store, claims("x1")), Unavailable)
