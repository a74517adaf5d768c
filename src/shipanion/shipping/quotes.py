"""A request for quotes, what a carrier answers, and which quote is best by cost or by time.

No clock in here: the day the parcel is handed over is part of the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from shipanion.shipping.money import Cents
from shipanion.shipping.parcel import Parcel
from shipanion.shipping.rates.table import Tier
from shipanion.shipping.refusals import refusal
from shipanion.shipping.zips import Zip

__all__ = ["NO_PICKUPS", "Quotation", "Quote", "QuoteRequest", "cheapest", "delivery_date", "eta", "fastest"]

NO_PICKUPS = "Pick-ups are not offered here: hand the parcel in at a post office."

_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """One parcel from one place to another, handed over on ``ship_date``."""

    origin: Zip
    destination: Zip
    parcel: Parcel
    ship_date: date
    pickup_requested: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What one service of one carrier costs, and when the parcel usually arrives."""

    id: str
    """Stable for a carrier's service, e.g. ``usps-priority-mail``; not unique between requests."""
    carrier: str
    service: str
    service_tier: Tier
    cost: Cents
    transit_days: int
    estimated_delivery: date
    estimate: bool
    """True: computed from a published list. False: the carrier itself offered it."""
    prices_as_of: date
    """The effective date of the price list, or the day the carrier answered."""
    notes: tuple[str, ...] = ()
    """Sentences a person should read before choosing."""

    @property
    def eta(self) -> str:
        return eta(self.transit_days)


@dataclass(frozen=True, slots=True)
class Quotation:
    """All quotes for one request. ``notes`` hold for the request: assumptions, and what was not quoted."""

    quotes: tuple[Quote, ...]
    notes: tuple[str, ...] = ()
    anchor: str | None = None
    """The carrier's own id of what was priced, on which a purchase hangs; None where it keeps nothing."""
    valid_seconds: int = 24 * 3600
    """How long the prices hold."""


def cheapest(quotes: Iterable[Quote]) -> Quote:
    """The lowest cost; between equals the faster, then by id.

    Raises:
        ShippingError: ``no_service``, there are no quotes.
    """
    return _first(sorted(quotes, key=lambda quote: (quote.cost, quote.transit_days, quote.id)))


def fastest(quotes: Iterable[Quote]) -> Quote:
    """The fewest days; between equals the cheaper, then by id.

    Raises:
        ShippingError: ``no_service``, there are no quotes.
    """
    return _first(sorted(quotes, key=lambda quote: (quote.transit_days, quote.cost, quote.id)))


def _first(ranked: list[Quote]) -> Quote:
    if not ranked:
        message = "No carrier here takes this parcel on this route. Try a smaller or lighter parcel."
        raise refusal("no_service", message, "parcel")
    return ranked[0]


def eta(days: int) -> str:
    """``"1 day"``, ``"3 days"``."""
    return "1 day" if days == 1 else f"{days} days"


def delivery_date(ship_date: date, days: int, *, sundays: bool) -> date:
    """The day that ``days`` days of delivery lead to.

    ``sundays`` says whether Sundays count as days of delivery (they do for Priority Mail Express). Public
    holidays are not looked up.
    """
    day = ship_date
    while days > 0:
        day += timedelta(days=1)
        if sundays or day.weekday() != _SUNDAY:
            days -= 1
    return day
