"""A client's copy: state equals the fold of the log up to the position, whatever arrives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.merge_patch import apply_patch
from shipanion.protocol.position import Position
from shipanion.protocol.replica import Hole, Replica

LOG: list[dict[str, Any]] = [
    {"offset": 1, "patch": {"a": 1, "b": {"c": 1}}},
    {"offset": 2},
    {"offset": 3, "patch": {"b": {"d": 2}}},
    {"offset": 4, "patch": {"a": None}},
    {"offset": 5, "patch": {"b": [1, 2]}},
]


def fold(offset: int) -> Any:
    state: Any = {}
    for event in LOG[:offset]:
        state = apply_patch(state, event.get("patch", {}))
    return state


@given(st.lists(st.integers(0, len(LOG) - 1)))
def test_state_is_the_fold_up_to_the_position(arrivals: list[int]) -> None:
    replica = Replica()
    replica.replace(Position("e", 0), {})
    taken = []
    for index in arrivals:
        try:
            position = replica.take(LOG[index])
        except Hole:
            position = None
        if position is not None:
            taken.append(position.offset)
        assert replica.position is not None
        assert replica.state == fold(replica.position.offset)
    assert taken == list(range(1, len(taken) + 1))


def test_a_snapshot_is_not_changed_by_later_patches() -> None:
    snapshot: dict[str, Any] = {"b": {"c": 1}}
    replica = Replica()
    replica.replace(Position("e", 2), snapshot)
    replica.take(LOG[2])
    assert snapshot == {"b": {"c": 1}}
    assert replica.state == {"b": {"c": 1, "d": 2}}


def test_a_hole_changes_nothing() -> None:
    replica = Replica()
    replica.replace(Position("e", 1), {"a": 1})
    with pytest.raises(Hole):
        replica.take(LOG[2])
    assert (replica.position, replica.state) == (Position("e", 1), {"a": 1})


def test_without_a_position_nothing_can_be_taken() -> None:
    replica = Replica()
    with pytest.raises(Hole):
        replica.take(LOG[0])
    replica.replace(Position("e", 1), {"a": 1})
    replica.forget()
    assert (replica.position, replica.state) == (None, None)
