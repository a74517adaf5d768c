"""The words that lie over the whole label, so that no part of it can be cut out and used."""

from math import atan2, ceil, cos, degrees, hypot, sin

from shipanion.shipping.label.font import CAP_HEIGHT, face
from shipanion.shipping.label.primitives import HEIGHT, WIDTH, Mark

__all__ = ["FILL", "FILL_SHARE", "OUTLINE", "OUTLINE_WIDTH", "WORDS", "marks"]

WORDS = "SAMPLE — NOT POSTAGE — DO NOT MAIL"

FILL = (0.86, 0.08, 0.08)
"""Red, green and blue of the inside of the letters, each 0 to 1."""
FILL_SHARE = 0.16
"""How much of it lies over what is below."""
OUTLINE = (0.70, 0.0, 0.0)
"""Dark enough to stay when a printer knows black and white only."""
OUTLINE_WIDTH = 0.3
"""In points."""

_SIZE = 19.0
_BAND = 34.0
"""From one line of words to the next, points."""
_GAP = 12.0
"""Between the words and their repetition on the same line, points."""


def marks() -> tuple[Mark, ...]:
    """The words once from corner to corner, and again on parallel lines until no part of the label is without them.

    Every second line is shifted by half, so that ends do not come to lie beside each other.
    """
    length = face(bold=True).width(WORDS, _SIZE)
    slope = atan2(HEIGHT, WIDTH)
    reach = hypot(WIDTH, HEIGHT) / 2
    lines, repeats = ceil(reach / _BAND), ceil(reach / (length + _GAP)) + 1
    found = []
    for line in range(-lines, lines + 1):
        for repeat in range(-repeats, repeats + 1):
            along = (repeat + (line % 2) / 2) * (length + _GAP)
            across = line * _BAND
            # Upwards to the right is negative: y runs downwards.
            x = WIDTH / 2 + along * cos(slope) + across * sin(slope)
            y = HEIGHT / 2 - along * sin(slope) + across * cos(slope)
            if _touches(x, y, slope, length / 2):
                found.append(Mark(x=x, y=y, angle=degrees(slope), size=_SIZE, text=WORDS))
    return tuple(found)


def _touches(x: float, y: float, slope: float, half: float) -> bool:
    """True when words with this middle may reach into the label: their upright box does."""
    tall = _SIZE * CAP_HEIGHT / 2
    wide_reach = half * cos(slope) + tall * sin(slope)
    high_reach = half * sin(slope) + tall * cos(slope)
    return -wide_reach < x < WIDTH + wide_reach and -high_reach < y < HEIGHT + high_reach
