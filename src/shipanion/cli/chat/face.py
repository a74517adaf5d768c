"""What the chat asks of whatever a person, or a script, has in front of them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from shipanion.cli.chat.banner import BannerLine
from shipanion.cli.chat.transcript import Entry

__all__ = ["Face", "View"]


class View(NamedTuple):
    """What is only true now: the answer so far, what is not acknowledged yet, and the banner."""

    draft: str
    unsent: Sequence[str]
    banner: BannerLine


class Face(Protocol):
    """Shows entries, which stay, and a view, which changes; reads lines."""

    one_at_a_time: bool
    """Whether a message's answer is awaited before the next line is read."""
    scripted: bool
    """Whether a script speaks: it is shown nothing of the past, and does not wait long for a server."""

    async def line(self) -> str | None:
        """The next line; None to leave."""

    async def show(self, entries: Sequence[Entry]) -> None:
        """Show what stays."""

    def said(self, id: str) -> None:
        """A message with this id was said in this run, or the question with this id answered."""

    def refresh(self) -> None:
        """The view has changed."""

    async def secret(self, prompt: str) -> str | None:
        """A line that is not shown; None if there is nobody to ask."""
