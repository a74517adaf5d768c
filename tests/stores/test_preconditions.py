"""The order in which a step's conditions are asked: of several that fail, the first one is told."""

from typing import Any

import pytest

from shipanion.stores.base import CallClosed, Conflict, Duplicate, Fence, Refused, Result, Step, TurnClaimed, TurnQueued
from shipanion.stores.memory_books import MemoryBooks, MemoryLog
from shipanion.stores.preconditions import refusal
from tests.support.store_steps import account, append, event, grant, new_session

WRONG: dict[str, Any] = {
    "session_id": "nowhere",
    "grant": grant(version=9),
    "id": "used",
    "fence": Fence(turn_id="t1", fence=9),
    "expected_head": 0,
    "max_events": 1,
    "turn": TurnClaimed(turn_id="t1", owner="boot", fence=9),
    "call": CallClosed(call_id="unknown"),
}
TOLD: list[Result] = [
    Refused(reason="not_found"),
    Refused(reason="expired"),
    Duplicate(offset=1, same=False),
    Refused(reason="fenced"),
    Conflict(head=2),
    Refused(reason="session_full"),
    Refused(reason="fenced"),
    Refused(reason="closed"),
]


@pytest.fixture
def books() -> MemoryBooks:
    books = MemoryBooks()
    books.users["u1"] = account()
    books.logs["s1"] = MemoryLog(new_session(), 0)
    books.apply(append("s1", b"x", id="used", turn=TurnQueued(turn_id="t1")))
    books.apply(append("s1", b"y"))
    return books


@pytest.mark.parametrize("wrong_from", range(len(WRONG) + 1))
def test_the_first_condition_that_fails_is_told(books: MemoryBooks, wrong_from: int) -> None:
    fields = {"session_id": "s1"} | dict(list(WRONG.items())[wrong_from:])
    if "call" in fields and "max_events" in fields:
        del fields["call"]  # closing a call is allowed in a full session
    step = Step(events=(event(),), **fields)
    told = refusal(books, books.logs.get(step.session_id), step)
    assert told == (TOLD[wrong_from] if wrong_from < len(TOLD) else None)
