"""A work of the server's own whose end somebody waits for."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.hub import Appended

__all__ = ["RETRY_SECONDS", "AwaitedWork"]

RETRY_SECONDS: Final = 1.0
"""How long to wait when the store could not write."""


class AwaitedWork(ABC):
    """A work that can be awaited: posted again until it is decided for good."""

    source: object = None

    def __init__(self) -> None:
        self._outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def decide(self, view: View) -> Draft: ...

    async def written(self, actor: SessionActor) -> str | None:
        """Post it, and again while the store cannot write: None once it is committed, else the code that refused it."""
        while True:
            actor.post(self)
            code = await self._outcome
            self._outcome = asyncio.get_running_loop().create_future()
            if code not in ("unavailable", "retry_in_order"):
                return code
            await asyncio.sleep(RETRY_SECONDS)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        self._tell(None)

    def duplicate(self, offset: int, same: bool) -> None:
        self._tell(None)

    def refused(self, code: str, message: str) -> None:
        self._tell(code)

    def _tell(self, code: str | None) -> None:
        if not self._outcome.done():
            self._outcome.set_result(code)
