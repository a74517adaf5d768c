"""The outbox keeps order and forgets nothing that is undecided."""

from typing import Any

import pytest

from shipanion.errors import MachineError
from shipanion.protocol.outbox import Outbox, command_id


def command(id: str, text: str = "x") -> dict[str, Any]:
    return {"type": "user_message", "id": id, "text": text}


@pytest.fixture
def outbox() -> Outbox:
    box = Outbox()
    box.extend(command(id) for id in "abcd")
    box.take_unsent()
    return box


def ids(commands: list[dict[str, Any]]) -> str:
    return "".join(command_id(one) for one in commands)


def test_a_tool_call_is_known_by_its_call_id() -> None:
    call = {"type": "client_tool_call", "id": "no", "client_tool_call": {"tool_call_id": "yes"}}
    assert command_id(call) == "yes"


@pytest.mark.parametrize("frame", [{"type": "x"}, {"id": ""}, {"id": 5}, {"client_tool_call": {}, "id": "a"}])
def test_a_command_without_an_id_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(MachineError):
        command_id(frame)


def test_what_was_taken_is_not_sent_twice(outbox: Outbox) -> None:
    assert ids(outbox.take_unsent()) == ""
    outbox.add(command("e"))
    assert ids(outbox.take_unsent()) == "e"


def test_a_new_connection_begins_with_the_oldest(outbox: Outbox) -> None:
    outbox.decided("b")
    outbox.rewind()
    assert ids(outbox.take_unsent()) == "acd"


def test_after_a_refusal_the_rest_follows_in_order(outbox: Outbox) -> None:
    outbox.rewind("c")
    outbox.add(command("e"))
    assert ids(outbox.take_unsent()) == "cde"


def test_a_later_refusal_does_not_skip_an_earlier_one(outbox: Outbox) -> None:
    outbox.rewind("b")
    outbox.rewind("d")
    assert ids(outbox.take_unsent()) == "bcd"


def test_decided_once(outbox: Outbox) -> None:
    assert [outbox.decided("a"), outbox.decided("a"), outbox.decided("z")] == [True, False, False]
    assert ids(outbox.commands()) == "bcd"
    assert "a" not in outbox
    assert len(outbox) == 3


def test_the_oldest_sent_is_what_a_too_large_frame_was(outbox: Outbox) -> None:
    assert outbox.oldest_sent() == "a"
    outbox.rewind()
    assert outbox.oldest_sent() is None


def test_the_same_command_is_held_and_another_under_its_id_is_not(outbox: Outbox) -> None:
    assert outbox.holds(command("a"))
    assert not outbox.holds(command("e"))
    with pytest.raises(MachineError, match="'a'"):
        outbox.holds(command("a", "other"))


def test_what_an_earlier_life_left_is_taken_once(outbox: Outbox) -> None:
    outbox.extend([command("a"), command("e")])
    assert ids(outbox.commands()) == "abcde"
