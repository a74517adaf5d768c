"""A client for storms: it sends, is cut off, comes back, and writes down what it was told. Nothing of the project's own
client is in it, so that a mistake there cannot hide one of the server's."""

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.support.wire import Json, merged

__all__ = ["StormClient"]

OPEN_TURNS = 3
"""A client asks nothing more while so many of its messages are not answered to the end."""

SHORT, LONG = "thanks", "5 lb from 90210 to 10001"


class StormClient:
    """One person's one device on one session.

    Args:
        url: the address of ``/ws``.
        token: the person's.
        number: names the session; a client with the same number comes back to it.
        seed: decides what it says and when it is cut off.
        drop_s: the mean time between two cuts of the line.
        pause_s: the mean time between two commands.
    """

    def __init__(self, url: str, token: str, number: int, seed: object, *, drop_s: float, pause_s: float) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.events: list[Json] = []
        self.sent: list[str] = []
        self.acks: dict[str, int] = {}
        self.outbox: dict[str, Json] = {}
        self.session_id: str | None = None
        self.epoch = ""
        self.state: Any = None
        self.speaking: str | None = None
        """The turn whose pieces are coming in now."""
        self.token = token
        self.finished = False
        self._url = url
        self._number = number
        self._dice = random.Random(f"{seed}/{number}")
        self._drop_s = drop_s
        self._pause_s = pause_s
        self._asking = True
        self._open_turns: set[str] = set()
        self._open_calls: set[str] = set()
        self._rest = asyncio.Event()

    @property
    def offset(self) -> int:
        return len(self.events)

    def ask_no_more(self) -> None:
        """From here on only finish: everything acknowledged, every turn ended, the line left alone."""
        self._asking = False
        self._look_whether_at_rest()

    def _look_whether_at_rest(self) -> None:
        """Nothing is under way any more of what it asked for; what the server still has to say comes before a pong."""
        if self._asking or self.outbox or self._open_turns or self._open_calls:
            return
        if max(self.acks.values(), default=0) <= self.offset:
            self._rest.set()

    async def run(self) -> None:
        """Live through the storm, to the end of what it asked for."""
        while not self.finished:
            try:
                async with connect(
                    f"{self._url}?{urlencode(self._query())}",
                    subprotocols=["shipanion.v1"],  # type: ignore[list-item]
                    compression=None, ping_interval=None, proxy=None, max_size=None, open_timeout=10,
                    close_timeout=0.2,
                ) as socket:  # fmt: skip
                    await self._connected(socket)
            except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, ConnectionClosed, EOFError):
                self.counts["failed to connect"] += 1
            self.speaking = None
            if not self.finished:
                await asyncio.sleep(self._dice.uniform(0.05, 0.4))

    def _query(self) -> dict[str, object]:
        query: dict[str, object] = {"token": self.token, "device": f"d{self._number}"}
        if self.session_id is None:
            return {**query, "new": f"storm-{self._number}"}
        return {**query, "session_id": self.session_id, "epoch": self.epoch, "offset": self.offset}

    async def _connected(self, socket: ClientConnection) -> None:
        writing: asyncio.Task[None] | None = None
        timer: asyncio.TimerHandle | None = None
        try:
            async for text in socket:
                frame = json.loads(text)
                self._take(frame)
                if frame["type"] == "welcome":
                    writing = asyncio.create_task(self._write(socket))
                    if self._asking:
                        wait = self._dice.expovariate(1 / self._drop_s)
                        timer = asyncio.get_running_loop().call_later(wait, self._cut, socket)
                elif frame["type"] == "error":
                    self._refused(frame)
                    return
                if self.finished:
                    return
        finally:
            if timer is not None:
                timer.cancel()
            if writing is not None:
                writing.cancel()
                with suppress(asyncio.CancelledError, ConnectionClosed):
                    await writing

    def _cut(self, socket: ClientConnection) -> None:
        if not self._asking:
            return
        self.counts["drops"] += 1
        self.counts["drops with unacknowledged commands"] += bool(self.outbox)
        self.counts["drops in mid-turn"] += self.speaking is not None
        socket.transport.abort()

    # --- out ------------------------------------------------------------------------------------------------------

    async def _write(self, socket: ClientConnection) -> None:
        for frame in list(self.outbox.values()):
            await socket.send(json.dumps(frame))
        while self._asking:
            await asyncio.sleep(self._dice.expovariate(1 / self._pause_s))
            if self._asking:
                text = json.dumps(self._command())
                await socket.send(text)
                if self._dice.random() < 0.05:
                    # Somebody clicks twice, or a program between repeats a request.
                    await socket.send(text)
                elif self._dice.random() < 0.1:
                    self._cut(socket)  # before the answer can be here
                    return
        await self._rest.wait()
        await socket.send('{"type": "ping"}')

    def _command(self) -> Json:
        id = f"c{len(self.sent):05}"
        self.sent.append(id)
        dice = self._dice.random()
        frame: Json
        if dice < 0.5 and len(self._open_turns) < OPEN_TURNS:
            frame = {"type": "user_message", "id": id, "text": LONG if dice < 0.1 else SHORT}
        elif dice < 0.8:
            frame = {"type": "update_state", "id": id, "patch": {"title": f"Parcel {self._number} {id}"}}
        else:
            parameters = {"from_zip": "90210", "to_zip": "10001", "weight": self._dice.randint(1, 70)}
            call = {"tool_name": "get_shipping_quotes", "tool_call_id": id, "parameters": parameters}
            frame = {"type": "client_tool_call", "client_tool_call": call}
        self.outbox[id] = frame
        return frame

    # --- in -------------------------------------------------------------------------------------------------------

    def _take(self, frame: Json) -> None:
        kind = frame["type"]
        if frame.get("session_id") != self.session_id and kind not in ("welcome", "error"):
            self.faults.append(f"a frame of another session: {frame}")
        if kind == "welcome":
            self._welcomed(frame)
        elif kind == "ack":
            for ack in frame["acks"]:
                self._acked(ack)
        elif kind == "pong":
            self.finished = True
        elif kind == "agent_delta":
            self.speaking = frame["turn_id"]
        elif "offset" in frame and "at" in frame:
            self._event(frame)
        self._look_whether_at_rest()

    def _welcomed(self, frame: Json) -> None:
        outcome, position = frame["outcome"], frame["position"]
        if self.session_id is None:
            # A welcome that was lost on the way made the session all the same: then this one is a snapshot.
            if outcome == "recovered" or position["offset"] != 0:
                self.faults.append(f"a new session begins with {outcome} at {position}")
            self.session_id, self.epoch, self.state = frame["session_id"], position["epoch"], frame["state"]
            return
        if outcome == "recovered":
            self.counts["resumes"] += 1
            self.counts["resumes that replayed"] += frame["replayed"] > 0
            if position != {"epoch": self.epoch, "offset": self.offset}:
                self.faults.append(f"recovered at {position}, not at {self.offset}")
            return
        # No log of a storm has more events than a client may miss, so there is no excuse for a snapshot.
        behind = position["offset"] - self.offset
        self.faults.append(f"{outcome} ({frame.get('reason')}) for a client {behind} events behind")

    def _acked(self, ack: Json) -> None:
        self.counts["duplicates suppressed"] += ack["duplicate"]
        id, offset = ack["id"], ack["offset"]
        if self.acks.setdefault(id, offset) != offset:
            self.faults.append(f"{id} acknowledged at {self.acks[id]} and at {offset}")
        self.outbox.pop(id, None)

    def _event(self, frame: Json) -> None:
        if frame["offset"] <= self.offset and frame["type"] == "client_tool_result":
            # Who asks again for a result that is there is told it again, as it stands in the log.
            self.counts["results told again"] += 1
            if frame != self.events[frame["offset"] - 1]:
                self.faults.append(f"told again, but otherwise: {frame}")
            return
        if frame["offset"] != self.offset + 1:
            self.faults.append(f"event {frame['offset']} after {self.offset}")
            return
        self.events.append(frame)
        self.state = merged(self.state, frame.get("patch", {}))
        self.outbox.pop(frame.get("id", ""), None)
        if frame["type"] == "user_message":
            self._open_turns.add(frame["turn_id"])
        elif frame["type"] == "turn_ended":
            self._open_turns.discard(frame["turn_id"])
            self.speaking = None
        elif frame["type"] == "client_tool_call":
            self._open_calls.add(frame["client_tool_call"]["tool_call_id"])
        elif frame["type"] == "client_tool_result":
            self._open_calls.discard(frame["tool_call_id"])

    def _refused(self, frame: Json) -> None:
        """Refused for now: leave, and come back with the whole outbox in order."""
        self.counts[f"refused: {frame['code']}"] += 1
        if not frame["temporary"]:
            self.faults.append(f"refused for good: {frame}")
            self.outbox.pop(frame.get("id", ""), None)
