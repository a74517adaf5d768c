"""The cursor of one connection: the one rule by which events reach it (I1).

A connection is sent only the event after the last one it was sent. A later event is a hint that there is something to
read from the store; an earlier one has been sent already. Attaching, falling behind, reordered hints and slow pages
are all this one path.
"""

from enum import Enum

__all__ = ["Cursor", "Next"]


class Next(Enum):
    """What the owner of the cursor does now."""

    NOTHING = "nothing"
    SEND = "send"
    READ = "read"


class Cursor:
    """Where one connection is in the log.

    ``sent`` is the last offset handed over for sending, ``target`` the last one known to exist, ``reading`` whether a
    read is under way (or waits for room). At most one read runs at a time.
    """

    __slots__ = ("reading", "sent", "target")

    def __init__(self, sent: int) -> None:
        self.sent = sent
        self.target = sent
        self.reading = False

    @property
    def at_head(self) -> bool:
        """Nothing known is missing: only then may ephemeral frames go out."""
        return not self.reading and self.sent >= self.target

    def offer(self, first: int, last: int, *, room: bool) -> Next:
        """Events ``first``..``last`` are at hand. SEND: they are next, send them all. READ: start reading."""
        if last <= self.sent:
            return Next.NOTHING
        if last > self.target:
            self.target = last
        if self.reading:
            return Next.NOTHING
        if first == self.sent + 1 and room:
            self.sent = last
            return Next.SEND
        self.reading = True
        return Next.READ

    def hint(self, head: int) -> Next:
        """The log is known to reach ``head``."""
        return self.offer(self.sent + 2, head, room=False)

    def page(self, last: int) -> Next:
        """A page up to ``last`` was read and handed over. READ: another one is needed.

        An empty page (``last`` not after ``sent``) ends the reading: the target was not there after all.
        """
        if last > self.sent:
            self.sent = last
            if self.sent < self.target:
                return Next.READ
        self.reading = False
        self.target = self.sent
        return Next.NOTHING
