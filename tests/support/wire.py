"""A WebSocket client without any of the project's own code, for both dialects. Every wait has a bound."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

__all__ = ["Closed", "Json", "Wire", "merged", "still_works"]

Json = dict[str, Any]


class Closed(AssertionError):
    """The server closed while a frame was waited for; ``code`` and ``reason`` as in its close frame."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed: {code} {reason}")
        self.code = code
        self.reason = reason


def merged(target: Any, patch: Any) -> Any:
    """JSON merge patch, as RFC 7396 section 2 writes it down."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class Wire:
    """One connection. It keeps every frame it was sent, and, in the full dialect, where it is and the state there."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self.events: list[Json] = []
        self.welcome: Json = {}
        self.state: Any = None
        self.epoch = ""
        self.offset = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, token: str | None, *, full: bool = True, origin: str | None = None,
        headers: dict[str, str] | None = None, knowing: Any = None, **query: object,
    ) -> "AsyncIterator[Wire]":  # fmt: skip
        """Connect, and in the full dialect take the welcome in.

        Args:
            url: the address of ``/ws``.
            token: goes into the query; None for none.
            full: offer the subprotocol of the full dialect.
            origin: the ``Origin`` header, as a browser would send it.
            headers: more headers.
            knowing: the state at the position given in the query, of a client that resumes.
            query: the rest of the query; None values are left out.
        """
        wire = cls(await dial(url, token, full=full, origin=origin, headers=headers, **query))
        try:
            if full:
                wire.state = knowing
                await wire.until("welcome")
            yield wire
        finally:
            wire.drop()
            await wire.socket.wait_closed()

    # --- out ------------------------------------------------------------------------------------------------------

    async def send(self, type: str, **fields: Any) -> None:
        """Send one frame."""
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def say(self, id: str, text: str) -> None:
        """Send a ``user_message``."""
        await self.send("user_message", id=id, text=text)

    def drop(self) -> None:
        """Break the TCP connection at once, with no goodbye."""
        self.socket.transport.abort()

    # --- in -------------------------------------------------------------------------------------------------------

    async def next(self, within: float = 10.0) -> Json:
        """The next frame, whatever it is.

        Raises:
            Closed: the server closed instead.
        """
        try:
            async with asyncio.timeout(within):
                text = await self.socket.recv()
        except TimeoutError:
            raise AssertionError(f"nothing came within {within} s; last: {self.frames[-3:]}") from None
        except ConnectionClosed:
            raise Closed(self.socket.close_code or 0, self.socket.close_reason or "") from None
        frame: Json = json.loads(text)
        self.frames.append(frame)
        self._take(frame)
        return frame

    async def until(
        self, type: str | None = None, *, where: Callable[[Json], object] | None = None, within: float = 10.0,
        **fields: Any,
    ) -> Json:  # fmt: skip
        """Read on up to the frame of this type with these fields; it is returned, all others are kept in ``frames``."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while True:
            try:
                frame = await self.next(max(0.0, end - loop.time()))
            except Closed:
                raise
            except AssertionError as error:
                raise AssertionError(f"waiting for {type} {fields}: {error}") from None
            if type is not None and frame.get("type") != type:
                continue
            if all(frame.get(name) == value for name, value in fields.items()) and (where is None or where(frame)):
                return frame

    async def up_to(self, type: str, *, within: float = 10.0, **fields: Any) -> list[Json]:
        """All frames up to and with the one of this type and these fields."""
        before = len(self.frames)
        await self.until(type, within=within, **fields)
        return self.frames[before:]

    async def at(self, offset: int, within: float = 10.0) -> None:
        """Read on until the event at ``offset`` is in, whether it came before or comes yet."""
        while self.offset < offset:
            await self.until(where=lambda frame: "offset" in frame, within=within)

    async def acked(self, id: str, within: float = 10.0) -> Json:
        """The acknowledgement of this command: ``{id, offset, duplicate}``.

        Raises:
            AssertionError: it was refused instead, or nothing came.
        """
        frame = await self.until(where=lambda frame: id in _answered(frame), within=within)
        assert frame["type"] == "ack", frame
        return next(ack for ack in frame["acks"] if ack["id"] == id)

    async def acked_all(self, ids: Iterable[str], within: float = 10.0) -> dict[str, Json]:
        """The acknowledgements of all these commands, by id, in whatever frames they come."""
        wanted, found = set(ids), dict[str, Json]()
        while not wanted <= found.keys():
            frame = await self.until(where=lambda frame: wanted & set(_answered(frame)), within=within)
            assert frame["type"] == "ack", frame
            found |= {ack["id"]: ack for ack in frame["acks"]}
        return found

    async def refused(self, id: str | None = None, within: float = 10.0) -> Json:
        """The next error frame, about this command if one is named."""
        return await self.until("error", where=lambda frame: id is None or frame.get("id") == id, within=within)

    async def in_step(self, within: float = 10.0) -> None:
        """Wait until everything this client sent was taken in: the answer to a ping comes behind it."""
        await self.send("ping", requestId="in step")
        await self.until("pong", requestId="in step", within=within)

    async def closed(self, within: float = 10.0) -> tuple[int, str]:
        """Read to the end; the server's close code and reason."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        try:
            while True:
                await self.next(max(0.0, end - loop.time()))
        except Closed as closed:
            return closed.code, closed.reason

    def _take(self, frame: Json) -> None:
        if frame["type"] == "welcome":
            self.welcome = frame
            self.epoch, self.offset = frame["position"]["epoch"], frame["position"]["offset"]
            self.state = frame.get("state", self.state)
        elif "offset" in frame and "at" in frame:
            self.events.append(frame)
            self.offset = frame["offset"]
            self.state = merged(self.state, frame.get("patch", {}))

    @property
    def place(self) -> Json:
        """The query that resumes from here."""
        return {"session_id": self.welcome["session_id"], "epoch": self.epoch, "offset": self.offset}


def _answered(frame: Json) -> list[Any]:
    if frame["type"] == "ack":
        return [ack["id"] for ack in frame["acks"]]
    return [frame.get("id")] if frame["type"] == "error" else []


async def dial(
    url: str, token: str | None, *, full: bool = True, origin: str | None = None,
    headers: dict[str, str] | None = None, **query: object,
) -> ClientConnection:  # fmt: skip
    """A WebSocket, with nothing read from it yet."""
    given = {name: str(value) for name, value in {"token": token, **query}.items() if value is not None}
    return await connect(
        f"{url}?{urlencode(given)}" if given else url,
        subprotocols=["shipanion.v1"] if full else None,  # type: ignore[list-item]
        origin=origin,  # type: ignore[arg-type]
        additional_headers=headers,
        compression=None,
        ping_interval=None,
        open_timeout=20,
        close_timeout=1,
        max_size=None,
        proxy=None,
    )


async def still_works(wire: Wire) -> None:
    """The connection is as good as before: a command on it is done."""
    id = f"still-{len(wire.frames)}"
    await wire.send("update_state", id=id, patch={"title": id})
    assert not (await wire.acked(id))["duplicate"]
