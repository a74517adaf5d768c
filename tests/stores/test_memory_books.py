"""How a step changes the dictionaries: whole, or not at all."""

import copy

import pytest

from shipanion.stores.base import (
    ApprovalEnded,
    CallClosed,
    CallOpened,
    Committed,
    Fence,
    Step,
    TurnClaimed,
    TurnQueued,
)
from shipanion.stores.memory_books import MemoryBooks, MemoryLog
from tests.support.store_steps import append, asks, claims, document, event, grant, new_session, takes


@pytest.fixture
def books() -> MemoryBooks:
    books = MemoryBooks()
    books.logs["s1"] = MemoryLog(new_session(), 0)
    assert books.apply(append("s1", b"1", id="c1", turn=TurnQueued(turn_id="t1"))) == Committed(head=1)
    assert books.apply(asks("a1")) == books.apply(claims("x1")) == Committed(head=1)
    assert books.apply(Step(session_id="s1", documents=(document("d1"),))) == Committed(head=1)
    return books


def contents(books: MemoryBooks) -> list[object]:
    return copy.deepcopy([vars(books.logs["s1"]), books.asking, books.effects, list(books.documents)])


@pytest.mark.parametrize(
    "spoiled",
    [
        {"session_id": "nowhere"},
        {"grant": grant()},
        {"id": "c1"},
        {"fence": Fence(turn_id="t1", fence=1)},
        {"expected_head": 0},
        {"max_events": 1, "ended": None, "asked": None},
        {"turn": TurnClaimed(turn_id="t1", owner="boot", fence=5)},
        {"call": CallClosed(call_id="k1")},
        {"ended": ApprovalEnded(approval_id="a2", decision="declined", now=1)},
        {"ended": None},
        {"effect": takes("x1", fence=9).effect},
        {"documents": (document("d1"),)},
    ],
    ids=lambda spoiled: "-".join(map(str, next(iter(spoiled.items())))).split("(")[0],
)
def test_a_refused_step_changes_nothing(books: MemoryBooks, spoiled: dict[str, object]) -> None:
    before = contents(books)
    good: dict[str, object] = {
        "session_id": "s1",
        "events": (event(b"2"),),
        "id": "c2",
        "turn": TurnClaimed(turn_id="t1", owner="boot", fence=0),
        "call": CallOpened(call_id="k1", tool_name="tool", owner="boot"),
        "ended": ApprovalEnded(approval_id="a1", decision="declined", now=1),
        "asked": asks("a2").asked,
        "effect": takes("x1").effect,
        "documents": (document("d2"),),
        "snapshot": b"{}",
    }
    assert not isinstance(books.apply(Step(**(good | spoiled))), Committed)  # type: ignore[arg-type]
    assert contents(books) == before
    assert books.apply(Step(**good)) == Committed(head=2)  # type: ignore[arg-type]
