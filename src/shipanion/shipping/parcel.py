"""One parcel: its weight in pounds, its dimensions in inches, and what no carrier here takes.

Programs and people write the same figure in several ways (``5``, ``"5.5"``, ``"12 x 10 x 8 in"``,
``{"length": 12, ...}``). They are read here, once; afterwards a ``Parcel`` is always a possible one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, isfinite

from shipanion.shipping.refusals import quoted, refusal

__all__ = [
    "MAX_LENGTH_PLUS_GIRTH_INCHES",
    "MAX_POUNDS",
    "Dimensions",
    "Parcel",
    "number_text",
    "read_dimensions",
    "read_parcel",
    "read_weight",
]

MAX_POUNDS = 70.0
"""USPS takes nothing heavier (Domestic Mail Manual 601.1)."""

MAX_LENGTH_PLUS_GIRTH_INCHES = 130.0
"""USPS takes nothing larger; single services stop earlier (Domestic Mail Manual 601.1)."""

# Figures are kept to a ten-thousandth: 0.0016 ounces, so that a sum such as 2.2 × 5 kg does not spill over
# into the next pound by a rounding error of binary fractions.
_PLACES = 4
_SMALLEST = 0.0001

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)
_UNIT = r"(?:\s*(?:inches|inch|in\.?|\"|″|''))?"
_SIDE = rf"([0-9]{{1,6}}(?:\.[0-9]{{0,6}})?|\.[0-9]{{1,6}}){_UNIT}"
_BY = r"\s*(?:x|×|\*|by)\s*"
_SIDES = re.compile(rf"\s*{_SIDE}{_BY}{_SIDE}{_BY}{_SIDE}\s*", re.ASCII | re.IGNORECASE)
_LONGEST_TEXT = 80


def number_text(value: float) -> str:
    """A figure without needless zeros: ``5.0`` → ``"5"``, ``2.5`` → ``"2.5"``."""
    return f"{value:.{_PLACES}f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Three sides in inches, longest first."""

    length: float
    width: float
    height: float

    @property
    def girth(self) -> float:
        """The way around, across the length."""
        return 2 * (self.width + self.height)

    @property
    def length_plus_girth(self) -> float:
        return self.length + self.girth

    @property
    def volume(self) -> float:
        """Cubic inches."""
        return self.length * self.width * self.height

    def rounded_up(self) -> "Dimensions":
        """Each side at the next whole inch, as USPS measures for dimensional weight since 2026-07-12."""
        return Dimensions(ceil(self.length), ceil(self.width), ceil(self.height))

    def __str__(self) -> str:
        """``"12x10x8"``."""
        return "x".join(number_text(side) for side in (self.length, self.width, self.height))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel that at least one service takes: 0 < weight ≤ 70 lb, length plus girth ≤ 130 in."""

    weight_lbs: float
    dimensions: Dimensions | None = None

    @property
    def ounces(self) -> float:
        return self.weight_lbs * 16


def read_parcel(weight: object, dimensions: object = None) -> Parcel:
    """Both figures as they were sent; ``dimensions`` None or ``""`` means not given.

    Raises:
        ShippingError: as ``read_weight`` and ``read_dimensions``, fields ``weight`` and ``dimensions``.
    """
    pounds = read_weight(weight)
    given = not (dimensions is None or (isinstance(dimensions, str) and not dimensions.strip()))
    return Parcel(pounds, read_dimensions(dimensions) if given else None)


def read_weight(value: object, field: str = "weight") -> float:
    """Pounds from a JSON number or a numeric string, kept to four decimals.

    Raises:
        ShippingError: ``malformed_weight``, ``weight_not_positive``, ``too_heavy``.
    """
    pounds = _number(value)
    if pounds is None:
        message = f"{quoted(value)} is not a weight. Give it as a number of pounds, such as 5 or 2.5."
        raise refusal("malformed_weight", message, field)
    if pounds <= 0:
        message = "A parcel weighs more than 0 pounds. Give its weight in pounds; 8 ounces are 0.5."
        raise refusal("weight_not_positive", message, field)
    pounds = max(round(pounds, _PLACES), _SMALLEST)
    if pounds > MAX_POUNDS:
        message = (
            f"{number_text(pounds)} pounds is too heavy: USPS takes at most {MAX_POUNDS:.0f} in one parcel. "
            "Split it into several, or ask a freight carrier."
        )
        raise refusal("too_heavy", message, field)
    return pounds


def _number(value: object) -> float | None:
    """A finite number, or None. Any number past a billion comes back as a billion: too much is too much."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return float(max(-(10**9), min(value, 10**9)))
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and _NUMBER.fullmatch(value.strip()):
        return float(value)
    return None


def read_dimensions(value: object, field: str = "dimensions") -> Dimensions:
    """Inches from ``"12x10x8"`` (also ``"12 x 10 x 8 in"``, ``×``, ``by``) or ``{length, width, height}``.

    Raises:
        ShippingError: ``malformed_dimensions``, ``too_large``.
    """
    sides: list[float | None] = []
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and (match := _SIDES.fullmatch(value)):
        sides = [float(side) for side in match.groups()]
    elif isinstance(value, Mapping):
        sides = [_number(value.get(side)) for side in ("length", "width", "height")]
    whole = [max(round(side, _PLACES), _SMALLEST) for side in sides if side is not None and side > 0]
    if len(whole) != 3:
        what = quoted(value) if isinstance(value, str) else "This"
        message = f'{what} is not three sides of a parcel. Give length, width and height in inches, such as "12x10x8".'
        raise refusal("malformed_dimensions", message, field)
    dimensions = Dimensions(*sorted(whole, reverse=True))
    if dimensions.length_plus_girth > MAX_LENGTH_PLUS_GIRTH_INCHES:
        message = (
            f"{dimensions} inches is too large: the length plus the way around ({dimensions.girth:g}) may "
            f"be at most {MAX_LENGTH_PLUS_GIRTH_INCHES:.0f} inches. "
            "Use a smaller box, or ask a freight carrier."
        )
        raise refusal("too_large", message, field)
    return dimensions
