"""The client's half of a connection, without I/O: loses nothing, delivers nothing twice, comes back.

The shell calls one method for everything that happens and obeys the outputs it returns, in order
(``client_outputs``). ``now`` is in milliseconds on any clock that does not run backwards; ``roll`` is a fresh
random number between 0 and 1. Connections are numbered: what still arrives from one that was given up is
ignored.

    start                          with what was kept: position and state, outbox
    opened / received / closed     what happens on a connection
    timer                          the time asked for by ``SetTimer`` has come
    submit                         a command; keep it on disk before calling this
    ask / tell                     a question (repeated until answered) / a frame that may be lost
    try_now / online / offline     a person, or the network, has news
    token                          a fresh credential
    stop                           the application is done

The state is the fold of the patches up to the position (I7): both come from the welcome and then from events
only, and are kept together. Tails, history pages and repeated frames never reach ``Deliver`` (I2). What is
said and heard on a live connection is the work of ``exchange``; here are connections, times and the banner.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from shipanion.errors import MachineError
from shipanion.protocol.backoff import Backoff
from shipanion.protocol.client_outputs import Banner, Close, Open, Output, Recovered, Send, SetTimer
from shipanion.protocol.client_states import TRANSITIONS, State
from shipanion.protocol.codes import Duty, duty_of
from shipanion.protocol.exchange import Broken, Exchange, SignedOut, question_id
from shipanion.protocol.frames import ErrorFrame, GoingAway, Welcome
from shipanion.protocol.link import Link, Who
from shipanion.protocol.position import Position
from shipanion.protocol.replica import Hole

__all__ = ["ClientMachine"]

_TOO_BIG: Final = 1009


class ClientMachine:
    """One session as one client sees it, over any number of connections.

    Args:
        session_id: the session to come back to; None for a new one.
        new: the client's own key for a new session, so that asking twice makes one.
        device, client: who this is (a kept id of the device, an id of this process).
        hello: introduce yourself by a ``hello`` frame with the token, for shells that cannot set headers.
    """

    def __init__(
        self,
        *,
        session_id: str | None = None,
        new: str | None = None,
        device: str | None = None,
        client: str | None = None,
        user: str | None = None,
        hello: bool = False,
    ) -> None:
        self.status = State.IDLE
        self.banner: Banner | None = None
        self.exchange = Exchange()
        self.exchange.session_id = session_id
        self._who = Who(new=new, device=device, client=client, user=user)
        self._hello = hello
        self._token: str | None = None
        self._token_is_new = False
        self._backoff = Backoff()
        self._retry_at: int | None = None
        self._armed: int | None = None
        self._out: list[Output] = []
        self._link = Link()

    # --- beginning and end ----------------------------------------------------------------------------------

    def start(
        self,
        now: int,
        *,
        position: Position | None = None,
        state: dict[str, Any] | None = None,
        outbox: Iterable[dict[str, Any]] = (),
        token: str | None = None,
    ) -> list[Output]:
        """Begin with what an earlier life kept. A position without its state is worth nothing and is not
        used.
        """
        self._require("start")
        self.exchange.outbox.extend(outbox)
        if position is not None and state is not None and self.exchange.session_id is not None:
            self.exchange.replica.replace(position, state)
        self._token = token
        self._show(Banner(status="connecting"))
        self._open("start", now)
        return self._done()

    def stop(self, now: int) -> list[Output]:
        """The application is done. What is in the outbox stays there for the next start."""
        self._require("stop")
        self._hang_up(1000, "done")
        self._go("stop", State.STOPPED)
        self._show(Banner(status="stopped", reason="done"))
        return self._done()

    # --- connections ----------------------------------------------------------------------------------------

    def opened(self, now: int, *, connection: int | None = None) -> list[Output]:
        """The connection stands; the welcome is next."""
        if self._link.is_stale(connection):
            return []
        self._require("opened")
        self._go("opened", State.GREETING)
        self._link.opened(now)
        if self._hello:
            self._out.append(Send(frame={"type": "hello", **self._query(), "token": self._token}))
        return self._done()

    def closed(
        self, now: int, code: int, roll: float,
        *, connection: int | None = None, retry_after_ms: int | None = None,
    ) -> list[Output]:  # fmt: skip
        """The connection ended, or could not be opened (1006). ``retry_after_ms``: said outside of frames."""
        if self._link.is_stale(connection):
            return []
        self._require("closed")
        link, exchange = self._link, self.exchange
        link.attached = False
        if code == _TOO_BIG and (oldest := exchange.outbox.oldest_sent()) is not None:
            self._out += exchange.fail(oldest, "too_large", "The message is larger than the connection can carry.")
        reason, message = link.reason(code), link.message()
        duty = duty_of(code)
        # A token that came after this connection was opened is not the one that was refused.
        if duty is Duty.SIGN_IN and not self._token_is_new:
            self._go("closed", State.SIGN_IN)
            self._show(Banner(status="sign_in", code=code, reason=reason, message=message))
        elif duty is Duty.STOP:
            self._go("closed", State.STOPPED)
            self._show(Banner(status="stopped", code=code, reason=reason, message=message))
        else:
            said = retry_after_ms
            if duty is Duty.WAIT and said is None:
                said = link.last_words.retry_after_ms if link.last_words is not None else None
                said = self._backoff.window.min_ms if said is None else said
            if said is not None:
                self._backoff.asked_to_wait(now + said)
            self._wait("closed", now, roll)
        return self._done()

    def timer(self, now: int, roll: float) -> list[Output]:
        """Time has passed. Called too early, it only asks for the right time."""
        self._require("timer")
        self._armed = None
        link, exchange = self._link, self.exchange
        if self.status is State.WAITING and self._retry_at is not None and now >= self._retry_at:
            self._open("timer", now)
        elif self.status in (State.CONNECTING, State.GREETING) and now >= link.give_up_at:
            self._leave("timer", now, roll, "no_welcome")
        elif self.status is State.LIVE and link.is_lost(now):
            self._leave("timer", now, roll, "silence")
        elif self.status is State.LIVE:
            if link.is_silent(now):
                self._probe(now)
            if exchange.hold_until is not None and now >= exchange.hold_until:
                exchange.hold_until = None
                self._out += exchange.flush()
        return self._done()

    def received(self, now: int, text: str, roll: float, *, connection: int | None = None) -> list[Output]:
        """One text frame. Whatever leaves a doubt about completeness ends the connection and resumes."""
        if self._link.is_stale(connection):
            return []
        self._require("received")
        self._link.heard(now)
        try:
            self._take(now, text, roll)
        except Broken as broken:
            self._leave("received", now, roll, str(broken))
        except Hole:
            self._leave("received", now, roll, "gap")
        except (msgspec.MsgspecError, RecursionError):
            self._leave("received", now, roll, "malformed")
        except SignedOut as refusal:
            if self._token_is_new:
                self._leave("received", now, roll, refusal.code)
            else:
                self._hang_up(4000, refusal.code)
                self._go("received", State.SIGN_IN)
                self._show(Banner(status="sign_in", reason=refusal.code, message=refusal.message))
        return self._done()

    def _take(self, now: int, text: str, roll: float) -> None:
        frame = msgspec.json.decode(text)
        if not isinstance(frame, dict):
            return
        self._link.last_words = None
        match frame.get("type"):
            case "welcome" if self.status is State.GREETING:
                self._welcome(now, msgspec.json.decode(text, type=Welcome), frame)
            case "welcome":
                # A connection resumes once: the same offer again changes nothing, another epoch is no truth.
                again = msgspec.json.decode(text, type=Welcome)
                held = self.exchange.replica.position
                if held is None or again.position.epoch != held.epoch:
                    raise Broken("epoch")
            case "error":
                error, key = msgspec.json.decode(text, type=ErrorFrame), question_id(frame)
                self._link.last_words = error if key is None else None
                if self.status is State.LIVE:
                    self._out += self.exchange.refused(now, error, key, self._backoff.window, roll)
            case "going_away":
                leaving = msgspec.json.decode(text, type=GoingAway)
                self._backoff.asked_to_wait(now + leaving.retry_after_ms, leaving.window_ms)
            case _ if self.status is State.LIVE:
                self._out += self.exchange.take(text, frame)
                self._tell_progress()

    def _welcome(self, now: int, welcome: Welcome, frame: dict[str, Any]) -> None:
        self._out += self.exchange.welcome(welcome, frame, self._link.asked)
        self._go("received", State.LIVE)
        self._link.welcomed(now, welcome.heartbeat_ms)
        self._backoff.welcomed(welcome.reconnect)
        if self._token_is_new:
            self._out.append(Send(frame={"type": "auth", "token": self._token}))
        if welcome.reason is not None:
            self._show(Banner(status="snapshot", reason=welcome.reason))
        elif welcome.outcome != "recovered":
            self._show(Banner(status="live"))
        self._tell_progress(fresh=welcome.outcome != "recovered")

    # --- what the application wants -------------------------------------------------------------------------

    def submit(self, now: int, command: dict[str, Any]) -> list[Output]:
        """Take a command into the outbox and send it when its turn comes. The same one again changes nothing.

        Raises:
            MachineError: not started, stopped, no id, or the id belongs to another undecided command.
        """
        self._require("submit")
        if not self.exchange.outbox.holds(command):
            self.exchange.outbox.add(command)
            if self.status is State.LIVE:
                self._out += self.exchange.flush()
        return self._done()

    def ask(self, now: int, question: dict[str, Any]) -> list[Output]:
        """Send a question, and repeat it on every new connection until it is answered.

        It carries an ``id`` (``history``) or a ``requestId``, and must be one that does no harm when
        repeated.
        """
        self._require("ask")
        key = question_id(question)
        if key is None:
            raise MachineError("A question needs an id or a requestId.")
        self.exchange.questions[key] = question
        return self._tell(question)

    def tell(self, now: int, frame: dict[str, Any]) -> list[Output]:
        """Send a frame that may be lost (``seen``, ``device_state``); without a live connection it is."""
        self._require("tell")
        return self._tell(frame)

    def token(self, now: int, token: str) -> list[Output]:
        """A fresh credential: refreshes the open connection, or ends the waiting for a sign-in."""
        self._require("token")
        self._token = token
        self._token_is_new = True
        if self.status is State.SIGN_IN:
            self._begin_anew("token", now)
        return self._tell({"type": "auth", "token": token})

    def try_now(self, now: int) -> list[Output]:
        """A person wants it now. Skips the jitter, not what the server asked for. A live one is tested."""
        self._require("try_now")
        self._backoff.reset()
        if self.status in (State.SIGN_IN, State.STOPPED):
            self._begin_anew("try_now", now)
        elif self.status is State.WAITING and (soonest := self._backoff.soonest()) > now:
            self._schedule(soonest)
        elif self.status is State.WAITING:
            self._open("try_now", now)
        self._probe(now)
        return self._done()

    def online(self, now: int, roll: float) -> list[Output]:
        """The network is back: begin the backoff anew. A live connection may be dead, so it is tested."""
        self._require("online")
        self._backoff.reset()
        if self.status is State.WAITING:
            self._schedule(self._backoff.plan(now, roll))
        self._probe(now)
        return self._done()

    def offline(self, now: int) -> list[Output]:
        """The network is said to be gone: no more tries until ``online`` or ``try_now``."""
        self._require("offline")
        self._backoff.offline = True
        if self.status is State.WAITING:
            self._schedule(None)
        self._probe(now)
        return self._done()

    # --- inside ---------------------------------------------------------------------------------------------

    def _require(self, said: str) -> None:
        if said not in TRANSITIONS[self.status]:
            raise MachineError(f"A client that is {self.status.value} cannot take {said!r}.")

    def _go(self, said: str, to: State) -> None:
        assert to in TRANSITIONS[self.status][said], f"{self.status} --{said}--> {to} is not in the table"
        self.status = to

    def _query(self) -> dict[str, str | int]:
        return self._who.query(self.exchange.session_id, self._link.asked)

    def _open(self, said: str, now: int) -> None:
        self._go(said, State.CONNECTING)
        self._backoff.opening()
        self._link = Link(self._link.number + 1, now, self.exchange.replica.position)
        self._token_is_new = False
        self._out.append(Open(connection=self._link.number, query=self._query()))

    def _begin_anew(self, said: str, now: int) -> None:
        self._backoff.attempt = 0
        self._show(Banner(status="connecting"))
        self._open(said, now)

    def _hang_up(self, code: int, reason: str) -> None:
        if self._link.attached:
            self._out.append(Close(connection=self._link.number, code=code, reason=reason))
        self._link.attached = False

    def _leave(self, said: str, now: int, roll: float, reason: str) -> None:
        self._hang_up(4000, reason)
        self._wait(said, now, roll)

    def _wait(self, said: str, now: int, roll: float) -> None:
        if self._link.was_stable(now):
            self._backoff.attempt = 0
        self._go(said, State.WAITING)
        self._schedule(self._backoff.plan(now, roll))

    def _schedule(self, at: int | None) -> None:
        self._retry_at = at
        if at is None:
            self._show(Banner(status="offline"))
        else:
            self._show(Banner(status="reconnecting", attempt=self._backoff.attempt, at=at))

    def _probe(self, now: int) -> None:
        if self.status is State.LIVE and self._link.test(now):
            self._out.append(Send(frame={"type": "ping"}))

    def _tell(self, frame: dict[str, Any]) -> list[Output]:
        if self.status is State.LIVE:
            self._out.append(Send(frame=frame))
        return self._done()

    def _tell_progress(self, *, fresh: bool = False) -> None:
        turn_id = self.exchange.turn.turn_id
        recovered = next((out for out in self._out if isinstance(out, Recovered)), None)
        if recovered is not None:
            self._show(Banner(status="resumed", replayed=recovered.count))
        if (fresh or recovered is not None) and turn_id is not None:
            self._show(Banner(status="still_working", turn_id=turn_id))
        elif self._working_on() not in (None, turn_id):
            self._show(Banner(status="live"))

    def _working_on(self) -> str | None:
        return self.banner.turn_id if self.banner is not None else None

    def _show(self, banner: Banner) -> None:
        if banner != self.banner:
            self.banner = banner
            self._out.append(banner)

    def _deadline(self) -> int | None:
        match self.status:
            case State.WAITING:
                return self._retry_at
            case State.CONNECTING | State.GREETING:
                return self._link.give_up_at
            case State.LIVE:
                hold = self.exchange.hold_until
                return self._link.deadline() if hold is None else min(hold, self._link.deadline())
            case _:
                return None

    def _done(self) -> list[Output]:
        # A timer that fires too early only asks for the right time, so it is set anew only when it would be
        # too late.
        at = self._deadline()
        if at is not None and (self._armed is None or at < self._armed):
            self._armed = at
            self._out.append(SetTimer(at=at))
        outputs, self._out = self._out, []
        return outputs
