"""The thread that does everything queued at a time."""

import asyncio
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from shipanion.stores.worker import Answer, Worker, settle


class Gate:
    """Work that notes its rounds and waits for the test to let it go on."""

    def __init__(self, seen: list[str]) -> None:
        self.rounds: list[list[str]] = []
        self.entered = threading.Event()
        self.open = threading.Event()
        self._seen = seen

    def work(self, items: list[str]) -> Sequence[Answer]:
        self.rounds.append(items)
        self.entered.set()
        self.open.wait(10)
        return [partial(self._seen.append, item) for item in items]


async def test_what_waits_is_done_together_and_answered_in_order() -> None:
    seen: list[str] = []
    gate = Gate(seen)
    worker = Worker("test", gate.work, limit=100)
    worker.put("a")
    await asyncio.to_thread(gate.entered.wait, 10)
    for item in "bcdef":
        worker.put(item)
    assert seen == []
    gate.open.set()
    await worker.stop()
    assert gate.rounds == [["a"], ["b", "c", "d", "e", "f"]]
    assert seen == list("abcdef")


async def test_a_round_takes_no_more_than_its_limit() -> None:
    gate = Gate([])
    worker = Worker("test", gate.work, limit=3)
    worker.put("a")
    await asyncio.to_thread(gate.entered.wait, 10)
    for item, weight in [("b", 1), ("c", 1), ("d", 5), ("e", 9), ("f", 1), ("g", 1), ("h", 1), ("i", 1)]:
        worker.put(item, weight)
    gate.open.set()
    await worker.stop()
    assert gate.rounds == [["a"], ["b", "c", "d"], ["e"], ["f", "g", "h"], ["i"]]


async def test_the_answers_of_a_round_reach_the_loop_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    calls: list[str] = []
    real = loop.call_soon_threadsafe

    def counted(call: Any, *args: Any, **options: Any) -> asyncio.Handle:
        calls.append(threading.current_thread().name)
        return real(call, *args, **options)

    seen: list[str] = []
    gate = Gate(seen)
    worker = Worker("counted", gate.work, limit=100)
    worker.put("a")
    await asyncio.to_thread(gate.entered.wait, 10)
    for item in "bcd":
        worker.put(item)
    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    gate.open.set()
    await worker.stop()
    assert seen == list("abcd")
    assert calls.count("counted") == 3, "a, then b to d, then the end"


async def test_a_failing_round_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    def work(items: list[str]) -> Sequence[Answer]:
        if "bad" in items:
            raise RuntimeError("a fault of ours")
        return [partial(seen.append, item) for item in items]

    worker = Worker("test", work, limit=1)
    for item in ["bad", "good"]:
        worker.put(item)
    await worker.stop()
    assert seen == ["good"]
    assert "a round of test failed" in caplog.text


async def test_finish_is_called_on_the_thread_after_the_last_round() -> None:
    order: list[str] = []

    def work(items: list[str]) -> Sequence[Answer]:
        order.extend(items)
        return []

    worker = Worker("its-name", work, limit=1, finish=lambda: order.append(threading.current_thread().name))
    worker.put("a")
    worker.put("b")
    await worker.stop()
    assert order == ["a", "b", "its-name"]


async def test_a_failing_finish_still_ends(caplog: pytest.LogCaptureFixture) -> None:
    def finish() -> None:
        raise RuntimeError("a fault of ours")

    worker: Worker[str] = Worker("test", lambda items: [], limit=1, finish=finish)
    await asyncio.wait_for(worker.stop(), 10)
    assert "test did not end cleanly" in caplog.text


def test_answers_for_a_closed_loop_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate([])

    async def leave() -> threading.Thread:
        worker = Worker("left-alone", gate.work, limit=1)
        worker.put("a")
        await asyncio.to_thread(gate.entered.wait, 10)
        return next(thread for thread in threading.enumerate() if thread.name == "left-alone")

    thread = asyncio.run(leave())
    gate.open.set()
    for _ in range(1000):
        if "event loop that is closed" in caplog.text:
            break
        thread.join(0.01)
    assert "left-alone had answers for an event loop that is closed" in caplog.text
    assert thread.is_alive(), "it waits for more"


async def test_settling() -> None:
    loop = asyncio.get_running_loop()
    value, error, cancelled = loop.create_future(), loop.create_future(), loop.create_future()
    settle(value, 5)
    settle(value, 6)
    assert await value == 5
    settle(error, ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await error
    cancelled.cancel()
    settle(cancelled, 5)
    assert cancelled.cancelled()
    settle(None, 5)
