"""The Python client: a session that survives whatever drops.

    from shipanion.client import Deliver, Delta, connect

    async with connect("http://127.0.0.1:8000", token=token, store_dir="~/.shipanion") as session:
        await session.say("five pounds from 90210 to 10001")  # returns once it is committed
        quotes = await session.call_tool("get_shipping_quotes", {"from_zip": "90210", "to_zip": "10001",
        "weight": 5}) async for item in session.events():
            match item:
                case Delta():
                    print(item.piece, end="")
                case Deliver(event={"type": "agent_message", "text": text}):
                    print(text)

It reconnects and resumes by itself. Every event comes once and in order; what was said is sent until it is
decided. Start it again with the same ``store_dir`` and it goes on where it was.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shipanion.client.driver import TokenSource
from shipanion.client.refusals import CommandRefused, SessionEnded, SignInNeeded, ToolFailed
from shipanion.client.session import Page, Session
from shipanion.errors import ConnectionRefused
from shipanion.protocol.client_outputs import (
    Attached,
    Banner,
    Deliver,
    Delta,
    Failed,
    Notice,
    Output,
    Recovered,
    Refused,
    Settled,
    Snapshot,
    TurnText,
)
from shipanion.protocol.position import Position

__all__ = [
    "Attached",
    "Banner",
    "CommandRefused",
    "ConnectionRefused",
    "Deliver",
    "Delta",
    "Failed",
    "Notice",
    "Output",
    "Page",
    "Position",
    "Recovered",
    "Refused",
    "Session",
    "SessionEnded",
    "Settled",
    "SignInNeeded",
    "Snapshot",
    "TokenSource",
    "ToolFailed",
    "TurnText",
    "connect",
]


@asynccontextmanager
async def connect(url: str, **options: Any) -> AsyncIterator[Session]:
    """A session that is live when the block begins. Takes what ``Session`` takes.

    Waits as long as the server cannot be reached; bound it with ``asyncio.timeout``.

    Raises:
        SignInNeeded: the credential was refused.
        ConnectionRefused: the server turned this client away.
        ConfigurationError: the address or the folder cannot be used.
    """
    async with Session(url, **options) as session:
        await session.ready()
        yield session
