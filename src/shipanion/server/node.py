"""One server process: its store, its live sessions, its connections, and how it starts and stops."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final, Protocol
from weakref import WeakValueDictionary

import structlog

from shipanion.errors import StoreError
from shipanion.protocol.bucket import TokenBucket
from shipanion.protocol.codec import Codec
from shipanion.protocol.frames import GoingAway, ReconnectWindow, WireLimits
from shipanion.protocol.registry import Registry
from shipanion.protocol.session import ServerMachine
from shipanion.server.answers import Answers
from shipanion.server.attachment import Attachments
from shipanion.server.connection import Connection
from shipanion.server.desk import Desk
from shipanion.server.devices import Devices
from shipanion.server.domain import Domain
from shipanion.server.identity import Authenticate
from shipanion.server.metrics import Metrics
from shipanion.server.outflow import PAGE_BYTES, PAGE_EVENTS
from shipanion.server.sessions import LiveSessions, new_id
from shipanion.server.turns import RunTurn
from shipanion.server.watch import Watch
from shipanion.stores.base import NewSession, Refused, SessionRow, SessionStore, StoredEvent

__all__ = ["HEARTBEAT_MS", "Node", "ToolThrottle", "wall_clock"]

HEARTBEAT_MS: Final = 25_000

WINDOW_SECONDS: Final = 10.0
"""How long running turns may take to end when the server stops."""

FRAMES_PER_SECOND: Final = 100
FRAMES_BURST: Final = 300

log = structlog.get_logger(__name__)


class ToolThrottle(Protocol):
    """How long a person must wait before calling another tool, in ms; 0 when they need not."""

    def __call__(self, user_id: str) -> int: ...


class Node:
    """Owns everything live in this process.

    Args:
        store: opened by ``start``, closed by ``stop``.
        domain: what the sessions are about.
        run: runs Bob's brain for one turn.
        authenticate: finds out who holds a token.
        renew: finds out who holds what an ``auth`` frame brings on an open connection; ``authenticate`` unless given.
        limits: the published limits.
        rate_limits: whether people are held to a number of frames per second.
        tool_throttle: bounds tool calls per person; None for no bound.
        clock: ms since the Unix epoch.
        ticks: seconds by a clock that never jumps.
    """

    heartbeat_ms = HEARTBEAT_MS

    def __init__(
        self,
        store: SessionStore,
        domain: Domain,
        run: RunTurn,
        authenticate: Authenticate,
        *,
        renew: Authenticate | None = None,
        limits: WireLimits | None = None,
        rate_limits: bool = True,
        tool_throttle: ToolThrottle | None = None,
        clock: Callable[[], int] | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.domain = domain
        self.authenticate = authenticate
        self.renew = renew or authenticate
        self.limits = limits or WireLimits()
        self.reconnect = ReconnectWindow()
        self.now = clock or wall_clock
        self.metrics = Metrics()
        self.connections: dict[Connection, None] = {}
        self.sessions = LiveSessions(store, domain, run, max_events=self.limits.events, now=self.now, ticks=ticks)
        self.attachments = Attachments(self)
        self.answers = Answers(self)
        self.desk = Desk(self)
        self.devices = Devices(store, self.now)
        self.ready = False
        self.stopping = False
        self.doubtful = False
        """Something happened that may have left connections behind the store: look at once."""
        self._codec = Codec(Registry(domain.requests), self.limits)
        self._watch = Watch(self)
        self._rate_limits = rate_limits
        self._tool_throttle = tool_throttle
        self._buckets: WeakValueDictionary[str, TokenBucket] = WeakValueDictionary()
        self._dirty: list[Connection] = []
        self.sessions.on_doubt = self.look_again

    # --- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the store and settle what dead processes left, then be ready."""
        await self.store.open()
        self.metrics.swept = await self.sessions.sweep()
        self._watch.start()
        self.ready = True

    async def stop(self, window: float = WINDOW_SECONDS) -> None:
        """Tell everybody, let running turns end, interrupt those that do not, close, and let go of the store."""
        self.ready = False
        self.stopping = True
        farewell = GoingAway(retry_after_ms=500, window_ms=round(window * 1000))
        for live in self.sessions:
            live.turns.accepting = False
            live.audience.say(
                GoingAway(
                    session_id=live.session_id,
                    retry_after_ms=farewell.retry_after_ms,
                    window_ms=farewell.window_ms,
                )
            )
        await self._finish_turns(window)
        for connection in tuple(self.connections):
            connection.end("going_away")
        for connection in tuple(self.connections):
            self.devices.flush(connection)
        await self._watch.stop()
        await self.store.close()

    def look_again(self) -> None:
        """Somebody's sign-in may have been withdrawn, or a commit may be unheard of: look at the next tick."""
        self.doubtful = True

    async def signed_out(self, user_id: str) -> None:
        """The person's sign-ins were withdrawn: once this returns, nothing is told under one of them any more.

        Who comes in under one meanwhile is found out before they are let in. Where the store does not say which
        connections those are, all of the person's are cut: they may come again.
        """
        self.look_again()  # whatever becomes of this
        try:
            await self._watch.cut_withdrawn(user_id)
        except StoreError:
            for connection in self._of(user_id):
                connection.withdraw()

    def hold(self, user_id: str, version: int) -> None:
        """The person's sign-in is ``version`` from now on: their connections are told nothing until they show it."""
        for connection in self._of(user_id):
            connection.hold(version)

    def _of(self, user_id: str) -> list[Connection]:
        """The connections of one person."""
        return [
            connection
            for connection in self.connections
            if connection.identity is not None and connection.identity.user_id == user_id
        ]

    async def _finish_turns(self, window: float) -> None:
        for live in self.sessions:  # a claim under way still begins its turn
            await live.actor.settled()
        running = [(live, turn) for live in self.sessions if (turn := live.turns.running) is not None]
        tasks = [turn.task for _, turn in running if turn.task is not None]
        tasks += [task for live in self.sessions for task in live.effects.performing()]
        if tasks:
            await asyncio.wait(tasks, timeout=window)
        for live, turn in running:
            if not turn.over:
                live.turns.finish(turn, "interrupted")
        for live in self.sessions:
            await live.actor.settled()
        for live in self.sessions:
            await live.effects.stop()

    # --- connections ----------------------------------------------------------------------------------------------

    def machine(self, *, full: bool) -> ServerMachine:
        """A machine for a new connection."""
        return ServerMachine(self._codec, full=full)

    def connected(self, connection: Connection) -> None:
        """A connection was accepted."""
        self.connections[connection] = None
        self.metrics.connections += 1

    def detach(self, connection: Connection) -> None:
        """A connection is over."""
        self.connections.pop(connection, None)
        self.devices.flush(connection)
        live = connection.session
        if live is not None:
            live.audience.leave(connection)
            self.attachments.presence(live)
            self.sessions.forget_if_idle(live)

    def flush_later(self, connection: Connection) -> None:
        """Write what this connection has queued once this turn of the loop is through."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(connection)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            try:
                connection.flush()
            except Exception:
                log.exception("a connection could not be written to")
                connection.cut()

    def bucket(self, user_id: str) -> TokenBucket | None:
        """The person's share of frames, the same for all their connections; None without limits."""
        if not self._rate_limits:
            return None
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = TokenBucket(per_second=FRAMES_PER_SECOND, burst=FRAMES_BURST)
            self._buckets[user_id] = bucket
        return bucket

    def tool_wait(self, connection: Connection) -> int:
        """How long this person must wait before another tool call (ms)."""
        if self._tool_throttle is None or connection.identity is None:
            return 0
        return self._tool_throttle(connection.identity.user_id)

    # --- sessions and their logs ----------------------------------------------------------------------------------

    async def create_session(self, owner: str, key: str | None) -> SessionRow | Refused:
        """A new session, or the one this person made with the same key."""
        new = NewSession(
            session_id=new_id("session"), owner=owner, epoch=secrets.token_hex(6), at=self.now(), key=key,
            max_sessions=self.limits.sessions,
        )  # fmt: skip
        return await self.store.create_session(new)

    async def page(self, session_id: str, after: int, upto: int) -> list[StoredEvent]:
        """The next page for a connection that catches up."""
        return await self.store.events(session_id, after=after, upto=upto, max_bytes=PAGE_BYTES, max_count=PAGE_EVENTS)


def wall_clock() -> int:
    """The time in ms since the Unix epoch."""
    return time.time_ns() // 1_000_000
