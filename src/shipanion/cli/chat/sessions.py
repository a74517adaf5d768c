"""A person's sessions: as a list with numbers, and whether one can be entered at all."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shipanion.cli.console import printable
from shipanion.client import ConnectionRefused, Session, SignInNeeded, TokenSource

__all__ = ["ago", "session_lines", "why_not"]

MOST_SHOWN: Final = 20

LOOK_SECONDS: Final = 3.0
"""How long a look at a session may take; after that it is entered without, since the server may only be away."""

STEPS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def session_lines(rows: Sequence[Mapping[str, Any]], here: str | None, now: float) -> list[str]:
    """One line a session, last used first; the one that we are in is marked.

    Args:
        rows: ``{id, title?, last_at (ms), head}``.
        here: the id of the session that we are in.
        now: seconds since 1970.
    """
    lines = []
    for number, row in enumerate(rows[:MOST_SHOWN], 1):
        title = printable(str(row.get("title") or row["id"]))
        seconds = now - int(row.get("last_at", 0)) / 1000
        mark = "  (you are here)" if row["id"] == here else ""
        lines.append(f"{number:>3}  {title}, {ago(seconds)}, {row.get('head', 0)} events{mark}")
    if len(rows) > MOST_SHOWN:
        lines.append(f"     and {len(rows) - MOST_SHOWN} more")
    return lines


def ago(seconds: float) -> str:
    """``3 hours ago``."""
    for size, name in STEPS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


async def why_not(url: str, token: TokenSource, session_id: str, device: str) -> str:
    """Why the server will not let this person into a session; empty where it does, or does not say.

    Nothing is kept of the look, and whoever looks stays where they are.
    """
    try:
        async with asyncio.timeout(LOOK_SECONDS), Session(url, token=token, session_id=session_id, device=device) as it:
            await it.ready()
    except ConnectionRefused as refusal:
        return str(refusal)
    except (SignInNeeded, TimeoutError):
        pass
    return ""
