"""The composition root: from settings to a running server."""

import asyncio
import errno
import socket as sockets
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from shipanion.agent.brain import Brain
from shipanion.agent.runner import Runner
from shipanion.agent.scripted import ScriptedBob
from shipanion.app import logs
from shipanion.app.accounts import Accounts
from shipanion.app.domain import ShippingDomain
from shipanion.app.health import CarrierNote
from shipanion.app.metrics import registry_of
from shipanion.app.origins import Origins
from shipanion.app.page import Page
from shipanion.app.routes import Parts, make_app
from shipanion.app.secret import secret_file, signing_secret
from shipanion.app.session_list import activity
from shipanion.app.settings import Settings
from shipanion.app.storage import make_store
from shipanion.app.throttle import Throttle
from shipanion.app.tickets import renewal
from shipanion.app.tokens import Tokens
from shipanion.errors import ConfigurationError
from shipanion.protocol.frames import WireLimits
from shipanion.server.endpoint import websocket_endpoint
from shipanion.server.http_protocol import HttpProtocol
from shipanion.server.node import Node
from shipanion.server.socket import ServerSocket
from shipanion.shipping import places, zips
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import book

__all__ = ["LIBRARY_MAX", "Application", "Server", "compose", "configuration", "listen", "serve"]

LIBRARY_MAX = 2 * 1024 * 1024
"""Bytes of the largest WebSocket message the library takes in at all; beyond it the close code is 1009."""

ASGI = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


class Application:
    """Everything one server is made of: the ASGI application and the node behind it."""

    def __init__(self, settings: Settings, asgi: ASGI, node: Node, accounts: Accounts) -> None:
        self.settings = settings
        self.asgi = asgi
        self.node = node
        self.accounts = accounts

    async def start(self) -> None:
        """Open the store, settle what was left behind, read the ZIP codes."""
        await asyncio.gather(self.node.start(), asyncio.to_thread(zips.preload), asyncio.to_thread(places.preload))

    async def stop(self) -> None:
        """Orderly shutdown; safe to call twice."""
        if not self.node.stopping:
            await self.node.stop()
            self.accounts.close()


def compose(
    settings: Settings, *, brain: Brain | None = None, limits: WireLimits | None = None, carrier: Carrier | None = None
) -> Application:
    """Put a server together. ``brain``, ``limits`` and ``carrier`` are for tests; nothing is opened yet."""
    store = make_store(settings, serve=True)
    tokens = Tokens(signing_secret(settings.secret.get_secret_value() if settings.secret else None, settings.data))
    throttle = Throttle(on=settings.rate_limits)
    carrier = carrier or RateCardCarrier(book.packaged())
    domain = ShippingDomain(carrier, store.effect, public_url=settings.public_url or "")

    node = Node(
        store,
        domain,
        Runner(brain or ScriptedBob(), domain.summary),
        lambda token: accounts.authenticate(token),
        renew=lambda token: renew(token),
        limits=limits,
        rate_limits=settings.rate_limits,
        tool_throttle=lambda user_id: throttle.take("tools", user_id) or 0,
    )
    accounts = Accounts(store, tokens, node.now, guests=settings.guests)
    origins = Origins.of(settings.host, settings.public_url, settings.allowed_origins)
    parts = Parts(
        accounts=accounts,
        tokens=tokens,
        throttle=throttle,
        store=store,
        node=node,
        registry=registry_of(node),
        public_url=settings.public_url,
        now=node.now,
        page=Page.read(),
        carrier=CarrierNote(name=carrier.name, real=carrier.costs_money),
        look_again=node.look_again,
        signed_out=node.signed_out,
        hold=node.hold,
        activity=lambda session_id: activity(node.sessions.get(session_id)),
    )
    renew = renewal(parts.tickets, accounts, node.now)
    http = make_app(parts, origins, allowed_origins=settings.allowed_origins)

    def gate(scope: MutableMapping[str, Any]) -> str | None:
        refusal = origins.refusal(scope["headers"], scope["scheme"], changes=True)
        return None if refusal is None else refusal.message

    def cookie(scope: MutableMapping[str, Any]) -> str | None:
        return parts.cookies.read(scope["headers"], scope["scheme"])

    sockets_at = websocket_endpoint(node, gate, query_tokens=settings.query_tokens, cookie=cookie)

    async def asgi(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket" and scope["path"] == "/ws":
            await sockets_at(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await http(scope, receive, send)

    return Application(settings, asgi, node, accounts)


class Server(uvicorn.Server):
    """uvicorn, told to let the node say goodbye before its sockets are closed."""

    def __init__(self, application: Application, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._application = application

    async def shutdown(self, sockets: list[sockets.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._application.stop()
        await super().shutdown(sockets)
        # An orderly stop was asked for; uvicorn would raise the signal again, and the exit code would say failure.
        self._captured_signals.clear()


def configuration(application: Application) -> uvicorn.Config:
    """How uvicorn runs the application."""
    return uvicorn.Config(
        application.asgi,
        http=HttpProtocol,
        ws=ServerSocket,
        ws_max_size=LIBRARY_MAX,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=False,
    )


def listen(settings: Settings) -> sockets.socket:
    """The listening socket.

    Raises:
        ConfigurationError: the port is taken, or the address is none of this machine's.
    """
    family = sockets.AF_INET6 if ":" in settings.host else sockets.AF_INET
    # The protocol by its number: only then does asyncio's own loop switch off Nagle's wait, 40 ms an answer.
    listening = sockets.socket(family, sockets.SOCK_STREAM, sockets.IPPROTO_TCP)
    listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        way_out = "Is another server running? Choose another port with --port or SHIPANION_PORT."
        if error.errno == errno.EADDRNOTAVAIL:
            way_out = "That is no address of this machine. Choose another with --host or SHIPANION_HOST."
        raise ConfigurationError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}. {way_out}"
        ) from None
    return listening


async def _serve(settings: Settings) -> None:
    listening = listen(settings)
    application = compose(settings)
    try:
        await application.start()
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        _announce(settings, f"http://{shown}:{port}")
        await Server(application, configuration(application)).serve(sockets=[listening])
    finally:
        await application.stop()
        listening.close()


def _announce(settings: Settings, address: str) -> None:
    """Where things are, once, for the person who started it."""
    url = "" if address == "http://127.0.0.1:8000" else f"--url {address}"
    chat = f'make chat ARGS="{url}"   (or: shipanion chat {url})' if url else "make chat   (or: shipanion chat)"
    lines = [
        f"Shipanion is running at {address}",
        "  talk to Bob  open that address in a browser",
        f"  a terminal   {chat}",
        f"  programs     {address.replace('http', 'ws', 1)}/ws",
        f"  sessions in  {settings.store}",
        f"  secret in    {'SHIPANION_SECRET' if settings.secret else secret_file(settings.data)}",
        "  stop         Ctrl-C; answers under way get 10 seconds to finish, everybody goes on after the next start",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def serve(settings: Settings) -> int:
    """Run a server until it is told to stop; the exit code.

    Raises:
        ShipanionError: it cannot start; the message says why and what to do.
    """
    logs.configure()
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        runner.run(_serve(settings))
    return 0
