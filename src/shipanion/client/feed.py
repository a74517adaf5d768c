"""What happened, in order, for one reader that may be slow."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from shipanion.protocol.client_outputs import Banner, Deliver, Output, Snapshot

__all__ = ["MOST_UNREAD", "Feed"]

MOST_UNREAD: Final = 10_000
"""A reader that is further behind than this starts anew from the present state."""


class Feed:
    """A bounded line of outputs. What does not fit is replaced by one snapshot: told, never silently missing.

    Args:
        here: makes a snapshot of the present state, None while there is none.
        most: how many outputs may wait.
    """

    def __init__(self, here: Callable[[], Snapshot | None], most: int = MOST_UNREAD) -> None:
        self._here = here
        self._most = most
        self._items: deque[Output] = deque()
        self._news = asyncio.Event()

    def give(self, item: Output) -> None:
        """Append one output."""
        if len(self._items) >= self._most:
            # The snapshot holds every event up to now, this one included. The last banner still tells the
            # truth.
            banners = [kept for kept in self._items if isinstance(kept, Banner)]
            self._items.clear()
            snapshot = self._here()
            if snapshot is not None:
                self._items.append(snapshot)
            self._items.extend(banners[-1:])
            if isinstance(item, Deliver | Snapshot):
                self._news.set()
                return
        self._items.append(item)
        self._news.set()

    def wake(self) -> None:
        """Let the reader look up, though nothing was given."""
        self._news.set()

    def take(self) -> Output | None:
        """The next output, None when all are read."""
        return self._items.popleft() if self._items else None

    async def news(self) -> None:
        """Wait until there may be something to read."""
        await self._news.wait()
        self._news.clear()
