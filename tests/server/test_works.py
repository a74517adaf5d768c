"""What people ask for, as works: what each writes, under whose name and right, and what the asker hears."""

from collections.abc import Sequence
from typing import Any

import pytest

from shipanion.protocol.frames import (
    ClientToolCall,
    ClientToolCallEvent,
    StateChanged,
    Stop,
    ToolCall,
    TurnEnded,
    UpdateState,
    UserMessage,
    UserMessageEvent,
)
from shipanion.server.actor import View
from shipanion.server.hub import Appended
from shipanion.server.works import CallTool, Edit, Say, StopTurn
from shipanion.stores.base import CallOpened, Grant, TurnEnding, TurnQueued
from tests.support.toy_domain import ShoppingList

GRANT = Grant(user_id="ann", version=1, expires_at=2, now=1)
VIEW = View("s1", 4, {"items": {"milk": 1}, "total": 1})


class Asker:
    participant = b'{"role":"owner","name":"Ann"}'

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def grant(self) -> Grant:
        return GRANT

    def ack(self, command_id: str, offset: int, *, duplicate: bool) -> None:
        self.heard.append(("ack", command_id, offset, duplicate))

    def refuse(self, command_id: str | None, code: str, message: str, *, ordered: bool = True) -> None:
        self.heard.append(("refuse", command_id, code, ordered))


class Turns:
    """The turns of a session, as far as a work touches them."""

    running: Any = None

    def __init__(self) -> None:
        self.did: list[tuple[Any, ...]] = []

    def new_id(self, kind: str) -> str:
        return f"{kind}-1"

    def add(self, turn_id: str, offset: int) -> None:
        self.did.append(("add", turn_id, offset))

    def drop(self, turn_id: str) -> None:
        self.did.append(("drop", turn_id))

    def kick(self) -> None:
        self.did.append(("kick",))


def appended(offset: int, id: str | None = "c1") -> Sequence[Appended]:
    return [Appended(offset, "note", id, b"")]


@pytest.fixture
def asker() -> Asker:
    return Asker()


def edit(asker: Asker, patch: dict[str, Any]) -> Edit:
    return Edit(asker, "c1", b"digest", UpdateState(patch=patch), ShoppingList())


def test_a_message_is_written_with_its_turn(asker: Asker) -> None:
    turns = Turns()
    say = Say(asker, "c1", b"digest", UserMessage(text="hello"), turns)  # type: ignore[arg-type]
    draft = say.decide(VIEW)
    assert draft.events == (UserMessageEvent(text="hello", turn_id="turn-1"),)
    assert (draft.by, draft.id, draft.digest, draft.grant) == (asker.participant, "c1", b"digest", GRANT)
    assert (draft.turn, draft.bounded) == (TurnQueued(turn_id="turn-1"), True)
    assert say.decide(VIEW) == draft, "decided again, it must be the same turn"
    say.committed(appended(5), 5)
    assert asker.heard == [("ack", "c1", 5, False)]
    assert turns.did == [("add", "turn-1", 5)]


def test_a_repeated_message_starts_no_turn(asker: Asker) -> None:
    turns = Turns()
    say = Say(asker, "c1", b"digest", UserMessage(text="hello"), turns)  # type: ignore[arg-type]
    say.duplicate(3, same=True)
    say.duplicate(3, same=False)
    assert asker.heard == [("ack", "c1", 3, True), ("refuse", "c1", "id_reused", True)]
    assert turns.did == []


def test_an_edit_writes_what_the_domain_lets_it(asker: Asker) -> None:
    draft = edit(asker, {"items": {"tea": 2}}).decide(VIEW)
    assert draft.events == (StateChanged(patch={"items": {"tea": 2}}),)
    assert (draft.refusal, draft.grant, draft.id) == (None, GRANT, "c1")


def test_an_edit_that_changes_nothing_writes_nothing(asker: Asker) -> None:
    work = edit(asker, {"items": {"milk": 1}})
    assert work.decide(VIEW).events == ()
    work.committed([], 4)
    assert asker.heard == [("ack", "c1", 4, False)]


def test_an_edit_that_is_refused_keeps_its_name_and_right(asker: Asker) -> None:
    draft = edit(asker, {"price": 1}).decide(VIEW)
    assert draft.refusal is not None
    assert (draft.refusal.code, draft.events, draft.id, draft.grant) == ("not_allowed", (), "c1", GRANT)


def test_a_tool_call_is_opened_under_this_process(asker: Asker) -> None:
    call = ClientToolCall(client_tool_call=ToolCall(tool_name="look_up", tool_call_id="c1", parameters={"item": "tea"}))
    draft = CallTool(asker, "c1", b"digest", call, None, "boot").decide(VIEW)  # type: ignore[arg-type]
    written = ToolCall(tool_name="look_up", tool_call_id="c1", parameters={"item": "tea"})
    assert draft.events == (ClientToolCallEvent(client_tool_call=written),)
    assert draft.call == CallOpened(call_id="c1", tool_name="look_up", owner="boot")


def stop(asker: Asker, turns: Turns, ended_at: int | None = None) -> tuple[StopTurn, list[str]]:
    again: list[str] = []
    real: Any = turns
    work = StopTurn(
        asker, "c1", b"digest", Stop(turn_id="t1"), real, ended_at=ended_at, again=lambda: again.append("again")
    )
    return work, again


def test_stopping_a_queued_turn_ends_it_and_lets_the_next_begin(asker: Asker) -> None:
    turns = Turns()
    work, _ = stop(asker, turns)
    draft = work.decide(VIEW)
    assert draft.events == (TurnEnded(turn_id="t1", outcome="stopped"),)
    assert (draft.turn, draft.bounded) == (TurnEnding(turn_id="t1", fence=None, outcome="stopped"), False)
    work.committed(appended(5), 5)
    assert asker.heard == [("ack", "c1", 5, False)]
    assert turns.did == [("drop", "t1"), ("kick",)]


def test_stopping_what_has_ended_is_answered_by_that_end(asker: Asker) -> None:
    work, _ = stop(asker, Turns(), ended_at=3)
    draft = work.decide(VIEW)
    assert (draft.events, draft.answer, draft.turn) == ((), 3, None)
    work.committed([], 9)
    assert asker.heard == [("ack", "c1", 3, False)]


@pytest.mark.parametrize("code", ["unavailable", "expired"])
def test_a_stop_that_is_refused_holds_nothing_up(asker: Asker, code: str) -> None:
    work, again = stop(asker, Turns())
    work.refused(code, "No.")
    assert (asker.heard, again) == ([("refuse", "c1", code, False)], [])
    assert work.source is None


def test_a_stop_whose_turn_changed_hands_looks_again(asker: Asker) -> None:
    work, again = stop(asker, Turns())
    work.refused("fenced", "That turn is over.")
    assert (asker.heard, again) == ([], ["again"])
