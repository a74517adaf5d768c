"""The order in which a step's conditions are asked: of several that fail, the first one is told."""

from typing import Any

import pytest

from shipanion.stores.base import (
    ApprovalAsked,
    ApprovalEnded,
    CallClosed,
    Conflict,
    Duplicate,
    EffectClaimed,
    EffectTaken,
    Fence,
    Refused,
    Result,
    Step,
    TurnClaimed,
    TurnQueued,
)
from shipanion.stores.memory_books import MemoryBooks, MemoryLog
from shipanion.stores.preconditions import refusal
from tests.support.store_steps import account, append, asks, claims, document, event, grant, new_session

WRONG: dict[str, Any] = {
    "session_id": "nowhere",
    "grant": grant(version=9),
    "id": "used",
    "fence": Fence(turn_id="t1", fence=9),
    "expected_head": 0,
    "max_events": 1,
    "turn": TurnClaimed(turn_id="t1", owner="boot", fence=9),
    "call": CallClosed(call_id="unknown"),
    "ended": ApprovalEnded(approval_id="unknown", decision="approved", now=1),
    "asked": ApprovalAsked(approval_id="a2", expires_at=9),
    "effect": EffectTaken(effect_id="x1", fence=9, owner="boot"),
    "documents": (document("d1"),),
}
ENDINGS = {"call", "ended"}  # allowed in a full session
TOLD: list[Result] = [
    Refused(reason="not_found"),
    Refused(reason="expired"),
    Duplicate(offset=1, same=False),
    Refused(reason="fenced"),
    Conflict(head=2),
    Refused(reason="session_full"),
    Refused(reason="fenced"),
    Refused(reason="closed"),
    Refused(reason="resolved"),
    Refused(reason="asked"),
    Refused(reason="fenced"),
    Refused(reason="taken"),
]


@pytest.fixture
def books() -> MemoryBooks:
    books = MemoryBooks()
    books.users["u1"] = account()
    books.logs["s1"] = MemoryLog(new_session(), 0)
    books.apply(append("s1", b"x", id="used", turn=TurnQueued(turn_id="t1")))
    books.apply(append("s1", b"y", documents=(document("d1"),)))
    books.apply(asks("a1"))
    books.apply(claims("x1"))
    return books


@pytest.mark.parametrize("wrong_from", range(len(WRONG) + 1))
def test_the_first_condition_that_fails_is_told(books: MemoryBooks, wrong_from: int) -> None:
    fields = {"session_id": "s1"} | dict(list(WRONG.items())[wrong_from:])
    if "max_events" in fields:
        fields = {name: field for name, field in fields.items() if name not in ENDINGS}
    step = Step(events=(event(),), **fields)
    told = refusal(books, books.logs.get(step.session_id), step)
    assert told == (TOLD[wrong_from] if wrong_from < len(TOLD) else None)


def test_an_approval_that_is_not_open_is_told_before_its_time(books: MemoryBooks) -> None:
    never = ApprovalEnded(approval_id="unknown", decision="approved", now=1 << 40)
    late = ApprovalEnded(approval_id="a1", decision="approved", now=1 << 40)
    log = books.logs["s1"]
    assert refusal(books, log, Step(session_id="s1", ended=never)) == Refused(reason="resolved")
    assert refusal(books, log, Step(session_id="s1", ended=late)) == Refused(reason="late")


def test_a_claim_is_asked_for_its_id_and_its_intent(books: MemoryBooks) -> None:
    log = books.logs["s1"]

    def told(effect_id: str, intent: str) -> object:
        claim = EffectClaimed(effect_id=effect_id, intent=intent, kind="k", owner="o", request=b"{}", at=1)
        return refusal(books, log, Step(session_id="s1", effect=claim))

    assert told("x1", "other") == told("x2", "buy") == Refused(reason="taken")
    assert told("x2", "other") is None
