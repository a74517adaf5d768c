"""Two hundred sessions at once, their lines cut at random and the server killed under them; then the books are
checked."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.history import calls_and_results, contiguous, ids_of, ids_once, turns_end_once
from tests.support.server_process import ServerProcess
from tests.support.storm_client import StormClient
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire

SESSIONS = 200
PEOPLE = 10
SECONDS = 10.0
KILLS = 20
UP_SECONDS = (0.15, 0.5)
"""How long the server lives between two kills."""

DRAIN_SECONDS = 20.0

MUST_RECOVER = 500
"""A client at most so many events behind, in the same epoch, is always caught up by replay."""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("storm")
    with ServerProcess(folder, rate_limits=False, launch=warm.launch) as running:
        yield running


async def test_storm(server: ServerProcess) -> None:
    seed = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
    print(f"\nSTORM_SEED={seed}")
    people = [await asyncio.to_thread(server.guest) for _ in range(PEOPLE)]
    clients = [
        StormClient(server.socket_url, people[n % PEOPLE], n, seed, drop_s=2.5, pause_s=0.6) for n in range(SESSIONS)
    ]
    running = [asyncio.create_task(client.run()) for client in clients]
    counts = await kill_now_and_then(server, clients, random.Random(seed))
    for client in clients:
        client.ask_no_more()
    drain = time.monotonic()
    await asyncio.wait(running, timeout=DRAIN_SECONDS)
    unfinished = [client for client in clients if not client.finished]
    assert not unfinished, f"seed {seed}: {len(unfinished)} sessions do not come to rest"
    for task in running:
        task.result()
    counts["seconds to come to rest"] = round(time.monotonic() - drain)

    for client in clients:
        counts += client.counts
        assert not client.faults, f"seed {seed}: {client.session_id}: {client.faults[:3]}"
    logs = await asyncio.gather(*(read_again(server, client) for client in clients))
    for client, (log, state) in zip(clients, logs, strict=True):
        counts += check(client, log, state)
    longest = max(len(log) for log, _ in logs)
    assert longest <= MUST_RECOVER, "the logs are so long that a snapshot would have been allowed: storm less"
    counts["events"] = sum(len(log) for log, _ in logs)
    counts["acknowledged"] = sum(len(client.acks) for client in clients)

    print("\n".join(f"{count:7} {what}" for what, count in sorted(counts.items())))
    for what in (
        "resumes that replayed",
        "drops with unacknowledged commands",
        "duplicates suppressed",
        "kills in mid-turn",
        "turns interrupted",
    ):
        assert counts[what] > 0, f"seed {seed}: the storm held no {what}, so it shows nothing"


async def kill_now_and_then(server: ServerProcess, clients: list[StormClient], dice: random.Random) -> Counter[str]:
    """Kill and restart the server until the time is over; how often, and how often in mid-turn."""
    counts: Counter[str] = Counter()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        await asyncio.sleep(dice.uniform(*UP_SECONDS))
        if counts["kills"] == KILLS:
            continue
        server.kill9()
        speaking = sum(client.speaking is not None for client in clients)
        counts["kills"] += 1
        counts["kills in mid-turn"] += speaking > 0
        counts["turns being spoken at a kill"] += speaking
        await asyncio.to_thread(server.start)
    return counts


async def read_again(server: ServerProcess, client: StormClient) -> tuple[list[Json], Json]:
    """The session's log as the server has it, from the start, and its state."""
    place: Json = {"session_id": client.session_id, "epoch": client.epoch}
    async with Wire.open(server.socket_url, client.token, **place, offset=0) as reader:
        assert reader.welcome["outcome"] == "recovered"
        await reader.at(reader.welcome["replayed"])
        log = reader.events
    async with Wire.open(server.socket_url, client.token, session_id=client.session_id) as fresh:
        assert fresh.offset == len(log)
        return log, fresh.state


def check(client: StormClient, log: list[Json], state: Json) -> Counter[str]:
    """Hold what one client was told against the log."""
    assert client.events == log, "what came live is not what is kept"
    contiguous(log, after=0)
    assert client.state == state
    ids_once(log)
    mine = [event["id"] for event in log if "id" in event and event["id"] in client.acks]
    assert set(client.acks) <= {event["id"] for event in log if "id" in event}, "an acknowledged command is missing"
    assert [id for id in client.sent if id in client.acks] == mine, "the order is not the order sent"
    at = {event["id"]: event["offset"] for event in log if "id" in event}
    assert all(at[id] == offset for id, offset in client.acks.items())
    kept = {kind: ids_of(log, kind) for kind in ("user_message", "state_changed", "client_tool_call")}
    assert set(client.sent) <= {id for ids in kept.values() for id in ids}, "an outbox was emptied without its event"
    calls_and_results(log)
    return Counter({f"turns {outcome}": count for outcome, count in turns_end_once(log).items()})
