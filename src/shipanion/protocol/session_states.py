"""The states of the server's half of a connection, and which input is legal in which."""

from enum import Enum
from typing import Final

__all__ = ["ALLOWED", "State"]


class State(Enum):
    """Where the connection is."""

    NEW = "new"
    GREETING = "greeting"
    IDENTIFYING = "identifying"
    IDLE = "idle"
    ATTACHING = "attaching"
    LIVE = "live"
    CLOSED = "closed"


ALLOWED: Final[dict[str, frozenset[State]]] = {
    "open": frozenset({State.NEW}),
    "identified": frozenset({State.IDENTIFYING, State.IDLE, State.ATTACHING, State.LIVE, State.CLOSED}),
    "attached": frozenset({State.ATTACHING, State.CLOSED}),
    "receive": frozenset(State) - {State.NEW},
    "decided": frozenset({State.IDLE, State.ATTACHING, State.LIVE, State.CLOSED}),
    "timer": frozenset(State) - {State.NEW},
}
"""Everything else is a bug of the shell. Answers that come after the connection closed are legal, and ignored.

``not_identified`` goes with ``identified``, ``not_attached`` with ``attached``, ``refused`` with ``decided`` and
``binary`` with ``receive``. Once somebody is known, ``identified`` is legal only while a fresh token is being looked
at. ``withdraw``, ``end`` and ``lost`` are legal everywhere.
"""
