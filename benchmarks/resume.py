"""What a resume costs: (1) does it depend on how long the session is? (2) a crowd dropped at once, beside Socket.IO.

(1) 3,000 interleaved resumes, each missing the same 20 events, of a session with 10,000 events and of one with 100.
(2) 2,000 clients, each in a session or room of its own, cut at once; 20 events each while away; all come back at once.
    The clock runs from the first reconnection to the last client that holds everything.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field

from report import Row, fsync_ms, percentile, table, write
from servers import Running, guest, pin_generator, shipanion, socketio
from wire import LoadClient, connect, masked

MISSED = 20
RESUMES = 3_000
CROWD = 2_000
SUBPROTOCOL = {"Sec_WebSocket_Protocol": "shipanion.v1"}


@dataclass
class Seat:
    """One client's place: what it holds and how it comes back."""

    token: str = ""
    session_id: str = ""
    epoch: str = ""
    offset: int = 0
    pid: str = ""
    last: str = ""
    got: int = 0
    done: "asyncio.Future[None] | None" = None
    client: LoadClient | None = None
    acked: int = 0
    waiting: "asyncio.Future[None] | None" = field(default=None, repr=False)

    def wait(self) -> "asyncio.Future[None]":
        self.waiting = asyncio.get_running_loop().create_future()
        return self.waiting

    def ours(self, client: LoadClient, payload: bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "welcome":
            self.session_id, self.epoch = frame["session_id"], frame["position"]["epoch"]
            self.offset = frame["position"]["offset"]
            if frame["outcome"] == "recovered" and frame["replayed"] != MISSED:
                raise SystemExit(f"replayed {frame['replayed']}, not {MISSED}")
            self.reached(frame["outcome"] == "recovered")
        elif frame["type"] == "error":
            raise SystemExit(frame["message"])
        elif frame["type"] == "ack":
            self.acked += len(frame["acks"])
        elif "offset" in frame:
            if frame["offset"] != self.offset + 1:
                raise SystemExit(f"a gap: {self.offset} then {frame['offset']}")
            self.offset += 1
            self.reached(True)

    def reached(self, replaying: bool) -> None:
        waiting = self.waiting
        if waiting is not None and not waiting.done() and (not replaying or self.offset >= self.got):
            waiting.set_result(None)


async def our_seat(running: Running, token: str) -> Seat:
    seat = Seat(token=token)
    ready = seat.wait()
    seat.client = await connect(running.port, "/ws", seat.ours, Authorization=f"Bearer {token}", **SUBPROTOCOL)
    await ready
    return seat


async def append(seat: Seat, count: int) -> None:
    """Append ``count`` events to the seat's session; returns once all are acknowledged."""
    assert seat.client is not None
    goal, first = seat.acked + count, seat.offset + 1
    for begin in range(0, count, 200):
        batch = range(begin, min(begin + 200, count))
        seat.client.send(
            b"".join(
                masked(b'{"type":"update_state","id":"e%d","patch":{"title":"event %d"}}' % (first + n, first + n))
                for n in batch
            )
        )
        while seat.acked < goal - count + batch[-1] + 1:
            await asyncio.sleep(0.001)
    seat.got = first + count - 1
    while seat.offset < seat.got:
        await asyncio.sleep(0.001)


async def come_back(running: Running, seat: Seat) -> float:
    """Resume from 20 events ago; how long until the last one is there (seconds)."""
    again = Seat(got=seat.got)
    ready = again.wait()
    path = f"/ws?session_id={seat.session_id}&epoch={seat.epoch}&offset={seat.got - MISSED}"
    began = time.perf_counter()
    client = await connect(running.port, path, again.ours, Authorization=f"Bearer {seat.token}", **SUBPROTOCOL)
    await ready
    took = time.perf_counter() - began
    client.drop()
    return took


async def by_length() -> None:
    with shipanion() as running:
        token = await guest(running)
        seats = {"100 events": await our_seat(running, token), "10,000 events": await our_seat(running, token)}
        for name, seat in seats.items():
            await append(seat, 100 if name.startswith("100 ") else 10_000)
        times: dict[str, list[float]] = {name: [] for name in seats}
        order = [name for name in seats for _ in range(RESUMES // 2)]
        random.Random(1).shuffle(order)
        for name in order:
            times[name].append(await come_back(running, seats[name]))
    short, long = times["100 events"], times["10,000 events"]
    write(f"\n{RESUMES:,} interleaved resumes that miss {MISSED} events: a session of 10,000 events beside one of 100")
    for share, label in ((0.5, "median"), (0.95, "p95")):
        a, b = percentile(short, share) * 1000, percentile(long, share) * 1000
        write(f"  {label:8} {a:7.2f} ms   {b:7.2f} ms   ratio {b / a:.2f}")


async def our_crowd(running: Running) -> Row:
    token = await guest(running)
    seats = [await our_seat(running, token) for _ in range(CROWD)]
    for seat in seats:
        await append(seat, 1)
    held = [seat.got for seat in seats]
    writers = seats
    for begin in range(0, CROWD, 100):
        await asyncio.gather(*(append(seat, MISSED) for seat in writers[begin : begin + 100]))
    for seat in seats:
        assert seat.client is not None
        seat.client.drop()
    assert all(seat.got == had + MISSED for seat, had in zip(seats, held, strict=True))
    await asyncio.sleep(1.0)
    cpu, began = running.cpu_seconds(), time.perf_counter()
    took = await asyncio.gather(*(come_back(running, seat) for seat in seats))
    seconds = time.perf_counter() - began
    return Row("Shipanion (from SQLite)", CROWD / seconds, list(took), (running.cpu_seconds() - cpu) / seconds)


class TheirSeat:
    """A Socket.IO client of one room, speaking Engine.IO 4 by hand."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.pid = self.offset = ""
        self.got = 0
        self.target = 0
        self.client: LoadClient | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def hear(self, client: LoadClient, payload: bytes) -> None:
        if payload.startswith(b"0"):
            hello = json.dumps({"pid": self.pid, "offset": self.offset}) if self.pid else ""
            client.send(masked(b"40" + hello.encode()))
        elif payload.startswith(b"40"):
            self.pid = json.loads(payload[2:]).get("pid", self.pid)
            if not self.target:
                self.ready.set_result(None)
        elif payload.startswith(b"42"):
            self.offset = json.loads(payload[2:])[-1]
            self.got += 1
            if self.got == self.target and not self.ready.done():
                self.ready.set_result(None)
        elif payload == b"2":
            client.send(masked(b"3"))

    async def open(self, running: Running, target: int) -> float:
        self.target = target
        self.ready = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        path = f"/socket.io/?EIO=4&transport=websocket&room={self.room}"
        self.client = await connect(running.port, path, self.hear)
        await self.ready
        return time.perf_counter() - began


async def their_crowd(running: Running) -> Row:
    publisher = TheirSeat("nobody")
    await publisher.open(running, 0)
    seats = [TheirSeat(f"room{n}") for n in range(CROWD)]
    for seat in seats:
        await seat.open(running, 0)

    def publish(count: int) -> None:
        assert publisher.client is not None
        for seat in seats:
            frame = masked(b'42["publish","%s",{"n":1}]' % seat.room.encode())
            publisher.client.send(frame * count)

    publish(1)
    while any(seat.got < 1 for seat in seats):
        await asyncio.sleep(0.01)
    for seat in seats:
        assert seat.client is not None
        seat.client.drop()
    await asyncio.sleep(1.0)
    publish(MISSED)
    await asyncio.sleep(3.0)
    cpu, began = running.cpu_seconds(), time.perf_counter()
    took = await asyncio.gather(*(seat.open(running, 1 + MISSED) for seat in seats))
    seconds = time.perf_counter() - began
    return Row("Socket.IO (from memory)", CROWD / seconds, list(took), (running.cpu_seconds() - cpu) / seconds)


async def main() -> None:
    pin_generator()
    await by_length()
    with socketio() as running:
        rows = [await their_crowd(running)]
    with shipanion() as running:
        rows.append(await our_crowd(running))
    table(f"{CROWD:,} clients cut at once, {MISSED} events missed each; fsync here {fsync_ms():.2f} ms", rows)


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
