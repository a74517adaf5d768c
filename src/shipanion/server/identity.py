"""Who is at the other end of a connection, and the port that finds out."""

from collections.abc import Awaitable, Callable

import msgspec

__all__ = ["Authenticate", "Identity", "NotAuthenticated"]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person as their token says. ``version`` is the token version, ``expires_at`` when the token ends (ms).

    ``role`` is what the token is for: ``owner`` for the person themselves, ``agent`` for a program that speaks as Bob,
    ``viewer`` and ``editor`` for somebody they let in.
    """

    user_id: str
    name: str
    kind: str
    version: int
    expires_at: int
    role: str = "owner"


class NotAuthenticated(Exception):
    """The credential is no good. ``code`` is ``sign_in`` (forged, malformed, missing) or ``expired`` (ran out,
    withdrawn, user disabled); ``message`` is a sentence for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Authenticate = Callable[[str], Awaitable[Identity]]
"""Token in, identity out, or ``NotAuthenticated``."""
