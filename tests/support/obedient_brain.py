"""A brain that does what the message says, word by word, and can be held before each word.

Words are said as pieces ("milk " for ``milk``). Some do something instead:

    #call:NAME:ITEM     runs a tool of the shopping list
    #add:ITEM           edits the shared state
    #raise              fails;  #cancel  fails as a cancelled library call would
    #die                says nothing more and never ends
"""

import asyncio
from typing import Any, Protocol

import msgspec

from tests.support.latch import Latch

__all__ = ["ObedientBrain"]


class _Said(msgspec.Struct):
    text: str


class _Turn(Protocol):
    turn_id: str
    message_offset: Any

    async def events(self, *, before: int, limit: int) -> Any: ...
    def say(self, text: str) -> None: ...
    async def call(self, tool_name: str, parameters: dict[str, Any]) -> Any: ...
    async def update(self, patch: dict[str, Any]) -> str | None: ...


class ObedientBrain:
    """Runs turns. ``word`` holds it before each word; it is open until a test closes it."""

    def __init__(self) -> None:
        self.word = Latch(closed=False)
        self.began: list[str] = []
        """Turn ids, in the order they began."""
        self.results: list[Any] = []
        """What tools and edits gave back."""

    async def __call__(self, turn: Any) -> None:
        running: _Turn = turn
        self.began.append(running.turn_id)
        (asked,) = await running.events(before=running.message_offset + 1, limit=1)
        for word in msgspec.json.decode(asked.body, type=_Said).text.split():
            await self.word.wait()
            what, _, rest = word.partition(":")
            match what:
                case "#call":
                    name, _, item = rest.partition(":")
                    self.results.append(await running.call(name, {"item": item}))
                case "#add":
                    self.results.append(await running.update({"items": {rest: 1}}))
                case "#edit":
                    self.results.append(await running.update({rest: 1}))
                case "#raise":
                    raise RuntimeError("the brain is tired")
                case "#cancel":
                    raise asyncio.CancelledError
                case "#die":
                    await asyncio.get_running_loop().create_future()
                case _:
                    running.say(f"{word} ")
