"""Who sends an HTTP request: by bearer token, or by the page's cookie. A token that is there decides alone."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordBearer

from shipanion.server.identity import Identity, NotAuthenticated

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["Bearer", "Person", "TwoCookies", "Visitor", "never_kept", "person_of", "visitor_of"]

Visitor = Callable[..., Awaitable[Identity | None]]
"""A dependency: who sends the request, None without any credential."""
Person = Callable[..., Awaitable[Identity]]
"""A dependency: who sends the request, refused without a credential."""

Bearer = Annotated[str | None, Depends(OAuth2PasswordBearer(tokenUrl="/token", auto_error=False))]
"""The bearer token of a request, None when it brings none."""

_SIGN_IN: Final = "Sign in first: this needs an Authorization header with a token, or the page's cookie."
_TWO_COOKIES: Final = (
    "Another program on this host set a cookie of the same name, so nobody can tell who you are. Clear this site's "
    "cookies in your browser."
)


class TwoCookies(NotAuthenticated):
    """There are two cookies of the name: only the person can take the wrong one away."""

    def __init__(self) -> None:
        super().__init__("sign_in", _TWO_COOKIES)


def visitor_of(parts: "Parts") -> Visitor:
    """The dependency that knows people by these parts. It raises ``NotAuthenticated`` for a credential that is no
    good, ``TwoCookies`` for two of them."""

    async def visitor(request: Request, token: Bearer) -> Identity | None:
        found = (
            [token]
            if token is not None
            else parts.cookies.candidates(request.scope["headers"], request.scope["scheme"])
        )
        if len(found) > 1:
            raise TwoCookies
        return await parts.accounts.authenticate(found[0]) if found else None

    return visitor


def person_of(visitor: Visitor) -> Person:
    """The dependency behind which there is always somebody."""

    async def person(found: Annotated[Identity | None, Depends(visitor)]) -> Identity:
        if found is None:
            raise NotAuthenticated("sign_in", _SIGN_IN)
        return found

    return person


def never_kept(response: Response) -> None:
    """A dependency: no cache may keep the answer."""
    response.headers["Cache-Control"] = "no-store"
