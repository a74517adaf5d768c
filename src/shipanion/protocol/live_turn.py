"""The text of the turn that is being answered now, put together from pieces that may be missing or late.

Pieces are counted (``index``), so text is never joined across a hole and never appended twice. Whatever is
shown from here is provisional: the ``agent_message`` event replaces it.
"""

from shipanion.protocol.frames import AgentDelta, TurnSoFar

__all__ = ["LiveTurn"]


class LiveTurn:
    """At most one running turn and its text so far."""

    def __init__(self) -> None:
        self.turn_id: str | None = None
        self.text = ""
        self._next_index = 0
        self._broken = False

    def replace(self, turn: TurnSoFar | None) -> None:
        """Take the server's word for which turn runs and how far it is; forget everything else."""
        self.turn_id = turn.turn_id if turn is not None else None
        self.text = turn.text if turn is not None else ""
        self._next_index = turn.next_index if turn is not None else 0
        self._broken = False

    def append(self, piece: AgentDelta) -> bool:
        """Add a piece; True when the text grew.

        A lower index was seen before and is dropped. A higher one means that a piece is missing: nothing is
        added any more until the turn ends or a welcome replaces the text.
        """
        if piece.turn_id != self.turn_id:
            self.replace(TurnSoFar(turn_id=piece.turn_id, text="", next_index=0))
        if piece.index > self._next_index:
            self._broken = True
        if self._broken or piece.index < self._next_index:
            return False
        self.text += piece.text
        self._next_index += 1
        return True

    def ended(self, turn_id: object) -> None:
        """The turn's message or end arrived as an event."""
        if turn_id == self.turn_id:
            self.replace(None)
