"""What people ask for, as works: what each writes, under whose name and right, and what the asker hears."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from shipanion.protocol.events import (
    ApprovalResolved,
    ClientToolCallEvent,
    EffectChanged,
    StateChanged,
    TurnEnded,
    UserMessageEvent,
)
from shipanion.protocol.frames import ClientToolCall, ResolveApproval, Stop, ToolCall, UpdateState, UserMessage
from shipanion.server.actor import View
from shipanion.server.domain import Claim
from shipanion.server.hub import Appended
from shipanion.server.works import CallTool, Edit, Resolve, Say, StopTurn
from shipanion.stores.base import CallOpened, EffectClaimed, Grant, TurnEnding, TurnQueued
from tests.support.toy_domain import ShoppingList

GRANT = Grant(user_id="ann", version=1, expires_at=2, now=1)
VIEW = View("s1", 4, {"items": {"milk": 1}, "total": 1}, 1)


class Asker:
    participant = b'{"role":"owner","name":"Ann"}'
    role = "owner"

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
    idle = True

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


class Effects:
    """The effects of a session, as far as a work touches them."""

    def __init__(self) -> None:
        self.began: list[str] = []

    def claim(self, claim: Claim, now: int) -> tuple[EffectChanged, EffectClaimed]:
        row = EffectClaimed(
            effect_id=claim.effect_id, intent=claim.intent, kind=claim.kind, owner="b", request=b"", at=now
        )
        return EffectChanged(effect_id=claim.effect_id, kind=claim.kind, status="claimed", patch=claim.patch), row

    def begin(self, row: EffectClaimed) -> None:
        self.began.append(row.effect_id)


def appended(offset: int, id: str | None = "c1") -> Sequence[Appended]:
    return [Appended(offset, "note", id, b"")]


@pytest.fixture
def asker() -> Asker:
    return Asker()


def edit(asker: Asker, patch: dict[str, Any]) -> Edit:
    return Edit(asker, "c1", b"digest", UpdateState(patch=patch), ShoppingList())


def test_a_message_is_written_with_its_turn(asker: Asker) -> None:
    turns = Turns()
    say = Say(asker, "c1", b"digest", UserMessage(text="hello"), turns, Effects(), ShoppingList())  # type: ignore[arg-type]
    draft = say.decide(VIEW)
    assert draft.events == (UserMessageEvent(text="hello", turn_id="turn-1"),)
    assert (draft.by, draft.id, draft.digest, draft.grant) == (asker.participant, "c1", b"digest", GRANT)
    assert (draft.turn, draft.bounded) == (TurnQueued(turn_id="turn-1"), True)
    assert say.decide(VIEW) == draft, "decided again, it must be the same turn"
    say.committed(appended(5), 5)
    assert asker.heard == [("ack", "c1", 5, False)]
    assert turns.did == [("add", "turn-1", 5)]


def test_a_message_takes_along_what_the_domain_makes_of_it(asker: Asker) -> None:
    class Greeted(ShoppingList):
        def said(self, state: dict[str, Any], text: str) -> dict[str, Any]:
            return {} if "opening" in state else {"opening": text}

    say = Say(asker, "c1", b"digest", UserMessage(text="hello"), Turns(), Effects(), Greeted())  # type: ignore[arg-type]
    cases: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        ({}, {"opening": "hello"}),
        ({"answering": "a1"}, {"answering": None, "opening": "hello"}),
        ({"answering": "a1", "opening": "hi"}, {"answering": None}),
        ({"opening": "hi"}, None),
    ]
    for state, patch in cases:
        (event,) = say.decide(View("s1", 4, {**VIEW.state, **state}, 1)).events
        assert event == UserMessageEvent(text="hello", turn_id="turn-1", patch=patch)


def test_a_repeated_message_starts_no_turn(asker: Asker) -> None:
    turns = Turns()
    say = Say(asker, "c1", b"digest", UserMessage(text="hello"), turns, Effects(), ShoppingList())  # type: ignore[arg-type]
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


# --- approvals ------------------------------------------------------------------------------------------------------

OFFER = {"approval_id": "a1", "expires_at": 10, "item": "tea"}


def asked(now: int = 5, **state: Any) -> View:
    """A session in which a yes is being asked for."""
    state = {"items": {}, "total": 0, "approval": OFFER, "answering": "a1", **state}
    return View("s1", 4, {key: value for key, value in state.items() if value is not None}, now)


def say(asker: Asker, text: str, turns: Turns | None = None, *, shown: Any = msgspec.UNSET) -> tuple[Say, Effects]:
    effects = Effects()
    message = UserMessage(text=text, approval_id=shown)
    work = Say(asker, "c1", b"digest", message, turns or Turns(), effects, ShoppingList())  # type: ignore[arg-type]
    return work, effects


def test_the_next_message_may_be_the_yes_and_claims_in_the_same_commit(asker: Asker) -> None:
    work, effects = say(asker, "yes")
    draft = work.decide(asked())
    message, resolved, claimed = draft.events
    assert message == UserMessageEvent(text="yes", turn_id="turn-1", patch={"answering": None})
    assert resolved == ApprovalResolved(approval_id="a1", decision="approved", patch={"approval": None})
    assert isinstance(claimed, EffectChanged)
    assert draft.effect is not None
    assert effects.began == [], "nothing may be done before the commit"
    work.committed(appended(5), 7)
    assert effects.began == [claimed.effect_id]


def test_a_no_claims_nothing(asker: Asker) -> None:
    work, effects = say(asker, "no")
    draft = work.decide(asked())
    message, resolved = draft.events
    assert isinstance(message, UserMessageEvent)
    assert isinstance(resolved, ApprovalResolved)
    work.committed(appended(5), 6)
    assert (draft.effect, effects.began) == (None, [])


@pytest.mark.parametrize(
    ("text", "view", "idle", "role"),
    [
        ("yes but two of them", asked(), True, "owner"),
        ("yes", asked(now=10), True, "owner"),
        ("yes", asked(), False, "owner"),
        ("yes", asked(), True, "editor"),
    ],
    ids=["not plainly", "too late", "before Bob has finished", "not the owner"],
)
def test_a_message_that_is_no_answer_passes_the_question_by(
    asker: Asker, text: str, view: View, idle: bool, role: str
) -> None:
    turns = Turns()
    turns.idle = idle
    asker.role = role
    work, _ = say(asker, text, turns)
    draft = work.decide(view)
    assert draft.events == (UserMessageEvent(text=text, turn_id="turn-1", patch={"answering": None}),)
    assert draft.effect is None


def test_a_yes_after_another_message_answers_nothing(asker: Asker) -> None:
    work, _ = say(asker, "yes")
    assert work.decide(asked(answering=None)).events == (UserMessageEvent(text="yes", turn_id="turn-1"),)


def test_a_yes_after_two_questions_answers_neither(asker: Asker) -> None:
    work, _ = say(asker, "yes")
    draft = work.decide(asked(answering="a0"))
    assert draft.events == (UserMessageEvent(text="yes", turn_id="turn-1", patch={"answering": None}),)
    assert draft.effect is None


@pytest.mark.parametrize(("shown", "counts"), [("a1", True), ("a0", False), (None, False), (msgspec.UNSET, True)])
def test_a_yes_counts_for_what_its_writer_had_before_them(asker: Asker, shown: Any, counts: bool) -> None:
    work, _ = say(asker, "yes", shown=shown)
    assert len(work.decide(asked()).events) == (3 if counts else 1)


@pytest.mark.parametrize("answering", [None, "a0", "a1"])
@pytest.mark.parametrize("idle", [True, False])
def test_a_no_counts_whatever_was_said_in_between(asker: Asker, answering: str | None, idle: bool) -> None:
    turns = Turns()
    turns.idle = idle
    work, _ = say(asker, "no", turns)
    _, resolved = work.decide(asked(answering=answering)).events
    assert resolved == ApprovalResolved(approval_id="a1", decision="declined", patch={"approval": None})


def resolve(asker: Asker, approval_id: str = "a1", decision: Any = "approved") -> tuple[Resolve, Effects]:
    effects = Effects()
    request = ResolveApproval(approval_id=approval_id, decision=decision)
    return Resolve(asker, "c1", b"digest", request, effects, ShoppingList()), effects  # type: ignore[arg-type]


def test_a_button_answers_whatever_was_said_meanwhile(asker: Asker) -> None:
    work, effects = resolve(asker)
    draft = work.decide(asked(answering=None))
    resolved, claimed = draft.events
    assert isinstance(resolved, ApprovalResolved)
    assert isinstance(claimed, EffectChanged)
    assert (draft.id, draft.grant, draft.refusal) == ("c1", GRANT, None)
    work.committed(appended(5), 6)
    assert len(effects.began) == 1


@pytest.mark.parametrize(
    ("approval_id", "view"), [("a2", asked()), ("a1", asked(now=10)), ("a1", VIEW)], ids=["another", "late", "none"]
)
def test_what_is_not_asked_cannot_be_answered(asker: Asker, approval_id: str, view: View) -> None:
    work, effects = resolve(asker, approval_id)
    draft = work.decide(view)
    assert (draft.events, draft.effect) == ((), None)
    assert draft.refusal is not None
    assert draft.refusal.code == "no_such_approval"
    work.committed(appended(5), 6)
    assert effects.began == []
