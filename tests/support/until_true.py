"""Waiting for something that gives no sign of its own: looked at again and again, with a bound."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

__all__ = ["until_true"]

SECONDS = 5.0
BETWEEN = 0.002
"""Short, but long enough for a store's threads to get their turn."""


async def until_true(look: Callable[[], Awaitable[Any] | Any]) -> Any:
    """The first true value ``look`` gives; fails after five seconds."""
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                found = look()
                if isawaitable(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(BETWEEN)
    except TimeoutError:
        raise AssertionError("it never came true") from None
