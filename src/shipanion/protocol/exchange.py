"""What goes to and fro once a client is welcome: events in, commands and questions out, nothing lost between
two lines.

The half of the client machine that knows the log. It does not know connections, timers or backoff; those are
the machine's (``client``). It outlives every connection.
"""

from typing import Any, Final

import msgspec

from shipanion.protocol.backoff import delay_ms
from shipanion.protocol.client_outputs import (
    Answer,
    Attached,
    Deliver,
    Delta,
    Failed,
    Notice,
    Output,
    Recovered,
    Refused,
    Send,
    Settled,
    Snapshot,
    StateSaved,
    TurnText,
)
from shipanion.protocol.frames import AckFrame, AgentDelta, ErrorFrame, ReconnectWindow, Welcome
from shipanion.protocol.live_turn import LiveTurn
from shipanion.protocol.outbox import Outbox, command_id
from shipanion.protocol.position import Position
from shipanion.protocol.replica import Replica

__all__ = ["Broken", "Exchange", "SignedOut", "question_id"]

_NOTICES: Final = frozenset({"presence", "session_state", "auth_ok"})
_SIGNED_OUT: Final = frozenset({"sign_in", "expired"})


class Broken(Exception):
    """What came cannot be trusted to be complete: leave this connection and resume. ``str()`` is a short
    reason.
    """


