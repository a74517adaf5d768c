"""Running a brain for one turn: what it is asked, the pace of its pieces, and what it may do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from shipanion.agent.brain import Answered, Context
from shipanion.agent.runner import PIECE_SECONDS, Runner


class Stored(msgspec.Struct):
    offset: int
    type: str
    body: bytes
    id: str | None = None


def stored(offset: int, type: str, id: str | None = None, **body: Any) -> Stored:
    return Stored(offset, type, msgspec.json.encode({"type": type, **body}), id)


class Outcome(msgspec.Struct):
    result: Any
    is_error: bool


NOW = 1_785_000_000_000


class Turn:
    """A turn that writes down what is done in it."""

    now = NOW

    def __init__(self, text: str = "hello", at: int = 7) -> None:
        self.state: dict[str, Any] = {"n": 1}
        self.message_offset = at
        self.did: list[Any] = []
        self.log = [stored(at, "user_message", "m1", text=text)] if text else []

    async def events(self, *, before: int, limit: int) -> Sequence[Stored]:
        self.did.append(("events", before, limit))
        return [event for event in self.log if event.offset < before][-limit:]

    def say(self, text: str) -> None:
        self.did.append(("say", text))

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> Outcome:
        self.did.append(("call", tool_name, parameters))
        self.state = {"n": 2}
        return Outcome({"price": 1}, is_error=False)

    async def update(self, patch: dict[str, Any]) -> str | None:
        self.did.append(("update", patch))
        return "No." if "no" in patch else None


class Echo:
    """A brain that says what it was asked, in two pieces."""

    async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        yield user_text
        yield "!"


def runner(brain: Any, turn: Turn, summary: str | None = None) -> Runner:
    async def pause() -> None:
        turn.did.append("pause")

    return Runner(brain, lambda state, now: summary if now == NOW else "at the wrong time", pause)


async def test_the_last_answer_is_the_one_before_the_message() -> None:
    class Asks:
        async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
            yield await context.last_answer()

    turn = Turn(at=7)
    turn.log = [
        stored(2, "agent_message", turn_id="t1", text="Older."),
        stored(3, "agent_message", turn_id="t2", text="Which one?"),
        stored(4, "turn_ended", turn_id="t2", outcome="completed"),
        *turn.log,
        stored(9, "agent_message", turn_id="t3", text="Later."),
    ]
    await runner(Asks(), turn)(turn)
    assert ("say", "Which one?") in turn.did
    nothing = Turn()
    await runner(Asks(), nothing)(nothing)
    assert ("say", "") in nothing.did


async def test_the_brain_is_asked_what_the_message_says_and_its_pieces_are_said_with_pauses() -> None:
    turn = Turn("five pounds", at=7)
    await runner(Echo(), turn)(turn)
    assert turn.did == [
        ("events", 8, 1), ("events", 10, 2), ("say", "five pounds"), "pause", ("say", "!"), "pause",
    ]  # fmt: skip


async def test_a_message_that_is_gone_is_asked_as_nothing() -> None:
    turn = Turn("")
    await runner(Echo(), turn)(turn)
    assert ("say", "") in turn.did


async def test_the_context_is_the_turns() -> None:
    seen: list[Any] = []

    class Busy:
        async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
            seen.extend([context.summary, context.state, context.answered])
            answer = await context.call("look_up", {"item": "milk"})
            seen.extend([answer.result, answer.is_error, context.state])
            seen.append(await context.update({"a": 1}))
            seen.append(await context.update({"no": 1}))
            yield "done"

    turn = Turn()
    await runner(Busy(), turn, "So far: milk")(turn)
    assert seen == ["So far: milk", {"n": 1}, None, {"price": 1}, False, {"n": 2}, None, "No."]
    assert turn.did[2:5] == [("call", "look_up", {"item": "milk"}), ("update", {"a": 1}), ("update", {"no": 1})]


APPROVED = stored(8, "approval_resolved", approval_id="a", decision="approved")
BEGUN = stored(9, "effect_changed", effect_id="purchase-1", kind="buy", status="claimed", data={"cost": 5.0})


@pytest.mark.parametrize(
    ("after", "answered"),
    [
        ([], None),
        ([APPROVED, BEGUN], Answered(decision="approved", kind="buy", effect_id="purchase-1", about={"cost": 5.0})),
        ([stored(8, "approval_resolved", approval_id="a", decision="declined")], Answered(decision="declined")),
        ([stored(8, "approval_resolved", approval_id="a", decision="expired")], None),
        # By a button, which has an id of its own: nothing that the message said.
        ([stored(8, "approval_resolved", "r1", approval_id="a", decision="approved"), BEGUN], None),
        ([stored(8, "user_message", "m2", text="yes"), APPROVED], None),
        ([APPROVED], None),
    ],
)
async def test_what_a_message_answered_stands_right_behind_it(after: list[Stored], answered: Answered | None) -> None:
    seen: list[Answered | None] = []

    class Listening:
        async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
            seen.append(context.answered)
            yield "."

    turn = Turn("yes")
    turn.log += after
    await runner(Listening(), turn)(turn)
    assert seen == [answered]


async def test_what_the_brain_or_the_turn_raises_goes_up() -> None:
    class Tired:
        async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
            yield "one"
            raise RuntimeError("tired")

    turn = Turn()
    with pytest.raises(RuntimeError, match="tired"):
        await runner(Tired(), turn)(turn)
    assert ("say", "one") in turn.did

    class Over(Turn):
        def say(self, text: str) -> None:
            raise LookupError("the turn is over")

    with pytest.raises(LookupError):
        await runner(Echo(), over := Over())(over)


async def test_by_itself_it_paces_pieces_for_a_reader() -> None:
    assert 0.005 <= PIECE_SECONDS <= 0.1
    turn = Turn()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await Runner(Echo(), lambda state, now: None)(turn)
    assert loop.time() - began >= 2 * PIECE_SECONDS * 0.9
