"""How many durable appends a second, each acknowledged after its commit, beside Socket.IO's echo that keeps nothing?

100 connections, each with its own session (or room), one or eight messages in flight. Ours commits to SQLite with
synchronous=FULL before the ack, and the sender also gets the event itself; theirs sends the message back.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from report import Row, fsync_ms, table
from servers import Running, guest, pin_generator, shipanion, socketio
from wire import LoadClient, connect, masked

CONNECTIONS = 100
SECONDS = 6.0
WARM_UP = 1.0
TEXT = "x" * 100

Opened = tuple[LoadClient, Callable[[], None]]


class Lane:
    """One connection with ``window`` messages in flight; counts answers and their times."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.answered = 0
        self.latencies: list[float] = []
        self.sent_at: dict[int, float] = {}
        self.sequence = 0
        self.client: LoadClient | None = None

    def message(self, sequence: int) -> bytes:
        raise NotImplementedError

    def send(self) -> None:
        assert self.client is not None
        self.sequence += 1
        self.sent_at[self.sequence] = time.perf_counter()
        self.client.send(masked(self.message(self.sequence)))

    def answer(self, sequence: int) -> None:
        self.answered += 1
        self.latencies.append(time.perf_counter() - self.sent_at.pop(sequence))
        self.send()


class OurLane(Lane):
    """Appends by editing the title; answered by the ack."""

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def message(self, sequence: int) -> bytes:
        return b'{"type":"update_state","id":"%d","patch":{"title":"%d %s"}}' % (sequence, sequence, TEXT.encode())

    def on_message(self, client: LoadClient, payload: bytes) -> None:
        if payload.startswith(b'{"type":"ack"'):
            for ack in json.loads(payload)["acks"]:
                self.answer(int(ack["id"]))
        elif payload.startswith(b'{"type":"welcome"'):
            self.welcomed.set_result(None)
        elif payload.startswith(b'{"type":"error"'):
            raise SystemExit(payload.decode())


class TheirLane(Lane):
    """Echo by events without acknowledgement."""

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def message(self, sequence: int) -> bytes:
        return b'42["echo",{"n":%d,"text":"%s"}]' % (sequence, TEXT.encode())

    def on_message(self, client: LoadClient, payload: bytes) -> None:
        if payload.startswith(b"42"):
            self.answer(json.loads(payload[2:])[1]["n"])
        elif payload.startswith(b"0"):
            client.send(masked(b"40"))
        elif payload.startswith(b"40"):
            self.welcomed.set_result(None)
        elif payload == b"2":
            client.send(masked(b"3"))


async def our_lane(running: Running, token: str, window: int) -> Lane:
    lane = OurLane(window)
    lane.client = await connect(
        running.port, "/ws", lane.on_message, Authorization=f"Bearer {token}", Sec_WebSocket_Protocol="shipanion.v1"
    )
    await lane.welcomed
    return lane


async def their_lane(running: Running, token: str, window: int) -> Lane:
    lane = TheirLane(window)
    lane.client = await connect(running.port, "/socket.io/?EIO=4&transport=websocket", lane.on_message)
    await lane.welcomed
    return lane


async def measure(
    running: Running, name: str, window: int, open_lane: Callable[[Running, str, int], Awaitable[Lane]], token: str
) -> Row:
    lanes = [await open_lane(running, token, window) for _ in range(CONNECTIONS)]
    for lane in lanes:
        for _ in range(window):
            lane.send()
    await asyncio.sleep(WARM_UP)
    for lane in lanes:
        lane.answered = 0
        lane.latencies.clear()
    cpu, began = running.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(SECONDS)
    seconds = time.perf_counter() - began
    used = running.cpu_seconds() - cpu
    latencies = [latency for lane in lanes for latency in lane.latencies]
    row = Row(name, sum(lane.answered for lane in lanes) / seconds, latencies, used / seconds)
    for lane in lanes:
        assert lane.client is not None
        lane.client.drop()
    return row


async def main() -> None:
    pin_generator()
    for window in (1, 8):
        rows = []
        with socketio() as running:
            rows.append(await measure(running, "Socket.IO echo (nothing kept)", window, their_lane, ""))
        with shipanion() as running:
            rows.append(
                await measure(running, "Shipanion append+ack (durable)", window, our_lane, await guest(running))
            )
        table(f"{CONNECTIONS} connections, {window} in flight each; fsync here {fsync_ms():.2f} ms", rows)


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
