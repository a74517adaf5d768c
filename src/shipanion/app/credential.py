"""Who sends an HTTP request: by bearer token, or by the page's cookie. A token that is there decides alone."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordBearer

from shipanion.server.identity import Identity, NotAuthenticated

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["Bearer", "Person", "Visitor", "never_kept", "person_of", "visitor_of"]

Visitor = Callable[..., Awaitable[Identity | None]]
"""A dependency: who sends the request, None without any credential."""
Person = Callable[..., Awaitable[Identity]]
"""A dependency: who sends the request, refused without a credential."""

Bearer = Annotated[str | None, Depends(OAuth2PasswordBearer(tokenUrl="/token", auto_error=False))]
"""The bearer token of a request, None when it brings none."""

_SIGN_IN: Final = "Sign in first: this needs an Authorization header with a token, or the page's cookie."


def visitor_of(parts: "Parts") -> Visitor:
    """The dependency that knows people by these parts. It raises ``NotAuthenticated`` for a credential that is no
    good."""

    async def visitor(request: Request, token: Bearer) -> Identity | None:
        if token is None:
            token = parts.cookies.read(request.scope["headers"], request.scope["scheme"])
        return None if token is None else await parts.accounts.authenticate(token)

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
