"""One publisher, a crowd that listens: deliveries a second, beside Socket.IO's rooms.

Ours commits each publish (synchronous=FULL) before anybody hears of it; theirs keeps nothing. Two publishes in flight.
"""

import asyncio
import json
import time

from append_ack import TEXT
from report import Row, fsync_ms, table
from servers import Running, guest, pin_generator, shipanion, socketio
from wire import LoadClient, connect, masked

CROWDS = (100, 1_000)
SECONDS = 6.0
IN_FLIGHT = 2


class Crowd:
    """Counts what a crowd hears; publishes the next one when everybody has heard one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.heard = 0
        self.counts: dict[int, int] = {}
        self.sent_at: dict[int, float] = {}
        self.latencies: list[float] = []
        self.sequence = 0
        self.publisher: LoadClient | None = None
        self.ready = asyncio.Semaphore(0)

    def publish(self) -> None:
        assert self.publisher is not None
        self.sequence += 1
        self.sent_at[self.sequence] = time.perf_counter()
        self.counts[self.sequence] = 0
        self.publisher.send(masked(self.message(self.sequence)))

    def message(self, sequence: int) -> bytes:
        raise NotImplementedError

    def hear(self, sequence: int) -> None:
        self.heard += 1
        self.counts[sequence] += 1
        if self.counts[sequence] == self.size:
            del self.counts[sequence]
            self.latencies.append(time.perf_counter() - self.sent_at.pop(sequence))
            self.publish()


class OurCrowd(Crowd):
    session_id = ""

    def message(self, sequence: int) -> bytes:
        return b'{"type":"update_state","id":"%d","patch":{"title":"%d %s"}}' % (sequence, sequence, TEXT.encode())

    def on_message(self, client: LoadClient, payload: bytes) -> None:
        at = payload.find(b'"title":"')
        if payload.startswith(b'{"type":"welcome"'):
            self.session_id = json.loads(payload)["session_id"]
            self.ready.release()
        elif at > 0 and b'"state_changed"' in payload:
            self.hear(int(payload[at + 9 : payload.index(b" ", at)]))
        elif payload.startswith(b'{"type":"error"'):
            raise SystemExit(payload.decode())

    def on_publisher_message(self, client: LoadClient, payload: bytes) -> None:
        if payload.startswith(b'{"type":"welcome"'):
            self.on_message(client, payload)


class TheirCrowd(Crowd):
    def message(self, sequence: int) -> bytes:
        return b'42["publish","room",{"n":%d,"text":"%s"}]' % (sequence, TEXT.encode())

    def on_message(self, client: LoadClient, payload: bytes) -> None:
        if payload.startswith(b"42"):
            at = payload.index(b'"n":')
            self.hear(int(payload[at + 4 : payload.index(b",", at)]))
        elif payload.startswith(b"0"):
            client.send(masked(b"40"))
        elif payload.startswith(b"40"):
            self.ready.release()
        elif payload == b"2":
            client.send(masked(b"3"))


async def our_crowd(running: Running, size: int) -> Crowd:
    token = await guest(running)
    crowd = OurCrowd(size)
    headers = {"Authorization": f"Bearer {token}", "Sec_WebSocket_Protocol": "shipanion.v1"}
    crowd.publisher = await connect(running.port, "/ws", crowd.on_publisher_message, **headers)
    await crowd.ready.acquire()
    path = f"/ws?session_id={crowd.session_id}"
    for _ in range(size):
        await connect(running.port, path, crowd.on_message, **headers)
        await crowd.ready.acquire()
    return crowd


async def their_crowd(running: Running, size: int) -> Crowd:
    crowd = TheirCrowd(size)
    path = "/socket.io/?EIO=4&transport=websocket"
    crowd.publisher = await connect(running.port, path, crowd.on_message)
    await crowd.ready.acquire()
    for _ in range(size):
        await connect(running.port, f"{path}&room=room", crowd.on_message)
        await crowd.ready.acquire()
    return crowd


async def measure(running: Running, name: str, crowd: Crowd) -> Row:
    for _ in range(IN_FLIGHT):
        crowd.publish()
    await asyncio.sleep(1.0)
    crowd.latencies.clear()
    heard, cpu, began = crowd.heard, running.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(SECONDS)
    seconds = time.perf_counter() - began
    return Row(name, (crowd.heard - heard) / seconds, crowd.latencies, (running.cpu_seconds() - cpu) / seconds)


async def main() -> None:
    pin_generator()
    for size in CROWDS:
        rows = []
        with socketio() as running:
            rows.append(await measure(running, "Socket.IO (nothing kept)", await their_crowd(running, size)))
        with shipanion() as running:
            rows.append(await measure(running, "Shipanion (committed first)", await our_crowd(running, size)))
        table(f"deliveries to {size} listeners, {IN_FLIGHT} in flight; fsync here {fsync_ms():.2f} ms", rows)


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
