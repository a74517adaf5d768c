"""The HTTP side: every route in one application, behind the gate. Everything it needs is given to it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException

from shipanion import __version__
from shipanion.app.accounts import AccountDisabled, Accounts, TooBusy
from shipanion.app.cookies import Cookies
from shipanion.app.credential import person_of, visitor_of
from shipanion.app.gate import Gate, refused
from shipanion.app.health import CarrierNote, add_health
from shipanion.app.labels import add_labels
from shipanion.app.origins import Origins
from shipanion.app.page import Page, add_page
from shipanion.app.session_list import Activity, add_session_list
from shipanion.app.sign_in import ForeignPage, Throttled, add_sign_in
from shipanion.app.throttle import Throttle
from shipanion.app.tickets import Tickets
from shipanion.app.tokens import Tokens
from shipanion.errors import StoreUnavailable
from shipanion.server.identity import NotAuthenticated
from shipanion.stores.base import SessionStore

__all__ = ["Parts", "Readiness", "make_app", "make_router"]


class Readiness(Protocol):
    """What a node says of itself."""

    @property
    def ready(self) -> bool:
        """Whether it takes connections: it has started and is not on its way out."""


async def _nobody_to_cut(user_id: str) -> None:
    """For a server without connections."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes work with.

    ``now`` is the time in ms. ``public_url`` begins links, which are relative without one. ``page`` is the built page,
    where there is one. ``activity`` says what goes on in a session now. ``look_again`` has the node cut the connections
    of people whose sign-in was withdrawn soon, ``signed_out`` those of one person at once; ``hold`` has it tell the
    connections of a person (id) nothing until they show a sign-in of this version.
    """

    accounts: Accounts
    tokens: Tokens
    throttle: Throttle
    store: SessionStore
    node: Readiness
    registry: CollectorRegistry
    now: Callable[[], int]
    public_url: str | None = None
    page: Page | None = None
    activity: Callable[[str], Activity] = lambda session_id: Activity()
    carrier: CarrierNote = field(default_factory=CarrierNote)
    tickets: Tickets = field(default_factory=Tickets)
    look_again: Callable[[], None] = lambda: None
    signed_out: Callable[[str], Awaitable[None]] = _nobody_to_cut
    hold: Callable[[str, int], None] = lambda user_id, version: None

    @cached_property
    def cookies(self) -> Cookies:
        """Reads and writes the page's cookie."""
        return Cookies(self.public_url)


def make_router(parts: Parts) -> APIRouter:
    """The routes, bound to their parts."""
    router = APIRouter()
    visitor = visitor_of(parts)
    person = person_of(visitor)
    add_sign_in(router, parts, visitor, person)
    add_session_list(router, parts, person)
    add_labels(router, parts, visitor)
    add_health(router, parts)
    return router


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
    add_page(app, parts.page)
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

    @app.exception_handler(ForeignPage)
    async def foreign_page(_: Request, error: ForeignPage) -> JSONResponse:
        return refused(403, "origin", str(error))

    @app.exception_handler(Throttled)
    @app.exception_handler(TooBusy)
    async def throttled(_: Request, error: Throttled | TooBusy) -> JSONResponse:
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
        known = {405: ("bad_request", "That method is not used here.")}
        code, message = known.get(error.status_code, ("bad_request", "The request cannot be read."))
        return refused(error.status_code, code, message, headers=error.headers)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> JSONResponse:
        return refused(500, "unavailable", "Something went wrong here. It was written to the server's log.")
