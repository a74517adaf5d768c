"""The ``/ws`` route, as a bare ASGI application: accept, look at who asks, attach a connection, wait for its end."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import structlog

from shipanion.protocol.codec import encode
from shipanion.protocol.codes import CLOSES
from shipanion.protocol.frames import ErrorFrame
from shipanion.server.connection import Connection
from shipanion.server.node import Node
from shipanion.server.socket import SCOPE_KEY, ServerSocket, text_frame

__all__ = ["SUBPROTOCOL", "Cookie", "Gate", "websocket_endpoint"]

SUBPROTOCOL = "shipanion.v1"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

Gate = Callable[[Scope], str | None]
"""The upgrade's scope in; None, or the sentence that refuses it (Origin, Host)."""

Cookie = Callable[[Scope], str | None]
"""The upgrade's scope in; the token that the browser sent along by itself out, or None."""

log = structlog.get_logger(__name__)


def websocket_endpoint(
    node: Node, gate: Gate, *, query_tokens: bool, cookie: Cookie = lambda scope: None
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application for ``/ws``.

    Args:
        node: where connections belong.
        gate: decides whether an upgrade with these headers may come in at all.
        query_tokens: whether ``?token=`` is taken as a credential.
        cookie: finds the credential of a client that names none itself.
    """

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        socket = scope.get("extensions", {}).get(SCOPE_KEY)
        if not isinstance(socket, ServerSocket):
            raise RuntimeError("the server must run with ws=ServerSocket")
        await receive()
        full = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if full else None})
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = gate(scope)
        if refusal is not None:
            _refuse(socket, full, "origin", refusal)
        else:
            query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            token = _credential(headers, query, query_tokens)
            _begin(node, socket, full, query, cookie(scope) if token is None else token)
        connection = socket.connection
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            if connection is not None:
                connection.lost()
            socket.end()

    return endpoint


def _begin(node: Node, socket: ServerSocket, full: bool, query: dict[str, str], token: str | None) -> None:
    connection = Connection(node, socket, node.machine(full=full))
    socket.connection = connection
    socket.attach(connection.on_text, connection.on_binary, connection.on_drain)
    node.connected(connection)
    if not node.ready:
        _refuse(socket, full, "starting", "The server is starting or stopping. Come back in a moment.")
        return
    connection.open(query, token)


def _credential(headers: dict[str, str], query: dict[str, str], query_tokens: bool) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    given = query.get("token")
    return given if given and query_tokens else None


def _refuse(socket: ServerSocket, full: bool, code: str, message: str) -> None:
    """Accept, say why, close: a browser's script sees no other answer to an upgrade."""
    closing = CLOSES["starting" if code == "starting" else "policy"]
    if not full and code != "starting":
        closing = CLOSES["refused"]
    error = ErrorFrame(code=code, message=message, temporary=code == "starting")
    socket.write(text_frame(encode(error)))
    socket.close(closing.code, closing.reason)
