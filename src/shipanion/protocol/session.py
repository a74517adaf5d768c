"""The server's half of a connection, without I/O.

Time comes in as an argument (ms); what is to be done comes out as a list of outputs. The shell feeds it and obeys:

    open      the upgrade arrived, with its query and credential
    identified / not_identified   the answer to an ``Authenticate``
    attached / not_attached       the answer to an ``Attach``
    receive   one text frame             binary   a binary frame
    decided / refused             what became of a ``Decide``
    timer     the time asked for by ``Wake`` has come
    lost      the transport is gone

Two dialects: *full* clients offered the subprotocol and get a welcome, acks and replay; *plain* ones get nothing at
connect, answers to what they ask, and every broadcast of their session.
"""

from enum import Enum
from typing import Any, Final

import msgspec

from shipanion.errors import MachineError, ProtocolError
from shipanion.protocol.bucket import TokenBucket
from shipanion.protocol.codec import Codec, digest
from shipanion.protocol.codes import CLOSES, ERRORS, Close
from shipanion.protocol.frames import (
    Acked,
    AckFrame,
    AuthFrame,
    AuthOk,
    ClientToolCall,
    Command,
    DeviceState,
    ErrorFrame,
    Hello,
    Ping,
    Pong,
    Request,
    Seen,
    ServerFrame,
    Stop,
    Welcome,
)
from shipanion.protocol.position import MAX_OFFSET, Position, valid_epoch

__all__ = [
    "HELLO_MS",
    "Attach",
    "Authenticate",
    "CloseNow",
    "Decide",
    "Output",
    "Query",
    "SaveDevice",
    "Send",
    "ServerMachine",
    "ShowSeen",
    "State",
    "Wake",
]

HELLO_MS: Final = 10_000
"""How long a connection without a credential may take to say hello."""

UNORDERED: Final[tuple[type[Request], ...]] = (Stop,)
"""Commands that are not held back while an earlier one waits to come again."""


class State(Enum):
    """Where the connection is."""

    NEW = "new"
    GREETING = "greeting"
    IDENTIFYING = "identifying"
    IDLE = "idle"
    ATTACHING = "attaching"
    LIVE = "live"
    CLOSED = "closed"


class _Output(msgspec.Struct, frozen=True, tag_field="out", omit_defaults=True, gc=False):
    """Something the shell must do."""


class Authenticate(_Output, frozen=True, tag="authenticate"):
    """Find out who holds this token."""

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

_ALLOWED: Final[dict[str, frozenset[State]]] = {
    "open": frozenset({State.NEW}),
    "identified": frozenset({State.IDENTIFYING, State.IDLE, State.ATTACHING, State.LIVE, State.CLOSED}),
    "attached": frozenset({State.ATTACHING, State.CLOSED}),
    "receive": frozenset(State) - {State.NEW},
    "decided": frozenset({State.IDLE, State.ATTACHING, State.LIVE, State.CLOSED}),
    "timer": frozenset(State) - {State.NEW},
}
"""Which input is legal in which state. Answers that come after the connection closed are legal and ignored."""


