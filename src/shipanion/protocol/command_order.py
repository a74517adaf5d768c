"""The order of one connection's commands, when some are refused for now.

Commands are decided in the order in which they came. When one is refused for now, every later one must wait until it
comes again: the sender learns of the refusal only after it has sent more, and what it sent must not overtake. A sender
sends again everything undecided, oldest first.
"""

from dataclasses import dataclass, field

__all__ = ["CommandOrder"]


@dataclass(slots=True)
class CommandOrder:
    """Which commands of a connection may be decided.

    ``admit`` and ``too_fast`` tell of commands that come, ``refused`` and ``decided`` what became of admitted ones,
    ``happened`` that one was decided by another way (on another connection, or by a commit that was in doubt).
    """

    _arrivals: int = 0
    _admitted: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    """When each command under way came (None: a copy of it was decided), and how many copies of it are under way."""
    _first: str | None = None
    """The earliest command that was refused for now; the others wait for it."""
    _first_at: int = 0
    _waiting: set[str] = field(default_factory=set)
    """What was refused since, and will be sent again."""
    _overtaken: bool = False
    """What the others waited for has happened by another way: now they wait for the sender to begin again."""

    def admit(self, id: str) -> bool:
        """A command comes: True when it may be decided now, else it is to be refused until its turn."""
        self._arrivals += 1
        if not self.may_go(id):
            self._waiting.add(id)
            return False
        self._lift()
        came, copies = self._admitted.get(id, (self._arrivals, 0))
        self._admitted[id] = (came, copies + 1)
        return True

    def may_go(self, id: str) -> bool:
        """Whether nothing that came earlier has to come again before this command.

        Once the sender begins again it begins with the oldest it has: any command that comes a second time shows that
        everything sent in ignorance of the refusal is through.
        """
        return self._first is None or id == self._first or (self._overtaken and id in self._waiting)

    def too_fast(self, id: str) -> None:
        """A command comes and is refused for now at once."""
        self._arrivals += 1
        self._wait(id, self._arrivals)

    def refused(self, id: str) -> None:
        """An admitted command was refused for now. It may have come before one that was refused sooner.

        Of a command that came twice, a copy may be refused after the other was decided: nobody will send it again.
        """
        came = self._leaves(id, over=False)
        if came is not None:
            self._wait(id, came)

    def decided(self, id: str) -> None:
        """An admitted command was committed, or refused for good."""
        self._leaves(id, over=True)
        self.happened(id)

    def happened(self, id: str | None) -> None:
        """This command will not come again: nothing may wait for it."""
        if self._first is None or id is None:
            return
        self._waiting.discard(id)
        if not self._waiting:
            self._lift()
        elif id == self._first:
            self._overtaken = True

    def _leaves(self, id: str, *, over: bool) -> int | None:
        """A copy is not under way any more; when the command came, None if it is over."""
        came, copies = self._admitted.pop(id, (self._arrivals, 1))
        came = None if over else came
        if copies > 1:
            self._admitted[id] = (came, copies - 1)
        return came

    def _wait(self, id: str, came: int) -> None:
        self._waiting.add(id)
        if self._first is None or came < self._first_at:
            self._first, self._first_at, self._overtaken = id, came, False

    def _lift(self) -> None:
        self._first = None
        self._overtaken = False
        self._waiting.clear()
