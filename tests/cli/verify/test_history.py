"""What a run's record answers, and the fold that does not lean on the project's own."""

from typing import Any

import pytest

from shipanion.cli.verify.history import Entry, History, Json, folded, is_event, merged


def event(offset: int, **fields: Any) -> Json:
    return {"type": "state_changed", "session_id": "s", "offset": offset, "at": 1, **fields}


@pytest.fixture
def history() -> History:
    made = History()
    made.add("page", "opened", {"dialect": "full", "query": {}})
    made.add("page", "got", {"type": "welcome", "session_id": "s", "state": {"a": 1}})
    made.add("page", "got", event(1, patch={"b": 2}))
    made.add("late", "opened", {"dialect": "full", "query": {}})
    made.add("late", "got", event(2, patch={"a": None}))
    made.add("late", "got", event(1, told="otherwise"))
    made.add("elsewhere", "got", event(9, session_id="another"))
    return made


def test_the_log_is_put_together_from_all_lines(history: History) -> None:
    log = history.log()
    assert list(log) == [1, 2]
    assert "told" not in log[1], "the first telling counts"


def test_the_state_is_the_fold_up_to_a_place(history: History) -> None:
    assert [history.state_at(offset) for offset in range(3)] == [{"a": 1}, {"a": 1, "b": 2}, {"b": 2}]


def test_what_was_known_before_a_line_was_opened(history: History) -> None:
    assert history.head_before("page") == 0
    assert history.head_before("late") == 1


def test_only_a_first_frame_is_a_welcome(history: History) -> None:
    assert history.welcome("page") is not None
    assert history.welcome("late") is None
    assert history.full_lines() == ["page"]


def test_an_acknowledgement_is_no_event() -> None:
    assert is_event(event(1))
    assert not is_event({"type": "ack", "offset": 1})
    assert not is_event({"type": "user_message", "at": 1, "offset": "1"})


# RFC 7396, appendix A
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result
    assert folded(target, [{"patch": patch}]) == result


def test_an_entry_shows_itself_in_one_short_line() -> None:
    text = str(Entry(1500, "page", "got", {"type": "x", "text": "a" * 1000}))
    assert text.startswith(' 1.500 s  page  got  {"type": "x"')
    assert text.endswith("…")
    assert len(text) < 260
