"""Who listens to a session on this node, and how what is committed reaches them.

An event is encoded once for all who hear it. Nothing here waits: a listener that does not keep up is told by its
cursor to read from the store instead.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from shipanion.protocol.frames import DevicePresence, ServerFrame
from shipanion.server.socket import text_frame

__all__ = ["PLAIN_TYPES", "Appended", "Audience", "Listener"]

PLAIN_TYPES: Final = frozenset({"contextual_update", "user_message", "agent_message", "turn_ended"})
"""The events a plain client gets. Everything else moves its cursor silently."""

PRESENCE_LIMIT: Final = 64
"""At most so many devices are listed; a crowd is not shown one by one."""

log = structlog.get_logger(__name__)
_encoder = msgspec.json.Encoder()


class Appended(msgspec.Struct, frozen=True, gc=False):
    """An event just committed: its offset, type and id, and the WebSocket frame that carries it."""

    offset: int
    type: str
    id: str | None
    frame: bytes


class Listener(Protocol):
    """A connection, as far as its session's audience sees it."""

    full: bool
    device: str
    client: str | None
    name: str

    def offer(self, events: Sequence[Appended]) -> None:
        """These events are committed; send them when they are next, else take them as a hint."""

    def hint(self, head: int) -> None:
        """The log reaches ``head``."""

    def ephemeral(self, frame: bytes) -> None:
        """Send this frame if nothing is missing before it."""

    def end(self, closing: str) -> None:
        """Close, for one of the reasons in ``codes.CLOSES``."""


class Audience:
    """The connections attached to one session on this node."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self._listeners: dict[Listener, None] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._listeners))

    def join(self, listener: Listener) -> None:
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)

    def publish(self, events: Sequence[Appended]) -> None:
        """Offer newly committed events to everybody, in order. Whoever fails at it must resume; the others go on."""
        for listener in tuple(self._listeners):
            try:
                listener.offer(events)
            except Exception:
                log.exception("a connection could not take events", session_id=self.session_id)
                self.leave(listener)
                listener.end("resume_now")

    def hint(self, head: int) -> None:
        """Somebody else may have written: everybody reads up to ``head``."""
        for listener in tuple(self._listeners):
            listener.hint(head)

    def say(self, frame: ServerFrame) -> None:
        """An ephemeral frame to the full clients that miss nothing."""
        encoded = text_frame(_encoder.encode(frame))
        for listener in tuple(self._listeners):
            if listener.full:
                listener.ephemeral(encoded)

    def devices(self) -> list[DevicePresence]:
        """The devices present now, each once."""
        counted: dict[str, tuple[str, int]] = {}
        for listener in self._listeners:
            if listener.device:
                name, count = counted.get(listener.device, (listener.name, 0))
                counted[listener.device] = (name, count + 1)
        return [
            DevicePresence(device=device, name=name, connections=count)
            for device, (name, count) in list(counted.items())[:PRESENCE_LIMIT]
        ]
