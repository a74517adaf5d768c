"""Every generic frame on the wire, except the events of a session's log (``events``), as tagged structs.

A frame is one JSON text message with a ``type``. Fields that are not known are ignored; fields that have no value are
left out, never null. Times are integer milliseconds since the Unix epoch, unless a docstring says otherwise.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from shipanion.protocol.position import MAX_OFFSET, Position

__all__ = [
    "AckFrame",
    "Acked",
    "AgentDelta",
    "AuthFrame",
    "AuthOk",
    "ClientToolCall",
    "Command",
    "DevicePresence",
    "DeviceState",
    "Digest",
    "ErrorFrame",
    "Frame",
    "GetSessionState",
    "GoingAway",
    "Hello",
    "History",
    "HistoryPage",
    "Id",
    "Participant",
    "PatchCommand",
    "Ping",
    "Pong",
    "Presence",
    "ReconnectWindow",
    "Request",
    "ResolveApproval",
    "Seen",
    "ServerFrame",
    "SessionStateFrame",
    "Stop",
    "ToolCall",
    "ToolCallMetadata",
    "TurnSoFar",
    "UpdateState",
    "UserMessage",
    "Welcome",
    "WireLimits",
]

Id = Annotated[str, Meta(min_length=1, max_length=128)]
"""An id made by a client: any text of 1 to 128 characters, unique within its session."""

Offset = Annotated[int, Meta(ge=0, le=MAX_OFFSET)]


class Frame(msgspec.Struct, tag_field="type", omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """Anything sent over the connection."""


class Participant(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """Who did something: a role (owner, editor, viewer, agent), a name to show, and the device it came from."""

    role: str
    name: str
    device: str | None = None


# --- client to server -------------------------------------------------------------------------------------------


class Request(Frame, kw_only=True, frozen=True):
    """What a client sends. ``session_id`` may repeat the connection's; ``requestId`` is echoed in a direct answer."""

    session_id: str | None = None
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class Hello(Request, tag="hello", kw_only=True, frozen=True):
    """The handshake of a client that did not put its credential into the upgrade request.

    Carries the same fields as the query of ``/ws``. Must arrive within 10 seconds. ``user`` is whom the client takes
    itself to be: it is turned away when the credential is somebody else's, so that nothing kept for one person goes out
    in the name of another who signed in meanwhile.
    """

    token: str | None = None
    user: Annotated[str, Meta(max_length=128)] | None = None
    epoch: str | None = None
    offset: Offset | None = None
    device: Annotated[str, Meta(max_length=64)] | None = None
    client: Annotated[str, Meta(max_length=64)] | None = None
    new: Id | None = None


class Command(Request, kw_only=True, frozen=True):
    """A request that changes the log, with the client's own id. The id makes a repeat harmless."""

    id: Id | None = None


class PatchCommand(Command, kw_only=True, frozen=True):
    """A command that asks for a change of the shared state by a JSON merge patch (RFC 7396)."""

    patch: dict[str, Any]


class UserMessage(Command, tag="user_message", kw_only=True, frozen=True):
    """The person says ``text`` to Bob. Starts (or queues) one turn.

    ``approval_id`` is the open approval that they had before them when they wrote it, None if there was none: a yes
    counts for that one only. Unset, where the sender does not tell.
    """

    text: Annotated[str, Meta(min_length=1)]
    approval_id: Id | msgspec.UnsetType | None = msgspec.UNSET


class UpdateState(PatchCommand, tag="update_state", kw_only=True, frozen=True):
    """A change of the parts of the state a person may edit by hand, e.g. ``shipping_details`` and ``title``."""


class ToolCallMetadata(msgspec.Struct, frozen=True, gc=False):
    """What the caller's side adds to a tool call."""

    session_id: str | None = None


class ToolCall(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True):
    """A tool call in the shape voice agents use. ``tool_call_id`` is the command's id."""

    tool_name: Annotated[str, Meta(min_length=1, max_length=64)]
    tool_call_id: Id
    parameters: dict[str, Any] = {}
    metadata: ToolCallMetadata | None = None


class ClientToolCall(Request, tag="client_tool_call", kw_only=True, frozen=True):
    """Run a tool. The result comes as ``client_tool_result`` with the same ``tool_call_id``."""

    client_tool_call: ToolCall


class Stop(Command, tag="stop", kw_only=True, frozen=True):
    """End a turn of Bob's. Never undoes or cancels anything done outside."""

    turn_id: Id


class ResolveApproval(Command, tag="resolve_approval", kw_only=True, frozen=True):
    """The owner's yes or no to what was asked by ``approval_requested``. Counts once, from any device."""

    approval_id: Id
    decision: Literal["approved", "declined"]


class DeviceState(Request, tag="device_state", kw_only=True, frozen=True):
    """This device's own place on the page (open step, scroll, draft). Kept per device, shown only to that device."""

    patch: dict[str, Any]


