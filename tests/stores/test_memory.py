"""The store without a disk: what is its own; all else is in the tests of the contract."""

import asyncio

from shipanion.stores.base import Committed, Result
from shipanion.stores.memory import MemoryStore
from tests.support.store_steps import append, make_session


async def test_two_stores_share_nothing() -> None:
    first, second = MemoryStore(), MemoryStore()
    for store in (first, second):
        await store.open()
    await make_session(first)
    assert await second.session("s1") is None
    assert first.incarnation != second.incarnation


async def test_closing_gives_every_answer_first() -> None:
    store = MemoryStore()
    await store.open()
    await make_session(store)
    seen: list[Result] = []
    store.submit([append("s1", b"x")], seen.extend)
    assert seen == []
    await store.close()
    assert seen == [Committed(head=1)]


async def test_answers_keep_their_place_among_other_calls_of_the_loop() -> None:
    store = MemoryStore()
    await store.open()
    await make_session(store)
    order: list[str] = []
    loop = asyncio.get_running_loop()
    loop.call_soon(order.append, "before")
    store.submit([append("s1", b"x")], lambda results: order.append("answer"))
    loop.call_soon(order.append, "after")
    await asyncio.sleep(0)
    assert order == ["before", "answer", "after"]
