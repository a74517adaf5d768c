"""What there is to show of a session: entries that stay, and the draft of the answer that is still coming."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from shipanion.client import Attached, Deliver, Delta, Failed, Position, Refused, Snapshot, TurnText
from shipanion.protocol.client_outputs import Output

__all__ = ["REASONS", "Entry", "Transcript"]

REASONS: Final = {
    "epoch": "the server's log began anew; what was acknowledged before may be missing",
    "gone": "what was missed is no longer kept",
    "limit": "too much was missed to replay it",
    "ahead": "the server knows less than it had acknowledged",
    "slow_reader": "more came than could be shown",
}

ENDS: Final = {
    "stopped": "Stopped.",
    "interrupted": "The server was interrupted in the middle of this answer. What you said is kept; ask again.",
    "failed": "Bob could not answer this. Ask again.",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing to show.

    ``who`` is ``you``, ``elsewhere`` (the same person on another device), ``bob``, ``event`` (something else happened
    in the session), ``note`` and ``warning`` (the chat itself speaks), or ``state``, whose ``state`` is to be drawn.
    ``id`` and ``turn_id`` are those of the event; ``outcome`` is set on the note that ends a turn which was not
    completed.
    """

    who: Literal["you", "elsewhere", "bob", "event", "note", "warning", "state"]
    text: str = ""
    id: str | None = None
    turn_id: str | None = None
    outcome: str | None = None
    state: dict[str, Any] | None = None


class Transcript:
    """Turns what a client hears into entries, each event once, whatever way it came.

    Args:
        device: this device's id, to tell its messages from other devices'.
    """

    def __init__(self, device: str) -> None:
        self.draft = ""
        self.texts: dict[str, str] = {}
        """What was said here and is not decided yet, by command id."""
        self.ended: dict[str, str] = {}
        """How turns ended, by turn id."""
        self.turn_of: dict[str, str] = {}
        """Which turn answers a message, by command id."""
        self._device = device
        self._drafting: str | None = None
        self._open: dict[str, None] = {}
        self._shown: Position | None = None

    @property
    def running(self) -> str | None:
        """The turn that is being answered, or is next; None when nothing is asked."""
        return self._drafting or next(iter(self._open), None)

    def past(self, events: Iterable[dict[str, Any]], position: Position | None) -> list[Entry]:
        """The entries of events that happened before; those shown already are left out."""
        entries = []
        for event in events:
            if position is not None and not self._is_shown(Position(position.epoch, event["offset"])):
                entries += self._event(event)
                self._shown = Position(position.epoch, event["offset"])
        return entries

    def take(self, output: Output) -> list[Entry]:
        """The entries that an output of the client adds."""
        match output:
            case Attached():
                self._forget_draft()
            case Snapshot():
                return self._snapshot(output)
            case Deliver() if not self._is_shown(output.position):
                self._shown = output.position
                return self._event(output.event)
            case Delta() | TurnText():
                self._drafting, self.draft = output.turn_id, output.text
                self._open.setdefault(output.turn_id)
            case Failed():
                said = self.texts.pop(output.id, None)
                text = f"{output.message}" if said is None else f"{output.message} This was not sent: {said}"
                return [Entry(who="warning", text=text, id=output.id)]
            case Refused():
                return [Entry(who="warning", text=output.message, id=output.id)]
        return []

    def _snapshot(self, snapshot: Snapshot) -> list[Entry]:
        self._forget_draft()
        self._open.clear()
        if self._shown is not None and self._shown.epoch != snapshot.position.epoch:
            self._shown = None
        entries = []
        if snapshot.reason is not None:
            words = REASONS.get(snapshot.reason, snapshot.reason)
            entries.append(Entry(who="warning", text=f"Restored from a snapshot: {words}."))
        entries += self.past(snapshot.tail, snapshot.position)
        self._shown = snapshot.position
        return entries

    def _is_shown(self, position: Position) -> bool:
        shown = self._shown
        return shown is not None and shown.epoch == position.epoch and position.offset <= shown.offset

    def _forget_draft(self) -> None:
        self._drafting, self.draft = None, ""

    def _event(self, event: dict[str, Any]) -> list[Entry]:
        turn_id = event.get("turn_id")
        match event.get("type"):
            case "user_message":
                return [self._said(event)]
            case "agent_message":
                if turn_id == self._drafting:
                    self._forget_draft()
                return [Entry(who="bob", text=str(event.get("text", "")).rstrip(), turn_id=turn_id)]
            case "turn_ended":
                return self._turn_ended(str(turn_id), str(event.get("outcome")))
            case "state_changed":
                return _changed(event.get("patch"))
            case "contextual_update" if event.get("text") == "quote_ready" or _failed(event):
                message = (event.get("data") or {}).get("message")
                return [Entry(who="event", text=str(message))] if message else []
        return []

    def _said(self, event: dict[str, Any]) -> Entry:
        id, turn_id = event.get("id"), event.get("turn_id")
        here = (event.get("by") or {}).get("device") in (None, self._device)
        if isinstance(turn_id, str):
            self._open.setdefault(turn_id)
        if isinstance(id, str):
            self.texts.pop(id, None)
            if isinstance(turn_id, str):
                self.turn_of[id] = turn_id
        text = str(event.get("text", ""))
        return Entry(who="you" if here else "elsewhere", text=text, id=id, turn_id=turn_id)

    def _turn_ended(self, turn_id: str, outcome: str) -> list[Entry]:
        self._open.pop(turn_id, None)
        self.ended[turn_id] = outcome
        if turn_id == self._drafting:
            self._forget_draft()
        if outcome not in ENDS:
            return []
        return [Entry(who="note", text=ENDS[outcome], turn_id=turn_id, outcome=outcome)]


def _failed(event: dict[str, Any]) -> bool:
    return bool((event.get("data") or {}).get("is_error"))


def _changed(patch: Any) -> list[Entry]:
    if not isinstance(patch, dict):
        return []
    entries = []
    if "title" in patch:
        title = patch["title"]
        entries.append(Entry(who="event", text=f"Title: {title}" if title else "The title is gone."))
    if "shipping_details" in patch:
        entries.append(Entry(who="event", text="Details noted."))
    return entries
