"""A running turn, as the brain's side sees it: what was asked, what is known, and how to answer.

Pieces go to whoever listens now; everything else it does is a commit that holds only while the turn is this process's
to write in (its fence).
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from shipanion.protocol.events import (
    AgentMessage,
    ClientToolCallEvent,
    EventBody,
    StateChanged,
    TurnEnded,
    TurnOutcome,
)
from shipanion.protocol.frames import ToolCall, TurnSoFar
from shipanion.server.actor import Draft, View
from shipanion.server.awaited import AwaitedWork
from shipanion.server.domain import NotAllowed, ToolOutcome
from shipanion.server.hub import Appended
from shipanion.stores.base import CallOpened, Fence, Refused, Result, Step, StoredEvent, TurnCheckpoint

if TYPE_CHECKING:
    from shipanion.server.calls import SessionCalls
    from shipanion.server.turns import SessionTurns

__all__ = ["Turn", "TurnOver", "ending", "farewell"]

CHECKPOINT_SECONDS: Final = 1.0
"""The text of a running turn is kept at most this often."""

MAX_TEXT: Final = 200_000
"""Characters one answer may have; a brain that runs on is cut off here."""


class TurnOver(Exception):
    """The turn is no longer this process's to write in (it was stopped, or another owner took it)."""


class Turn:
    """A running turn, as the brain's side sees it: what was asked, what is known, and how to answer."""

    def __init__(self, turns: "SessionTurns", turn_id: str, fence: int, message_offset: int) -> None:
        self.turn_id = turn_id
        self.session_id = turns.actor.session_id
        self.fence = Fence(turn_id=turn_id, fence=fence)
        self.text = ""
        self.pieces = 0
        self.task: asyncio.Task[None] | None = None
        self.over = False
        self.edit = turns.domain.edit
        self.owner = turns.store.boot_id
        self._turns = turns
        self._message_offset = message_offset
        self._saved = 0
        self._saving: asyncio.TimerHandle | None = None

    @property
    def state(self) -> dict[str, Any]:
        """The shared state now."""
        return self._turns.actor.state

    @property
    def now(self) -> int:
        """The time in ms."""
        return self._turns.actor.now()

    @property
    def message_offset(self) -> int:
        """The message this turn answers."""
        return self._message_offset

    async def events(self, *, before: int, limit: int) -> list[StoredEvent]:
        """The last ``limit`` events before an offset, oldest first."""
        return await self._turns.store.events_before(self.session_id, before=before, max_bytes=65_536, max_count=limit)

    def say(self, text: str) -> None:
        """Send one piece of the answer. Raises ``TurnOver`` when the turn was ended meanwhile."""
        self._alive()
        if not text or len(self.text) + len(text) > MAX_TEXT:
            return
        index, self.pieces, self.text = self.pieces, self.pieces + 1, self.text + text
        self._turns.actor.turn_so_far = TurnSoFar(turn_id=self.turn_id, text=self.text, next_index=self.pieces)
        self._turns.actor.piece(self.turn_id, index, text)
        if self._saving is None:
            loop = asyncio.get_running_loop()
            self._saving = loop.call_later(CHECKPOINT_SECONDS, self._checkpoint)

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> ToolOutcome:
        """Run a tool as part of this turn and wait for its outcome, which is committed by then."""
        self._alive()
        opened = _OpenCall(self, self._turns.calls, self._turns.new_id("call"), tool_name, parameters)
        await self._write(opened)
        return await opened.result

    async def update(self, patch: dict[str, Any]) -> str | None:
        """Edit the shared state as a person may; committed when it returns None. Else the sentence that refuses it."""
        self._alive()
        change = _Change(self, patch)
        try:
            await self._write(change)
        except TurnOver:
            if change.refusal is None:
                raise
        return change.refusal

    def end(self) -> None:
        """No more pieces and no more checkpoints from here on."""
        self.over = True
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None

    def _alive(self) -> None:
        if self.over:
            raise TurnOver

    async def _write(self, work: "_FencedWork") -> None:
        code = await work.written(self._turns.actor)
        if code is not None:
            raise TurnOver(code)

    def _checkpoint(self) -> None:
        self._saving = None
        if self.over or self.pieces == self._saved:
            return
        self._saved = self.pieces
        write = TurnCheckpoint(turn_id=self.turn_id, fence=self.fence.fence, text=self.text, next_index=self.pieces)
        self._turns.store.submit([Step(session_id=self.session_id, turn=write)], self._kept)

    def _kept(self, results: Sequence[Result]) -> None:
        if isinstance(results[0], Refused) and not self.over:
            # The turn is somebody else's by now: not one piece more; ending it finds that out for good.
            self._turns.finish(self, "failed")


def ending(turn: Turn, outcome: TurnOutcome) -> tuple[EventBody, ...]:
    """The events that end a turn of this process."""
    return farewell(turn.turn_id, turn.text, outcome)


def farewell(turn_id: str, text: str, outcome: TurnOutcome) -> tuple[EventBody, ...]:
    """The events that end a turn: what was said, if anything was, and the end itself."""
    over = TurnEnded(turn_id=turn_id, outcome=outcome)
    if not text:
        return (over,)
    return (AgentMessage(turn_id=turn_id, text=text, partial=outcome != "completed"), over)


class _FencedWork(AwaitedWork):
    """A work of a running turn."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.turn = turn


class _OpenCall(_FencedWork):
    """A tool call of Bob's. It runs from the moment it is committed: its turn may be stopped in the same breath, and
    must then find it to give it a result."""

    def __init__(
        self, turn: Turn, calls: "SessionCalls", call_id: str, tool_name: str, parameters: dict[str, Any]
    ) -> None:
        super().__init__(turn)
        self.call_id = call_id
        self.result: asyncio.Future[ToolOutcome] = asyncio.get_running_loop().create_future()
        self._calls = calls
        self._call = ToolCall(tool_name=tool_name, tool_call_id=call_id, parameters=parameters)
        self._owner = turn.owner

    def decide(self, view: View) -> Draft:
        opened = CallOpened(
            call_id=self.call_id, tool_name=self._call.tool_name, owner=self._owner, turn_id=self.turn.turn_id
        )
        return Draft(
            events=(ClientToolCallEvent(client_tool_call=self._call),), id=self.call_id, digest=b"",
            fence=self.turn.fence, call=opened,
        )  # fmt: skip

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._start()
        super().committed(events, head)

    def duplicate(self, offset: int, same: bool) -> None:
        self._start()
        super().duplicate(offset, same)

    def _start(self) -> None:
        call = self._calls.start(
            self.call_id, self._call.tool_name, self._call.parameters, fence=self.turn.fence, role="agent"
        )
        call.told.append(self._told)

    def _told(self, outcome: ToolOutcome) -> None:
        if not self.result.done():
            self.result.set_result(outcome)


class _Change(_FencedWork):
    def __init__(self, turn: Turn, patch: dict[str, Any]) -> None:
        super().__init__(turn)
        self._patch = patch
        self._edit = turn.edit
        self.refusal: str | None = None

    def decide(self, view: View) -> Draft:
        try:
            patch = self._edit(view.state, self._patch)
        except NotAllowed as refused:
            self.refusal = refused.message
            raise
        return Draft(events=(StateChanged(patch=patch),) if patch else (), fence=self.turn.fence)
