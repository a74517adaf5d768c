"""What a node looks after on a timer: silent and stuck peers, withdrawn sign-ins, heads nobody told it about,
approvals whose time is up, effects that nobody is at."""

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from shipanion.errors import StoreError

if TYPE_CHECKING:
    from shipanion.server.connection import Connection
    from shipanion.server.node import Node

__all__ = ["Watch"]

TICK_SECONDS: Final = 1.0
PING_SECONDS: Final = 25.0
SILENT_SECONDS: Final = 50.0
"""A peer not heard from for this long is gone. A hidden tab's timers may run once a minute; pings are answered below
them, by the browser itself."""

STUCK_SECONDS: Final = 10.0
"""A peer that takes nothing of what waits for it for this long is cut."""

HEADS_TICKS: Final = 5
EFFECTS_TICKS: Final = 30

log = structlog.get_logger(__name__)


class Watch:
    """Runs once a second for the whole node; no timer per connection."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._task: asyncio.Task[None] | None = None
        self._ticks = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            for connection in tuple(self._node.connections):
                self._look_at(connection, now)
            try:
                await self._elsewhere()
                await self._node.sessions.expire_approvals()
                if self._ticks % EFFECTS_TICKS == 0:
                    await self._node.sessions.sweep_effects()
            except StoreError as error:
                log.warning("the store does not answer", error=str(error))
            except Exception:
                log.exception("looking after the node failed")

    def _look_at(self, connection: "Connection", now: float) -> None:
        socket = connection.socket
        taken = connection.written - socket.buffered()
        if taken > connection.progress[0] or socket.buffered() == 0:
            connection.progress = (taken, now)
        elif now - connection.progress[1] >= STUCK_SECONDS:
            self._node.metrics.cut_stuck += 1
            connection.cut()
            return
        # A peer that is not read from cannot be heard: what it takes is then its sign of life.
        silent = now - (connection.progress[1] if connection.deaf else socket.last_heard)
        if silent >= SILENT_SECONDS:
            self._node.metrics.cut_silent += 1
            connection.cut()
        elif silent >= PING_SECONDS and now - connection.pinged >= PING_SECONDS:
            connection.pinged = now
            socket.ping()
        connection.expire()

    async def _elsewhere(self) -> None:
        """Another program may have written beside us: read heads again, cut withdrawn people."""
        self._ticks += 1
        if await self._node.store.changed_elsewhere():
            self._node.doubtful = True
        # Taken before the store is asked: a doubt that comes up meanwhile may be about what was read already.
        doubtful, self._node.doubtful = self._node.doubtful, False
        try:
            if doubtful:
                await self.cut_withdrawn()
            if doubtful or self._ticks % HEADS_TICKS == 0:
                await self._heads()
        except BaseException:
            self._node.doubtful |= doubtful
            raise

    async def cut_withdrawn(self, only: str | None = None) -> None:
        """End the connections whose sign-in does not hold any more, of everybody or of ``only`` this person."""
        # One person may be here under an old token and a new one: each version is asked about.
        holders: dict[int, dict[str, list[Connection]]] = {}
        for connection in self._node.connections:
            identity = connection.identity
            if identity is not None and only in (None, identity.user_id):
                holders.setdefault(identity.version, {}).setdefault(identity.user_id, []).append(connection)
        for version, by_user in holders.items():
            for user_id in await self._node.store.withdrawn(dict.fromkeys(by_user, version)):
                for connection in by_user[user_id]:
                    if connection.identity is not None and connection.identity.version == version:
                        connection.withdraw()

    async def _heads(self) -> None:
        live = {session.session_id: session for session in self._node.sessions}
        if not live:
            return
        for session_id, head in (await self._node.store.heads(list(live))).items():
            live[session_id].actor.noticed(head)
