"""The terminal as commands write to it: one that no character, locale or width can bring down."""

import io
import sys
from typing import Final

from rich.console import Console

__all__ = ["console", "printable"]

LEAST_WIDTH: Final = 20
"""Narrower than this a table would have columns without a single character."""


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error. Characters that its encoding lacks are shown as ``?``."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    made = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if made.width < LEAST_WIDTH:
        made.width = LEAST_WIDTH
    return made


def printable(text: str) -> str:
    """A text from elsewhere without the control characters by which it could take over the terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() or c in ALLOWED else "\ufffd" for c in text)


ALLOWED: Final = frozenset("\u00a0\u200d\u202f")
"""Spaces and the joiner inside emoji: harmless, though Python does not call them printable."""
