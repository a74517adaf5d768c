"""The line to the server behind a small port, so that everything above can run on a line made of memory."""

from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from shipanion.errors import ConfigurationError

__all__ = ["MAX_FRAME", "SUBPROTOCOL", "Dial", "LineClosed", "Wire", "dial_websocket", "endpoint"]

SUBPROTOCOL: Final = Subprotocol("shipanion.v1")

MAX_FRAME: Final = 16 * 2**20
"""No frame of the server's comes near this; a stranger's might."""

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
# What an HTTP answer instead of an upgrade asks of a client, said as the close code with the same duty.
_STATUS: Final = {401: 4200, 403: 4302, 404: 4301, 429: 4100, 503: 4100}


class LineClosed(Exception):
    """The line is closed, or could not be opened.

    Args:
        code: the WebSocket close code; 1006 when there was none.
        message: why, for a person, where anything is known.
        retry_after_ms: when the other side would have us again, if it said so.
    """

    def __init__(self, code: int, message: str = "", retry_after_ms: int | None = None) -> None:
        super().__init__(message or f"closed with {code}")
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms


class Wire(Protocol):
    """One open connection, carrying text."""

    async def send(self, text: str) -> None:
        """Send one frame. Raises ``LineClosed``."""

    async def receive(self) -> str:
        """The next frame. Raises ``LineClosed``."""

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye if the peer answers soon; let go of the connection in any case."""


class Dial(Protocol):
    """How a connection is opened."""

    async def __call__(self, url: str, query: Mapping[str, str | int], token: str | None) -> Wire:
        """Open a connection to ``url``. Raises ``LineClosed``."""


def endpoint(url: str) -> str:
    """The WebSocket address of a server: ``http`` becomes ``ws``, and a bare host gets the path ``/ws``.

    Raises:
        ConfigurationError: that is no address of a server.
    """
    parts = urlsplit(url)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise ConfigurationError(f"{url!r} is not the address of a server; try http://127.0.0.1:8000.")
    path = parts.path.rstrip("/")
    return urlunsplit((scheme, parts.netloc, path or "/ws", "", ""))


async def dial_websocket(url: str, query: Mapping[str, str | int], token: str | None) -> Wire:
    """Open a WebSocket that speaks the full dialect. The token goes into a header, never into the address.

    Raises:
        LineClosed: no connection, or the server answered with something else.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        connection = await connect(
            f"{url}?{urlencode(query)}" if query else url,
            subprotocols=[SUBPROTOCOL],
            additional_headers=headers,
            compression=None,
            max_size=MAX_FRAME,
            ping_interval=None,  # silence is the machine's business, which tests it with frames
            close_timeout=1,
        )
    except InvalidStatus as refusal:
        raise _refused(refusal) from refusal
    except InvalidURI as error:
        raise LineClosed(4302, f"{url} is not an address that can be connected to.") from error
    except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, EOFError) as error:
        raise LineClosed(1006, f"No connection to {url}: {error}") from error
    if connection.subprotocol != SUBPROTOCOL:
        await connection.close(1002, "no subprotocol")
        raise LineClosed(1002, f"What answers at {url} does not speak {SUBPROTOCOL}.")
    return _WebSocketWire(connection)


def _refused(refusal: InvalidStatus) -> LineClosed:
    status = refusal.response.status_code
    after = refusal.response.headers.get("Retry-After", "")
    return LineClosed(
        _STATUS.get(status, 1006),
        f"The server answered with HTTP status {status}.",
        int(after) * 1000 if after.isdecimal() else None,
    )


class _WebSocketWire:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _ended(closed) from closed

    async def receive(self) -> str:
        try:
            while True:
                frame = await self._connection.recv()
                if isinstance(frame, str):  # a binary frame is not part of the protocol and means nothing
                    return frame
        except ConnectionClosed as closed:
            raise _ended(closed) from closed

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)


def _ended(closed: ConnectionClosed) -> LineClosed:
    # Only the peer's word counts: a close frame of our own says nothing about what it wants.
    if closed.rcvd is None:
        own = closed.sent.code if closed.sent is not None else 1006
        return LineClosed(own if own in (1002, 1003, 1007, 1009) else 1006)
    return LineClosed(closed.rcvd.code, closed.rcvd.reason)
