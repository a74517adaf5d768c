"""Text of a running turn: never across a hole, never twice."""

from hypothesis import given
from hypothesis import strategies as st

from shipanion.protocol.frames import AgentDelta, TurnSoFar
from shipanion.protocol.live_turn import LiveTurn

PIECES = ["One ", "two ", "three ", "four ", "five."]


def piece(index: int, turn_id: str = "t") -> AgentDelta:
    return AgentDelta(turn_id=turn_id, index=index, text=PIECES[index])


@given(st.lists(st.integers(0, len(PIECES) - 1), max_size=12))
def test_the_text_is_always_a_true_beginning(order: list[int]) -> None:
    turn = LiveTurn()
    for index in order:
        turn.append(piece(index))
        assert "".join(PIECES).startswith(turn.text)


def test_in_order_with_repeats_everything_arrives() -> None:
    turn = LiveTurn()
    assert [turn.append(piece(n)) for n in (0, 0, 1, 0, 1, 2)] == [True, False, True, False, False, True]
    assert turn.text == "One two three "


def test_after_a_hole_nothing_is_appended_until_a_welcome() -> None:
    turn = LiveTurn()
    turn.append(piece(0))
    assert not any(turn.append(piece(n)) for n in (2, 1, 2, 3))
    turn.replace(TurnSoFar(turn_id="t", text="One two three ", next_index=3))
    assert turn.append(piece(3))
    assert turn.text == "One two three four "


def test_a_turn_first_heard_of_in_its_middle_shows_nothing() -> None:
    turn = LiveTurn()
    assert not turn.append(piece(2))
    assert turn.text == ""


def test_another_turn_begins_anew() -> None:
    turn = LiveTurn()
    turn.append(piece(0))
    turn.append(piece(0, "u"))
    turn.ended("t")
    assert (turn.turn_id, turn.text) == ("u", "One ")


def test_the_end_of_a_turn_takes_its_text_away() -> None:
    turn = LiveTurn()
    turn.append(piece(0))
    turn.ended("t")
    assert turn.turn_id is None
    assert turn.text == ""


def test_no_turn_in_the_welcome_means_none_is_running() -> None:
    turn = LiveTurn()
    turn.append(piece(0))
    turn.replace(None)
    assert turn.turn_id is None
