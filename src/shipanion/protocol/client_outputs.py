"""What the client machine asks its shell to do, and what it tells the application.

Small frozen structs. As JSON they carry their name in ``out``, so the golden dialogues read the same in every
language. A shell performs the outputs of one input in order, before it gives the machine the next input.
"""

from typing import Any, Literal

import msgspec

from shipanion.protocol.frames import DevicePresence, Digest
from shipanion.protocol.position import Position

__all__ = [
    "Answer",
    "Attached",
    "Banner",
    "Close",
    "Deliver",
    "Delta",
    "Failed",
    "Notice",
    "Open",
    "Output",
    "Recovered",
    "Refused",
    "Send",
    "SetTimer",
    "Settled",
    "Snapshot",
    "StateSaved",
    "Status",
    "TurnText",
]

Status = Literal[
    "connecting",
    "live",
    "reconnecting",
    "offline",
    "resumed",
    "snapshot",
    "still_working",
    "sign_in",
    "stopped",
]


class Output(msgspec.Struct, tag_field="out", omit_defaults=True, frozen=True, kw_only=True):
    """Anything a client machine says."""


# --- for the shell ------------------------------------------------------------------------------------------


class Open(Output, tag="open", frozen=True, kw_only=True):
    """Open connection number ``connection`` to ``/ws`` with these query fields; the credential is the
    shell's.
    """

    connection: int
    query: dict[str, str | int]


class Send(Output, tag="send", frozen=True, kw_only=True):
    """Send one frame on the present connection."""

    frame: dict[str, Any]

    @property
    def text(self) -> str:
        """The frame as it goes over the wire."""
        return msgspec.json.encode(self.frame).decode()


class Close(Output, tag="close", frozen=True, kw_only=True):
    """Close that connection now and do not wait for the peer: nothing that still comes from it counts."""

    connection: int
    code: int
    reason: str


class SetTimer(Output, tag="set_timer", frozen=True, kw_only=True):
    """Call ``timer`` at ``at`` (ms, on the clock of ``now``). Replaces the timer set before."""

    at: int


class StateSaved(Output, tag="save", frozen=True, kw_only=True):
    """Keep these together or not at all. An older pair is always safe: the rest is replayed."""

    session_id: str
    position: Position
    state: dict[str, Any]


# --- for the application ------------------------------------------------------------------------------------


class Attached(Output, tag="attached", frozen=True, kw_only=True):
    """A connection was welcomed. ``device_state`` is this device's own place on the page, if it has one; ``digest``
    what happened while it was away."""

    session_id: str
    devices: list[DevicePresence] = []
    device_state: dict[str, Any] | None = None
    digest: Digest | None = None


class Snapshot(Output, tag="snapshot", frozen=True, kw_only=True):
    """Start anew from ``state`` at ``position``. ``tail`` is for showing; it was not and will not be
    delivered.

    ``reason`` says why a client that gave a position was not caught up; without one nothing failed.
    """

    position: Position
    state: dict[str, Any]
    tail: list[dict[str, Any]] = []
    reason: str | None = None


class Recovered(Output, tag="recovered", frozen=True, kw_only=True):
    """Everything that was missed has now been delivered; it was ``count`` events."""

    count: int


class Deliver(Output, tag="deliver", frozen=True, kw_only=True):
    """The next event of the log: each position once, without a gap (I1, I2)."""

    position: Position
    event: dict[str, Any]


class Settled(Output, tag="settled", frozen=True, kw_only=True):
    """The command is committed (I4); ``offset`` is the event that says so. ``duplicate``: by an earlier
    sending.
    """

    id: str
    offset: int
    duplicate: bool = False


class Failed(Output, tag="failed", frozen=True, kw_only=True):
    """The command was refused for good and has left the outbox."""

    id: str
    code: str
    message: str


class Refused(Output, tag="refused", frozen=True, kw_only=True):
    """The server refused something that is not in the outbox: a question, or a frame without id."""

    code: str
    message: str
    temporary: bool
    id: str | None = None
    retry_after_ms: int | None = None


class Answer(Output, tag="answer", frozen=True, kw_only=True):
    """The answer to a question, e.g. a ``history_page``. A view: nothing in it is ever delivered."""

    id: str
    frame: dict[str, Any]


class Delta(Output, tag="delta", frozen=True, kw_only=True):
    """One more piece of a running turn, and the text so far with it."""

    turn_id: str
    piece: str
    text: str


class TurnText(Output, tag="turn_text", frozen=True, kw_only=True):
    """The running turn's text so far. Replaces whatever was shown of it."""

    turn_id: str
    text: str


class Notice(Output, tag="notice", frozen=True, kw_only=True):
    """A frame of the moment, passed on as it came: ``presence``, ``session_state``, ``auth_ok``."""

    frame: dict[str, Any]


class Banner(Output, tag="banner", frozen=True, kw_only=True):
    """The one line a person reads about the connection.

    ``connecting``, ``live``; ``reconnecting`` (try ``attempt`` begins ``at`` ms); ``offline`` (waiting for
    the network); ``resumed`` (live again, ``replayed`` events were missed); ``snapshot`` (live again, with a
    ``reason`` why history may be missing); ``still_working`` (live, and ``turn_id`` is running); ``sign_in``;
    ``stopped``. ``reason`` is an error code for programs, ``message`` the server's sentence.
    """

    status: Status
    attempt: int | None = None
    at: int | None = None
    replayed: int | None = None
    turn_id: str | None = None
    code: int | None = None
    reason: str | None = None
    message: str | None = None
