"""The sessions that are live on this node: loaded once, kept while anybody or anything needs them."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import structlog

from shipanion.protocol.events import ApprovalResolved
from shipanion.protocol.frames import ToolCall
from shipanion.server.actor import Clock, Draft, SessionActor, View
from shipanion.server.awaited import RETRY_SECONDS
from shipanion.server.calls import SessionCalls
from shipanion.server.domain import Domain
from shipanion.server.effects import SessionEffects
from shipanion.server.hub import Appended
from shipanion.server.turn import farewell
from shipanion.server.turns import RunTurn, SessionTurns
from shipanion.stores.base import OpenCall, SessionStore, TurnEnding, TurnRow

__all__ = ["LiveSession", "LiveSessions", "new_id"]

log = structlog.get_logger(__name__)


EFFECTS_AT_ONCE: Final = 1_000
APPROVALS_AT_ONCE: Final = 100
"""How many one sweep takes; the next one takes the rest."""


def new_id(kind: str) -> str:
    """A fresh id of the server's own, e.g. ``turn-9f…``."""
    return f"{kind}-{secrets.token_hex(12)}"


class LiveSession:
    """One session with everything that acts in it."""

    def __init__(
        self, actor: SessionActor, domain: Domain, store: SessionStore, run: RunTurn, ticks: Callable[[], float]
    ) -> None:
        self.actor = actor
        self.session_id = actor.session_id
        self.audience = actor.audience
        self.effects = SessionEffects(actor, domain, store.boot_id, ticks)
        self.calls = SessionCalls(actor, domain, self.effects)
        self.turns = SessionTurns(actor, self.calls, store, domain, run, new_id)
        self.presence_due = False
        self.scroll: float | None = None
        """The last scroll position any device wrote while the session was live here."""


