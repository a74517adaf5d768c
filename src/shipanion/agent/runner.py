"""Runs a brain for one turn: finds what was said, gives the brain its context, passes its pieces on at a human pace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal, Protocol

import msgspec

from shipanion.agent.brain import Answered, Brain, Context, ToolAnswer

__all__ = ["LOOK_BACK", "PIECE_SECONDS", "Runner", "Turn"]

PIECE_SECONDS: Final = 0.02
"""Between two pieces of an answer: about as fast as a person reads along."""

LOOK_BACK: Final = 10
"""Events before a message among which the last answer is looked for: it stands right before it, or it is old."""


class _Event(Protocol):
    @property
    def offset(self) -> int: ...

    @property
    def type(self) -> str: ...

    @property
    def id(self) -> str | None: ...

    @property
    def body(self) -> bytes: ...


class _Outcome(Protocol):
    @property
    def result(self) -> Any: ...

    @property
    def is_error(self) -> bool: ...


class Turn(Protocol):
    """What a running turn offers, whoever owns it."""

    @property
    def state(self) -> dict[str, Any]: ...

    @property
    def now(self) -> int: ...

    @property
    def message_offset(self) -> int: ...

    async def events(self, *, before: int, limit: int) -> Sequence[_Event]: ...

    def say(self, text: str) -> None: ...

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> _Outcome: ...

    async def update(self, patch: dict[str, Any]) -> str | None: ...


class _Said(msgspec.Struct):
    text: str = ""


class _Resolved(msgspec.Struct):
    decision: Literal["approved", "declined", "expired", "cancelled"]


class _Begun(msgspec.Struct):
    effect_id: str
    kind: str
    data: dict[str, Any] | None = None


_said = msgspec.json.Decoder(_Said)
_resolved = msgspec.json.Decoder(_Resolved)
_begun = msgspec.json.Decoder(_Begun)


class _TurnContext:
    """The context of one turn, over whatever runs it."""

    def __init__(self, turn: Turn, summary: str | None, answered: Answered | None) -> None:
        self._turn = turn
        self.summary = summary
        self.answered = answered

    @property
    def state(self) -> dict[str, Any]:
        return self._turn.state

    async def last_answer(self) -> str:
        before = await self._turn.events(before=self._turn.message_offset, limit=LOOK_BACK)
        answers = [event for event in before if event.type == "agent_message"]
        return _said.decode(answers[-1].body).text if answers else ""

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> ToolAnswer:
        outcome = await self._turn.call(tool_name, parameters)
        return ToolAnswer(outcome.result, outcome.is_error)

    async def update(self, patch: dict[str, Any]) -> str | None:
        return await self._turn.update(patch)


class Runner:
    """Runs ``brain`` for turns.

    Args:
        brain: produces the answers.
        summary: what happened so far, from the shared state and the time (ms).
        pause: waits between two pieces; tests give their own.
    """

    def __init__(
        self,
        brain: Brain,
        summary: Callable[[dict[str, Any], int], str | None],
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._brain = brain
        self._summary = summary
        self._pause = pause or _pause

    async def __call__(self, turn: Turn) -> None:
        """Answer one turn to its end."""
        asked = await turn.events(before=turn.message_offset + 1, limit=1)
        user_text = _said.decode(asked[-1].body).text if asked else ""
        context: Context = _TurnContext(turn, self._summary(turn.state, turn.now), await _answered(turn))
        async for piece in self._brain.turn(context, user_text):
            turn.say(piece)
            await self._pause()


async def _answered(turn: Turn) -> Answered | None:
    """What the message answered: the server writes that down in the message's own commit, right behind it.

    Only a commit's first event bears its command's id; the answer by a button, which may stand there too, is one.
    """
    at = turn.message_offset
    after = [event for event in await turn.events(before=at + 3, limit=2) if event.offset > at]
    if not after or after[0].type != "approval_resolved" or after[0].id is not None:
        return None
    decision = _resolved.decode(after[0].body).decision
    if decision == "declined":
        return Answered(decision=decision)
    if decision != "approved" or len(after) < 2 or after[1].type != "effect_changed":
        return None
    begun = _begun.decode(after[1].body)
    return Answered(decision=decision, kind=begun.kind, effect_id=begun.effect_id, about=begun.data or {})


async def _pause() -> None:
    await asyncio.sleep(PIECE_SECONDS)
