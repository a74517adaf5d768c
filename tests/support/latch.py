"""A gate for tests: whoever comes is held until the test lets it through, so that anything can be frozen anywhere."""

import asyncio

__all__ = ["Latch"]

SECONDS = 10.0
"""How long anything here waits before it fails."""


class Latch:
    """Holds everybody who calls ``wait`` until let through, and tells the test that they came."""

    def __init__(self, *, closed: bool = True) -> None:
        self.came = 0
        self._open = not closed
        self._passes = 0
        self._changed = asyncio.Condition()

    async def wait(self) -> None:
        """Be held here."""
        async with self._changed:
            self.came += 1
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._open or self._passes > 0)
            if not self._open:
                self._passes -= 1

    async def let(self, count: int = 1) -> None:
        """Let so many through, now or when they come."""
        async with self._changed:
            self._passes += count
            self._changed.notify_all()

    def close(self) -> None:
        """Hold everybody from now on."""
        self._open = False

    async def open(self) -> None:
        """Hold nobody any more."""
        async with self._changed:
            self._open = True
            self._changed.notify_all()

    async def arrived(self, count: int = 1) -> None:
        """Wait until so many have come, in all."""
        async with asyncio.timeout(SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.came >= count)
