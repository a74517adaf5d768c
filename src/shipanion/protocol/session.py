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

from collections import deque
from typing import Final

from shipanion.errors import MachineError, ProtocolError
from shipanion.protocol.bucket import TokenBucket
from shipanion.protocol.codec import Codec, digest
from shipanion.protocol.codes import CLOSES, ERRORS, Close
from shipanion.protocol.command_order import CommandOrder
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
    Stop,
    Welcome,
)
from shipanion.protocol.handshake import asked_position, check_hello, hello_of_query, joined, needs_session
from shipanion.protocol.session_outputs import (
    Attach,
    Authenticate,
    CloseNow,
    Decide,
    Output,
    Query,
    SaveDevice,
    Send,
    ShowSeen,
    Wake,
)
from shipanion.protocol.session_states import ALLOWED, State

__all__ = ["HELLO_MS", "RETRY_IN_ORDER", "ServerMachine", "State"]

HELLO_MS: Final = 10_000
"""How long a connection without a credential may take to say hello."""

UNORDERED: Final[tuple[type[Request], ...]] = (Stop,)
"""Commands that are not held back while an earlier one waits to come again."""

RETRY_IN_ORDER: Final = "An earlier command was refused for now and must come again before this one."

_TOO_FAST: Final = "That is more than one person may send at once. Wait a moment, then send it again."


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
        self.bucket = bucket
        self._codec = codec
        self._hello = Hello()
        self._first: Request | None = None
        self._held: list[str] = []
        self._refreshes: deque[AuthFrame] = deque()
        self._order = CommandOrder()
        self._deadline: int | None = None

    # --- the handshake ------------------------------------------------------------------------------------------

    def open(self, now: int, query: dict[str, str], token: str | None) -> list[Output]:
        """The upgrade was accepted. ``query`` is that of the URL, ``token`` the credential found with it, if any."""
        self._require("open")
        try:
            self._hello = hello_of_query(query)
        except ProtocolError as error:
            return self._end(error.code, error.message, "policy")
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
        if self._refreshes:
            return self._refreshed(now, user_id, expires_at)
        hello = self._hello
        if hello.user is not None and hello.user != user_id:
            return self._end("sign_in", "Somebody else is signed in here now.", "sign_in")
        self.user_id = user_id
        self._deadline = expires_at
        self.device = hello.device or ""
        self.client = hello.client
        if hello.session_id is None and not self.full:
            self.state = State.IDLE
            return [Wake(expires_at), *self._release(now)]
        self.state = State.ATTACHING
        return [Wake(expires_at), Attach(hello.session_id, asked_position(hello) if self.full else None, hello.new)]

    def not_identified(self, now: int, code: str, message: str) -> list[Output]:
        """The token is no good. A refresh that fails leaves the connection as it is."""
        self._require("identified")
        if self.state is State.CLOSED:
            return []
        if self._refreshes:
            return [self._deny(self._refreshes.popleft(), code, message), *self._next_refresh()]
        return self._end(code, message, "expired" if code == "expired" else "sign_in")

    def attached(self, now: int, session_id: str, welcome: Welcome) -> list[Output]:
        """The session is attached; ``welcome`` goes to a full client only."""
        self._require("attached")
        if self.state is State.CLOSED:
            return []
        self.state = State.LIVE
        self.session_id = session_id
        self.epoch = welcome.position.epoch
        outputs: list[Output] = [Send(welcome)] if self.full else []
        first, self._first = self._first, None
        if first is not None:
            outputs += self._act(now, first, 0)
        return outputs + self._release(now)

    def not_attached(self, now: int, code: str, message: str) -> list[Output]:
        """There is no such session for this person, or none can be made. All refusals to enter look alike.

        A plain connection that was idle is idle again: only the request that named the session is refused.
        """
        self._require("attached")
        if self.state is State.CLOSED:
            return []
        first, self._first = self._first, None
        if first is not None:
            self.state = State.IDLE
            return [self._deny(first, code, message), *self._release(now)]
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
        return [self._refusal("not_text", "Send JSON as text frames, not as binary ones.")]

    def _greet(self, text: str) -> list[Output]:
        try:
            request = self._codec.decode(text)
        except ProtocolError as error:
            return [self._explain(error)]
        if not isinstance(request, Hello):
            return self._end("sign_in", "Say hello with a token first, or give one with the upgrade.", "sign_in")
        try:
            check_hello(request)
        except ProtocolError as error:
            return self._end(error.code, error.message, "policy")
        if request.token is None:
            return self._end("sign_in", "The hello carries no token. Get one from /guest or /token.", "sign_in")
        self._hello = joined(self._hello, request)
        return self._identify(request.token)

    def _handle(self, now: int, text: str) -> list[Output]:
        wait = self.bucket.take(now) if self.bucket is not None else 0
        try:
            request = self._codec.decode(text)
        except ProtocolError as error:
            return [self._explain(error)]
        if self.state is State.IDLE and not wait and needs_session(request):
            self.state = State.ATTACHING
            self._first = request
            return [Attach(request.session_id, new=self._hello.new if request.session_id is None else None)]
        return self._act(now, request, wait)

    def _act(self, now: int, request: Request, wait: int) -> list[Output]:
        if request.session_id not in (None, self.session_id) and self.state is State.LIVE:
            return [self._deny(request, "not_found", "There is no such session.")]
        if isinstance(request, Command | ClientToolCall):
            return [self._command(request, wait)]
        if wait:
            return [self._deny(request, "rate_limited", _TOO_FAST, retry_after_ms=wait)]
        return self._ask(request)

    def _command(self, request: Command | ClientToolCall, wait: int) -> Output:
        own = _own_id(request)
        if own is None and self.full:
            return self._deny(request, "invalid", "A command needs an id of your own making.")
        # A plain client knows nothing of order, and sends nothing again by itself.
        id = own if self.full and not isinstance(request, UNORDERED) else None
        if wait:
            if id is not None:
                self._order.too_fast(id)
            return self._deny(request, "rate_limited", _TOO_FAST, retry_after_ms=wait)
        if id is None:
            self._order.happened(own)
        elif not self._order.admit(id):
            return self._deny(request, "retry_in_order", RETRY_IN_ORDER)
        return Decide(request, own, digest(request))

    def _ask(self, request: Request) -> list[Output]:
        match request:
            case Ping():
                return [Send(Pong(session_id=self.session_id, request_id=request.request_id))]
            case AuthFrame():
                self._refreshes.append(request)
                return self._next_refresh() if len(self._refreshes) == 1 else []
            case DeviceState():
                return [SaveDevice(request.patch)]
            case Seen():
                known = request.position.epoch == self.epoch
                return [ShowSeen(request.position.offset)] if known and request.visible else []
            case Hello():
                return [self._deny(request, "invalid", "Hello comes once, before anything else.")]
            case _:
                return [Query(request)]

    # --- what became of commands --------------------------------------------------------------------------------

    def decided(self, now: int, acks: list[Acked]) -> list[Output]:
        """These commands are durable. A plain client is not told."""
        self._require("decided")
        for ack in acks:
            self._order.decided(ack.id)
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
        if self.full and ordered and id is not None and ERRORS[code].temporary:
            self._order.refused(id)
        return [self._refusal(code, message, id=id, retry_after_ms=retry_after_ms, request_id=request_id)]

    def in_order(self, command: Decide) -> bool:
        """Whether ``command`` may still be decided now.

        Frames that came before the welcome are released together, as a list of outputs: a command among them may have
        been refused for now while those behind it were on that list already.
        """
        free = not self.full or command.id is None or isinstance(command.request, UNORDERED)
        return free or self._order.may_go(command.id or "")

    def happened(self, id: str | None) -> None:
        """This command is decided, by whatever way: it will not come again, and nothing may wait for it."""
        self._order.happened(id)

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
        close = CloseNow(*self._close(closing))
        self.state = State.CLOSED
        return [close]

    def lost(self) -> None:
        """The transport is gone."""
        self.state = State.CLOSED

    # --- inside -------------------------------------------------------------------------------------------------

    def _identify(self, token: str) -> list[Output]:
        self.state = State.IDENTIFYING
        self._deadline = None
        return [Authenticate(token)]

    def _refreshed(self, now: int, user_id: str, expires_at: int) -> list[Output]:
        request = self._refreshes.popleft()
        if user_id != self.user_id:
            denial = self._deny(request, "forbidden", "That token belongs to somebody else.")
            return [denial, *self._next_refresh()]
        self._deadline = expires_at
        taken = AuthOk(session_id=self.session_id, expires_at=expires_at, request_id=request.request_id)
        return [Send(taken), Wake(expires_at), *self._next_refresh()]

    def _next_refresh(self) -> list[Output]:
        # One at a time, so that it is clear which token an answer is about.
        return [Authenticate(self._refreshes[0].token)] if self._refreshes else []

    def _release(self, now: int) -> list[Output]:
        held, self._held = self._held, []
        outputs: list[Output] = []
        for text in held:
            outputs += self.receive(now, text)
        return outputs

    def _end(self, code: str, message: str, closing: str) -> list[Output]:
        said: list[Output] = [self._refusal(code, message), CloseNow(*self._close(closing))]
        self.state = State.CLOSED
        return said

    def _close(self, closing: str) -> Close:
        refusal = CLOSES[closing]
        if self.full or refusal.code < 4200:
            return refusal
        return CLOSES["refused"]

    def _explain(self, error: ProtocolError) -> Send:
        return self._refusal(error.code, error.message, id=error.id, request_id=error.request_id)

    def _deny(self, request: Request, code: str, message: str, *, retry_after_ms: int | None = None) -> Send:
        return self._refusal(
            code, message, id=_own_id(request), retry_after_ms=retry_after_ms, request_id=request.request_id
        )

    def _refusal(
        self, code: str, message: str, *, id: str | None = None, retry_after_ms: int | None = None,
        request_id: str | int | None = None,
    ) -> Send:  # fmt: skip
        temporary = ERRORS[code].temporary
        if not temporary and id is not None:
            self._order.decided(id)
        return Send(
            ErrorFrame(
                session_id=self.session_id, code=code, message=message, temporary=temporary,
                id=id, retry_after_ms=retry_after_ms, request_id=request_id,
            )
        )  # fmt: skip

    def _require(self, name: str) -> None:
        legal = self.state in ALLOWED[name]
        if name == "identified" and self.state not in (State.IDENTIFYING, State.CLOSED):
            legal = legal and bool(self._refreshes)
        if not legal:
            raise MachineError(f"{name} is not possible while the connection is {self.state.value}")


def _own_id(request: Request) -> str | None:
    """The client's own id of a request."""
    if isinstance(request, ClientToolCall):
        return request.client_tool_call.tool_call_id
    own: str | None = getattr(request, "id", None)
    return own
