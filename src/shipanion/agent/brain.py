"""What produces Bob's answers, and what it may do meanwhile.

A brain is anything with ``turn``: it is given the context of one turn and yields pieces of text. It holds nothing
between turns: all it needs to go on with a conversation is in the context, so a turn can be answered by any process.
"""

from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

import msgspec

__all__ = ["Answered", "Brain", "Context", "ToolAnswer"]


class ToolAnswer(msgspec.Struct, frozen=True):
    """How a tool call ended: its result (JSON), and whether it failed."""

    result: Any
    is_error: bool


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The message was a yes or a no to an open question, and was taken for that before the turn began.

    A yes began the effect ``effect_id`` of this ``kind``; ``about`` is what the ledger tells of it.
    """

    decision: Literal["approved", "declined"]
    kind: str | None = None
    effect_id: str | None = None
    about: dict[str, Any] = msgspec.field(default_factory=dict)


class Context(Protocol):
    """One turn, as a brain sees it."""

    @property
    def state(self) -> dict[str, Any]:
        """The session's shared state now."""

    @property
    def summary(self) -> str | None:
        """What happened in this session so far, in a few lines; None when nothing did."""

    @property
    def answered(self) -> Answered | None:
        """What the message was an answer to; None when it answered no question."""

    async def last_answer(self) -> str:
        """What the brain said last before this message; nothing where that is not at hand."""

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> ToolAnswer:
        """Run a tool; its effect on the state is committed when this returns."""

    async def update(self, patch: dict[str, Any]) -> str | None:
        """Change the shared state by a JSON merge patch; None when done, else the sentence that refuses it."""


class Brain(Protocol):
    """Produces one answer at a time."""

    def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        """The answer to ``user_text``, piece by piece."""
