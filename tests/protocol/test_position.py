"""Positions, epochs, and the answer to every resume."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.position import MAX_OFFSET, Outcome, Position, Resume, answer_resume, valid_epoch

HEAD = Position("e1", 100)
SNAPSHOT, RECOVERED = Outcome.SNAPSHOT, Outcome.RECOVERED


@pytest.mark.parametrize("epoch", ["e", "0", "-", "a.b_c-D9", "x" * 64])
def test_an_epoch(epoch: str) -> None:
    assert valid_epoch(epoch)


@pytest.mark.parametrize("epoch", ["", " ", "a b", "x" * 65, "é", "e\n", "e/1", "e%20", "\u0661"])
def test_no_epoch(epoch: str) -> None:
    assert not valid_epoch(epoch)


@pytest.mark.parametrize("offset", [0, 1, MAX_OFFSET])
def test_an_offset_is_exact_in_every_language(offset: int) -> None:
    text = msgspec.json.encode(Position("e1", offset))
    assert msgspec.json.decode(text, type=Position).offset == offset == int(float(offset))


@pytest.mark.parametrize("offset", ["-1", "9007199254740992", "1.0", "1e3", '"1"', "null", "true", "9" * 400])
def test_no_offset(offset: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f'{{"epoch": "e1", "offset": {offset}}}', type=Position)


@pytest.mark.parametrize(
    ("asked", "first", "limit", "answer"),
    [
        (None, 1, 10, Resume(SNAPSHOT, HEAD)),
        (Position("e1", 100), 1, 10, Resume(RECOVERED, Position("e1", 100), replayed=0)),
        (Position("e1", 99), 1, 10, Resume(RECOVERED, Position("e1", 99), replayed=1)),
        (Position("e1", 90), 1, 10, Resume(RECOVERED, Position("e1", 90), replayed=10)),
        (Position("e1", 89), 1, 10, Resume(SNAPSHOT, HEAD, reason="limit")),
        (Position("e1", 0), 1, 100, Resume(RECOVERED, Position("e1", 0), replayed=100)),
        (Position("e1", 0), 1, 99, Resume(SNAPSHOT, HEAD, reason="limit")),
        (Position("e1", 40), 41, 100, Resume(RECOVERED, Position("e1", 40), replayed=60)),
        (Position("e1", 39), 41, 100, Resume(SNAPSHOT, HEAD, reason="gone")),
        (Position("e1", 0), 2, 100, Resume(SNAPSHOT, HEAD, reason="gone")),
        (Position("e1", 101), 1, 10, Resume(SNAPSHOT, HEAD, reason="ahead")),
        (Position("e1", MAX_OFFSET), 1, 10, Resume(SNAPSHOT, HEAD, reason="ahead")),
        (Position("e0", 100), 1, 10, Resume(SNAPSHOT, HEAD, reason="epoch")),
        (Position("E1", 100), 1, 10, Resume(SNAPSHOT, HEAD, reason="epoch")),
        (Position("e0", 900), 1, 10, Resume(SNAPSHOT, HEAD, reason="epoch")),
    ],
)
def test_answer(asked: Position | None, first: int, limit: int, answer: Resume) -> None:
    assert answer_resume(asked, HEAD, first=first, limit=limit) == answer


def test_the_start_of_an_empty_log_is_recovered_with_nothing() -> None:
    start = Position("e1", 0)
    assert answer_resume(start, start, first=1, limit=10) == Resume(RECOVERED, start)


@given(
    st.sampled_from(["e1", "e2"]),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.integers(1, 3001),
    st.integers(0, 1500),
)
def test_nobody_is_left_with_a_hole(epoch: str, at: int, head: int, first: int, limit: int) -> None:
    asked, end = Position(epoch, at), Position("e1", head)
    first = min(first, head + 1)
    answer = answer_resume(asked, end, first=first, limit=limit)
    reachable = epoch == "e1" and first - 1 <= at <= head and head - at <= limit
    # Not only: must. A client that can be caught up is caught up.
    assert (answer.outcome is RECOVERED) == reachable
    assert answer.position.offset + answer.replayed == head
    assert answer.position == (asked if reachable else end)
    assert (answer.reason is None) == reachable
