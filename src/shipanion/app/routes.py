"""The HTTP side: signing in, who am I, my sessions, label files, health and metrics. Everything it needs is given
to it."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shipanion import __version__
from shipanion.app.accounts import AccountDisabled, AccountError, Accounts, TooBusy
from shipanion.app.gate import Gate, refused
from shipanion.app.labels import add_labels
from shipanion.app.origins import Origins
from shipanion.app.throttle import Throttle, address_key
from shipanion.app.tokens import Tokens
from shipanion.errors import StoreUnavailable
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.base import SessionStore, UserRow

__all__ = ["Me", "Parts", "Readiness", "SessionItem", "SessionList", "TokenAnswer", "make_app", "make_router"]

SESSIONS_SHOWN: Final = 200
"""Sessions listed at once, last used first."""
STORE_SECONDS: Final = 2.0
"""How long the store may take to answer before the server calls itself not ready."""


class Readiness(Protocol):
    """What a node says of itself."""

    @property
    def ready(self) -> bool:
        """Whether it takes connections: it has started and is not on its way out."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes work with. ``now`` is the time in ms; ``public_url`` begins links, which are relative without
    one."""

    accounts: Accounts
    tokens: Tokens
    throttle: Throttle
    store: SessionStore
    node: Readiness
    registry: CollectorRegistry
    now: Callable[[], int]
    public_url: str | None = None


class TokenAnswer(BaseModel):
    """A bearer token (RFC 6749 section 5.1); ``expires_in`` in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int


class Me(BaseModel):
    """The person a token names; ``expires_at`` (ms) is when the token ends."""

    user_id: str
    name: str
    kind: str
    expires_at: int


class SessionItem(BaseModel):
    """One session in the list: its last event was at ``last_at`` (ms) and has the offset ``head``."""

    id: str
    title: str | None
    last_at: int
    head: int


class SessionList(BaseModel):
    """A person's sessions, last used first."""

    sessions: list[SessionItem]


class _Throttled(Exception):
    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("Too many attempts. Wait a little and try again.")
        self.retry_after_ms = retry_after_ms


_Visitor = Callable[..., Awaitable[Identity | None]]
"""A dependency: who brings a bearer token, None without one."""

Bearer = Annotated[str | None, Depends(OAuth2PasswordBearer(tokenUrl="/token", auto_error=False))]


