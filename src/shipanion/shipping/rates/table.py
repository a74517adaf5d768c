"""A dated price table: what one service costs for one parcel in one zone.

A table is a JSON file (``docs/rates.md`` describes it) that says where its figures come from and since when
they hold. All money in it is whole cents; weights are "not over", in ounces; columns are zones 1 to 9.

Rounding needs no code of its own: the price is that of the first row the billed weight is not over, so
17.5 oz pays the 2 lb row. Billed is the greater of actual and dimensional weight. Where the rules leave
room, this is how they are read:

* whether a parcel is over 1,728 or 3,456 cubic inches is asked of its sides rounded up (the dearer way);
* where it passes the last row, the last row's price holds;
* an oversized parcel pays its flat price, and a note says that nonstandard fees are not in it.
"""

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from math import ceil, floor
from pathlib import Path
from typing import Literal

import msgspec

from shipanion.errors import ConfigurationError
from shipanion.shipping.money import text
from shipanion.shipping.parcel import Dimensions, Parcel

__all__ = [
    "LATEST",
    "ZONES",
    "Dimensional",
    "Oversized",
    "Price",
    "RateTable",
    "Season",
    "ServiceRates",
    "Surcharges",
    "Tier",
    "load",
]

ZONES = 9
LATEST = "usps_retail_2026_07_12.json"
"""The newest table inside the package."""

Tier = Literal["GROUND", "PRIORITY", "EXPRESS"]

_OVERSIZED = "Oversized: a flat price whatever it weighs. USPS may add fees for nonstandard sizes; they are not in it."


class Price(msgspec.Struct, frozen=True):
    """What a service costs, and what a person should know about how that came to be."""

    cents: int
    notes: tuple[str, ...] = ()


