"""Merge patches, by the examples of RFC 7396 appendix A and by what must hold for all of them."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.merge_patch import apply_patch

APPENDIX_A: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
states = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(("target", "patch", "result"), APPENDIX_A)
def test_appendix_a(target: Any, patch: Any, result: Any) -> None:
    assert apply_patch(target, patch) == result


@given(values, values)
def test_neither_argument_is_changed(target: Any, patch: Any) -> None:
    before = copy.deepcopy((target, patch))
    apply_patch(target, patch)
    assert (target, patch) == before


@given(values, values)
def test_applied_twice_is_applied_once(target: Any, patch: Any) -> None:
    once = apply_patch(target, patch)
    assert apply_patch(once, patch) == once


def nulls_outside_arrays(value: Any) -> int:
    if isinstance(value, dict):
        return sum(nulls_outside_arrays(inner) for inner in value.values())
    return value is None


@given(states, st.dictionaries(st.sampled_from("abc"), values))
def test_a_state_never_gets_a_null(state: Any, patch: Any) -> None:
    assert nulls_outside_arrays(apply_patch(state, patch)) == 0


def difference(old: Any, new: Any) -> Any:
    """A patch that leads from one state to another."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    gone: dict[str, Any] = {key: None for key in old if key not in new}
    return gone | {key: difference(old.get(key), value) for key, value in new.items() if old.get(key) != value}


objects = st.dictionaries(st.sampled_from("abc"), states, max_size=3)


@given(objects, objects)
def test_every_state_can_be_reached(old: Any, new: Any) -> None:
    assert apply_patch(old, difference(old, new)) == new
