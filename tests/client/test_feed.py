"""One slow reader: what it missed is told, never silently missing."""

import asyncio

from shipanion.client.feed import Feed
from shipanion.protocol.client_outputs import Banner, Deliver, Delta, Output, Snapshot
from shipanion.protocol.position import Position

HERE = Snapshot(position=Position("e", 99), state={"a": 1}, reason="slow_reader")


def event(offset: int) -> Deliver:
    return Deliver(position=Position("e", offset), event={"offset": offset})


def rest(feed: Feed) -> list[Output]:
    items = []
    while (item := feed.take()) is not None:
        items.append(item)
    return items


async def test_in_order() -> None:
    feed = Feed(lambda: HERE)
    for offset in (1, 2, 3):
        feed.give(event(offset))
    assert rest(feed) == [event(1), event(2), event(3)]


async def test_too_far_behind_means_a_snapshot_and_the_last_banner() -> None:
    feed = Feed(lambda: HERE, most=3)
    live = Banner(status="live")
    items: list[Output] = [Banner(status="connecting"), live, event(1), event(2)]
    for item in items:
        feed.give(item)
    assert rest(feed) == [HERE, live]
    delta = Delta(turn_id="t", piece="x", text="x")
    items = [event(3), event(4), event(5), delta]
    for item in items:
        feed.give(item)
    assert rest(feed) == [HERE, delta]


async def test_before_there_is_a_state_only_the_banner_counts() -> None:
    feed = Feed(lambda: None, most=2)
    banners = [Banner(status="reconnecting", attempt=n, at=n) for n in range(5)]
    for banner in banners:
        feed.give(banner)
    assert rest(feed)[-1] == banners[-1]


async def test_a_reader_sleeps_until_there_is_something() -> None:
    feed = Feed(lambda: HERE)
    reading = asyncio.create_task(feed.news())
    await asyncio.sleep(0)
    assert not reading.done()
    feed.wake()
    async with asyncio.timeout(5):
        await reading
