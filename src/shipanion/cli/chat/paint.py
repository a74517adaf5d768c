"""Entries and views as they look on a terminal, and as plain text."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from shipanion.cli.chat.face import View
from shipanion.cli.chat.question import question_lines, question_view
from shipanion.cli.chat.shipment import shipment_view, state_lines
from shipanion.cli.chat.transcript import Entry
from shipanion.cli.console import printable

__all__ = ["BANNER_STYLES", "BLOCKS", "live_lines", "painted", "plain_text"]

LABELS: Final = {"you": ("You", "bold cyan"), "elsewhere": ("You*", "bold cyan"), "bob": ("Bob", "bold green")}
"""With a star: said on another device."""

BLOCKS: Final = {
    "state": "The shipment so far",
    "question": "Bob needs your yes",
    "away": "While you were away",
}
"""What is drawn in a frame, under this title."""

BANNER_STYLES: Final = {"good": "green", "wait": "yellow", "bad": "red"}

NARROW: Final = 40
"""Below so many columns there is none to spare for names of their own."""


def painted(entry: Entry, width: int) -> RenderableType:
    """An entry for a terminal of this width."""
    text = printable(entry.text)
    if entry.who in LABELS:
        label, style = LABELS[entry.who]
        return _labelled(Text(label, style=style), Text(text), width)
    if entry.who in BLOCKS:
        title = Text(text if text and entry.who == "state" else BLOCKS[entry.who])
        view = _inside(entry, text, width)
        return Group(title, view) if width < NARROW else Panel(view, title=title, title_align="left", expand=False)
    styles = {"event": "dim", "note": "", "warning": "yellow"}
    mark = {"event": "- ", "warning": "! "}.get(entry.who, "")
    return Text(f"{mark}{text}", style=styles[entry.who])


def plain_text(entry: Entry) -> str:
    """An entry without colours, boxes or control characters."""
    text = printable(entry.text)
    if entry.who in LABELS:
        return f"{LABELS[entry.who][0]}: {text}"
    if entry.who == "state":
        return "\n".join([*([text] if text else []), *state_lines(entry.state or {})])
    if entry.who == "question":
        return "\n".join([f"{BLOCKS['question']}:", *question_lines(entry.state or {})])
    if entry.who == "away":
        return "\n".join([f"{BLOCKS['away']}:", *_points(text)])
    return f"! {text}" if entry.who == "warning" else text


def _inside(entry: Entry, text: str, width: int) -> RenderableType:
    match entry.who:
        case "state":
            return shipment_view(entry.state or {}, width - 4)
        case "question":
            return question_view(entry.state or {})
    return Text("\n".join(_points(text)))


def _points(text: str) -> list[str]:
    return [f"- {line}" for line in text.splitlines()]


def live_lines(view: View, console: Console, width: int, rows: int) -> list[list[tuple[str, str]]]:
    """What stands above the line being typed: pending messages, the answer so far, the banner.

    Args:
        view: what is true now.
        console: wraps the lines, wide characters included.
        width, rows: how much room there is; of a longer answer the end is shown.

    Returns:
        For each line the pieces of it, as (style, text).
    """
    lines: list[list[tuple[str, str]]] = []
    for text in view.unsent:
        lines += _wrapped("You", "class:you", f"{text}  (sending)", "class:pending", console, width)
    if view.draft:
        lines += _wrapped("Bob", "class:bob", view.draft.rstrip(), "", console, width)
    banner = Text(printable(view.banner.text)).wrap(console, max(1, width - 2), overflow="fold")
    told = [[(f"class:{view.banner.mood}", f"{'* ' if not n else '  '}{line.plain}")] for n, line in enumerate(banner)]
    room = max(0, rows - len(told[:2]))
    return [*(lines[-room:] if room else []), *told[:2]]


def _wrapped(
    label: str, label_style: str, text: str, style: str, console: Console, width: int
) -> list[list[tuple[str, str]]]:
    indent = 5 if width >= NARROW else 0
    given = printable(text) if indent else f"{label}: {printable(text)}"
    wrapped = Text(given).wrap(console, max(1, width - indent), overflow="fold", tab_size=4)
    lines: list[list[tuple[str, str]]] = []
    for number, line in enumerate(wrapped):
        start: Sequence[tuple[str, str]] = [(label_style, f"{label if not number else '':<{indent}}")] if indent else []
        lines.append([*start, (style, line.plain)])
    return lines


def _labelled(label: Text, text: Text, width: int) -> RenderableType:
    if width < NARROW:
        return Text.assemble(label, ": ", text)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=4)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(label, text)
    return grid
