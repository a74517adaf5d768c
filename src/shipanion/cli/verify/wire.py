"""One raw WebSocket connection that writes down everything it is sent, and hides nothing."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from shipanion.cli.verify.history import History, Json, is_event

__all__ = ["FULL", "CannotConnect", "Line"]

FULL: Final = Subprotocol("shipanion.v1")

PATIENCE: Final = 4.0
"""Seconds that one frame is waited for."""


class CannotConnect(Exception):
    """No WebSocket could be opened. ``str()`` says why."""


class Line:
    """A connection with a name. It reads in the background, as fast as frames come.

    Attributes:
        frames: what came, in order.
        offset: the offset of the last event that came, or that the welcome put us at.
        epoch: the log's epoch as the welcome gave it; empty before.
    """

    def __init__(self, name: str, socket: ClientConnection, history: History) -> None:
        self.name = name
        self.frames: list[Json] = []
        self.epoch = ""
        self.offset = 0
        self._socket = socket
        self._history = history
        self._news = asyncio.Event()
        self._over = False
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls, name: str, url: str, history: History, *, token: str | None, full: bool, **query: str | int
    ) -> "Line":
        """Connect. The token goes into a header, so that no address anywhere holds it.

        Raises:
            CannotConnect: there is no WebSocket to be had, or not with the dialect asked for.
        """
        history.add(name, "opened", {"dialect": "full" if full else "plain", "query": query})
        try:
            socket = await connect(
                f"{url}?{urlencode(query)}" if query else url,
                subprotocols=[FULL] if full else None,
                additional_headers=None if token is None else {"Authorization": f"Bearer {token}"},
                compression=None,
                max_size=16 * 2**20,
                ping_interval=None,
                open_timeout=PATIENCE,
                close_timeout=1,
            )
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed, EOFError) as error:
            raise CannotConnect(f"No WebSocket at {url}: {str(error) or type(error).__name__}") from error
        if full and socket.subprotocol != FULL:
            await socket.close()
            raise CannotConnect(f"What answers at {url} does not speak {FULL}.")
        return cls(name, socket, history)

    async def send(self, type: str, **fields: Any) -> None:
        """Send a frame; on a line that is gone it is lost. What it says of a token is not written down."""
        frame = {"type": type, **fields}
        self._history.add(self.name, "sent", {**frame, "token": "…"} if "token" in frame else frame)
        try:
            await self._socket.send(json.dumps(frame))
        except ConnectionClosed:
            pass  # the reader writes down that it closed

    async def until(self, wanted: Callable[[Json], object], words: str, within: float = PATIENCE) -> Json | None:
        """The first frame so far or to come for which ``wanted`` holds; None when it did not come in time."""
        looked = 0
        try:
            async with asyncio.timeout(within):
                while True:
                    while looked < len(self.frames):
                        frame = self.frames[looked]
                        looked += 1
                        if wanted(frame):
                            return frame
                    if self._over:
                        break
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass
        self._history.add(self.name, "missed", {"waited_for": words})
        return None

    async def cut(self) -> None:
        """Break the TCP connection with no goodbye, as a lost network does."""
        self._history.add(self.name, "cut", {})
        self._socket.transport.abort()
        await self._reader

    async def close(self) -> None:
        """Say goodbye and wait for the answer, a second at most."""
        await self._socket.close(1000, "done")
        await self._reader

    async def ended(self, within: float = PATIENCE) -> None:
        """Wait until the server closes."""
        await asyncio.wait([self._reader], timeout=within)

    def drop(self) -> None:
        """Leave nothing open, without waiting."""
        self._socket.transport.abort()
        self._reader.cancel()

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._socket.recv())
        except ConnectionClosed:
            code, reason = self._socket.close_code, self._socket.close_reason
            self._history.add(self.name, "closed", {"code": code, "reason": reason})
        finally:
            self._over = True
            self._news.set()

    def _take(self, data: str | bytes) -> None:
        try:
            frame = json.loads(data)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            frame = {"type": "unreadable", "raw": repr(data)}
        self.frames.append(frame)
        self._history.add(self.name, "got", frame)
        position = frame.get("position")
        if frame.get("type") == "welcome" and isinstance(position, dict):
            self.epoch = str(position.get("epoch"))
            self.offset = position["offset"] if isinstance(position.get("offset"), int) else 0
        elif is_event(frame):
            self.offset = max(self.offset, frame["offset"])
        self._news.set()