class ServerMachine:
    """One connection, as the server sees it.

    Args:
        codec: decodes what comes in.
        full: whether the client speaks the full dialect.
        bucket: bounds how many frames this person may send; None for no bound.
    """

    def __init__(self, codec: Codec, *, full: bool, bucket: TokenBucket | None = None) -> None:
        self.state = State.NEW
        self.full = full
        self.session_id: str | None = None
        self.epoch: str | None = None
        self.device = ""
        self.client: str | None = None
        self.user_id: str | None = None
        self.expires_at: int | None = None
        self.bucket = bucket
        self._codec = codec
        self._hello = Hello()
        self._held: list[str] = []
        self._refreshing = False
        self._blocked_by: str | None = None
        self._deadline: int | None = None

    # --- the handshake ------------------------------------------------------------------------------------------

    def open(self, now: int, query: dict[str, str], token: str | None) -> list[Output]:
        """The upgrade was accepted. ``query`` is that of the URL, ``token`` the credential found with it, if any."""
        self._require("open")
        try:
            hello = _hello_of(query)
        except ProtocolError as error:
            return self._end(error.code, error.message, "policy")
        self._hello = hello
        if token is not None:
            return self._identify(token)
        self.state = State.GREETING
        self._deadline = now + HELLO_MS
        return [Wake(self._deadline)]

    def identified(self, now: int, user_id: str, expires_at: int) -> list[Output]:
        """The token is good: it names ``user_id`` and ends at ``expires_at`` (ms)."""
        self._require("identified")
        if self.state is State.CLOSED:
            return []
        if self._refreshing:
            self._refreshing = False
            if user_id != self.user_id:
                return [self._error("forbidden", "That token belongs to somebody else.")]
            self.expires_at = self._deadline = expires_at
            return [Send(AuthOk(session_id=self.session_id, expires_at=expires_at)), Wake(expires_at)]
        self.user_id = user_id
        self.expires_at = self._deadline = expires_at
        hello = self._hello
        if hello.session_id is None and not self.full:
            self.state = State.IDLE
            return [Wake(expires_at), *self._release(now)]
        self.state = State.ATTACHING
        position = None
        if hello.epoch is not None and hello.offset is not None:
            position = Position(hello.epoch, hello.offset)
        return [Wake(expires_at), Attach(hello.session_id, position if self.full else None, hello.new)]

    def not_identified(self, now: int, code: str, message: str) -> list[Output]:
        """The token is no good. A refresh that fails leaves the connection as it is."""
        self._require("identified")
        if self.state is State.CLOSED:
            return []
        if self._refreshing:
            self._refreshing = False
            return [self._error(code, message)]
        return self._end(code, message, "expired" if code == "expired" else "sign_in")

    def attached(self, now: int, session_id: str, welcome: Welcome) -> list[Output]:
        """The session is attached; ``welcome`` goes to a full client only."""
        self._require("attached")
        if self.state is State.CLOSED:
            return []
        self.state = State.LIVE
        self.session_id = session_id
        self.epoch = welcome.position.epoch
        first: list[Output] = [Send(welcome)] if self.full else []
        return first + self._release(now)

    def not_attached(self, now: int, code: str, message: str) -> list[Output]:
        """There is no such session for this person, or none can be made. All refusals to enter look alike."""
        self._require("attached")
        if self.state is State.CLOSED:
            return []
        closing = {"not_found": "not_found", "unavailable": "starting", "starting": "starting"}
        return self._end(code, message, closing.get(code, "policy"))

    # --- frames -------------------------------------------------------------------------------------------------

    def receive(self, now: int, text: str) -> list[Output]:
        """One text frame."""
        state = self.state
        if state is State.LIVE or state is State.IDLE:
            return self._handle(now, text)
        self._require("receive")
        if state is State.GREETING:
            return self._greet(text)
        if state is not State.CLOSED:
            self._held.append(text)
        return []

    def binary(self, now: int) -> list[Output]:
        """A binary frame: refused, the connection is kept."""
        self._require("receive")
        if self.state is State.CLOSED:
            return []
        return [self._error("not_text", "Send JSON as text frames, not as binary ones.")]

    def _greet(self, text: str) -> list[Output]:
        try:
            request = self._codec.decode(text)
        except ProtocolError as error:
            return [self._refusal(error)]
        if not isinstance(request, Hello):
            return self._end("sign_in", "Say hello with a token first, or give one with the upgrade.", "sign_in")
        try:
            _check_place(request)
        except ProtocolError as error:
            return self._end(error.code, error.message, "policy")
        given = {k: v for k, v in msgspec.structs.asdict(request).items() if v is not None}
        self._hello = msgspec.structs.replace(self._hello, **given)
        if request.token is None:
            return self._end("sign_in", "The hello carries no token. Get one from /guest or /token.", "sign_in")
        return self._identify(request.token)

    def _handle(self, now: int, text: str) -> list[Output]:
        wait = self.bucket.take(now) if self.bucket is not None else 0
        try:
            request = self._codec.decode(text)
        except ProtocolError as error:
            return [self._refusal(error)]
        own: str | None = getattr(request, "id", None)
        if isinstance(request, ClientToolCall):
            own = request.client_tool_call.tool_call_id
        if self.state is State.IDLE and _needs_session(request):
            self.state = State.ATTACHING
            self._held.append(text)
            return [Attach(request.session_id)]
        if request.session_id is not None and request.session_id != self.session_id:
            return [self._error("not_found", "There is no such session.", id=own, request_id=request.request_id)]
        ordered = isinstance(request, Command | ClientToolCall) and not isinstance(request, UNORDERED)
        if wait:
            if ordered and self._blocked_by is None:
                self._blocked_by = own
            message = "That is more than one person may send at once. Wait a moment, then send it again."
            return [self._error("rate_limited", message, id=own, retry_after_ms=wait)]
        if ordered:
            if self._blocked_by is not None and self.full and own != self._blocked_by:
                message = "An earlier command was refused for now and must come again before this one."
                return [self._error("retry_in_order", message, id=own)]
            self._blocked_by = None
        if isinstance(request, Command | ClientToolCall):
            if own is None and self.full:
                return [self._error("invalid", "A command needs an id of your own making.")]
            return [Decide(request, own, digest(request))]
        return self._ask(now, request)

    def _ask(self, now: int, request: Request) -> list[Output]:
        match request:
            case Ping():
                return [Send(Pong(session_id=self.session_id, request_id=request.request_id))]
            case AuthFrame():
                self._refreshing = True
                return [Authenticate(request.token)]
            case DeviceState():
                return [SaveDevice(request.patch)]
            case Seen():
                known = request.position.epoch == self.epoch
                return [ShowSeen(request.position.offset)] if known else []
            case Hello():
                return [self._error("invalid", "Hello comes once, before anything else.")]
            case _:
                return [Query(request)]

    # --- what became of commands --------------------------------------------------------------------------------

    def decided(self, now: int, acks: list[Acked]) -> list[Output]:
        """These commands are durable. A plain client is not told."""
        self._require("decided")
        if self.state is State.CLOSED or not self.full or not acks:
            return []
        return [Send(AckFrame(session_id=self.session_id, acks=acks))]

    def refused(
        self, now: int, id: str | None, code: str, message: str, *, ordered: bool = True,
        retry_after_ms: int | None = None, request_id: str | int | None = None,
    ) -> list[Output]:  # fmt: skip
        """A command was refused. After a temporary refusal later ones must wait until it comes again."""
        self._require("decided")
        if self.state is State.CLOSED:
            return []
        if ERRORS[code].temporary and ordered and self._blocked_by is None:
            self._blocked_by = id
        return [self._error(code, message, id=id, retry_after_ms=retry_after_ms, request_id=request_id)]

    # --- endings ------------------------------------------------------------------------------------------------

    def timer(self, now: int) -> list[Output]:
        """Time has passed: the hello did not come, or the credential ran out."""
        self._require("timer")
        if self.state is State.CLOSED or self._deadline is None:
            return []
        if now < self._deadline:
            return [Wake(self._deadline)]
        if self.state is State.GREETING:
            return self._end("sign_in", "No hello came in time.", "sign_in")
        return self.withdraw("Your sign-in has run out. Sign in again to go on where you were.")

    def withdraw(self, message: str) -> list[Output]:
        """The credential is no longer good: ran out, or was withdrawn."""
        return [] if self.state is State.CLOSED else self._end("expired", message, "expired")

    def end(self, closing: str) -> list[Output]:
        """Close for a reason of the server's own, one of ``codes.CLOSES``."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        return [CloseNow(*self._close(closing))]

    def lost(self) -> None:
        """The transport is gone."""
        self.state = State.CLOSED

    # --- inside -------------------------------------------------------------------------------------------------

    def _identify(self, token: str) -> list[Output]:
        self.state = State.IDENTIFYING
        self._deadline = None
        return [Authenticate(token)]

    def _release(self, now: int) -> list[Output]:
        held, self._held = self._held, []
        outputs: list[Output] = []
        for text in held:
            outputs += self.receive(now, text)
        return outputs

    def _end(self, code: str, message: str, closing: str) -> list[Output]:
        error = self._error(code, message)
        self.state = State.CLOSED
        return [error, CloseNow(*self._close(closing))]

    def _close(self, closing: str) -> Close:
        refusal = CLOSES[closing]
        if self.full or refusal.code < 4200:
            return refusal
        return CLOSES["refused"]

    def _refusal(self, error: ProtocolError) -> Send:
        return self._error(error.code, error.message, id=error.id, request_id=error.request_id)

    def _error(
        self, code: str, message: str, *, id: str | None = None, retry_after_ms: int | None = None,
        request_id: str | int | None = None,
    ) -> Send:  # fmt: skip
        return Send(
            ErrorFrame(
                session_id=self.session_id, code=code, message=message, temporary=ERRORS[code].temporary,
                id=id, retry_after_ms=retry_after_ms, request_id=request_id,
            )
        )  # fmt: skip

    def _require(self, name: str) -> None:
        if self.state not in _ALLOWED[name]:
            raise MachineError(f"{name} is not possible while the connection is {self.state.value}")


def _needs_session(request: Request) -> bool:
    """Whether a plain connection without a session gets one now. A tool call may name its own."""
    if isinstance(request, Ping | AuthFrame | Hello):
        return False
    if isinstance(request, ClientToolCall):
        metadata = request.client_tool_call.metadata
        return metadata is None or metadata.session_id is None
    return True


def _hello_of(query: dict[str, str]) -> Hello:
    """The fields of the handshake as the query of ``/ws`` gives them."""
    offset: int | None = None
    if "offset" in query:
        text = query["offset"]
        if not (text.isascii() and text.isdigit() and len(text) <= 16):
            raise ProtocolError("invalid", "The offset in the query must be a whole number from 0.")
        offset = int(text)
    known = {k: query[k] for k in ("session_id", "epoch", "device", "client", "new") if query.get(k)}
    hello = Hello(offset=offset, **known)
    _check_place(hello)
    return hello


def _check_place(hello: Hello) -> None:
    if hello.offset is not None and hello.offset > MAX_OFFSET:
        raise ProtocolError("invalid", "The offset is larger than any log can be.")
    if hello.epoch is not None and not valid_epoch(hello.epoch):
        raise ProtocolError("invalid", "The epoch is not one this server could have given.")
    for name, value in (("device", hello.device), ("client", hello.client), ("new", hello.new)):
        if value is not None and (len(value) > 128 or not value.isprintable()):
            raise ProtocolError("invalid", f"The field {name} must be at most 128 printable characters.")
