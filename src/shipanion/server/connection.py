"""One WebSocket connection: feeds the protocol machine and does what it says."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from shipanion.protocol.codes import ERRORS
from shipanion.protocol.delivery import Cursor
from shipanion.protocol.frames import (
    Acked,
    ClientToolCall,
    ErrorFrame,
    Participant,
    Request,
    Welcome,
)
from shipanion.protocol.session import ServerMachine, State
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
from shipanion.server.answers import outcome_of, tool_answer
from shipanion.server.devices import Place
from shipanion.server.domain import Answer, Spoken, ToolOutcome
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.server.outflow import Outflow
from shipanion.server.recall import recent
from shipanion.server.sessions import LiveSession
from shipanion.server.socket import Socket, text_frame
from shipanion.stores.base import Grant, StoredEvent

if TYPE_CHECKING:
    from shipanion.server.node import Node

__all__ = ["BACKLOG_BYTES", "ERRORS_AT_ONCE", "MAX_UNDECIDED", "RETRY_MS", "Connection"]

MAX_UNDECIDED: Final = 256
"""Commands one connection may have under way before nothing more is read from it."""

MAX_QUESTIONS: Final = 32
"""Questions that may wait for their answers before nothing more is read: each holds a frame of the peer's."""

BACKLOG_BYTES: Final = 1_048_576
"""With more than this waiting for the peer nothing more is read from it: who takes no answers asks no more."""

ERRORS_AT_ONCE: Final = 200
REST_SECONDS: Final = 1.0
"""After so many refusals nothing is read from the connection for this long; what it sends meanwhile is not lost."""

RETRY_MS: Final = 1_000
"""When a command the store could not write should come again."""

_WITHDRAWN: Final = "Your sign-in was withdrawn. Sign in again to go on where you were."

log = structlog.get_logger(__name__)


