"""Tool calls of one session: accepted once, run by the server, answered once.

A call belongs to the server, not to the socket it came by (I13). Its acceptance and its result are two commits; between
them the call is *open*. A repeat of an open call waits for the same result; a person's open call whose process died is
run again when it only reads, and one of Bob's is closed together with its turn.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from shipanion.protocol.frames import ClientToolResult, ContextualUpdate
from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.domain import Domain, ToolOutcome, ToolRequest, failure
from shipanion.server.hub import Appended
from shipanion.stores.base import CallClosed, Fence, OpenCall

__all__ = ["Call", "SessionCalls"]

TOOL_SECONDS: Final = 30.0
"""A tool that takes longer than this has failed."""

RETRY_SECONDS: Final = 1.0

Told = Callable[[ToolOutcome], None]

_OUR_FAULT: Final = "Something went wrong on our side. Try again in a moment."

log = structlog.get_logger(__name__)


class Call:
    """One open call that this process runs."""

    def __init__(self, call_id: str, tool_name: str, parameters: dict[str, object], fence: Fence | None) -> None:
        self.call_id = call_id
        self.tool_name = tool_name
        self.parameters = parameters
        self.fence = fence
        self.told: list[Told] = []
        self.task: asyncio.Task[None] | None = None


class SessionCalls:
    """The open calls of one session that this process runs."""

    def __init__(self, actor: SessionActor, domain: Domain) -> None:
        self._actor = actor
        self._domain = domain
        self._open: dict[str, Call] = {}

    def running(self, call_id: str) -> Call | None:
        """The call, if this process is at it."""
        return self._open.get(call_id)

    def start(self, call_id: str, tool_name: str, parameters: dict[str, object], *, fence: Fence | None = None) -> Call:
        """Run an accepted call. Every function in the returned call's ``told`` hears the outcome once committed."""
        call = Call(call_id, tool_name, parameters, fence)
        self._open[call_id] = call
        self._actor.hold()
        call.task = asyncio.create_task(self._run(call))
        return call

    def abandon(self, turn_id: str, message: str) -> None:
        """The turn is over: close the calls it left open with a result that says so."""
        for call in tuple(self._open.values()):
            if call.fence is not None and call.fence.turn_id == turn_id:
                if call.task is not None:
                    call.task.cancel()
                call.fence = None
                self._settle(call, failure(call.tool_name, call.parameters, message))

    def close(self, call: OpenCall, parameters: dict[str, object], message: str) -> None:
        """Give a dead process's call the result that says it did not come to an end."""
        mine = Call(call.call_id, call.tool_name, parameters, None)
        self._open[call.call_id] = mine
        self._actor.hold()
        self._settle(mine, failure(call.tool_name, parameters, message))

    async def _run(self, call: Call) -> None:
        tool = self._domain.tools.get(call.tool_name)
        if tool is None:
            known = ", ".join(sorted(self._domain.tools))
            message = f"There is no tool named {call.tool_name}. There are: {known}."
            outcome = failure(call.tool_name, call.parameters, message)
        else:
            request = ToolRequest(
                session_id=self._actor.session_id, parameters=call.parameters, state=self._actor.state
            )
            try:
                async with asyncio.timeout(TOOL_SECONDS):
                    outcome = await tool.run(request)
            except TimeoutError:
                outcome = failure(call.tool_name, call.parameters, "That took too long. Try again.")
            except Exception:
                log.exception("tool failed", tool=call.tool_name, session_id=self._actor.session_id)
                outcome = failure(call.tool_name, call.parameters, _OUR_FAULT)
        self._settle(call, outcome)

    def _settle(self, call: Call, outcome: ToolOutcome) -> None:
        self._actor.post(_Result(self, call, outcome))

    def finished(self, call: Call, outcome: ToolOutcome | None) -> None:
        """The result is committed (or somebody else's is: None)."""
        if self._open.pop(call.call_id, None) is not None:
            self._actor.let_go()
        told, call.told = call.told, []
        if outcome is not None:
            for tell in told:
                tell(outcome)

    def spoiled(self, call: Call) -> None:
        """What the tool gave back cannot be written down: the call failed, and says so."""
        self._actor.post(_Result(self, call, failure(call.tool_name, call.parameters, _OUR_FAULT), plainly=True))

    def retry(self, call: Call, outcome: ToolOutcome) -> None:
        """The store could not write the result: try until it can."""
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self._settle, call, outcome)


class _Result:
    """The work that commits how a call ended."""

    source: object = None

    def __init__(self, calls: SessionCalls, call: Call, outcome: ToolOutcome, *, plainly: bool = False) -> None:
        self._plainly = plainly
        self._calls = calls
        self._call = call
        self._outcome = outcome

    def decide(self, view: View) -> Draft:
        call, outcome = self._call, self._outcome
        result = ClientToolResult(
            tool_call_id=call.call_id, tool_name=call.tool_name, result=outcome.result,
            is_error=outcome.is_error,
            patch=outcome.patch(view.state) if outcome.patch is not None else None,
        )  # fmt: skip
        updates = [ContextualUpdate(text=update.text, data=update.data) for update in outcome.updates]
        return Draft(events=(result, *updates), call=CallClosed(call_id=call.call_id), fence=call.fence, bounded=False)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._calls.finished(self._call, self._outcome)

    def duplicate(self, offset: int, same: bool) -> None:
        self._calls.finished(self._call, None)

    def refused(self, code: str, message: str) -> None:
        if code == "fenced":
            self._call.fence = None
            self._calls.retry(
                self._call,
                failure(self._call.tool_name, self._call.parameters, "The turn ended before that was done."),
            )
        elif code in ("unavailable", "retry_in_order"):
            self._calls.retry(self._call, self._outcome)
        elif code == "bad_request" and not self._plainly:
            self._calls.spoiled(self._call)
        else:
            self._calls.finished(self._call, None)
