"""What a label is made of, before anybody paints it.

Lengths are points (1/72 inch), measured from the upper left corner, y downwards.
"""

from dataclasses import dataclass

__all__ = ["HEIGHT", "WIDTH", "Drawing", "Line", "Mark", "Primitive", "QrModules", "Rectangle", "Text"]

WIDTH = 288.0
"""4 inches."""
HEIGHT = 432.0
"""6 inches."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text in black, starting at ``x`` on the baseline ``y``."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A straight black line."""

    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float = 0.6


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The outline of a rectangle in black."""

    x: float
    y: float
    width: float
    height: float
    thickness: float = 0.6


@dataclass(frozen=True, slots=True)
class QrModules:
    """A QR code without its quiet zone: ``rows`` of modules, True is dark, each ``module`` points wide."""

    x: float
    y: float
    module: float
    rows: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Bold text in outline over what lies below it, which shines through. (``x``, ``y``) is the middle of the text;
    ``angle`` turns it about that point, in degrees against the clock."""

    x: float
    y: float
    angle: float
    size: float
    text: str


Primitive = Text | Line | Rectangle | QrModules | Mark


@dataclass(frozen=True, slots=True)
class Drawing:
    """One label, ``WIDTH`` by ``HEIGHT``. ``primitives`` are painted in order: the last lies on top."""

    title: str
    subject: str
    primitives: tuple[Primitive, ...]
