"""Step 1: what must hold of every connection."""

from typing import Final

from shipanion.cli.verify.check import Check, Wrong
from shipanion.cli.verify.history import History, is_event

__all__ = ["BARE_FIRST", "CHECKS", "never_reached"]

BARE_FIRST: Final = {"bare": "session_state", "listener": "pong", "bare-again": "pong"}
"""What a plain line asked for first, and so what it must be sent first."""


def never_reached(history: History, what: str) -> Wrong:
    """The failure of a check whose evidence is not there."""
    return Wrong(f"{what} did not come" + (f" ({history.ended})" if history.ended else ""))


def _bare_silent(history: History) -> str:
    for line in ("bare", "listener"):
        wanted = BARE_FIRST[line]
        got = history.of(line, "got")
        if not got:
            raise never_reached(history, f"the answer to the first request of {line}")
        if got[0].frame.get("type") != wanted or is_event(got[0].frame):
            raise Wrong(f"{line} was sent {got[0].frame.get('type')} before anything it asked for", got[0])
    return "the first frame was the answer to the first request"


def _welcomed(history: History) -> str:
    frame = history.welcome("page")
    if frame is None:
        first = history.of("page", "got", "closed")[:1]
        raise Wrong("the first frame was not a welcome", *first) if first else never_reached(history, "the welcome")
    position = frame.get("position", {})
    if frame.get("outcome") != "created" or position.get("offset") != 0 or not isinstance(frame.get("state"), dict):
        raise Wrong("the welcome is not that of a new session", frame)
    for name in ("limits", "reconnect", "heartbeat_ms"):
        if name not in frame:
            raise Wrong(f"the welcome lacks {name}", frame)
    return f"created {frame['session_id']}"


def _introduced(history: History) -> str:
    frame = history.welcome("hello")
    if frame is None:
        first = history.of("hello", "got", "closed")[:1]
        raise Wrong("hello was not answered by a welcome", *first) if first else never_reached(history, "the welcome")
    closed = history.of("hello", "closed")
    if not closed or closed[0].frame.get("code") != 1000:
        raise Wrong("the goodbye was not answered with 1000", *closed)
    return "welcomed, and the goodbye answered"


def _every_frame_bears_its_session(history: History) -> str:
    home = history.session_id()
    count = 0
    own = {line: history.got(line, "session_state")[:1] for line in ("bare",)}
    for entry in history.entries:
        if entry.what != "got":
            continue
        refused = "-unknown" in entry.line or "-foreign" in entry.line
        session_id = entry.frame.get("session_id")
        if session_id is None and refused and entry.frame.get("type") == "error":
            continue  # refused before it had a session
        count += 1
        expected = own[entry.line][0].get("session_id") if own.get(entry.line) else home
        if not isinstance(session_id, str) or not session_id:
            raise Wrong(f"{entry.frame.get('type')} on {entry.line} bears no session_id", entry)
        if session_id != expected:
            raise Wrong(f"{entry.frame.get('type')} on {entry.line} bears another session's id", entry)
    if home is None or not count:
        raise never_reached(history, "a session_id")
    return f"{count} of {count} frames on {len(history.lines())} connections"


CHECKS: Final = [
    Check("bare-silent", 1, "A plain client connects", "nothing is sent until it asks", _bare_silent),
    Check("welcome", 1, "A full client connects", "welcome: created, with state and position 0", _welcomed),
    Check("hello", 1, "The credential comes in hello", "welcome; a clean goodbye", _introduced),
    Check("session-id", 1, "Every frame bears session_id", "the session's own, always", _every_frame_bears_its_session),
]
