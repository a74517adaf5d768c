"""What happened on the wire during a run, in order: recorded first, judged afterwards."""

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["Entry", "History", "Json", "folded", "is_event", "merged"]

Json = dict[str, Any]

LONGEST: Final = 220
"""Characters of a frame that are shown as evidence."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened on a line: a connection with a name.

    ``what``: ``opened`` (``frame`` holds dialect and query), ``sent``, ``got``, ``cut`` (we broke the TCP connection),
    ``closed`` (``frame`` holds code and reason), ``missed`` (``frame`` says what was waited for in vain).
    """

    ms: int
    line: str
    what: Literal["opened", "sent", "got", "cut", "closed", "missed"]
    frame: Json

    def __str__(self) -> str:
        text = json.dumps(self.frame, ensure_ascii=False)
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        return f"{self.ms / 1000:6.3f} s  {self.line}  {self.what}  {shown}"


@dataclass
class History:
    """Everything that was sent and received, on all lines.

    Attributes:
        mark: ends the ids of this run's commands, so that they were never used before.
        ended: why the run ended early; empty when it came to its end.
        has_stranger: whether a second person was there to try what is not theirs.
    """

    entries: list[Entry] = field(default_factory=list)
    mark: str = field(default_factory=lambda: secrets.token_hex(3))
    ended: str = ""
    has_stranger: bool = False
    _begun: float = field(default_factory=time.monotonic)

    def add(self, line: str, what: Literal["opened", "sent", "got", "cut", "closed", "missed"], frame: Json) -> None:
        """Record it now."""
        self.entries.append(Entry(round((time.monotonic() - self._begun) * 1000), line, what, frame))

    def id(self, short: str) -> str:
        """The id that this run uses for the command ``short``."""
        return f"{short}-{self.mark}"

    def lines(self) -> list[str]:
        """The names of all lines, in the order they were opened."""
        return [entry.line for entry in self.entries if entry.what == "opened"]

    def of(self, line: str, *what: str) -> list[Entry]:
        """What happened on one line, of these kinds."""
        return [entry for entry in self.entries if entry.line == line and entry.what in what]

    def opening(self, line: str) -> Json:
        """Dialect and query of a line; empty if it was never opened."""
        return next((entry.frame for entry in self.of(line, "opened")), {})

    def got(self, line: str, type: str | None = None) -> list[Json]:
        """The frames that a line was sent, of one type if one is named."""
        frames = [entry.frame for entry in self.of(line, "got")]
        return [frame for frame in frames if type is None or frame.get("type") == type]

    def sent(self, line: str, type: str | None = None) -> list[Json]:
        """The frames that were sent on a line."""
        frames = [entry.frame for entry in self.of(line, "sent")]
        return [frame for frame in frames if type is None or frame.get("type") == type]

    def events(self, line: str) -> list[Json]:
        """The events that a line was sent."""
        return [frame for frame in self.got(line) if is_event(frame)]

    def welcome(self, line: str) -> Json | None:
        """The first frame of a full line, if it was a welcome."""
        first = next(iter(self.got(line)), {})
        return first if first.get("type") == "welcome" else None

    def full_lines(self) -> list[str]:
        """The lines in the full dialect that were welcomed."""
        return [line for line in self.lines() if self.welcome(line) is not None]

    def log(self) -> dict[int, Json]:
        """The session's events by offset, put together from all lines; the first telling of each counts."""
        home = self.session_id()
        log: dict[int, Json] = {}
        for entry in self.entries:
            frame = entry.frame
            if entry.what == "got" and is_event(frame) and frame.get("session_id", home) == home:
                log.setdefault(frame["offset"], frame)
        return dict(sorted(log.items()))

    def head_before(self, line: str) -> int:
        """The highest offset that any line had been sent before this one was opened."""
        head = 0
        for entry in self.entries:
            if entry.what == "opened" and entry.line == line:
                break
            if entry.what == "got" and is_event(entry.frame):
                head = max(head, entry.frame["offset"])
        return head

    def session_id(self) -> str | None:
        """The session that the run is about."""
        return (self.welcome("page") or {}).get("session_id")

    def state_at(self, offset: int) -> Any:
        """The fold of the log's patches up to ``offset``, from the state that the session began with."""
        return folded((self.welcome("page") or {}).get("state"), self._upto(offset))

    def _upto(self, offset: int) -> Sequence[Json]:
        return [event for place, event in self.log().items() if place <= offset]

    def find(self, line: str, type: str, **fields: Any) -> Iterator[Json]:
        """The frames of one type on a line that bear these fields."""
        for frame in self.got(line, type):
            if all(frame.get(name) == value for name, value in fields.items()):
                yield frame


def is_event(frame: Json) -> bool:
    """Whether a frame is an entry of the log: it has an offset and a time."""
    return isinstance(frame.get("offset"), int) and "at" in frame


def merged(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7396 section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def folded(state: Any, events: Sequence[Json]) -> Any:
    """The state that these events' patches lead to."""
    for event in events:
        if "patch" in event:
            state = merged(state, event["patch"])
    return state
