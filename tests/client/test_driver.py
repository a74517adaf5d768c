"""The hands of the machine, on a line made of memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from shipanion.client.driver import Driver, TokenSource
from shipanion.client.transport import LineClosed, Wire
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_outputs import Banner, Output
from shipanion.protocol.client_states import State
from tests.client.scripted_server import until

WELCOME = {
    "type": "welcome",
    "session_id": "s",
    "outcome": "created",
    "position": {"epoch": "e", "offset": 0},
    "replayed": 0,
    "state": {},
    "devices": [],
    "heartbeat_ms": 25_000,
    "limits": {},
    "reconnect": {"min_ms": 10, "max_ms": 10},
}


class MemoryWire:
    """A line whose other end is the test. Its goodbye never ends, like that of a peer that is gone."""

    def __init__(self) -> None:
        self.down: asyncio.Queue[str | LineClosed] = asyncio.Queue()
        self.up: list[dict[str, Any]] = []
        self.goodbye: tuple[int, str] | None = None
        self.stuck = asyncio.Event()

    async def send(self, text: str) -> None:
        await asyncio.sleep(0)
        self.up.append(json.loads(text))

    async def receive(self) -> str:
        item = await self.down.get()
        if isinstance(item, LineClosed):
            raise item
        return item

    async def close(self, code: int, reason: str) -> None:
        self.goodbye = (code, reason)
        await self.stuck.wait()

    def tell(self, frame: dict[str, Any]) -> None:
        self.down.put_nowait(json.dumps(frame))


class Bench:
    """A driver, its lines in the order they were opened, and what it heard."""

    def __init__(self) -> None:
        self.now = 0
        self.wires: list[MemoryWire] = []
        self.tokens: list[str | None] = []
        self.heard: list[Output] = []
        self.crashes: list[Exception] = []
        self.machine = ClientMachine()

    async def dial(self, url: str, query: Mapping[str, str | int], token: str | None) -> Wire:
        self.tokens.append(token)
        self.wires.append(MemoryWire())
        return self.wires[-1]

    def banners(self) -> list[str]:
        return [out.status for out in self.heard if isinstance(out, Banner)]


@asynccontextmanager
async def driving(
    token: TokenSource = "t", clock: Callable[[], int] | None = None
) -> AsyncIterator[tuple[Bench, Driver]]:
    bench = Bench()
    driver = Driver(
        bench.machine,
        url="ws://memory/ws",
        token=token,
        dial=bench.dial,
        clock=clock or (lambda: bench.now),
        dice=lambda: 0.0,
        hear=bench.heard.append,
        crashed=bench.crashes.append,
    )
    driver.start()
    await until(lambda: len(bench.wires) == 1)
    yield bench, driver
    for wire in bench.wires:
        wire.stuck.set()
    async with asyncio.timeout(5):
        await driver.finish()
    assert bench.crashes == []


async def test_frames_are_written_in_order() -> None:
    async with driving() as (bench, driver):
        for number in range(5):
            driver.submit({"type": "user_message", "id": str(number), "text": "x"})
        bench.wires[0].tell(WELCOME)
        await until(lambda: len(bench.wires[0].up) == 5)
        driver.submit({"type": "user_message", "id": "5", "text": "x"})
        await until(lambda: len(bench.wires[0].up) == 6)
        assert [frame["id"] for frame in bench.wires[0].up] == list("012345")


async def test_a_goodbye_that_hangs_does_not_hold_up_the_next_line() -> None:
    async with driving() as (bench, _):
        first = bench.wires[0]
        first.tell(WELCOME)
        first.tell({"type": "x", "session_id": "s", "offset": 9})
        await until(lambda: len(bench.wires) == 2)
        await until(lambda: first.goodbye == (4000, "gap"))
        # What a line that was given up still says is not heard.
        first.tell({"type": "x", "session_id": "s", "offset": 1})
        bench.wires[1].tell(WELCOME | {"outcome": "recovered"})
        await until(lambda: bench.machine.status is State.LIVE)
        assert bench.machine.exchange.replica.position is not None
        assert bench.machine.exchange.replica.position.offset == 0


async def test_the_timer_that_the_machine_asks_for_fires() -> None:
    readings: list[int] = []
    async with driving(clock=lambda: readings.pop(0) if readings else 6000) as (bench, driver):
        bench.wires[0].tell(WELCOME)
        await until(lambda: bench.machine.status is State.LIVE)
        # Tested at 1000, so given up at 6000; by the time the timer is set, that is a millisecond away.
        readings[:] = [1000, 5999]
        driver.try_now()
        await until(lambda: bench.wires[0].goodbye == (4000, "silence"))
        await until(lambda: len(bench.wires) == 2)


async def test_refused_tokens_are_renewed_a_few_times_only() -> None:
    made = 0

    async def token() -> str:
        nonlocal made
        made += 1
        return f"token-{made}"

    async with driving(token) as (bench, _):
        for number in range(4):
            await until(lambda: len(bench.wires) == number + 1)  # noqa: B023 - awaited at once
            assert bench.banners() == ["connecting"] * (number + 1)
            bench.wires[number].down.put_nowait(LineClosed(4201))
        await until(lambda: bench.banners()[-1] == "sign_in")
        assert bench.tokens == ["token-1", "token-2", "token-3", "token-4"]


async def test_a_refused_token_that_does_not_change_is_asked_about() -> None:
    async def token() -> str:
        return "same"

    async with driving(token) as (bench, driver):
        bench.wires[0].down.put_nowait(LineClosed(4200))
        await until(lambda: bench.banners()[-1] == "sign_in")
        assert not driver.renewing
        assert len(bench.wires) == 1