class LiveSessions:
    """Opens sessions on demand and forgets those at rest."""

    def __init__(
        self, store: SessionStore, domain: Domain, run: RunTurn, *, max_events: int, now: Clock,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._store = store
        self._domain = domain
        self._run = run
        self._max_events = max_events
        self._now = now
        self._ticks = ticks
        self.on_doubt: Callable[[], None] | None = None
        """Called when the store could not say whether something was written."""
        self._live: dict[str, LiveSession] = {}
        self._opening: dict[str, asyncio.Task[LiveSession | None]] = {}

    def __iter__(self) -> Iterator[LiveSession]:
        return iter(tuple(self._live.values()))

    def __len__(self) -> int:
        return len(self._live)

    def get(self, session_id: str) -> LiveSession | None:
        """The session, if it is live here."""
        return self._live.get(session_id)

    async def open(self, session_id: str) -> LiveSession | None:
        """The session, loaded if need be; None when there is none. It is held: call ``release`` when attached."""
        live = self._live.get(session_id)
        if live is None:
            task = self._opening.get(session_id)
            if task is None:
                task = asyncio.create_task(self._load(session_id))
                self._opening[session_id] = task
                task.add_done_callback(lambda _: self._opening.pop(session_id, None))
            live = await asyncio.shield(task)
            if live is None:
                return None
            # Only whoever needs it keeps it: one that nobody waits for any more is let go with its task.
            live = self._live.setdefault(session_id, live)
        live.actor.hold()
        return live

    def release(self, live: LiveSession) -> None:
        """Undo the hold of ``open``."""
        live.actor.let_go()

    def forget_if_idle(self, live: LiveSession) -> None:
        """Let a session go that nobody needs; it is loaded again when somebody does."""
        if live.actor.at_rest and self._live.get(live.session_id) is live:
            del self._live[live.session_id]

    async def _load(self, session_id: str) -> LiveSession | None:
        loaded = await self._store.load(session_id)
        if loaded is None:
            return None
        actor = SessionActor(self._store, self._domain, loaded, max_events=self._max_events, now=self._now)
        live = LiveSession(actor, self._domain, self._store, self._run, self._ticks)
        actor.on_rest = lambda: self.forget_if_idle(live)
        actor.on_doubt = self.on_doubt
        live.turns.on_busy = lambda: self._heal(live)
        return live

    # --- what a dead process left behind --------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Take over what belongs to no living process: end its running turns, start queued ones, settle its calls, ask
        what became of its effects.

        Returns how many turns, calls and effects there were.
        """
        turns = await self._store.turns_of_others()
        calls = await self._store.calls_of_others()
        effects = await self.sweep_effects(calls)
        for row in turns:
            await self._take_turn(row)
        for call in calls:
            await self._take_call(call)
        return len(turns) + len(calls) + effects

    async def sweep_effects(self, calls: Sequence[OpenCall] = ()) -> int:
        """Take over the open effects that nobody is at; ``calls`` are open calls that may wait for them."""
        waiting = {(call.session_id, call.call_id): call for call in calls}
        taken = 0
        at_it = sum(len(live.effects) for live in self._live.values())
        # Those that somebody is at come on top: were they counted, a thousand old ones without an answer would hide all
        # that are younger.
        for row in await self._store.effects_open(limit=EFFECTS_AT_ONCE + at_it):
            live = self._live.get(row.session_id)
            if live is not None and live.effects.knows(row.effect_id):
                continue
            if row.kind not in self._domain.effects:  # its call must not wait for an answer that cannot come
                log.error("no effect of this kind is known here", kind=row.kind, effect_id=row.effect_id)
                continue
            live = await self.open(row.session_id)
            if live is None:
                continue
            open_call = waiting.get((row.session_id, row.call_id or ""))
            call = live.calls.running(row.call_id or "")
            if open_call is not None and await self._store.adopt_call(open_call.session_id, open_call.call_id):
                call = live.calls.adopt(open_call, await self._parameters(open_call))
            live.effects.take_over(row, call)
            taken += 1
            self.release(live)
        return taken

    async def expire_approvals(self) -> int:
        """End the approvals whose time is up; how many were due."""
        due = await self._store.approvals_due(self._now(), limit=APPROVALS_AT_ONCE)
        for row in due:
            live = await self.open(row.session_id)
            if live is not None:
                live.actor.post(_Expire(live, row.approval_id))
        return len(due)

    async def _heal(self, live: LiveSession) -> None:
        """The store says a turn is running that this process does not run: it is dead, end it."""
        loaded = await self._store.load(live.session_id)
        for row in loaded.turns if loaded is not None else ():
            if row.status == "running" and not live.turns.knows(row.turn_id):
                self._end_dead(live, row)

    def _end_dead(self, live: LiveSession, row: TurnRow) -> None:
        live.actor.hold()
        live.actor.post(_EndDead(live, row))

    async def _take_turn(self, row: TurnRow) -> None:
        live = await self.open(row.session_id)
        if live is None:
            return
        if row.status == "running":
            self._end_dead(live, row)
            await live.actor.settled()
        elif not live.turns.knows(row.turn_id):
            live.turns.add(row.turn_id, row.message_offset, row.fence)
        self.release(live)

    async def _take_call(self, call: OpenCall) -> None:
        live = await self.open(call.session_id)
        if live is None:
            return
        if live.calls.running(call.call_id) is None and await self._store.adopt_call(call.session_id, call.call_id):
            parameters = await self._parameters(call)
            tool = self._domain.tools.get(call.tool_name)
            if call.turn_id is None and tool is not None and tool.read_only:
                live.calls.start(call.call_id, call.tool_name, parameters, role="agent")
            else:
                live.calls.close(call, parameters, "The server stopped before it could answer this. Ask how it stands.")
        self.release(live)

    async def _parameters(self, call: OpenCall) -> dict[str, object]:
        events = await self._store.events(
            call.session_id, after=call.offset - 1, upto=call.offset, max_bytes=1, max_count=1
        )
        return dict(_called.decode(events[0].body).client_tool_call.parameters) if events else {}


class _Called(msgspec.Struct):
    client_tool_call: ToolCall


_called = msgspec.json.Decoder(_Called)


class _Expire:
    """The end of an approval that nobody answered in time."""

    source: object = None

    def __init__(self, live: LiveSession, approval_id: str) -> None:
        self._live = live
        self._approval_id = approval_id

    def decide(self, view: View) -> Draft:
        asked = view.state.get("approval")
        if asked is None or asked["approval_id"] != self._approval_id or view.now < asked["expires_at"]:
            return Draft()
        expired = ApprovalResolved(approval_id=self._approval_id, decision="expired", patch={"approval": None})
        return Draft(events=(expired,), bounded=False)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._live.actor.let_go()

    def duplicate(self, offset: int, same: bool) -> None:
        self._live.actor.let_go()

    def refused(self, code: str, message: str) -> None:
        self._live.actor.let_go()  # the next round finds it again


class _EndDead:
    """The end of a turn whose process died: what it had said by its last checkpoint, and ``interrupted``."""

    source: object = None

    def __init__(self, live: LiveSession, row: TurnRow) -> None:
        self._live = live
        self._row = row

    def decide(self, view: View) -> Draft:
        row = self._row
        end = TurnEnding(turn_id=row.turn_id, fence=row.fence, outcome="interrupted")
        return Draft(events=farewell(row.turn_id, row.text, "interrupted"), turn=end, bounded=False)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        log.info("ended the turn of a process that is gone", turn_id=self._row.turn_id)
        self._live.turns.kick()
        self._live.actor.let_go()

    def duplicate(self, offset: int, same: bool) -> None:
        self._live.actor.let_go()

    def refused(self, code: str, message: str) -> None:
        if code == "unavailable":
            log.warning("a dead turn could not be ended yet", turn_id=self._row.turn_id, why=message)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._live.actor.post, self)
        else:
            self._live.actor.let_go()