class GetSessionState(Request, tag="get_session_state", kw_only=True, frozen=True):
    """Asks for the session's state in the plain form."""


class History(Request, tag="history", kw_only=True, frozen=True):
    """Asks for up to ``limit`` events older than ``before`` (newest first page when left out)."""

    id: Id | None = None
    before: Offset | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Seen(Request, tag="seen", kw_only=True, frozen=True):
    """What the person was shown on this device. ``visible`` False: it came, but nobody can have seen it."""

    position: Position
    visible: bool = True


class AuthFrame(Request, tag="auth", kw_only=True, frozen=True):
    """A fresh token for the open connection."""

    token: str


class Ping(Request, tag="ping", kw_only=True, frozen=True):
    """Is anybody there? Answered by ``pong``."""


# --- server to client -------------------------------------------------------------------------------------------


class ServerFrame(Frame, kw_only=True, frozen=True):
    """What the server sends. Only a refusal before a session is attached lacks ``session_id``."""

    session_id: str | None = None


class WireLimits(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """The limits a client must keep, in bytes (``frame``, ``patch``), characters (``text``) and counts."""

    frame: int = 65_536
    text: int = 32_000
    patch: int = 16_384
    replay: int = 1_000
    tail: int = 50
    tail_bytes: int = 65_536
    events: int = 1_000_000
    sessions: int = 10_000


class ReconnectWindow(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """How a client spreads its attempts: the first within ``min_ms``, none later than ``max_ms`` after the last."""

    min_ms: int = 500
    max_ms: int = 20_000


class TurnSoFar(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """The turn now running: its text so far and the index the next piece will have. Replaces, never joins."""

    turn_id: str
    text: str
    next_index: int


class DevicePresence(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """A device attached to the session now, and with how many connections."""

    device: str
    name: str
    connections: int = 1


class Digest(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """What happened while this device was away: since the offset it was shown last, in sentences, oldest first."""

    since: int
    lines: list[str]


class Welcome(ServerFrame, tag="welcome", kw_only=True, frozen=True):
    """The handshake is done; ``position`` is what the client holds once it has taken this frame in.

    ``state`` and ``tail`` come with ``created`` and ``snapshot`` and describe exactly ``position``; ``tail`` is for
    showing, not for the live handler. With ``recovered``, ``replayed`` events follow as ordinary frames.
    """

    outcome: Literal["created", "recovered", "snapshot"]
    position: Position
    reason: str | None = None
    replayed: int
    state: dict[str, Any] | None = None
    tail: list[msgspec.Raw] | None = None
    turn: TurnSoFar | None = None
    digest: Digest | None = None
    device_state: dict[str, Any] | None = None
    devices: list[DevicePresence]
    heartbeat_ms: int
    limits: WireLimits
    reconnect: ReconnectWindow


class Acked(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """One command is committed: the offset that says so, and whether it had been before."""

    id: str
    offset: int
    duplicate: bool


class AckFrame(ServerFrame, tag="ack", kw_only=True, frozen=True):
    """The commands named are durable."""

    acks: list[Acked]


class ErrorFrame(ServerFrame, tag="error", kw_only=True, frozen=True):
    """A refusal. ``temporary`` says whether the same request may succeed later, ``id`` which command it was."""

    code: str
    message: str
    temporary: bool
    id: str | None = None
    retry_after_ms: int | None = None
    payload: dict[str, Any] | None = None
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class SessionStateFrame(ServerFrame, tag="session_state", kw_only=True, frozen=True):
    """The session's state in the plain form. ``timestamp`` is in seconds."""

    state: dict[str, Any]
    timestamp: float
    user: str
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class HistoryPage(ServerFrame, tag="history_page", kw_only=True, frozen=True):
    """Older events, oldest first, and whether there are more before them."""

    id: str | None = None
    events: list[msgspec.Raw]
    more: bool


class AuthOk(ServerFrame, tag="auth_ok", kw_only=True, frozen=True):
    """The fresh token was taken."""

    expires_at: int
    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class AgentDelta(ServerFrame, tag="agent_delta", kw_only=True, frozen=True):
    """One piece of a running turn. ``index`` counts pieces from 0. Ephemeral: it has no offset."""

    turn_id: str
    index: int
    text: str


class Presence(ServerFrame, tag="presence", kw_only=True, frozen=True):
    """The devices attached now. Ephemeral."""

    devices: list[DevicePresence]


class Pong(ServerFrame, tag="pong", kw_only=True, frozen=True):
    """Here I am."""

    request_id: str | int | None = msgspec.field(default=None, name="requestId")


class GoingAway(ServerFrame, tag="going_away", kw_only=True, frozen=True):
    """The server stops soon: come back after ``retry_after_ms``, spread over ``window_ms``."""

    retry_after_ms: int
    window_ms: int
