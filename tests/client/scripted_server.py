"""A small real WebSocket server whose behaviour a test can script: a log, acks, replays, and every kind of trouble."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

__all__ = ["Json", "ScriptedServer"]

Json = dict[str, Any]


class ScriptedServer:
    """One session, `s-1`, in the full dialect.

    Attributes that a test sets before or while clients are connected:

    - `token`: the only good one.
    - `snapshot`: answer the next resume with a snapshot for this reason.
    - `digest`: what the next welcomes tell of the time before them.
    - `on_command`: called with every command before it is taken; returns what to do: `take`, `drop` (cut the line
      first), `take and drop` (cut it after the commit), `ignore`, or an error frame to answer with.
    - `answer_with`: an HTTP response instead of an upgrade.
    """

    def __init__(self) -> None:
        self.token = "good"
        self.epoch = "e1"
        self.log: list[Json] = []
        self.ids: dict[str, int] = {}
        self.snapshot: str | None = None
        self.turn: Json | None = None
        self.digest: Json | None = None
        self.on_command: Callable[[Json], str | Json] = lambda command: "take"
        self.tool: Callable[[Json], tuple[Any, bool] | None] = lambda call: (call["parameters"], False)
        self.answer_with: Response | None = None
        self.subprotocols = [Subprotocol("shipanion.v1")]
        self.requests: list[Request] = []
        self.welcomes: list[Json] = []
        self.frames: list[Json] = []
        self.live: dict[ServerConnection, int] = {}
        self.port = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedServer"]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            subprotocols=self.subprotocols,
            process_request=self._process,
            ping_interval=None,
            close_timeout=1,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self.drop()
        self._server.close()
        await self._server.wait_closed()

    # --- what a test does ---------------------------------------------------------------------------------------

    def drop(self) -> None:
        """Cut every line without a word."""
        for connection in list(self.live):
            connection.transport.abort()
        self.live.clear()

    async def close(self, code: int, reason: str = "") -> None:
        for connection in list(self.live):
            await connection.close(code, reason)

    def append(self, type: str, *, id: str | None = None, **fields: Any) -> int:
        """Commit an event and send it to everybody at head."""
        offset = len(self.log) + 1
        by = {"role": "owner", "name": "Ada"}
        event = {"type": type, "session_id": "s-1", "offset": offset, "at": 1000 + offset, "by": by, **fields}
        if id is not None:
            event["id"] = id
        self.log.append(event)
        for connection, cursor in list(self.live.items()):
            if cursor == offset - 1:
                self.tell(event, connection)
                self.live[connection] = offset
        return offset

    def tell(self, frame: Json, *to: ServerConnection) -> None:
        """Send a frame as it is, to everybody if nobody is named."""
        for connection in to or list(self.live):
            connection.protocol.send_text(json.dumps(frame).encode())
            connection.send_data()

    # --- what it does by itself ---------------------------------------------------------------------------------

    def _process(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return self.answer_with

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.headers.get("Authorization") != f"Bearer {self.token}":
            refusal = {"type": "error", "code": "expired", "message": "Sign in again.", "temporary": False}
            await connection.send(json.dumps(refusal))
            await connection.close(4201, "expired")
            return
        self._welcome(connection, connection.request.path)
        try:
            async for text in connection:
                self._receive(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.live.pop(connection, None)

    def _welcome(self, connection: ServerConnection, path: str) -> None:
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
        head, offset = len(self.log), int(query.get("offset", -1))
        reason, self.snapshot = self.snapshot, None
        recovers = query.get("epoch") == self.epoch and reason is None
        held = offset if recovers else head
        welcome: Json = {
            "type": "welcome",
            "session_id": "s-1",
            "outcome": "recovered" if recovers else "snapshot" if "session_id" in query else "created",
            "position": {"epoch": self.epoch, "offset": held},
            "replayed": head - held,
            "devices": [],
            "heartbeat_ms": 25_000,
            "limits": {},
            "reconnect": {"min_ms": 20, "max_ms": 200},
        }
        if not recovers:
            welcome |= {"state": self._state(), "tail": self.log[-3:]}
            if reason is not None:
                welcome["reason"] = reason
        if self.turn is not None:
            welcome["turn"] = self.turn
        if self.digest is not None:
            welcome["digest"] = self.digest
        self.welcomes.append(welcome)
        for frame in (welcome, *self.log[held:]):
            self.tell(frame, connection)
        self.live[connection] = head

    def _state(self) -> Json:
        return {key: value for event in self.log for key, value in event.get("patch", {}).items()}

    def _receive(self, connection: ServerConnection, frame: Json) -> None:
        self.frames.append(frame)
        kind = frame["type"]
        if kind == "ping":
            self.tell({"type": "pong", "session_id": "s-1"}, connection)
        elif kind == "history":
            older = [event for event in self.log if event["offset"] < frame.get("before", len(self.log) + 1)]
            page = older[-frame["limit"] :]
            more = len(page) < len(older)
            answer = {"type": "history_page", "session_id": "s-1", "id": frame["id"], "events": page, "more": more}
            self.tell(answer, connection)
        elif kind in ("user_message", "update_state", "client_tool_call", "stop", "resolve_approval"):
            self._command(connection, frame)

    def _command(self, connection: ServerConnection, frame: Json) -> None:
        verdict = self.on_command(frame)
        call = frame.get("client_tool_call")
        id = call["tool_call_id"] if call else frame["id"]
        if isinstance(verdict, dict):
            self.tell({"type": "error", "session_id": "s-1", "id": id, **verdict}, connection)
        if verdict == "drop":
            connection.transport.abort()
        if verdict not in ("take", "take and drop"):
            return
        duplicate = id in self.ids
        if not duplicate:
            if verdict == "take and drop":
                self.live.pop(connection)
            fields = {key: value for key, value in frame.items() if key not in ("type", "id")}
            named = {"update_state": "state_changed", "resolve_approval": "approval_resolved"}
            kind = named.get(str(frame["type"]), str(frame["type"]))
            self.ids[id] = self.append(kind, id=id, **fields)
        if verdict == "take and drop":
            connection.transport.abort()
            return
        ack = {"id": id, "offset": self.ids[id], "duplicate": duplicate}
        self.tell({"type": "ack", "session_id": "s-1", "acks": [ack]}, connection)
        if call and not duplicate and (outcome := self.tool(call)) is not None:
            self.finish_tool(id, *outcome)

    def finish_tool(self, id: str, result: Any, is_error: bool = False) -> None:
        """Commit a tool's result."""
        self.append("client_tool_result", tool_call_id=id, tool_name="t", result=result, is_error=is_error)


async def until(condition: Callable[[], bool], what: str = "what was waited for") -> None:
    """Wait until something is so, looking again whenever the loop had a chance to do something."""
    try:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - what is waited for is not ours to signal
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(f"it did not come: {what}") from None
