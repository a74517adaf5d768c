"""What every HTTP request passes first: is it meant for us, may its page ask this, is its body small enough.

Every answer also says here that browsers shall take it for what it says it is, and not give it to other sites' pages
as an image, a script or a frame. Pages that are allowed read answers by CORS, which is not touched by that.

Also the one form of a refusal over HTTP: ``{"error": {"code", "message", "retry_after_ms"?}}``, the code from
``protocol.codes.ERRORS``.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shipanion.app.origins import Origins

__all__ = ["BODY_BYTES", "BODY_SECONDS", "Gate", "refused"]

BODY_BYTES: Final = 16_384
"""The largest request body: a form with a name and a password of 1,024 characters, each percent-encoded,
fits."""
BODY_SECONDS: Final = 10.0
"""How long a body may take to arrive."""

_EVERY_ANSWER: Final = {b"cross-origin-resource-policy": b"same-origin", b"x-content-type-options": b"nosniff"}
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def refused(
    status: int,
    code: str,
    message: str,
    *,
    retry_after_ms: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A refusal. ``retry_after_ms`` is also said as ``Retry-After``, in whole seconds (RFC 9110 section
    10.2.3)."""
    error: dict[str, Any] = {"code": code, "message": message}
    said = {"Cache-Control": "no-store", **(headers or {})}
    if retry_after_ms is not None:
        error["retry_after_ms"] = retry_after_ms
        said["Retry-After"] = str(math.ceil(retry_after_ms / 1000))
    return JSONResponse({"error": error}, status, headers=said)


class Gate:
    """An ASGI application in front of another one.

    WebSocket upgrades pass: their endpoint asks ``Origins`` itself, because a client has to be let in to be
    told why it must leave.

    Args:
        app: what lies behind.
        origins: who may come in.
        body_bytes: the largest body; larger ones are answered 413.
        body_seconds: how long a body may take; slower ones are answered 408.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Origins,
        *,
        body_bytes: int = BODY_BYTES,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._origins = origins
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _saying(send)
        reads = scope["method"] in _READS
        refusal = self._origins.refusal(scope["headers"], scope["scheme"], changes=not reads)
        if refusal is not None:
            await refused(*refusal)(scope, receive, send)
        elif reads:
            await self._app(scope, receive, send)
        else:
            await self._with_body(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await self._read(scope, receive)
        except ClientDisconnect:
            return  # half a body is not acted on, and nobody is there to be told
        except TimeoutError:
            slow = refused(408, "bad_request", "The body did not arrive in time.", headers={"Connection": "close"})
            await slow(scope, receive, send)
            return
        if body is None:
            large = refused(
                413,
                "too_large",
                f"The body is larger than {self._body_bytes} bytes.",
                headers={"Connection": "close"},
            )
            await large(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or None when it is too large; ``ClientDisconnect`` when it broke off."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self._body_bytes:
                return None
        body = b""
        while True:
            message = await receive()
            body += bytes(message.get("body", b""))
            if len(body) > self._body_bytes:
                return None
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if not message.get("more_body", False):
                return body


def _saying(send: Send) -> Send:
    """``send`` with what every answer says."""

    async def saying(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_EVERY_ANSWER.items()]}
        await send(message)

    return saying
