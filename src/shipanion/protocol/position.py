"""Places in a session's log, and how a resume is answered.

A log numbers its events from 1, by one. An epoch names one life of the log: an offset means nothing without it,
so the two always travel together as a position.
"""

import re
from enum import Enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

__all__ = ["MAX_OFFSET", "Outcome", "Position", "Resume", "answer_resume", "valid_epoch"]

MAX_OFFSET: Final = 2**53 - 1
"""Offsets stay below 2**53, where JSON numbers are exact in every language."""

_EPOCH = re.compile(r"[A-Za-z0-9._-]{1,64}")


def valid_epoch(epoch: str) -> bool:
    """An epoch is opaque: 1 to 64 letters, digits, dots, underscores and hyphens, compared for equality only."""
    return _EPOCH.fullmatch(epoch) is not None


class Position(msgspec.Struct, frozen=True, gc=False):
    """A place in one life of a log. ``offset`` 0 is before the first event."""

    epoch: str
    offset: Annotated[int, Meta(ge=0, le=MAX_OFFSET)]


class Outcome(Enum):
    """How a session was entered: newly made, caught up by replay, or by a snapshot of its state."""

    CREATED = "created"
    RECOVERED = "recovered"
    SNAPSHOT = "snapshot"


class Resume(msgspec.Struct, frozen=True):
    """The server's answer to a resume.

    ``position`` is what the client holds once it has read the welcome: its own for ``recovered`` (``replayed`` events
    follow), the head otherwise. ``reason`` says why a client that gave a position is not simply caught up:
    ``epoch`` (another life of the log), ``gone`` (history was removed), ``limit`` (too much was missed) or ``ahead``
    (the client claims more than the log holds).
    """

    outcome: Outcome
    position: Position
    replayed: int = 0
    reason: str | None = None


def answer_resume(asked: Position | None, head: Position, *, first: int, limit: int) -> Resume:
    """Decide how a client that asked to go on from ``asked`` is brought to ``head``.

    Args:
        asked: where the client is, None for a fresh page: that gets a snapshot without a reason, nothing failed.
        head: the last committed event.
        first: the oldest offset still kept (1 when nothing was ever removed).
        limit: how many events may be replayed.
    """
    if asked is None:
        return Resume(Outcome.SNAPSHOT, head)
    reason = None
    if asked.epoch != head.epoch:
        reason = "epoch"
    elif asked.offset > head.offset:
        reason = "ahead"
    elif asked.offset < first - 1:
        reason = "gone"
    elif head.offset - asked.offset > limit:
        reason = "limit"
    if reason is not None:
        return Resume(Outcome.SNAPSHOT, head, reason=reason)
    return Resume(Outcome.RECOVERED, asked, replayed=head.offset - asked.offset)
