"""Does opening and resuming a session depend on how many sessions the store holds? 100,000 beside 100.

Each session has 25 events; a resume misses the last 20 of a random one. Measured interleaved, on two servers.
"""

import asyncio
import json
import random
import shutil
import tempfile
import time
from pathlib import Path

import jwt
from report import percentile, write
from resume import MISSED, SUBPROTOCOL, Seat
from servers import Running, guest, pin_generator, shipanion
from wire import connect

from shipanion.stores.base import Committed, NewEvent, NewSession, Refused, Result, Step
from shipanion.stores.sqlite import SqliteStore

FEW, MANY = 100, 100_000
EVENTS = 25
ROUNDS = 1_000


def step(session_id: str) -> Step:
    body = json.dumps({"type": "state_changed", "patch": {"title": "x" * 100}}).encode()
    by = b'{"role":"owner","name":"Guest"}'
    events = tuple(NewEvent(type="state_changed", body=body, by=by, at=1_700_000_000_000) for _ in range(EVENTS))
    return Step(session_id=session_id, events=events)


async def fill(folder: Path, owner: str, count: int) -> None:
    """Put ``count`` sessions of ``owner`` into the store."""
    store = SqliteStore(folder / "shipanion.sqlite3", serve=True)
    await store.open()
    loop = asyncio.get_running_loop()
    for begin in range(0, count, 500):
        names = [f"session-bench{n}" for n in range(begin, min(begin + 500, count))]
        made = await asyncio.gather(
            *(
                store.create_session(NewSession(session_id=name, owner=owner, epoch="bench", at=1_700_000_000_000))
                for name in names
            )
        )
        assert not any(isinstance(row, Refused) for row in made)
        done: asyncio.Future[list[Result]] = loop.create_future()
        store.submit([step(name) for name in names], lambda results, done=done: done.set_result(list(results)))
        assert all(isinstance(result, Committed) for result in await done)
    await store.close()


async def timed(running: Running, token: str, path: str, upto: int) -> float:
    seat = Seat(got=upto)
    ready = seat.wait()
    began = time.perf_counter()
    client = await connect(running.port, path, seat.ours, Authorization=f"Bearer {token}", **SUBPROTOCOL)
    await ready
    took = time.perf_counter() - began
    client.drop()
    return took


async def prepared(count: int) -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="shipanion-bench-"))
    with shipanion(folder) as running:
        token = await guest(running)
    owner = str(jwt.decode(token, options={"verify_signature": False})["sub"])
    await fill(folder, owner, count)
    return folder, token


async def main() -> None:
    pin_generator()
    folders = {count: await prepared(count) for count in (FEW, MANY)}
    times: dict[tuple[str, int], list[float]] = {(kind, count): [] for kind in ("open", "resume") for count in folders}
    dice = random.Random(1)
    with shipanion(folders[FEW][0]) as few, shipanion(folders[MANY][0]) as many:
        # Opening is somebody else's: the owner of 100,000 sessions has more than one person may open.
        others = {FEW: await guest(few), MANY: await guest(many)}
        epochs = {}
        for count, running in ((FEW, few), (MANY, many)):
            seat = Seat()
            ready = seat.wait()
            client = await connect(
                running.port, "/ws?session_id=session-bench0", seat.ours,
                Authorization=f"Bearer {folders[count][1]}", **SUBPROTOCOL,
            )  # fmt: skip
            await ready
            epochs[count] = seat.epoch
            client.drop()
        for _ in range(ROUNDS):
            for count, running in ((FEW, few), (MANY, many)):
                token = folders[count][1]
                name = f"session-bench{dice.randrange(count)}"
                path = f"/ws?session_id={name}&epoch={epochs[count]}&offset={EVENTS - MISSED}"
                times["resume", count].append(await timed(running, token, path, EVENTS))
                times["open", count].append(await timed(running, others[count], "/ws", 0))
    for folder, _ in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    write(f"\na store with {MANY:,} sessions beside one with {FEW}, {ROUNDS:,} interleaved rounds")
    for kind in ("open", "resume"):
        for share, label in ((0.5, "median"), (0.95, "p95")):
            a, b = (percentile(times[kind, count], share) * 1000 for count in (FEW, MANY))
            write(f"  {kind:8}{label:8} {a:7.2f} ms   {b:7.2f} ms   ratio {b / a:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
