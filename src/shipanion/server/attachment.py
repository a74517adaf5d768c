"""Attaching a connection to its session: who may, from where, and the welcome that says so."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shipanion.errors import StoreUnavailable
from shipanion.protocol.codec import envelope
from shipanion.protocol.frames import Digest, Presence, Welcome
from shipanion.protocol.position import Outcome, answer_resume
from shipanion.protocol.session_outputs import Attach
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.server.sessions import LiveSession
from shipanion.stores.base import Refused

if TYPE_CHECKING:
    from shipanion.server.connection import Connection
    from shipanion.server.node import Node

__all__ = ["Attachments"]

AWAY_MS: Final = 30_000
"""Who was gone for less than this is not told what happened meanwhile: the events themselves say it."""

DIGEST_EVENTS: Final = 500
DIGEST_BYTES: Final = 262_144
"""The most that is read for a digest, counted from the newest."""

PRESENCE_SECONDS: Final = 0.2
"""Comings and goings within this time are told together."""


class Attachments:
    """Brings connections into sessions, and tells the others."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    async def attach(self, connection: "Connection", ask: Attach) -> None:
        """Attach ``connection`` as asked and welcome it, or refuse."""
        identity = connection.identity
        assert identity is not None
        machine = connection.machine
        connection.present(machine.device, machine.client, identity.name)
        if self._node.stopping:
            connection.refuse_attach("starting", "The server is stopping. Come back in a moment.")
            return
        try:
            # Who came in while the sign-in was withdrawn was not among those that were cut for it.
            await connection.check()
            found = await self._find(identity, ask)
            if isinstance(found, Refused):
                connection.refuse_attach(found.reason, _SENTENCES[found.reason])
                return
            live, created = found
            try:
                await self._welcome(connection, live, ask, created)
            finally:
                self._node.sessions.release(live)
        except StoreUnavailable as error:
            connection.refuse_attach("unavailable", str(error))
        except NotAuthenticated as error:
            connection.refuse_attach(error.code, error.message)

    async def _find(self, identity: Identity, ask: Attach) -> tuple[LiveSession, bool] | Refused:
        created = False
        session_id = ask.session_id
        if session_id is None:
            row = await self._node.create_session(identity.user_id, ask.new)
            if isinstance(row, Refused):
                return row
            session_id, created = row.session_id, row.head == 0
        live = await self._node.sessions.open(session_id)
        if live is None:
            return Refused(reason="not_found")
        if live.actor.owner != identity.user_id:
            self._node.sessions.release(live)
            return Refused(reason="not_found")
        return live, created

    async def _welcome(self, connection: "Connection", live: LiveSession, ask: Attach, created: bool) -> None:
        actor = live.actor
        head, state, turn = actor.position, actor.state, actor.turn_so_far
        resume = answer_resume(ask.position, head, first=actor.first, limit=self._node.limits.replay)
        if resume.reason == "ahead":
            self._node.metrics.positions_ahead += 1
        whole = resume.outcome is not Outcome.RECOVERED
        self._replace(live, connection)
        connection.join(live, resume.position.offset)
        await connection.meet(live)
        await self._node.devices.load(connection)
        tail = await self._tail(live, head.offset) if whole and connection.full else None
        digest = await self._digest(connection, live, head.offset, state)
        self.presence(live)
        welcome = Welcome(
            session_id=live.session_id,
            outcome=Outcome.CREATED.value if created else resume.outcome.value,
            position=resume.position,
            reason=resume.reason,
            replayed=resume.replayed,
            state=state if whole else None,
            tail=tail,
            digest=digest,
            turn=actor.turn_so_far or (turn if actor.head == head.offset else None),
            device_state=connection.place.state or None,
            devices=live.audience.devices(),
            heartbeat_ms=self._node.heartbeat_ms,
            limits=self._node.limits,
            reconnect=self._node.reconnect,
        )
        self._node.metrics.resumed(welcome)
        connection.begin(welcome, live.session_id)

    def _replace(self, live: LiveSession, connection: "Connection") -> None:
        """The same client is back while its old line still looks open: that one is half-open, and is let go."""
        for other in live.audience:
            if other.client is not None and other.client == connection.client:
                other.end("replaced")

    async def _tail(self, live: LiveSession, head: int) -> list[msgspec.Raw]:
        """The last events up to ``head``, for showing."""
        limits = self._node.limits
        events = await self._node.store.events_before(
            live.session_id, before=head + 1, max_bytes=limits.tail_bytes, max_count=limits.tail
        )
        return [
            msgspec.Raw(envelope(live.session_id, event.offset, event.at, event.by, event.id, event.body))
            for event in events
        ]

    async def _digest(
        self, connection: "Connection", live: LiveSession, head: int, state: dict[str, Any]
    ) -> Digest | None:
        """What happened while this device was away; None for one that was hardly gone, or is new here."""
        place = connection.place
        if not connection.full or place.seen is None or place.seen >= head:
            return None
        if self._node.now() - place.last_at < AWAY_MS:
            return None
        count = min(head - place.seen, DIGEST_EVENTS)
        events = await self._node.store.events_before(
            live.session_id, before=head + 1, max_bytes=DIGEST_BYTES, max_count=count
        )
        told = [(event.type, msgspec.json.decode(event.body)) for event in events]
        lines = self._node.domain.digest(told, state, self._node.now())
        return Digest(since=place.seen, lines=lines) if lines else None

    def presence(self, live: LiveSession) -> None:
        """Somebody came or went: tell everybody, soon and together."""
        if live.presence_due or not len(live.audience):
            return
        live.presence_due = True
        asyncio.get_running_loop().call_later(PRESENCE_SECONDS, self._tell, live)

    def _tell(self, live: LiveSession) -> None:
        live.presence_due = False
        live.audience.say(Presence(session_id=live.session_id, devices=live.audience.devices()))


_SENTENCES: Final = {
    "not_found": "There is no such session.",
    "too_many_sessions": "You have as many sessions as one person may have. Go on in one of them.",
}
