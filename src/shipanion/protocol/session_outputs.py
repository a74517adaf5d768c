"""What the server's half of a connection asks its shell to do.

Small frozen structs. As JSON they carry their name in ``out``. The shell performs the outputs of one input in order,
before it gives the machine the next input.
"""

from typing import Any

import msgspec

from shipanion.protocol.frames import Request, ServerFrame
from shipanion.protocol.position import Position

__all__ = [
    "Attach",
    "Authenticate",
    "CloseNow",
    "Decide",
    "Output",
    "Query",
    "SaveDevice",
    "Send",
    "ShowSeen",
    "Wake",
]


class _Output(msgspec.Struct, frozen=True, tag_field="out", omit_defaults=True, gc=False):
    """Something the shell must do."""


class Authenticate(_Output, frozen=True, tag="authenticate"):
    """Find out who holds this token. Answered by ``identified`` or ``not_identified``, one at a time."""

    token: str


class Attach(_Output, frozen=True, tag="attach"):
    """Attach to a session: the named one, or a new one (``new``: the client's own key for it)."""

    session_id: str | None = None
    position: Position | None = None
    new: str | None = None


class Decide(_Output, frozen=True, tag="decide"):
    """A command to be decided, in the order given. ``id`` is None where the client gave none."""

    request: Request
    id: str | None = None
    digest: bytes | None = None


class Query(_Output, frozen=True, tag="query"):
    """A request that changes nothing of the log by itself: history, state, or one of the domain's."""

    request: Request


class SaveDevice(_Output, frozen=True, tag="save_device"):
    """A merge patch for this device's own state."""

    patch: dict[str, Any]


class ShowSeen(_Output, frozen=True, tag="seen"):
    """The person was shown everything up to ``offset``."""

    offset: int


class Send(_Output, frozen=True, tag="send"):
    """Send one frame."""

    frame: ServerFrame


class CloseNow(_Output, frozen=True, tag="close"):
    """Close the connection with this code."""

    code: int
    reason: str


class Wake(_Output, frozen=True, tag="wake"):
    """Call ``timer`` at this time; replaces the time asked for before."""

    at: int


Output = Authenticate | Attach | Decide | Query | SaveDevice | ShowSeen | Send | CloseNow | Wake
