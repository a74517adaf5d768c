"""Tool calls of one session: accepted once, run by the server, answered once.

A call belongs to the server, not to the socket it came by (I13). Its acceptance and its result are two commits; between
them the call is *open*. A repeat of an open call waits for the same result; a person's open call whose process died is
run again when it only reads, and one of Bob's is closed together with its turn. A call that does something outside
proposes a claim; from then on its result comes from the ledger (``effects``), whatever becomes of turn and process.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog

from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.awaited import RETRY_SECONDS
from shipanion.server.call import Call, result_of, updates_of
from shipanion.server.domain import Claim, Domain, Proposal, ToolOutcome, ToolRequest, failure
from shipanion.server.effects import SessionEffects
from shipanion.server.hub import Appended
from shipanion.stores.base import CallClosed, EffectClaimed, Fence, OpenCall

__all__ = ["SessionCalls"]

TOOL_SECONDS: Final = 30.0
"""A tool that takes longer than this has failed."""

WAIT_SECONDS: Final = 20.0
"""How long a call waits for an effect that is under way before it says so."""

_OUR_FAULT: Final = "Something went wrong on our side. Try again in a moment."

log = structlog.get_logger(__name__)


class SessionCalls:
    """The open calls of one session that this process runs."""

    def __init__(self, actor: SessionActor, domain: Domain, effects: SessionEffects) -> None:
        self._actor = actor
        self._domain = domain
        self.effects = effects
        self._open: dict[str, Call] = {}

    def running(self, call_id: str) -> Call | None:
        """The call, if this process is at it."""
        return self._open.get(call_id)

    def start(
        self, call_id: str, tool_name: str, parameters: dict[str, Any], *, role: str, fence: Fence | None = None
    ) -> Call:
        """Run an accepted call for somebody with this role. Every function in the returned call's ``told`` hears the
        outcome once committed."""
        call = self._opened(Call(call_id, tool_name, parameters, fence=fence, role=role, over=self._over))
        call.task = asyncio.create_task(self._run(call))
        return call

    def abandon(self, turn_id: str, message: str) -> None:
        """The turn is over: close the calls it left open with a result that says so.

        What they began outside goes on without them.
        """
        for call in tuple(self._open.values()):
            if call.fence is not None and call.fence.turn_id == turn_id:
                if call.task is not None:
                    call.task.cancel()
                call.fence = None
                meanwhile = self.effects.meanwhile(call.call_id)
                self._settle(call, meanwhile or failure(call.tool_name, call.parameters, message))

    def close(self, call: OpenCall, parameters: dict[str, Any], message: str) -> None:
        """Give a dead process's call the result that says it did not come to an end."""
        mine = self.adopt(call, parameters)
        self._settle(mine, failure(call.tool_name, parameters, message))

    def adopt(self, call: OpenCall, parameters: dict[str, Any]) -> Call:
        """A dead process's call is this one's from now on; its result will come from elsewhere."""
        return self._opened(Call(call.call_id, call.tool_name, parameters, fence=None, role="agent", over=self._over))

    def _opened(self, call: Call) -> Call:
        self._open[call.call_id] = call
        self._actor.hold()
        return call

    async def _run(self, call: Call) -> None:
        tool = self._domain.tools.get(call.tool_name)
        outcome: ToolOutcome | Proposal
        if tool is None:
            known = ", ".join(sorted(self._domain.tools))
            message = f"There is no tool named {call.tool_name}. There are: {known}."
            outcome = failure(call.tool_name, call.parameters, message)
        else:
            request = ToolRequest(
                session_id=self._actor.session_id, parameters=call.parameters, state=self._actor.state,
                now=self._actor.now(), role=call.role,
            )  # fmt: skip
            try:
                async with asyncio.timeout(TOOL_SECONDS):
                    outcome = await tool.run(request)
                    if isinstance(outcome, Proposal) and outcome.waits_for is not None:
                        await self.effects.told_of(outcome.waits_for, WAIT_SECONDS)
            except TimeoutError:
                outcome = failure(call.tool_name, call.parameters, "That took too long. Try again.")
            except Exception:
                log.exception("tool failed", tool=call.tool_name, session_id=self._actor.session_id)
                outcome = failure(call.tool_name, call.parameters, _OUR_FAULT)
        self._settle(call, outcome)

    def _settle(self, call: Call, outcome: ToolOutcome | Proposal) -> None:
        self._actor.post(_Result(self, call, outcome))

    def _over(self, call: Call) -> None:
        if self._open.pop(call.call_id, None) is not None:
            self._actor.let_go()

    def spoiled(self, call: Call) -> None:
        """What the tool gave back cannot be written down: the call failed, and says so."""
        self._actor.post(_Result(self, call, failure(call.tool_name, call.parameters, _OUR_FAULT), plainly=True))

    def retry(self, call: Call, outcome: ToolOutcome | Proposal) -> None:
        """The store could not write the result: try until it can."""
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self._settle, call, outcome)


class _Result:
    """The work that commits how a call ended, or the claim on which its end will follow."""

    source: object = None

    def __init__(
        self, calls: SessionCalls, call: Call, outcome: ToolOutcome | Proposal, *, plainly: bool = False
    ) -> None:
        self._plainly = plainly
        self._calls = calls
        self._call = call
        self._proposed = outcome
        self._fence = call.fence
        self._made: ToolOutcome | EffectClaimed | None = None

    def decide(self, view: View) -> Draft:
        call, proposed = self._call, self._proposed
        made = proposed.decide(view.situation(call.role)) if isinstance(proposed, Proposal) else proposed
        if isinstance(made, Claim):
            event, self._made = self._calls.effects.claim(made, view.now, call_id=call.call_id)
            return Draft(events=(event,), effect=self._made, fence=self._fence)
        self._made = made
        patch = made.patch(view.state) if made.patch is not None else None
        events = (*made.events, result_of(call, made, patch), *updates_of(made))
        closed = CallClosed(call_id=call.call_id, event=len(made.events))
        return Draft(events=events, call=closed, fence=self._fence, bounded=False)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        if isinstance(self._made, EffectClaimed):
            self._calls.effects.begin(self._made, self._call)
        else:
            self._call.finished(self._made)

    def duplicate(self, offset: int, same: bool) -> None:
        self._call.finished(None)

    def refused(self, code: str, message: str) -> None:
        call = self._call
        if code == "fenced":
            call.fence = None
            self._calls.retry(call, failure(call.tool_name, call.parameters, "The turn ended before that was done."))
        elif code in ("taken", "session_full"):
            self._calls.retry(call, failure(call.tool_name, call.parameters, message))
        elif code in ("unavailable", "retry_in_order"):
            self._calls.retry(call, self._proposed)
        elif code == "bad_request" and not self._plainly:
            self._calls.spoiled(call)
        else:
            call.finished(None)
