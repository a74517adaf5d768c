"""One open tool call that this process answers."""

import asyncio
from collections.abc import Callable
from typing import Any

from shipanion.protocol.events import ClientToolResult, ContextualUpdate, EventBody
from shipanion.server.domain import Patch, ToolOutcome
from shipanion.stores.base import Fence

__all__ = ["Call", "Told", "result_of", "updates_of"]

Told = Callable[[ToolOutcome], None]


class Call:
    """A call from its acceptance to its result.

    Args:
        call_id, tool_name, parameters: as accepted.
        fence: the turn it belongs to, while it does.
        role: the role of who asked.
        over: called once it has its result, whoever committed it.
    """

    def __init__(
        self, call_id: str, tool_name: str, parameters: dict[str, Any], *,
        fence: Fence | None, role: str, over: "Callable[[Call], None]",
    ) -> None:  # fmt: skip
        self.call_id = call_id
        self.tool_name = tool_name
        self.parameters = parameters
        self.fence = fence
        self.role = role
        self.told: list[Told] = []
        """Whoever wants to hear the outcome once it is committed."""
        self.task: asyncio.Task[None] | None = None
        self._over = over

    def finished(self, outcome: ToolOutcome | None) -> None:
        """Its result is committed (or somebody else's is: None)."""
        self._over(self)
        told, self.told = self.told, []
        if outcome is not None:
            for tell in told:
                tell(outcome)


def result_of(call: Call, outcome: ToolOutcome, patch: Patch | None = None) -> ClientToolResult:
    """The event that answers a call."""
    return ClientToolResult(
        tool_call_id=call.call_id,
        tool_name=call.tool_name,
        result=outcome.result,
        is_error=outcome.is_error,
        patch=patch,
    )


def updates_of(outcome: ToolOutcome) -> tuple[EventBody, ...]:
    """The events that tell page and Bob what an outcome means for them."""
    return tuple(ContextualUpdate(text=update.text, data=update.data) for update in outcome.updates)
