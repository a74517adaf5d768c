"""Tickets: what a page shows on an open connection to be let stay, since no script can read its cookie.

A ticket is good once, for a minute, and nowhere but in an ``auth`` frame: whoever overhears one cannot open anything
with it. It stands for a sign-in, which is looked at again when it is taken. Kept in memory: a server that starts anew
has cut the connections they were for.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from shipanion.app.accounts import Accounts
from shipanion.server.identity import Authenticate, Identity, NotAuthenticated

__all__ = ["MOST", "MOST_OF_ONE", "TICKET_SECONDS", "Tickets", "renewal"]

TICKET_SECONDS: Final = 60
"""How long a ticket is good: the page shows it at once, over a line that may just be coming back."""
MOST: Final = 10_000
"""Tickets kept; past it the oldest goes. About 5 MB."""
MOST_OF_ONE: Final = 100
"""Tickets kept of one person; past it their own oldest goes, so that nobody drives out another's."""

_MARK: Final = "ticket-"
_NO_GOOD: Final = "This ticket is not good, or not any more. Ask for another."
_RAN_OUT: Final = "The sign-in that this ticket was for has run out. Sign in again."


class Tickets:
    """Gives tickets out and takes each back once. Times are arguments, in ms."""

    def __init__(self) -> None:
        # In the order given out, which is the order they end in.
        self._given: OrderedDict[str, tuple[int, Identity]] = OrderedDict()
        self._of: dict[str, OrderedDict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._given)

    def issue(self, identity: Identity, now: int) -> str:
        """A ticket for ``identity``, good until ``TICKET_SECONDS`` after ``now``."""
        theirs = self._of.get(identity.user_id, ())
        while len(theirs) >= MOST_OF_ONE:
            self._pop(next(iter(theirs)))
        while self._given and (len(self._given) >= MOST or next(iter(self._given.values()))[0] <= now):
            self._pop(next(iter(self._given)))
        ticket = _MARK + secrets.token_urlsafe(24)
        self._given[ticket] = (now + TICKET_SECONDS * 1000, identity)
        self._of.setdefault(identity.user_id, OrderedDict())[ticket] = None
        return ticket

    def take(self, ticket: str, now: int) -> Identity:
        """Whom a ticket was given to; from now on it is spent.

        Raises:
            NotAuthenticated: there is no such ticket, it was taken before, or its time is up.
        """
        until, identity = self._pop(ticket)
        if identity is None or now >= until:
            raise NotAuthenticated("sign_in", _NO_GOOD)
        return identity

    def _pop(self, ticket: str) -> tuple[int, Identity | None]:
        until, identity = self._given.pop(ticket, (0, None))
        if identity is not None:
            theirs = self._of[identity.user_id]
            del theirs[ticket]
            if not theirs:
                del self._of[identity.user_id]
        return until, identity


def renewal(tickets: Tickets, accounts: Accounts, now: Callable[[], int]) -> Authenticate:
    """What an open connection is renewed by: a ticket, or a token as before."""

    async def renew(token: str) -> Identity:
        if token.startswith(_MARK):
            identity = tickets.take(token, now())
            if identity.expires_at <= now():
                raise NotAuthenticated("expired", _RAN_OUT)
            return await accounts.standing(identity)
        return await accounts.authenticate(token)

    return renew
