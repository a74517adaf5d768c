"""US ZIP codes: is it real, which city and state, where on the map.

The data comes with the ``zipcodes`` package (42,789 ZIPs; coordinates from GeoNames, CC BY 4.0). Its
dictionaries for all of them take 110 MB, so they are read once, three digits at a time, into arrays.
Measured: 0.6 s; 42 MB, of which the arrays are 2 and the package's own tables, which it never gives back,
the rest; a lookup afterwards 3 µs.

``preload()`` does that. Call it in a thread before the first request is served: the package holds the
interpreter lock for about 0.23 s, in a thread too. Without it the first lookup pays.
"""

import re
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shipanion.shipping.refusals import quoted, refusal

__all__ = [
    "FREELY_ASSOCIATED",
    "OFFSHORE",
    "Place",
    "Zip",
    "ZipBook",
    "code_of",
    "for_estimate",
    "lookup",
    "preload",
]

FREELY_ASSOCIATED = frozenset({"FM", "MH", "PW"})
"""Micronesia, the Marshall Islands, Palau: states in free association with the US, in its mail."""

OFFSHORE = frozenset({"AK", "HI", "PR", "VI", "GU", "MP", "AS"}) | FREELY_ASSOCIATED
"""Everything outside the 48 states and DC, where the usual delivery days say little."""

_SHAPE = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?", re.ASCII)
_KINDS = ("STANDARD", "PO BOX", "UNIQUE", "MILITARY")
_MILITARY_STATES = frozenset({"AA", "AE", "AP"})
_MILITARY_CITIES = frozenset({"Apo", "Fpo", "Dpo"})
_ACTIVE = 0x80

Place = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Zip:
    """One ZIP code. ``place`` is None where the data has no coordinates."""

    code: str
    city: str
    state: str
    place: Place | None
    kind: str
    """``STANDARD``, ``PO BOX``, ``UNIQUE`` (one organisation's own) or ``MILITARY``."""
    active: bool
    """False: real once, no longer in use."""

    @property
    def area(self) -> str:
        """The first three digits, which USPS zones go by."""
        return self.code[:3]

    @property
    def name(self) -> str:
        """``"Beverly Hills, CA"``."""
        return f"{self.city}, {self.state}"


class ZipBook:
    """All ZIP codes, packed into arrays and found by bisection."""

    __slots__ = ("_areas", "_cities", "_city", "_code", "_flags", "_lat", "_lon", "_state", "_states")

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """``rows`` as the ``zipcodes`` package gives them, in ascending order of ``zip_code``."""
        self._code, self._city, self._state = array("I"), array("H"), array("B")
        self._flags, self._lat, self._lon = array("B"), array("f"), array("f")
        cities: dict[str, int] = {}
        states: dict[str, int] = {}
        sums: dict[str, tuple[float, float, int]] = {}
        for row in rows:
            city, state, lat, lon = row["city"], row["state"], float(row["lat"]), float(row["long"])
            military = row["zip_code_type"] == "MILITARY" or state in _MILITARY_STATES
            kind = "MILITARY" if military or city in _MILITARY_CITIES else row["zip_code_type"]
            self._code.append(int(row["zip_code"]))
            self._city.append(cities.setdefault(city, len(cities)))
            self._state.append(states.setdefault(state, len(states)))
            self._flags.append(_KINDS.index(kind) | (_ACTIVE if row["active"] else 0))
            self._lat.append(lat)
            self._lon.append(lon)
            # The freely associated states share 969 with Guam but lie up to 1,800 miles from it.
            if kind != "MILITARY" and state not in FREELY_ASSOCIATED and (lat, lon) != (0.0, 0.0):
                north, east, count = sums.get(row["zip_code"][:3], (0.0, 0.0, 0))
                sums[row["zip_code"][:3]] = (north + lat, east + lon, count + 1)
        self._cities, self._states = tuple(cities), tuple(states)
        self._areas = {area: (north / n, east / n) for area, (north, east, n) in sums.items()}

    def __len__(self) -> int:
        return len(self._code)

    def get(self, code: str) -> Zip | None:
        """The ZIP of five digits, or None when there is none."""
        number = int(code)
        at = bisect_left(self._code, number)
        if at == len(self._code) or self._code[at] != number:
            return None
        # The source writes 0,0 for "not known".
        place = (round(self._lat[at], 4), round(self._lon[at], 4)) if self._lat[at] or self._lon[at] else None
        flags = self._flags[at]
        return Zip(
            code=code,
            city=self._cities[self._city[at]],
            state=self._states[self._state[at]],
            place=place,
            kind=_KINDS[flags & ~_ACTIVE],
            active=bool(flags & _ACTIVE),
        )

    def area_place(self, area: str) -> Place | None:
        """The mean place of the civilian ZIPs that begin with these three digits."""
        return self._areas.get(area)


_lock = threading.Lock()
_book: ZipBook | None = None


def preload() -> ZipBook:
    """Read the data now (about 0.6 s the first time, then nothing). Safe from any thread."""
    global _book
    if _book is None:
        with _lock:
            if _book is None:
                _book = ZipBook(_rows())
    return _book


def _rows() -> Iterable[Mapping[str, Any]]:
    import zipcodes

    # By areas of three digits, so that the 42,789 dictionaries never exist at the same time.
    for area in range(1000):
        rows: list[dict[str, Any]] = zipcodes.similar_to(f"{area:03d}")  # type: ignore[no-untyped-call]
        yield from sorted(rows, key=lambda row: str(row["zip_code"]))


def code_of(value: object, field: str = "zip") -> str:
    """The five digits of a ZIP as it was sent: ``"90210"``, ``"90210-1234"`` or a JSON integer.

    An integer is padded with zeros, since JSON cannot keep them: ``2134`` is ``02134``.

    Raises:
        ShippingError: ``malformed_zip``.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 99999:
        return f"{value:05d}"
    if isinstance(value, str) and len(value) < 64 and (match := _SHAPE.fullmatch(value.strip())):
        return match[1]
    message = f"{quoted(value)} is not a ZIP code. Give its five digits, such as 90210."
    raise refusal("malformed_zip", message, field)


def lookup(value: object, field: str = "zip") -> Zip:
    """The ZIP that ``value`` names, military ones and ones without a place included.

    Raises:
        ShippingError: ``malformed_zip``, ``unknown_zip``.
    """
    code = code_of(value, field)
    found = preload().get(code)
    if found is None:
        raise refusal("unknown_zip", f"No place has the ZIP code {code}. Please check its digits.", field)
    return found


def for_estimate(value: object, field: str = "zip") -> Zip:
    """Like ``lookup``, for a ZIP that the estimate can price.

    A ZIP without coordinates of its own will do when its neighbours of the same three digits have them,
    since zones go by those, or when its zone does not depend on distance.

    Raises:
        ShippingError: ``malformed_zip``, ``unknown_zip``, ``military_zip``, ``unplaced_zip``.
    """
    found = lookup(value, field)
    if found.kind == "MILITARY":
        message = (
            f"{found.code} is a military or diplomatic address (APO, FPO or DPO). Such mail is real, but "
            "this estimate cannot place it. Ask for its price at a post office, or give a civilian ZIP code."
        )
        raise refusal("military_zip", message, field)
    if found.state not in FREELY_ASSOCIATED and preload().area_place(found.area) is None:
        message = (
            f"{found.code} ({found.name}) is a real ZIP code, but it has no place on the map to measure "
            "from. Give the ZIP code of the street address instead."
        )
        raise refusal("unplaced_zip", message, field)
    return found
