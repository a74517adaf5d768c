"""A server without a network or a disk, for tests of the machines: a log that keeps its word, and one end of a line.

The end does one thing at a time and only when told, so that a test chooses what comes between what.
"""

from typing import Any, NamedTuple

import msgspec

from shipanion.protocol.codec import Codec, encode, envelope
from shipanion.protocol.delivery import Cursor, Next
from shipanion.protocol.events import StateChanged
from shipanion.protocol.frames import ReconnectWindow, Welcome, WireLimits
from shipanion.protocol.merge_patch import apply_patch
from shipanion.protocol.position import Outcome, Position, answer_resume
from shipanion.protocol.registry import Registry
from shipanion.protocol.session import ServerMachine
from shipanion.protocol.session_outputs import Attach, Authenticate, CloseNow, Decide, Output, Send
from shipanion.protocol.session_states import State

__all__ = ["REPLAY", "Entry", "Log", "ServerEnd"]

Json = dict[str, Any]

REPLAY = 20
"""More events than this are not replayed."""

CODEC = Codec(Registry(), WireLimits())


class Entry(NamedTuple):
    """One event as the log keeps it, and the state it leads to."""

    id: str | None
    digest: bytes
    patch: Json
    state: Json


class Log:
    """A durable log: offsets from 1, ids once, and every life it ever had, for the record."""

    def __init__(self) -> None:
        self.epoch = "e0"
        self.lives: dict[str, list[Entry]] = {"e0": []}

    @property
    def events(self) -> list[Entry]:
        return self.lives[self.epoch]

    @property
    def head(self) -> int:
        return len(self.events)

    def append(self, id: str | None = None, body_digest: bytes = b"") -> int:
        offset = self.head + 1
        patch = {f"k{offset % 5}": None if offset % 4 == 0 else {"at": offset, "by": id or "server"}}
        before = self.events[-1].state if self.events else {}
        self.events.append(Entry(id, body_digest, patch, apply_patch(before, patch)))
        return offset

    def find(self, id: str) -> tuple[int, bytes] | None:
        return next(((n, entry.digest) for n, entry in enumerate(self.events, 1) if entry.id == id), None)

    def frame(self, offset: int) -> str:
        entry = self.events[offset - 1]
        body = msgspec.json.encode(StateChanged(patch=entry.patch))
        return envelope("s", offset, 1000 + offset, b'{"role":"owner"}', entry.id, body).decode()

    def state(self, position: Position) -> Json:
        return self.lives[position.epoch][position.offset - 1].state if position.offset else {}


class ServerEnd:
    """One connection at the server: machine, cursor, and a shell that does one thing at a time."""

    def __init__(self, log: Log, query: dict[str, str]) -> None:
        self.log = log
        self.machine = ServerMachine(CODEC, full=True)
        self.cursor: Cursor | None = None
        self.sent = 0
        self.reading = False
        self.up: list[str] = []
        self.down: list[str | CloseNow] = []
        self.asked: list[Authenticate | Attach] = []
        self.welcome: Welcome | None = None
        self.commands: list[Decide] = []
        self.obey(self.machine.open(0, query, "t"))

    def obey(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Send(frame=frame):
                    self.down.append(encode(frame).decode())
                case CloseNow():
                    self.down.append(output)
                case Authenticate() | Attach():
                    self.asked.append(output)
                case Decide():
                    self.commands.append(output)
                case _:
                    pass

    def answer(self) -> None:
        """The next thing that takes time is done: who it is, where it stands, or the welcome put together."""
        if self.welcome is not None:
            welcome, self.welcome = self.welcome, None
            assert self.cursor is not None
            self.cursor.reading = False
            self.obey(self.machine.attached(0, "s", welcome))
            self.hint()
        elif self.asked:
            asked = self.asked.pop(0)
            if isinstance(asked, Attach):
                self.join(asked)
            else:
                self.obey(self.machine.identified(0, "u-ada", 2**52))

    def join(self, asked: Attach) -> None:
        head = Position(self.log.epoch, self.log.head)
        resume = answer_resume(asked.position, head, first=1, limit=REPLAY)
        # Registered before anything is read: what is committed from here on is known to be missing.
        self.cursor = Cursor(resume.position.offset)
        self.sent = resume.position.offset
        self.cursor.reading = True
        whole = resume.outcome is not Outcome.RECOVERED
        self.welcome = Welcome(
            session_id="s", outcome=resume.outcome.value, position=resume.position, reason=resume.reason,
            replayed=resume.replayed, state=self.log.state(head) if whole else None, tail=[] if whole else None,
            devices=[], heartbeat_ms=25_000, limits=WireLimits(), reconnect=ReconnectWindow(),
        )  # fmt: skip

    def deliver(self, first: int, last: int) -> None:
        assert first == self.sent + 1, "the server left a hole, or repeated itself"
        self.sent = max(self.sent, last)
        self.down += [self.log.frame(offset) for offset in range(first, last + 1)]

    def offer(self, first: int, last: int, *, room: bool) -> None:
        if self.cursor is None or self.machine.state is State.CLOSED:
            return
        match self.cursor.offer(first, last, room=room):
            case Next.SEND:
                self.deliver(first, last)
            case Next.READ:
                self.reading = True

    def hint(self) -> None:
        if self.cursor is not None and self.cursor.hint(self.log.head) is Next.READ:
            self.reading = True

    def page(self, size: int) -> None:
        assert self.cursor is not None
        after = self.cursor.sent
        last = min(after + size, self.cursor.target, self.log.head)
        self.deliver(after + 1, last)
        self.reading = self.cursor.page(last) is Next.READ
