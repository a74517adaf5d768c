"""A face for tests: lines are given, what is shown is kept."""

import asyncio
from collections.abc import Callable, Sequence

from shipanion.cli.chat.transcript import Entry

__all__ = ["FakeFace"]


class FakeFace:
    """Shows nothing, keeps everything."""

    def __init__(self, *, one_at_a_time: bool = False, scripted: bool = False) -> None:
        self.one_at_a_time, self.scripted = one_at_a_time, scripted
        self.entries: list[Entry] = []
        self.typed: asyncio.Queue[str | None] = asyncio.Queue()
        self.password: str | None = None
        self._changed = asyncio.Event()

    async def line(self) -> str | None:
        return await self.typed.get()

    async def show(self, entries: Sequence[Entry]) -> None:
        self.entries += entries
        self._changed.set()

    def said(self, id: str) -> None:
        pass

    def refresh(self) -> None:
        self._changed.set()

    async def secret(self, prompt: str) -> str | None:
        return self.password

    # --- for tests --------------------------------------------------------------------------------------------------

    def type(self, *lines: str | None) -> None:
        for line in lines:
            self.typed.put_nowait(line)

    def texts(self, who: str | None = None) -> list[str]:
        return [entry.text for entry in self.entries if who in (None, entry.who)]

    async def until(self, condition: Callable[[], object], within: float = 5.0) -> None:
        """Wait until something is so, looking whenever something was shown or changed."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it did not come; shown so far: {self.texts()}") from None