class Connection(Outflow):
    """A connection, from the upgrade to its end."""

    def __init__(self, node: "Node", socket: Socket, machine: ServerMachine) -> None:
        super().__init__(socket, full=machine.full)
        self.machine = machine
        self.device = ""
        self.client: str | None = None
        self.name = ""
        self.participant = b"{}"
        self.identity: Identity | None = None
        self.met: dict[str, bool] = {}
        """The sessions this connection dealt with, and whether Bob is still to be reminded of what happened there."""
        self.recent: dict[str, tuple[Spoken, ...]] = {}
        """The last messages of those sessions, as they were when it first dealt with them."""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.place = Place()
        self.progress = (0, asyncio.get_running_loop().time())
        self.pinged = 0.0
        self._node = node
        self._loop = asyncio.get_running_loop()
        self._acks: list[Acked] = []
        self._names: dict[str, tuple[str | None, str | int | None]] = {}
        self._undecided = 0
        self._errors = 0
        self._questions = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._deaf: set[str] = set()
        self._due = 0  # the token version that must be shown before anything more is told

    # --- what the socket says -------------------------------------------------------------------------------------

    def open(self, query: dict[str, str], token: str | None) -> None:
        """Begin the handshake."""
        self._obey(self.machine.open(self._node.now(), query, token))

    def on_text(self, text: str) -> None:
        self._obey(self.machine.receive(self._node.now(), text))

    def on_binary(self) -> None:
        self._obey(self.machine.binary(self._node.now()))

    def on_drain(self) -> None:
        self._room.set()
        self._hear("backlog")

    @property
    def deaf(self) -> bool:
        """Nothing is read from the peer for now, so nothing can be heard of it."""
        return bool(self._deaf)

    def _ignore(self, why: str) -> None:
        """Read nothing more from the peer until ``_hear`` is called for every reason there is."""
        self._deaf.add(why)
        self.socket.pause_reading()

    def _hear(self, why: str) -> None:
        if why in self._deaf:
            self._deaf.remove(why)
            if not self._deaf:
                self.socket.resume_reading()

    def lost(self) -> None:
        """The transport is gone: let go of everything."""
        self.machine.lost()
        self.closing = True
        if self._timer is not None:
            self._timer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        self._node.detach(self)
        self._out.clear()
        self._queued = 0
        if not self.closed.done():
            self.closed.set_result(None)

    # --- what the machine says ------------------------------------------------------------------------------------

    def _obey(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Decide():
                    self._undecided += 1
                    if self._undecided == MAX_UNDECIDED:
                        self._ignore("undecided")
                    self._node.desk.decide(self, output)
                case Send(frame=frame):
                    self.send(frame)
                    if isinstance(frame, ErrorFrame):
                        self._erred()
                case Query(request=request):
                    self._questions += 1
                    if self._questions == MAX_QUESTIONS:
                        self._ignore("questions")
                    self.spawn(self._question(request))
                case Authenticate(token=token):
                    self._ignore("authenticating")
                    self.spawn(self._authenticate(token))
                case Attach():
                    self._ignore("attaching")
                    self.spawn(self._node.attachments.attach(self, output))
                case SaveDevice(patch=patch):
                    if not self._node.devices.save(self, patch):
                        self._refuse("too_large", "That is more than one device may keep in a session.")
                case ShowSeen(offset=offset):
                    self._node.devices.seen(self, offset)
                case Wake(at=at):
                    self._wake(at)
                case CloseNow(code=code, reason=reason):
                    self._close(code, reason)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something for this connection; it ends with it."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("connection failed", error=repr(error), exc_info=error)
            self._close(1011, "internal error")

    def _erred(self) -> None:
        """One more refusal. Who is refused on and on is read in instalments: refusing costs, and others wait for it."""
        self._errors += 1
        if self._errors % ERRORS_AT_ONCE == 0:
            self._ignore("refused")
            self._loop.call_later(REST_SECONDS, self._hear, "refused")

    def _wake(self, at: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0.0, (at - self._node.now()) / 1000)
        # A timer longer than a day could overflow a selector's time-out; the machine asks again when woken early.
        self._timer = self._loop.call_later(min(delay, 86_400.0), self._timed_out)

    def _timed_out(self) -> None:
        self._obey(self.machine.timer(self._node.now()))

    async def _question(self, request: Request) -> None:
        try:
            await self._node.answers.query(self, request)
        finally:
            self._questions -= 1
            if self._questions == MAX_QUESTIONS // 2:
                self._hear("questions")

    def expire(self) -> None:
        """End the connection if its credential has run out. A timer is not enough: it stands still while the machine
        sleeps, and knows nothing of a clock that is set forward."""
        if self.identity is not None and self._node.now() >= self.identity.expires_at:
            self._timed_out()

    async def _authenticate(self, token: str) -> None:
        known = self.identity
        check = self._node.authenticate if known is None else self._node.renew
        try:
            identity = await check(token)
        except NotAuthenticated as error:
            outputs = self.machine.not_identified(self._node.now(), error.code, error.message)
        else:
            if known is None or known.user_id == identity.user_id:
                self.identity = identity
                self._free()
                if known is not None and self.session is not None and self.name != identity.name:
                    self.name = identity.name
                    self._node.attachments.presence(self.session)
                self._sign()
                self.machine.bucket = self._node.bucket(identity.user_id)
            outputs = self.machine.identified(self._node.now(), identity.user_id, identity.expires_at)
        self._hear("authenticating")
        self._obey(outputs)

    # --- attached -------------------------------------------------------------------------------------------------

    def present(self, device: str, client: str | None, name: str) -> None:
        """Who this is, for the others and in the log."""
        self.device = device
        self.client = client
        self.name = name
        self._sign()

    def _sign(self) -> None:
        """What the log will say of who did it; the role may change with a token given later."""
        participant = Participant(role=self.role, name=self.name, device=self.device or None)
        self.participant = msgspec.json.encode(participant)

    @property
    def role(self) -> str:
        """In which role this connection asks."""
        return "viewer" if self.identity is None else self.identity.role

    def join(self, session: LiveSession, sent: int) -> None:
        """Attach to ``session`` with everything up to ``sent`` known. Deliveries wait until ``begin``."""
        self.session = session
        self._cursor = Cursor(sent)
        self._cursor.reading = True
        session.audience.join(self)

    def begin(self, welcome: Welcome, session_id: str) -> None:
        """The welcome is ready: send it (a full client gets it), then whatever came meanwhile."""
        assert self._cursor is not None
        assert self.session is not None
        self._cursor.reading = False
        self._kept.clear()  # the welcome tells how far the running turn is
        self._hear("attaching")
        head = self.session.actor.head
        self._obey(self.machine.attached(self._node.now(), session_id, welcome))
        self.hint(head)

    def refuse_attach(self, code: str, message: str) -> None:
        self._hear("attaching")
        if code == "expired":
            self._obey(self.machine.withdraw(message))
            return
        self._obey(self.machine.not_attached(self._node.now(), code, _said(code, message)))

    def grant(self) -> Grant:
        identity = self.identity
        assert identity is not None
        return Grant(
            user_id=identity.user_id,
            version=identity.version,
            expires_at=identity.expires_at,
            now=self._node.now(),
        )

    def asked(self, command_id: str, own_id: str | None, request_id: str | int | None) -> None:
        """A command goes to be decided under ``command_id``; ``own_id`` is the one its sender gave it, if any.

        A plain connection's own messages are not echoed to it, and its refusals repeat its ``requestId``.
        """
        if not self.full:
            self._own.append(command_id)
        if own_id != command_id or request_id is not None:
            self._names[command_id] = (own_id, request_id)

    # --- what became of commands ----------------------------------------------------------------------------------

    def ack(self, command_id: str, offset: int, *, duplicate: bool) -> None:
        self._decided()
        self._names.pop(command_id, None)
        if self.full:
            self._wanted()
            self._acks.append(Acked(id=command_id, offset=offset, duplicate=duplicate))

    def refuse(
        self, command_id: str | None, code: str, message: str, *,
        ordered: bool = True, retry_after_ms: int | None = None,
    ) -> None:  # fmt: skip
        self._decided()
        own_id, request_id = self._names.pop(command_id or "", (command_id, None))
        if code == "expired":
            self._obey(self.machine.withdraw(message))
        else:
            known = code if code in ERRORS else "bad_request"
            if retry_after_ms is None and code in ("unavailable", "starting"):
                retry_after_ms = RETRY_MS
            now = self._node.now()
            refused = self.machine.refused(
                now, own_id, known, _said(code, message),
                ordered=ordered, retry_after_ms=retry_after_ms, request_id=request_id,
            )  # fmt: skip
            self._obey(refused)

    def _decided(self) -> None:
        self._undecided -= 1
        if self._undecided == MAX_UNDECIDED // 2:
            self._hear("undecided")

    def refuse_query(self, request: Request, code: str, message: str, *, retry_after_ms: int | None = None) -> None:
        """A request that is not a command was refused."""
        if code == "expired":
            self._obey(self.machine.withdraw(message))
            return
        self.send(
            ErrorFrame(
                session_id=self.machine.session_id, code=code, message=_said(code, message),
                temporary=ERRORS[code].temporary, id=getattr(request, "id", None),
                retry_after_ms=retry_after_ms, request_id=request.request_id,
            )
        )  # fmt: skip

    def _refuse(self, code: str, message: str) -> None:
        self.refuse_query(Request(), code, message)

    # --- direct answers -------------------------------------------------------------------------------------------

    def answer(self, live: LiveSession, request: Request, answer: Answer) -> None:
        """A direct answer in a frame of its own: no offset, never logged, bearing the session it is about."""
        fields = {
            "type": answer.type, "session_id": live.session_id, **answer.fields,
            "timestamp": self._node.now() / 1000, "user": self.name,
        }  # fmt: skip
        if request.request_id is not None:
            fields["requestId"] = request.request_id
        self._tell(text_frame(msgspec.json.encode(fields)))

    def _tell(self, frames: bytes) -> None:
        """Push what tells of a session; while nothing may be told, it waits."""
        if self.held:
            self.spawn(self.push_when_free(frames))
        else:
            self.push(frames)

    def tool_result(
        self, live: LiveSession, request: ClientToolCall, outcome: ToolOutcome, context: str | None
    ) -> None:
        """The direct answer to a tool call; the first after a resume carries what Bob should remember."""
        reminder = context if self.met.get(live.session_id) else None
        self.met[live.session_id] = False
        self.answer(live, request, tool_answer(request.client_tool_call, outcome, reminder))

    async def meet(self, live: LiveSession, *, away: bool = False) -> None:
        """From now on this connection deals with ``live``; if something happened there before, Bob wants to know.

        Only whoever is answered directly can be reminded: a plain connection, or one that asks for another session.
        """
        if live.session_id in self.met:
            return
        self.met[live.session_id] = live.actor.head > 0
        if live.actor.head > 0 and (away or not self.full):
            self.recent[live.session_id] = await recent(self._node.store, live.session_id, live.actor.head)

    def reminder(self, live: LiveSession) -> str | None:
        """What Bob should remember of ``live``, once after a resume."""
        if not self.met.get(live.session_id):
            return None
        said = self.recent.get(live.session_id, ())
        return self._node.domain.reminder(live.actor.state, said, self._node.now())

    def stored_result(
        self, live: LiveSession, event: StoredEvent, request: ClientToolCall, context: str | None, *, direct: bool
    ) -> None:
        """A repeated call's result, from the log."""
        if direct:
            self.tool_result(live, request, outcome_of(event), context)
        else:
            self._tell(self._encoded(live.session_id, [event]))

    # --- what the sending half needs ------------------------------------------------------------------------------

    def _flush_later(self) -> None:
        self._node.flush_later(self)

    def _happened(self, event_id: str | None) -> None:
        self.machine.happened(event_id)

    async def _page(self, session_id: str, after: int, upto: int) -> list[StoredEvent]:
        return await self._node.page(session_id, after, upto)

    def flush(self) -> None:
        if self._acks:
            acks, self._acks = self._acks, []
            self._obey(self.machine.decided(self._node.now(), acks))
        super().flush()
        if self.socket.buffered() > BACKLOG_BYTES:
            self._ignore("backlog")

    # --- a sign-in that does not hold any more --------------------------------------------------------------------

    async def check(self) -> None:
        """Ask the store whether the sign-in still holds.

        Raises:
            NotAuthenticated: ``expired``: it does not.
            StoreUnavailable: the store cannot answer right now.
        """
        identity = self.identity
        while identity is not None and await self._node.store.withdrawn({identity.user_id: identity.version}):
            if self.identity is identity:
                raise NotAuthenticated("expired", _WITHDRAWN)
            identity = self.identity  # another one was shown meanwhile

    def withdraw(self) -> None:
        """The person's sign-in was withdrawn."""
        self._obey(self.machine.withdraw(_WITHDRAWN))

    def hold(self, version: int) -> None:
        """Tell nothing of any session until a sign-in of this token version, or a later one, is shown."""
        self._due = max(self._due, version)
        self.held = self.identity is not None and self.identity.version < self._due
        if self.held and self.machine.state is State.ATTACHING:
            self.withdraw()  # it is about to be welcomed, and shows nothing before that

    def _free(self) -> None:
        if self.held and self.identity is not None and self.identity.version >= self._due:
            self.release()

    # --- ending ---------------------------------------------------------------------------------------------------

    def end(self, closing: str) -> None:
        """Close for a reason of the server's own."""
        self._obey(self.machine.end(closing))

    def cut(self) -> None:
        """The peer takes nothing any more: drop it."""
        self.machine.lost()
        self.closing = True
        self.socket.abort()

    def _close(self, code: int, reason: str) -> None:
        if self.closing:
            return
        self.flush()
        self.closing = True
        self.socket.close(code, reason)


def _said(code: str, message: str) -> str:
    """What a stranger is told. The store's own words name files of this machine; they are in the log."""
    if code == "unavailable":
        return "The store does not answer at the moment. What was acknowledged is safe; try this again in a while."
    return message
