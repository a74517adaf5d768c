"""Callers and their answers."""

import asyncio

import pytest

from shipanion.client.waiting import Waiting


async def test_everybody_who_waits_gets_the_answer_once() -> None:
    waiting: Waiting[int] = Waiting()
    for _ in range(2):
        waiting.expect("a")
    callers = [asyncio.create_task(waiting.answer("a")) for _ in range(2)]
    await asyncio.sleep(0)
    waiting.resolve("a", 1)
    waiting.resolve("a", 2)
    waiting.reject("a", ValueError())
    assert await asyncio.gather(*callers) == [1, 1]


async def test_one_who_gives_up_does_not_take_the_answer_from_another() -> None:
    waiting: Waiting[int] = Waiting()
    for _ in range(2):
        waiting.expect("a")
    hasty = asyncio.create_task(waiting.answer("a"))
    await asyncio.sleep(0)
    hasty.cancel()
    await asyncio.gather(hasty, return_exceptions=True)
    waiting.forget("a")
    waiting.resolve("a", 1)
    assert await waiting.answer("a") == 1
    waiting.forget("a")
    assert "a" not in waiting


async def test_an_answer_nobody_waits_for_is_not_kept() -> None:
    waiting: Waiting[int] = Waiting()
    waiting.resolve("a", 1)
    waiting.reject("a", ValueError())
    assert "a" not in waiting


async def test_all_are_woken_in_the_end() -> None:
    waiting: Waiting[int] = Waiting()
    for id in "ab":
        waiting.expect(id)
    waiting.resolve("a", 1)
    waiting.reject_all(ValueError("over"))
    assert await waiting.answer("a") == 1
    with pytest.raises(ValueError, match="over"):
        await waiting.answer("b")
