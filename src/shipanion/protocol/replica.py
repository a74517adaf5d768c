"""A client's copy of a session: the shared state, and the position up to which it is the fold of the log
(I7).
"""

from typing import Any

from shipanion.errors import ShipanionError
from shipanion.protocol.merge_patch import apply_patch
from shipanion.protocol.position import Position

__all__ = ["Hole", "Replica"]


class Hole(ShipanionError):
    """An event arrived before one that must come first. The connection that sent it is not to be trusted."""


class Replica:
    """Position and state, which only ever change together. None and None: nothing is known yet."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.state: dict[str, Any] | None = None

    def replace(self, position: Position, state: dict[str, Any]) -> None:
        """Start anew from a snapshot."""
        self.position, self.state = position, state

    def forget(self) -> None:
        """Ask for a snapshot next time."""
        self.position = self.state = None

    def take(self, event: dict[str, Any]) -> Position | None:
        """Fold the next event in and return its position; None for one that was taken before.

        Raises:
            Hole: there are events missing before this one, or there is nothing to fold it into. Nothing
            changed.
        """
        if self.position is None or event["offset"] > self.position.offset + 1:
            raise Hole(f"Event {event['offset']} came after {self.position}.")
        if event["offset"] <= self.position.offset:
            return None
        patch = event.get("patch")
        if isinstance(patch, dict):
            self.state = apply_patch(self.state, patch)
        self.position = Position(self.position.epoch, event["offset"])
        return self.position
