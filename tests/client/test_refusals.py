"""What is raised at a caller speaks to a person and to a program."""

import pytest

from shipanion.client.refusals import CommandRefused, SessionEnded, SignInNeeded, ToolFailed
from shipanion.errors import ShipanionError


def test_all_are_of_one_tree() -> None:
    for kind in (CommandRefused, SessionEnded, SignInNeeded, ToolFailed):
        assert issubclass(kind, ShipanionError)


def test_each_says_a_sentence_and_carries_a_code() -> None:
    refused = CommandRefused("m-1", "id_reused", "Used before.")
    assert (str(refused), refused.id, refused.code) == ("Used before.", "m-1", "id_reused")
    needed = SignInNeeded("expired", "Sign in again.")
    assert (str(needed), needed.code) == ("Sign in again.", "expired")


@pytest.mark.parametrize("result", [{}, {"error": None}, "text", None])
def test_a_tool_that_says_nothing_still_failed(result: object) -> None:
    failed = ToolFailed("c-1", result)
    assert (str(failed), failed.result) == ("The tool failed.", result)