def _never_kept(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def make_router(parts: Parts) -> APIRouter:
    """The routes, bound to their parts."""
    router = APIRouter()
    _add_sign_in(router, parts)
    visitor = _visitor(parts)
    _add_own(router, parts, visitor)
    add_labels(router, parts, visitor)
    _add_health(router, parts)
    return router


def _add_sign_in(router: APIRouter, parts: Parts) -> None:
    def answer(user: UserRow) -> TokenAnswer:
        token, expires_in = parts.tokens.issue(user, parts.now())
        return TokenAnswer(access_token=token, expires_in=expires_in)

    def count(rule: str, who: str) -> None:
        wait = parts.throttle.take(rule, who)
        if wait is not None:
            raise _Throttled(wait)

    @router.post("/token", dependencies=[Depends(_never_kept)])
    async def sign_in(
        request: Request, username: Annotated[str, Form()], password: Annotated[str, Form()]
    ) -> TokenAnswer:
        name = unicodedata.normalize("NFC", username).casefold()[:64]
        count("sign_in_address", _address(request))
        count("sign_in_name", name)
        user = await parts.accounts.sign_in(username, password)
        parts.throttle.forget("sign_in_name", name)
        return answer(user)

    @router.post("/guest", dependencies=[Depends(_never_kept)])
    async def guest(request: Request, token: Bearer) -> Any:
        if token is not None:
            # The same guest once more: a new token, so that sessions are not lost when the old one ends.
            person = parts.tokens.read(token, parts.now())
            user = await parts.accounts.user_of(person)
            if person.role != "owner":
                return refused(403, "forbidden", "Only a guest's own token is renewed, not one given to somebody else.")
            if user.kind != "guest":
                return refused(403, "forbidden", "This token belongs to an account: renew it at POST /token.")
            return answer(user)
        count("guest", _address(request))
        try:
            return answer(await parts.accounts.new_guest())
        except AccountError as error:
            return refused(403, "forbidden", str(error))


def _visitor(parts: Parts) -> _Visitor:
    async def visitor(token: Bearer) -> Identity | None:
        return None if token is None else await parts.accounts.authenticate(token)

    return visitor


def _add_own(router: APIRouter, parts: Parts, visitor: _Visitor) -> None:
    async def identity(person: Annotated[Identity | None, Depends(visitor)]) -> Identity:
        if person is None:
            raise NotAuthenticated("sign_in", "Sign in first: this needs an Authorization header with a token.")
        return person

    @router.get("/api/me", dependencies=[Depends(_never_kept)])
    async def me(person: Annotated[Identity, Depends(identity)]) -> Me:
        return Me(user_id=person.user_id, name=person.name, kind=person.kind, expires_at=person.expires_at)

    @router.get(
        "/api/sessions", dependencies=[Depends(_never_kept)], response_model=SessionList,
        response_model_exclude_none=True,
    )  # fmt: skip
    async def sessions(person: Annotated[Identity, Depends(identity)]) -> Any:
        if person.role != "owner":
            return refused(403, "forbidden", "This token is for one session; only its owner's own lists them.")
        rows = await parts.store.sessions_of(person.user_id, limit=SESSIONS_SHOWN)
        return SessionList(
            sessions=[
                SessionItem(id=row.session_id, title=row.title, last_at=row.last_at, head=row.head) for row in rows
            ]
        )


def _add_health(router: APIRouter, parts: Parts) -> None:
    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Any:
        if not parts.node.ready:
            return refused(503, "starting", "The server is starting or stopping.", retry_after_ms=1_000)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await parts.store.user("nobody")  # any read: the answer does not matter, that there is one does
        except (TimeoutError, StoreUnavailable):
            return refused(503, "unavailable", "The store does not answer.", retry_after_ms=1_000)
        return {"status": "ready"}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def about() -> dict[str, str]:
        return {
            "name": "Shipanion",
            "version": __version__,
            "what": "A shipping companion whose sessions survive whatever drops.",
            "socket": "/ws",
            "sign_in": "POST /guest, or POST /token with a form of username and password",
            "health": "/healthz, /readyz, /metrics",
        }


def make_app(parts: Parts, origins: Origins, *, allowed_origins: Sequence[str] = ()) -> FastAPI:
    """The routes as an application: behind the gate, with JSON errors throughout.

    Pages from ``allowed_origins`` may read the answers too (CORS); a token, not a cookie, says who they act
    for.
    """
    app = FastAPI(
        title="Shipanion",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.include_router(make_router(parts))
    _add_refusals(app)
    if allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization"],
        )
    app.add_middleware(Gate, origins=origins)  # added last: outermost
    return app


def _add_refusals(app: FastAPI) -> None:
    bearer = {"WWW-Authenticate": "Bearer"}  # RFC 6750 section 3

    @app.exception_handler(NotAuthenticated)
    async def not_authenticated(_: Request, error: NotAuthenticated) -> JSONResponse:
        if isinstance(error, AccountDisabled):
            return refused(403, "forbidden", error.message)
        return refused(401, error.code, error.message, headers=bearer)

    @app.exception_handler(_Throttled)
    @app.exception_handler(TooBusy)
    async def throttled(_: Request, error: _Throttled | TooBusy) -> JSONResponse:
        return refused(429, "rate_limited", str(error), retry_after_ms=error.retry_after_ms)

    @app.exception_handler(StoreUnavailable)
    async def unavailable(_: Request, error: StoreUnavailable) -> JSONResponse:
        return refused(503, "unavailable", "The store cannot answer right now.", retry_after_ms=1_000)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        problem = error.errors()[0]
        field = str(problem["loc"][-1])
        if problem["type"] == "missing":
            return refused(400, "missing_field", f"Missing required field: {field}. Send a form with it.")
        return refused(400, "invalid", f"The field {field} cannot be used.")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        known = {
            404: ("not_found", "There is nothing here."),
            405: ("bad_request", "That method is not used here."),
        }
        code, message = known.get(error.status_code, ("bad_request", "The request cannot be read."))
        return refused(error.status_code, code, message, headers=error.headers)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> JSONResponse:
        return refused(500, "unavailable", "Something went wrong here. It was written to the server's log.")


def _address(request: Request) -> str:
    return address_key(request.client.host if request.client is not None else None)
