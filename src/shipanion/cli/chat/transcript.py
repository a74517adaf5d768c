"""What there is to show of a session: entries that stay, and the draft of the answer that is still coming."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from shipanion.cli.chat.news import ENDED, answered, changed, told, under_way
from shipanion.cli.chat.question import asked
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

SAVE: Final = "/label saves it as a PDF."


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing to show.

    ``who`` is ``you``, ``elsewhere`` (the same person on another device), ``bob``, ``event`` (something else happened
    in the session), ``note`` and ``warning`` (the chat itself speaks), ``away`` (what happened while nobody looked),
    ``state`` and ``question``, whose ``state`` is to be drawn: the shared state, or what a yes is asked for.
    ``id`` and ``turn_id`` are those of the event; for what came of a yes ``id`` is that of its question. ``outcome`` is
    set on the note that ends a turn which was not completed.
    """

    who: Literal["you", "elsewhere", "bob", "event", "note", "warning", "away", "state", "question"]
    text: str = ""
    id: str | None = None
    turn_id: str | None = None
    outcome: str | None = None
    state: dict[str, Any] | None = None


class _Held(NamedTuple):
    """News that waits for Bob's words: ``said`` is shown if he says ``text``, ``unsaid`` if not."""

    text: str
    unsaid: tuple[Entry, ...]
    said: tuple[Entry, ...] = ()


