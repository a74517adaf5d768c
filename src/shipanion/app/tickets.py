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

__all__ = ["MOST", "TICKET_SECONDS", "Tickets", "renewal"]

TICKET_SECONDS: Final = 60
"""How long a ticket is good: the page shows it at once, over a line that may just be coming back."""
MOST: Final = 10_000
"""Tickets kept; past it the oldest goes. About 5 MB."""

_MARK: Final = "ticket-"
_NO_GOOD: Final = "This ticket is not good, or not any more. Ask for another."


class Tickets:
    """Gives tickets out and takes each back once. Times are arguments, in ms."""

    def __init__(self) -> None:
        # In the order given out, which is the order they end in.
        self._given: OrderedDict[str, tuple[int, Identity]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._given)

    def issue(self, identity: Identity, now: int) -> str:
        """A ticket for ``identity``, good until ``TICKET_SECONDS`` after ``now``."""
        while self._given and (len(self._given) >= MOST or next(iter(self._given.values()))[0] <= now):
            self._given.popitem(last=False)
        ticket = _MARK + secrets.token_urlsafe(24)
        self._given[ticket] = (now + TICKET_SECONDS * 1000, identity)
        return ticket

    def take(self, ticket: str, now: int) -> Identity:
        """Whom a ticket was given to; from now on it is spent.

        Raises:
            NotAuthenticated: there is no such ticket, it was taken before, or its time is up.
        """
        until, identity = self._given.pop(ticket, (0, None))
        if identity is None or now >= until:
            raise NotAuthenticated("sign_in", _NO_GOOD)
        return identity


def renewal(tickets: Tickets, accounts: Accounts, now: Callable[[], int]) -> Authenticate:
    """What an open connection is renewed by: a ticket, or a token as before."""

    async def renew(token: str) -> Identity:
        if token.startswith(_MARK):
            return await accounts.standing(tickets.take(token, now()))
        return await accounts.authenticate(token)

    return renew
