"""Turns of one session: queued with the message, run one at a time, ended exactly once (I10).

A turn belongs to this process, not to a socket (I13). The commit that accepts a message queues its turn; a second one
claims it; the end is one commit whose condition is the claim's fence. A stop from a person is a command of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from shipanion.protocol.events import TurnOutcome
from shipanion.protocol.frames import TurnSoFar
from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.awaited import RETRY_SECONDS
from shipanion.server.calls import SessionCalls
from shipanion.server.domain import Domain
from shipanion.server.hub import Appended
from shipanion.server.turn import Turn, TurnOver, ending
from shipanion.stores.base import SessionStore, TurnClaimed, TurnEnding

__all__ = ["RunTurn", "SessionTurns"]

log = structlog.get_logger(__name__)

NewId = Callable[[str], str]
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
        self.on_busy: Callable[[], Awaitable[None]] | None = None
        """Called when the store says that a turn is running which this process does not know of."""
        self._healing: asyncio.Future[None] | None = None
        self._run_brain = run
        self._queue: deque[tuple[str, int, int]] = deque()
        self._claiming = False

    def add(self, turn_id: str, message_offset: int, fence: int = 0) -> None:
        """A queued turn is committed: run it when its time comes."""
        self._queue.append((turn_id, message_offset, fence))
        self.actor.hold()
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
        dropped = len(self._queue) - len(kept)
        self._queue = kept
        for _ in range(dropped):
            self.actor.let_go()

    @property
    def idle(self) -> bool:
        """Whether no turn runs and none waits."""
        return self.running is None and not self._queue

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
        self.actor.hold()
        self.drop(turn_id)
        turn = Turn(self, turn_id, fence, message_offset)
        self.running = turn
        self.actor.turn_so_far = TurnSoFar(turn_id=turn_id, text="", next_index=0)
        turn.task = asyncio.create_task(self._run(turn))

    def not_claimed(self, turn_id: str, code: str) -> None:
        """The claim was refused: gone for good, or try again."""
        self._claiming = False
        if code == "busy" and self.on_busy is not None:
            self._healing = asyncio.ensure_future(self.on_busy())
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
            self.calls.abandon(turn.turn_id, why)
            self.kick()
            self.actor.let_go()

    async def _run(self, turn: Turn) -> None:
        outcome: TurnOutcome = "completed"
        try:
            await self._run_brain(turn)
        except TurnOver:
            outcome = "failed"
        except asyncio.CancelledError:
            if turn.over:
                return
            if turn.task is not None and turn.task.cancelling():
                raise
            log.exception("the brain gave up", session_id=turn.session_id, turn_id=turn.turn_id)
            outcome = "failed"
        except Exception:
            log.exception("the brain failed", session_id=turn.session_id, turn_id=turn.turn_id)
            outcome = "failed"
        if not turn.over:
            self.finish(turn, outcome)


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