class Season(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Days, both included, when the counter charges seasonal prices that the table does not hold."""

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until


class Dimensional(msgspec.Struct, frozen=True):
    """When volume counts as weight: over this many cubic inches, one pound for each ``divisor``.

    ``sides`` says how each side becomes whole inches: up since 2026-07-12, to the nearest before.
    """

    over_cubic_inches: int
    divisor: int
    sides: Literal["up", "nearest"] = "up"

    def pounds(self, dimensions: Dimensions) -> int:
        """Dimensional weight in whole pounds; 0 where it does not apply."""
        whole = dimensions.rounded_up() if self.sides == "up" else _nearest(dimensions)
        return ceil(whole.volume / self.divisor) if whole.volume > self.over_cubic_inches else 0


class Surcharges(msgspec.Struct, frozen=True):
    """Fees in cents for nonstandard sizes. The two for length exclude each other; volume comes on top."""

    length_over_22: int
    length_over_30: int
    volume_over_3456: int


class Oversized(msgspec.Struct, frozen=True):
    """A flat price by zone for parcels between the ordinary and this length plus girth (inches)."""

    max_length_plus_girth: float
    cents: tuple[int, ...]


class ServiceRates(msgspec.Struct, frozen=True):
    """One service's rows: ``(not over this many ounces, cents for zones 1 to 9)``, ascending.

    ``surcharges`` None means that the table does not know them, never that there are none.
    """

    id: str
    name: str
    tier: Tier
    transit_days: tuple[int, ...]
    max_length_plus_girth: float
    oversized: Oversized | None
    surcharges: Surcharges | None
    prices: tuple[tuple[float, tuple[int, ...]], ...]

    def __post_init__(self) -> None:
        columns = [self.transit_days, *(cents for _, cents in self.prices)]
        columns += [self.oversized.cents] if self.oversized else []
        if not self.prices or any(len(column) != ZONES or min(column) <= 0 for column in columns):
            raise ValueError(f"{self.name}: every row needs {ZONES} positive figures, one a zone")
        if any(list(cents) != sorted(cents) for _, cents in self.prices):
            raise ValueError(f"{self.name}: a farther zone costs less than a nearer one")
        for (ounces, cents), (more_ounces, more_cents) in zip(self.prices, self.prices[1:], strict=False):
            if ounces >= more_ounces or any(a > b for a, b in zip(cents, more_cents, strict=True)):
                raise ValueError(f"{self.name}: the row after {ounces:g} oz weighs or costs less than it")

    def price(self, parcel: Parcel, zone: int, dimensional: Dimensional) -> Price | None:
        """The price of this service, or None when it does not take a parcel of this size."""
        size = parcel.dimensions
        if size is None:
            return Price(self._by_weight(parcel.ounces, zone))
        if size.length_plus_girth > self.max_length_plus_girth:
            if self.oversized is None or size.length_plus_girth > self.oversized.max_length_plus_girth:
                return None
            return Price(self.oversized.cents[zone - 1], (_OVERSIZED,))
        notes: list[str] = []
        ounces = parcel.ounces
        pounds = dimensional.pounds(size)
        if pounds * 16 > ounces:
            ounces = pounds * 16
            notes.append(f"Priced by its size: {size} inches count as {pounds} pounds.")
        added, note = self._surcharge(size)
        return Price(self._by_weight(ounces, zone) + added, (*notes, *note))

    def _by_weight(self, ounces: float, zone: int) -> int:
        for limit, cents in self.prices:
            if ounces <= limit:
                return cents[zone - 1]
        return self.prices[-1][1][zone - 1]

    def _surcharge(self, size: Dimensions) -> tuple[int, Sequence[str]]:
        bulky = size.rounded_up().volume > 3456
        if size.length <= 22 and not bulky:
            return 0, ()
        if self.surcharges is None:
            return 0, (f"{self.name} surcharge for this size not included: its amount is not in the table.",)
        cents = 0
        if size.length > 22:
            cents = self.surcharges.length_over_30 if size.length > 30 else self.surcharges.length_over_22
        if bulky:
            cents += self.surcharges.volume_over_3456
        return cents, (f"Includes {text(cents)} in fees for a nonstandard size.",)


class RateTable(msgspec.Struct, frozen=True):
    """All services of one carrier's price list, with its date and source."""

    carrier: str
    effective: date
    source: str
    dimensional: Dimensional
    services: tuple[ServiceRates, ...]
    seasonal: Season | None = None
    ends: date | None = None
    """The last day the list holds, where that has been announced."""

    def about(self, day: date) -> tuple[str, ...]:
        """What to know of these prices on ``day``: whose and of when, and why the counter may charge more."""
        told = [f"Estimate from {self.carrier} retail prices of {self.effective}; days are usual, not promised."]
        if self.seasonal is not None and day in self.seasonal:
            told.append(
                f"{self.carrier} charges seasonal prices from {self.seasonal.since} to {self.seasonal.until}: "
                "today's counter price can be higher."
            )
        if day < self.effective:
            told.append(f"These prices hold from {self.effective} only; {day} is before that.")
        if self.ends is not None and day > self.ends:
            told.append(f"These prices held until {self.ends}. Load a newer table: the counter price has changed.")
        return tuple(told)


def _nearest(size: Dimensions) -> Dimensions:
    # Not round(): it takes half an inch to the even side, down as often as up.
    return Dimensions(floor(size.length + 0.5), floor(size.width + 0.5), floor(size.height + 0.5))


def load(path: Path | None = None) -> RateTable:
    """The newest table of the package, or the one in ``path``.

    Raises:
        ConfigurationError: the file cannot be read, or is not such a table.
    """
    name = str(path or LATEST)
    try:
        content = path.read_bytes() if path else (files(__package__) / LATEST).read_bytes()
        return msgspec.json.decode(content, type=RateTable)
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except msgspec.MsgspecError as error:
        reason = str(error)
    message = f"The price table {name} cannot be used: {reason}. See docs/rates.md for its form."
    raise ConfigurationError(message)
