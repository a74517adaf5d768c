"""The one typeface of the label, Bitstream Vera, whose files come inside reportlab.

Both painters set it from the same file, letter by letter at the widths given here: no system font, no kerning, so
the PDF and the picture look the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["CAP_HEIGHT", "Face", "face"]

CAP_HEIGHT = 0.73
"""How high a capital stands over the baseline, as a share of the size."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One weight of the typeface. ``advances`` are the widths of its characters as a share of the size."""

    name: str
    path: Path
    advances: Mapping[str, float]

    def width(self, text: str, size: float) -> float:
        """Width in points of ``text``, which holds only characters that the face has (else ``KeyError``)."""
        return size * sum(self.advances[character] for character in text)


@cache
def face(*, bold: bool = False) -> Face:
    """The face, read from its file once.

    Raises:
        ModuleNotFoundError: reportlab is not installed.
    """
    import reportlab
    from reportlab.pdfbase.ttfonts import TTFontFile

    name = "VeraBd" if bold else "Vera"
    path = Path(reportlab.__file__).with_name("fonts") / f"{name}.ttf"
    widths = TTFontFile(str(path)).charWidths
    # Its table ends with U+FFFF, which is no character.
    advances = {chr(code): width / 1000 for code, width in widths.items() if code < 0xFFFF}
    return Face(name, path, advances)
