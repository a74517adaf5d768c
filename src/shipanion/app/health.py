"""Whether the server lives, whether it is ready, what it counts and what it is. Nothing here asks who wants to know."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shipanion.app.gate import refused
from shipanion.errors import StoreUnavailable

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["add_health"]

STORE_SECONDS: Final = 2.0
"""How long the store may take to answer before the server calls itself not ready."""


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

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)
