"""A person's sessions as a list with numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shipanion.cli.console import printable

__all__ = ["ago", "session_lines"]

MOST_SHOWN: Final = 20

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
