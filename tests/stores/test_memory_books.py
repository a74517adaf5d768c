"""How a step changes the dictionaries: whole, or not at all."""

import copy

import pytest

from shipanion.stores.base import CallClosed, CallOpened, Committed, Fence, Step, TurnClaimed, TurnQueued
from shipanion.stores.memory_books import MemoryBooks, MemoryLog
from tests.support.store_steps import append, event, grant, new_session


@pytest.fixture
def books() -> MemoryBooks:
    books = MemoryBooks()
    books.logs["s1"] = MemoryLog(new_session(), 0)
    assert books.apply(append("s1", b"1", id="c1", turn=TurnQueued(turn_id="t1"))) == Committed(head=1)
    return books


@pytest.mark.parametrize(
    "spoiled",
    [
        {"session_id": "nowhere"},
        {"grant": grant()},
        {"id": "c1"},
        {"fence": Fence(turn_id="t1", fence=1)},
        {"expected_head": 0},
        {"max_events": 1},
        {"turn": TurnClaimed(turn_id="t1", owner="boot", fence=5)},
        {"call": CallClosed(call_id="k1")},
    ],
    ids=lambda spoiled: next(iter(spoiled)),
)
def test_a_refused_step_changes_nothing(books: MemoryBooks, spoiled: dict[str, object]) -> None:
    before = copy.deepcopy(vars(books.logs["s1"]))
    good: dict[str, object] = {
        "session_id": "s1",
        "events": (event(b"2"),),
        "id": "c2",
        "turn": TurnClaimed(turn_id="t1", owner="boot", fence=0),
        "call": CallOpened(call_id="k1", tool_name="tool", owner="boot"),
        "snapshot": b"{}",
    }
    assert not isinstance(books.apply(Step(**(good | spoiled))), Committed)  # type: ignore[arg-type]
    assert vars(books.logs["s1"]) == before
    assert books.apply(Step(**good)) == Committed(head=2)  # type: ignore[arg-type]