class Transcript:
    """Turns what a client hears into entries, each event once, whatever way it came.

    Bob says himself what he asks a yes for and what came of it. While he speaks, such news waits for his sentence.

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
        self.refused: set[str] = set()
        """Commands that the server decided against, by id."""
        self.answers: dict[str, str] = {}
        """How questions were answered or ended, by approval id."""
        self.outcomes: dict[str, str] = {}
        """How what a yes began stands, by approval id: ``claimed``, ``settled``, ``failed`` or ``unknown``."""
        self._device = device
        self._drafting: str | None = None
        self._open: dict[str, None] = {}
        self._held: list[_Held] = []
        self._yes: tuple[str, int] | None = None
        self._begun_by: dict[str, str] = {}
        self._asked: str | None = None
        self._last_say = ""
        self._shown: Position | None = None

    @property
    def shown(self) -> Position | None:
        """Everything up to here is in the entries that were given out."""
        return self._shown if not self._held else None

    @property
    def running(self) -> str | None:
        """The turn that is being answered, or is next; None when nothing is asked."""
        return self._drafting or next(iter(self._open), None)

    def past(self, events: Iterable[dict[str, Any]], position: Position | None) -> list[Entry]:
        """The entries of events that happened before; those shown already are left out."""
        entries = []
        for event in events:
            if position is not None and not self._is_shown(Position(position.epoch, event["offset"])):
                entries += self._event(event, past=True)
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
                self.refused.add(output.id)
                said = self.texts.pop(output.id, None)
                text = f"{output.message}" if said is None else f"{output.message} This was not sent: {said}"
                return [Entry(who="warning", text=text, id=output.id)]
            case Refused():
                return [Entry(who="warning", text=output.message, id=output.id)]
        return []

    def _snapshot(self, snapshot: Snapshot) -> list[Entry]:
        self._forget_draft()
        self._open.clear()
        entries = self._released()
        if self._shown is not None and self._shown.epoch != snapshot.position.epoch:
            self._shown = None
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

    def _event(self, event: dict[str, Any], *, past: bool = False) -> list[Entry]:
        turn_id = event.get("turn_id")
        match event.get("type"):
            case "user_message":
                return [self._said(event)]
            case "agent_message":
                return self._answer(str(event.get("text", "")).rstrip(), turn_id)
            case "turn_ended":
                return [*self._released(), *self._turn_ended(str(turn_id), str(event.get("outcome")))]
            case "state_changed":
                lines = tuple(_event(line) for line in changed(event.get("patch")))
                # What he notes he says himself, in more words than these.
                return self._hold(_Held("", lines)) if lines and _is_his(event) else list(lines)
            case "contextual_update" if (line := told(event)) and line != self._last_say:
                # What fails of Bob's calls he puts into words of his own.
                his = _is_his(event) and event.get("text") != "quote_ready"
                return self._hold(_Held("", (_event(line),))) if his else [_event(line)]
            case "approval_requested":
                return self._question(event, past=past)
            case "approval_resolved":
                return self._resolved(event)
            case "effect_changed":
                return self._effect(event, past=past)
        return []

    def _answer(self, text: str, turn_id: str | None) -> list[Entry]:
        if turn_id == self._drafting:
            self._forget_draft()
        words = " ".join(text.split())
        news = [entry for held in self._held for entry in (held.said if held.text in words else held.unsaid)]
        self._held.clear()
        # What happened comes before what he says of it, what is to be done after it.
        lines = [entry for entry in news if entry.who == "event" and entry.text != SAVE]
        return [*lines, Entry(who="bob", text=text, turn_id=turn_id), *(entry for entry in news if entry not in lines)]

    def _question(self, event: dict[str, Any], *, past: bool) -> list[Entry]:
        """In the past a question is a line: whether it is still open, the state shows."""
        data = event.get("data")
        about = {**(data if isinstance(data, dict) else {}), "expires_at": event.get("expires_at")}
        question = asked({"text": event.get("text")})
        self._asked = id = str(event.get("approval_id"))
        if past:
            return self._hold(_Held(question, (_event(f"Bob asked: {question}"),)))
        whole = Entry(who="question", id=id, state={**about, "text": question})
        return self._hold(_Held(question, (whole,), (Entry(who="question", id=id, state=about),)))

    def _resolved(self, event: dict[str, Any]) -> list[Entry]:
        id, decision = str(event.get("approval_id")), str(event.get("decision"))
        self._held = [held for held in self._held if ("question", id) not in [(e.who, e.id) for e in held.unsaid]]
        self.answers[id] = decision
        self._yes = (id, event["offset"]) if decision == "approved" else None
        # A question that takes another's place comes just before that one's end.
        afresh = self._asked not in (None, id)
        if not afresh:
            self._asked = None
        return [_event(answered(event, here=self._is_here(event), afresh=afresh))]

    def _effect(self, event: dict[str, Any], *, past: bool) -> list[Entry]:
        effect_id, status = str(event.get("effect_id")), str(event.get("status"))
        if status == "claimed" and self._yes is not None and event["offset"] == self._yes[1] + 1:
            self._begun_by[effect_id] = self._yes[0]  # a yes and its claim are one commit
        id = self._begun_by.get(effect_id)
        if id is not None:
            self.outcomes[id] = status
        if status == "claimed":
            return [] if past else [_event(under_way(event))]
        say = " ".join(str(event.get("say") or "").split())
        if status not in ENDED or not say:
            return []
        self._last_say = say
        more = (_event(SAVE),) if event.get("kind") == "buy" and status == "settled" and not past else ()
        return self._hold(_Held(say, (_event(say, id), *more), more))

    def _hold(self, held: _Held) -> list[Entry]:
        """Keep it until Bob has spoken, if he is about to."""
        self._held.append(held)
        return [] if self.running is not None else self._released()

    def _released(self) -> list[Entry]:
        """What was held, where Bob did not say it."""
        entries = [entry for held in self._held for entry in held.unsaid]
        self._held.clear()
        return entries

    def _said(self, event: dict[str, Any]) -> Entry:
        id, turn_id = event.get("id"), event.get("turn_id")
        if isinstance(turn_id, str):
            self._open.setdefault(turn_id)
        if isinstance(id, str):
            self.texts.pop(id, None)
            if isinstance(turn_id, str):
                self.turn_of[id] = turn_id
        text = str(event.get("text", ""))
        return Entry(who="you" if self._is_here(event) else "elsewhere", text=text, id=id, turn_id=turn_id)

    def _is_here(self, event: dict[str, Any]) -> bool:
        return (event.get("by") or {}).get("device") in (None, self._device)

    def _turn_ended(self, turn_id: str, outcome: str) -> list[Entry]:
        self._open.pop(turn_id, None)
        self.ended[turn_id] = outcome
        if turn_id == self._drafting:
            self._forget_draft()
        if outcome not in ENDS:
            return []
        return [Entry(who="note", text=ENDS[outcome], turn_id=turn_id, outcome=outcome)]


def _is_his(event: dict[str, Any]) -> bool:
    return (event.get("by") or {}).get("role") == "agent"


def _event(text: str, id: str | None = None) -> Entry:
    return Entry(who="event", text=text, id=id)
