"""A transport in memory behind the server's small port: it keeps what was written, and can be stuck.

A stuck peer takes nothing: what is written stays buffered. ``drain`` lets it take some or all of that.
"""

import json
from collections.abc import Callable
from typing import Any

__all__ = ["FakeSocket", "frames_in"]

Json = dict[str, Any]


def frames_in(data: bytes) -> list[Json]:
    """The unmasked text frames in ``data``, decoded (RFC 6455 section 5.2); ``data`` must end with a whole one."""
    found: list[Json] = []
    at = 0
    while at < len(data):
        assert data[at] == 0x81, "not a whole text frame"
        size, at = data[at + 1], at + 2
        if size == 126:
            size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
        elif size == 127:
            size, at = int.from_bytes(data[at : at + 8], "big"), at + 8
        assert at + size <= len(data), "the frame is cut off"
        found.append(json.loads(data[at : at + size]))
        at += size
    return found


class FakeSocket:
    """See ``server.socket.Socket``."""

    def __init__(self) -> None:
        self.last_heard = 0.0
        self.writes: list[bytes] = []
        """What was given to ``write``, call by call: all of it, whether the peer took it or not."""
        self.frames: list[Json] = []
        """The same, decoded."""
        self.stuck = False
        self.pings = 0
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self.paused = False
        self.most_buffered = 0
        self.on_write: Callable[[], None] = lambda: None
        self.on_end: Callable[[], None] = lambda: None
        self.on_drain: Callable[[], None] = lambda: None
        self._buffered = 0

    def write(self, *frames: bytes) -> None:
        if self.closed is not None or self.aborted:
            return
        joined = b"".join(frames)
        self.writes.append(joined)
        self.frames += frames_in(joined)
        if self.stuck:
            self._buffered += len(joined)
            self.most_buffered = max(self.most_buffered, self._buffered)
        self.on_write()

    def buffered(self) -> int:
        return self._buffered

    def drain(self, size: int | None = None) -> None:
        """The peer takes ``size`` bytes of what waits (None: everything, and it keeps up again)."""
        if size is None:
            self.stuck = False
            self._buffered = 0
        else:
            self._buffered = max(0, self._buffered - size)
        if self._buffered <= 16_384:  # a transport calls back at its low mark, not before
            self.on_drain()

    def ping(self) -> None:
        self.pings += 1

    def close(self, code: int, reason: str) -> None:
        if self.closed is None and not self.aborted:
            self.closed = (code, reason)
            self.on_end()

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            self.on_end()

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False
