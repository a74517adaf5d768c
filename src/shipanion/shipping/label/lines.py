"""Text that people typed, made fit to print: one line, printable, and never wider than its place."""

import unicodedata

from shipanion.shipping.label.font import Face

__all__ = ["cut", "shown", "wrapped"]

_READ = 400
_STAND_IN = "?"


def shown(text: str, face: Face) -> str:
    """``text`` on one line, of characters that ``face`` has.

    White space and control characters become one space; marks that are not seen (direction, joiners) go; what the
    face lacks becomes ``?``. Only the first 400 characters are looked at.
    """
    composed = unicodedata.normalize("NFC", text[:_READ])
    seen = "".join(_plain(character) for character in composed)
    return "".join(c if c in face.advances else _STAND_IN for c in " ".join(seen.split()))


def cut(text: str, face: Face, size: float, width: float) -> str:
    """``text``, or as much of its beginning as fits into ``width`` points with ``…`` behind it."""
    if face.width(text, size) <= width:
        return text
    return text[: _fitting(text, face, size, width - face.width("…", size))].rstrip() + "…"


def wrapped(text: str, face: Face, size: float, width: float, most: int) -> list[str]:
    """``text`` on at most ``most`` lines, broken between words where that is possible; the last one is cut."""
    lines: list[str] = []
    rest = text.strip()
    while len(lines) < most - 1 and face.width(rest, size) > width:
        fitting = _fitting(rest, face, size, width)
        space = rest.rfind(" ", 0, fitting + 1)
        # A word that is wider than the line is broken where the line ends.
        end = space if space > 0 else max(1, fitting)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, cut(rest, face, size, width)] if rest else lines


def _fitting(text: str, face: Face, size: float, width: float) -> int:
    """How many of the first characters of ``text`` fit into ``width``."""
    for count, character in enumerate(text):
        width -= face.width(character, size)
        if width < 0:
            return count
    return len(text)


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Cc":
            return " "
        case _:
            return character
