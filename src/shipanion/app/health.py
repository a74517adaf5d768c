"""Whether the server lives, whether it is ready, what it counts and what it is. Nothing here asks who wants to know."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shipanion import __version__
from shipanion.app.credential import never_kept
from shipanion.app.gate import refused
from shipanion.errors import StoreUnavailable

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["About", "CarrierNote", "add_health"]

STORE_SECONDS: Final = 2.0
"""How long the store may take to answer before the server calls itself not ready."""


class CarrierNote(BaseModel):
    """Who sells labels here. Unless ``real``, prices are estimates and labels are samples."""

    name: str = ""
    real: bool = False


class About(BaseModel):
    """What a page must know before anybody signs in: who is let in how, and whether the server has its page.

    ``cookie`` says whether the browser brought a credential along, good or not. A page cannot see that by itself, and
    asking ``/api/me`` at a first visit would put an error into the browser's console.
    """

    name: str
    version: str
    guests: bool
    sign_up: bool
    carrier: CarrierNote
    built: bool
    cookie: bool


def add_health(router: APIRouter, parts: "Parts") -> None:
    """Add the routes."""

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

    @router.get("/api/about", dependencies=[Depends(never_kept)])
    async def about(request: Request) -> About:
        guests = parts.accounts.guests
        return About(
            name="Shipanion", version=__version__, guests=guests, sign_up=guests, carrier=parts.carrier,
            built=parts.page is not None,
            cookie=parts.cookies.read(request.scope["headers"], request.scope["scheme"]) is not None,
        )  # fmt: skip

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)
