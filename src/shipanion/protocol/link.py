"""One connection as the client sees it: its number, how long it has been silent, and how it ended."""

from typing import Final

import msgspec

from shipanion.errors import MachineError
from shipanion.protocol.codes import CLOSES
from shipanion.protocol.frames import ErrorFrame
from shipanion.protocol.position import Position

__all__ = ["GREETING_MS", "PONG_MS", "SILENCE_MS", "STABLE_MS", "Link", "Who"]

GREETING_MS: Final = 10_000
"""How long opening a connection may take, and then the welcome."""

SILENCE_MS: Final = 15_000
"""After this long without a frame the client asks whether anybody is there."""

PONG_MS: Final = 5_000
"""After this long without an answer to that it gives the connection up."""

STABLE_MS: Final = 1_000
"""A connection that lived this long starts the backoff anew; one that dies sooner does not, or it would spin.
"""

_CLOSE_NAMES: Final = {close.code: name for name, close in CLOSES.items()} | {1009: "too_large"}


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of itself: its key for a new session, the device it runs on, its own id, and whom it takes
    itself to act for."""

    new: str | None = None
    device: str | None = None
    client: str | None = None
    user: str | None = None

    def query(self, session_id: str | None, asked: Position | None) -> dict[str, str | int]:
        """The fields of the handshake, for a session that is known or is to be made."""
        fields: dict[str, str | int | None] = {
            "session_id": session_id,
            "new": self.new if session_id is None else None,
            "epoch": asked.epoch if asked is not None else None,
            "offset": asked.offset if asked is not None else None,
            "device": self.device,
            "client": self.client,
            "user": self.user,
        }
        return {name: value for name, value in fields.items() if value is not None}


class Link:
    """The present connection. ``number`` 0: there never was one. Times are the machine's, in milliseconds."""

    def __init__(self, number: int = 0, now: int = 0, asked: Position | None = None) -> None:
        self.number = number
        self.attached = number > 0
        self.asked = asked
        self.give_up_at = now + GREETING_MS
        self.last_words: ErrorFrame | None = None
        self._live_since: int | None = None
        self._heard = now
        self._silence_ms = SILENCE_MS
        self._pong_by: int | None = None

    def is_stale(self, number: int | None) -> bool:
        """Whether what comes from connection ``number`` (None: the present one) no longer counts.

        Raises:
            MachineError: that connection was never asked for.
        """
        if number is not None and number > self.number:
            raise MachineError(f"Connection {number} was never asked for.")
        given_up = self.number > 0 and not self.attached
        return given_up or (number is not None and number < self.number)

    def opened(self, now: int) -> None:
        """It stands; the welcome has its own time."""
        self.give_up_at = now + GREETING_MS

    def welcomed(self, now: int, heartbeat_ms: int) -> None:
        """It is live. A server may ask to be tested sooner, never later."""
        self._live_since = now
        self._silence_ms = min(SILENCE_MS, max(PONG_MS, heartbeat_ms))

    def heard(self, now: int) -> None:
        """Something came in, so somebody is there."""
        self._heard = now
        self._pong_by = None

    def test(self, now: int) -> bool:
        """True when a ping is to be sent now; False when one is under way."""
        if self._pong_by is not None:
            return False
        self._pong_by = now + PONG_MS
        return True

    def is_silent(self, now: int) -> bool:
        """Long enough to ask."""
        return self._pong_by is None and now >= self._heard + self._silence_ms

    def is_lost(self, now: int) -> bool:
        """Asked, and no answer came."""
        return self._pong_by is not None and now >= self._pong_by

    def was_stable(self, now: int) -> bool:
        """It was of use."""
        return self._live_since is not None and now >= self._live_since + STABLE_MS

    def deadline(self) -> int:
        """When a live one must be looked at again."""
        return self._pong_by if self._pong_by is not None else self._heard + self._silence_ms

    def reason(self, code: int) -> str:
        """Why it ended, for programs: the server's last error, else the name of the close code, else its
        number.
        """
        return self.last_words.code if self.last_words is not None else _CLOSE_NAMES.get(code, str(code))

    def message(self) -> str | None:
        """Why it ended, for a person."""
        return self.last_words.message if self.last_words is not None else None