class SignedOut(Exception):
    """A command was refused for want of a credential. It stays in the outbox, for the next one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def question_id(frame: dict[str, Any]) -> str | None:
    """What ties a question to its answer: ``id`` (``history``) or ``requestId``, as text."""
    key = frame.get("id", frame.get("requestId"))
    return None if key is None else str(key)


class Exchange:
    """Log, outbox, questions and the running turn of one session, as one client holds them."""

    def __init__(self) -> None:
        self.session_id: str | None = None
        self.replica = Replica()
        self.outbox = Outbox()
        self.turn = LiveTurn()
        self.questions: dict[str, dict[str, Any]] = {}
        self.hold_until: int | None = None
        """Commands wait until then, because the server refused one for now."""
        self._refusals = 0
        self._frame_limit: int | None = None
        self._replaying: tuple[int, int] | None = None

    # --- out ------------------------------------------------------------------------------------------------

    def flush(self) -> list[Output]:
        """Send the commands that have not gone out on this connection, in order, unless they have to wait."""
        if self.hold_until is not None:
            return []
        outputs: list[Output] = []
        for command in self.outbox.take_unsent():
            send = Send(frame=command)
            if self._frame_limit is not None and len(send.text.encode()) > self._frame_limit:
                words = f"The message is too large; a frame may have at most {self._frame_limit} bytes."
                outputs += self.fail(command_id(command), "too_large", words)
            else:
                outputs.append(send)
        return outputs

    def fail(self, id: str, code: str, message: str) -> list[Output]:
        """The command is refused for good."""
        return [Failed(id=id, code=code, message=message)] if self.outbox.decided(id) else []

    # --- in -------------------------------------------------------------------------------------------------

    def welcome(self, welcome: Welcome, frame: dict[str, Any], asked: Position | None) -> list[Output]:
        """Take the handshake's answer in, then begin the connection with everything that is undecided.

        Args:
            welcome: the frame, checked; ``frame`` is the same as it came.
            asked: the position this connection was opened with.

        Raises:
            Broken: it is not an answer to what was asked. Nothing changed, except that a position on which
                the server
                and we disagree is forgotten, so that the next answer is a snapshot.
        """
        if welcome.session_id is None or self.session_id not in (None, welcome.session_id):
            raise Broken("wrong_session")
        recovered = welcome.outcome == "recovered"
        if recovered and (asked is None or welcome.position != asked):
            self.replica.forget()
            raise Broken("wrong_position")
        if not recovered and welcome.state is None:
            raise Broken("no_state")
        self.session_id = welcome.session_id
        self._frame_limit = welcome.limits.frame
        outputs: list[Output] = [
            Attached(
                session_id=welcome.session_id,
                devices=welcome.devices,
                device_state=welcome.device_state,
                digest=welcome.digest,
            )
        ]
        self._replaying = None
        if recovered:
            self._replaying = (welcome.position.offset + welcome.replayed, welcome.replayed)
        else:
            state, tail = welcome.state or {}, frame.get("tail") or []
            self.replica.replace(welcome.position, state)
            outputs.append(Snapshot(position=welcome.position, state=state, tail=tail, reason=welcome.reason))
            outputs.append(self._saved(welcome.position))
        self.turn.replace(welcome.turn)
        if welcome.turn is not None:
            outputs.append(TurnText(turn_id=welcome.turn.turn_id, text=welcome.turn.text))
        self.outbox.rewind()
        self.hold_until = None
        outputs += self.flush()
        outputs += [Send(frame=question) for question in self.questions.values()]
        return outputs + self._caught_up(welcome.position)

    def take(self, text: str, frame: dict[str, Any]) -> list[Output]:
        """One frame of the session, other than ``welcome``, ``error`` and ``going_away``.

        An event is anything with an offset, whether its type is known or not. Other unknown frames mean
        nothing.

        Raises:
            Hole: an event before this one is missing.
        """
        kind = frame.get("type")
        if not isinstance(kind, str) or frame.get("session_id") not in (None, self.session_id):
            return []
        if kind == "ack":
            acks = msgspec.json.decode(text, type=AckFrame).acks
            return [out for ack in acks for out in self._settle(ack.id, ack.offset, ack.duplicate)]
        if kind == "agent_delta":
            piece = msgspec.json.decode(text, type=AgentDelta)
            grown = self.turn.append(piece)
            return [Delta(turn_id=piece.turn_id, piece=piece.text, text=self.turn.text)] if grown else []
        if isinstance(frame.get("offset"), int):
            return self._event(kind, frame)
        key = question_id(frame)
        if key is not None and self.questions.pop(key, None) is not None:
            return [Answer(id=key, frame=frame)]
        return [Notice(frame=frame)] if kind in _NOTICES else []

    def refused(
        self, now: int, error: ErrorFrame, key: str | None, window: ReconnectWindow, roll: float
    ) -> list[Output]:
        """The server refused the command or question ``key``, or something that bears no id.

        Raises:
            SignedOut: for want of a credential; the command is kept.
        """
        if key is not None and key in self.outbox:
            if error.code in _SIGNED_OUT:
                raise SignedOut(error.code, error.message)
            if not error.temporary:
                return self.fail(key, error.code, error.message)
            self.outbox.rewind(key)
            # `retry_in_order` follows a refusal that already named the time; alone, it still must not wait
            # for ever.
            if error.code != "retry_in_order" or self.hold_until is None:
                wait = error.retry_after_ms
                if wait is None:
                    wait = delay_ms(self._refusals, roll, window)
                self._refusals += 1
                self.hold_until = max(self.hold_until or 0, now + wait)
            return []
        if key is not None:
            self.questions.pop(key, None)
        return [
            Refused(
                id=key,
                code=error.code,
                message=error.message,
                temporary=error.temporary,
                retry_after_ms=error.retry_after_ms,
            )
        ]

    # --- inside ---------------------------------------------------------------------------------------------

    def _event(self, kind: str, event: dict[str, Any]) -> list[Output]:
        position = self.replica.take(event)
        if position is None:
            return []
        outputs: list[Output] = [Deliver(position=position, event=event)]
        id = event.get("id")
        if isinstance(id, str):
            outputs += self._settle(id, position.offset, False)
        if kind in ("agent_message", "turn_ended"):
            self.turn.ended(event.get("turn_id"))
        outputs.append(self._saved(position))
        return outputs + self._caught_up(position)

    def _settle(self, id: str, offset: int, duplicate: bool) -> list[Output]:
        if not self.outbox.decided(id):
            return []
        self._refusals = 0
        return [Settled(id=id, offset=offset, duplicate=duplicate)]

    def _saved(self, position: Position) -> Output:
        assert self.session_id is not None
        assert self.replica.state is not None
        return StateSaved(session_id=self.session_id, position=position, state=self.replica.state)

    def _caught_up(self, position: Position) -> list[Output]:
        if self._replaying is None or position.offset < self._replaying[0]:
            return []
        _, count = self._replaying
        self._replaying = None
        return [Recovered(count=count)]
