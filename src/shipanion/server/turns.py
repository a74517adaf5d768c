"""Turns of one session: queued with the message, run one at a time, ended exactly once (I10).

A turn belongs to this process, not to a socket (I13). The commit that accepts a message queues its turn; a second one
claims it; the end is one commit whose condition is the claim's fence. Pieces go to whoever listens, a checkpoint of the
text goes to the store at most once a second, and a stop from a person is a command of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog

from shipanion.protocol.frames import (
    AgentMessage,
    ClientToolCallEvent,
    EventBody,
    StateChanged,
    ToolCall,
    TurnEnded,
    TurnOutcome,
    TurnSoFar,
)
from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.calls import SessionCalls
from shipanion.server.domain import Domain, NotAllowed, ToolOutcome
from shipanion.server.hub import Appended
from shipanion.stores.base import (
    CallOpened,
    Fence,
    SessionStore,
    Step,
    StoredEvent,
    TurnCheckpoint,
    TurnClaimed,
    TurnEnding,
)

__all__ = ["RunTurn", "SessionTurns", "Turn", "TurnOver", "ending", "farewell"]

CHECKPOINT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 1.0
MAX_TEXT: Final = 200_000
"""Characters one answer may have; a brain that runs on is cut off here."""

log = structlog.get_logger(__name__)

NewId = Callable[[str], str]


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
        opened = _OpenCall(self, self._turns.new_id("call"), tool_name, parameters)
        await self._write(opened)
        call = self._turns.calls.start(opened.call_id, tool_name, parameters, fence=self.fence)
        outcome: asyncio.Future[ToolOutcome] = asyncio.get_running_loop().create_future()
        call.told.append(lambda result: None if outcome.done() else outcome.set_result(result))
        return await outcome

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
        while True:
            self._turns.actor.post(work)
            code = await work.outcome()
            if code is None:
                return
            if code not in ("unavailable", "retry_in_order"):
                raise TurnOver(code)
            await asyncio.sleep(RETRY_SECONDS)

    def _checkpoint(self) -> None:
        self._saving = None
        if self.over or self.pieces == self._saved:
            return
        self._saved = self.pieces
        write = TurnCheckpoint(turn_id=self.turn_id, fence=self.fence.fence, text=self.text, next_index=self.pieces)
        self._turns.store.submit([Step(session_id=self.session_id, turn=write)], lambda results: None)


RunTurn = Callable[[Turn], Awaitable[None]]
"""Runs a brain for one turn: reads what was asked, says pieces, calls tools. Returns when the answer is complete."""


class SessionTurns:
    """The turns of one session on this node: those queued, and the one running."""

    def __init__(
        self,
        actor: SessionActor,
        calls: SessionCalls,
        store: SessionStore,
        domain: Domain,
        run: RunTurn,
        new_id: NewId,
    ) -> None:
        self.actor = actor
        self.calls = calls
        self.store = store
        self.new_id = new_id
        self.domain = domain
        self.running: Turn | None = None
        self.accepting = True
        self._run_brain = run
        self._queue: deque[tuple[str, int, int]] = deque()
        self._claiming = False

    def add(self, turn_id: str, message_offset: int, fence: int = 0) -> None:
        """A queued turn is committed: run it when its time comes."""
        self._queue.append((turn_id, message_offset, fence))
        self.actor.held += 1
        self.kick()

    def waits(self, turn_id: str) -> bool:
        """Whether the turn is queued here."""
        return any(queued == turn_id for queued, _, _ in self._queue)

    def knows(self, turn_id: str) -> bool:
        """Whether the turn is queued or running here."""
        return self.waits(turn_id) or (self.running is not None and self.running.turn_id == turn_id)

    def drop(self, turn_id: str) -> None:
        """A queued turn ended before it began."""
        kept = deque(item for item in self._queue if item[0] != turn_id)
        self.actor.held -= len(self._queue) - len(kept)
        self._queue = kept

    def kick(self) -> None:
        """Begin the next turn if none runs."""
        if self.running is None and self._queue and not self._claiming and self.accepting:
            self._claiming = True
            turn_id, message_offset, fence = self._queue[0]
            self.actor.post(_Claim(self, turn_id, message_offset, fence))

    def claimed(self, turn_id: str, message_offset: int, fence: int) -> None:
        """The claim is committed: run the brain."""
        self._claiming = False
        if not self.waits(turn_id):
            return
        self.drop(turn_id)
        self.actor.held += 1
        turn = Turn(self, turn_id, fence, message_offset)
        self.running = turn
        self.actor.turn_so_far = TurnSoFar(turn_id=turn_id, text="", next_index=0)
        turn.task = asyncio.create_task(self._run(turn))

    def not_claimed(self, turn_id: str, code: str) -> None:
        """The claim was refused: gone for good, or try again."""
        self._claiming = False
        if code in ("unavailable", "retry_in_order", "busy"):
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.kick)
            return
        self.drop(turn_id)
        self.kick()

    def finish(self, turn: Turn, outcome: TurnOutcome) -> None:
        """End a turn: commit its text and its end."""
        turn.end()
        self.actor.post(_End(self, turn, outcome))

    def ended(self, turn: Turn, why: str) -> None:
        """The end is committed (or was, by somebody else): let go and begin the next."""
        turn.end()
        if turn.task is not None and turn.task is not asyncio.current_task():
            turn.task.cancel()
        if self.running is turn:
            self.running = None
            self.actor.turn_so_far = None
            self.actor.held -= 1
            self.calls.abandon(turn.turn_id, why)
            self.kick()

    async def _run(self, turn: Turn) -> None:
        outcome: TurnOutcome = "completed"
        try:
            await self._run_brain(turn)
        except TurnOver:
            pass
        except asyncio.CancelledError:
            if not turn.over:
                raise
            return
        except Exception:
            log.exception("the brain failed", session_id=turn.session_id, turn_id=turn.turn_id)
            outcome = "failed"
        if not turn.over:
            self.finish(turn, outcome)


def ending(turn: Turn, outcome: TurnOutcome) -> tuple[EventBody, ...]:
    """The events that end a turn of this process."""
    return farewell(turn.turn_id, turn.text, outcome)


def farewell(turn_id: str, text: str, outcome: TurnOutcome) -> tuple[EventBody, ...]:
    """The events that end a turn: what was said, if anything was, and the end itself."""
    over = TurnEnded(turn_id=turn_id, outcome=outcome)
    if not text:
        return (over,)
    return (AgentMessage(turn_id=turn_id, text=text, partial=outcome != "completed"), over)


class _Claim:
    source: object = None

    def __init__(self, turns: SessionTurns, turn_id: str, message_offset: int, fence: int) -> None:
        self._turns = turns
        self._turn_id = turn_id
        self._message_offset = message_offset
        self._fence = fence

    def decide(self, view: View) -> Draft:
        owner = self._turns.store.boot_id
        return Draft(turn=TurnClaimed(turn_id=self._turn_id, owner=owner, fence=self._fence))

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._turns.claimed(self._turn_id, self._message_offset, self._fence + 1)

    def duplicate(self, offset: int, same: bool) -> None:
        self._turns.not_claimed(self._turn_id, "fenced")

    def refused(self, code: str, message: str) -> None:
        self._turns.not_claimed(self._turn_id, code)


class _End:
    source: object = None

    def __init__(self, turns: SessionTurns, turn: Turn, outcome: TurnOutcome) -> None:
        self._turns = turns
        self._turn = turn
        self._outcome = outcome

    def decide(self, view: View) -> Draft:
        fence = self._turn.fence
        end = TurnEnding(turn_id=fence.turn_id, fence=fence.fence, outcome=self._outcome)
        return Draft(events=ending(self._turn, self._outcome), turn=end, bounded=False)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._turns.ended(self._turn, "The turn ended before that was done.")

    def duplicate(self, offset: int, same: bool) -> None:
        self._turns.ended(self._turn, "The turn ended before that was done.")

    def refused(self, code: str, message: str) -> None:
        if code in ("unavailable", "retry_in_order"):
            loop = asyncio.get_running_loop()
            loop.call_later(RETRY_SECONDS, lambda: self._turns.actor.post(self))
        else:
            self._turns.ended(self._turn, message)


class _FencedWork:
    """A work of a running turn; its outcome can be awaited: None, or the code of the refusal."""

    source: object = None

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self._outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    async def outcome(self) -> str | None:
        code = await self._outcome
        self._outcome = asyncio.get_running_loop().create_future()
        return code

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._tell(None)

    def duplicate(self, offset: int, same: bool) -> None:
        self._tell(None)

    def refused(self, code: str, message: str) -> None:
        self._tell(code)

    def _tell(self, code: str | None) -> None:
        if not self._outcome.done():
            self._outcome.set_result(code)

    def decide(self, view: View) -> Draft:
        raise NotImplementedError


class _OpenCall(_FencedWork):
    def __init__(self, turn: Turn, call_id: str, tool_name: str, parameters: dict[str, Any]) -> None:
        super().__init__(turn)
        self.call_id = call_id
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
