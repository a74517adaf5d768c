"""What a step does to an approval, told from the state before and after it."""

from typing import Any

from shipanion.protocol.events import ApprovalResolved, StateChanged
from shipanion.server.approval import answering, cancelled, open_approval, written
from shipanion.stores.base import ApprovalAsked, ApprovalEnded

NONE: dict[str, Any] = {"items": {}}
FIRST = {**NONE, "approval": {"approval_id": "a1", "expires_at": 10}}
SECOND = {**NONE, "approval": {"approval_id": "a2", "expires_at": 20}}
EDIT = StateChanged(patch={"approval": None})
YES = ApprovalResolved(approval_id="a1", decision="approved", patch={"approval": None})
CANCELLED = ApprovalResolved(approval_id="a1", decision="cancelled")


def test_the_one_that_is_open() -> None:
    assert open_approval(NONE) is None
    assert open_approval(FIRST) == "a1"


def test_asking() -> None:
    assert written([], NONE, FIRST, 5) == (None, ApprovalAsked(approval_id="a1", expires_at=10))
    assert cancelled([], NONE, FIRST) is None


def test_answering() -> None:
    assert cancelled([YES], FIRST, NONE) is None
    assert written([YES], FIRST, NONE, 5) == (ApprovalEnded(approval_id="a1", decision="approved", now=5), None)


def test_taking_it_away_without_an_answer_cancels_it() -> None:
    assert cancelled([EDIT], FIRST, NONE) == CANCELLED
    ended = ApprovalEnded(approval_id="a1", decision="cancelled", now=5)
    assert written([EDIT, CANCELLED], FIRST, NONE, 5) == (ended, None)


def test_asking_for_something_else_cancels_the_one_before() -> None:
    assert cancelled([], FIRST, SECOND) == CANCELLED
    ended, asked = written([CANCELLED], FIRST, SECOND, 5)
    assert ended == ApprovalEnded(approval_id="a1", decision="cancelled", now=5)
    assert asked == ApprovalAsked(approval_id="a2", expires_at=20)


def test_what_leaves_it_alone_writes_nothing() -> None:
    noted = {**NONE, "approval": {**FIRST["approval"], "note": True}}
    assert (cancelled([], FIRST, noted), written([], FIRST, noted, 5)) == (None, (None, None))


def test_words_can_only_be_meant_for_the_first_question_since_the_last_message() -> None:
    assert answering(NONE, FIRST) == {"answering": "a1"}
    assert answering({**FIRST, "answering": "a1"}, {**SECOND, "answering": "a1"}) == {}
    assert answering({**NONE, "answering": "a1"}, {**SECOND, "answering": "a1"}) == {}, "the first one is over"
    assert answering(FIRST, SECOND) == {"answering": "a2"}
    assert answering(FIRST, FIRST) == {}
    assert answering(FIRST, NONE) == {}
