"""The carrier that needs no key: published prices, looked up in the dated table of the day.

Its quotes are estimates and say so: each bears the table's date and says that the days are what is usual; in
the season when the counter charges more than the table, and after the table's end, each says that too.
"""

from shipanion.shipping import zones
from shipanion.shipping.parcel import number_text
from shipanion.shipping.quotes import NO_PICKUPS, Quotation, Quote, QuoteRequest, delivery_date
from shipanion.shipping.rates.book import RateBook
from shipanion.shipping.rates.table import RateTable, ServiceRates
from shipanion.shipping.zips import OFFSHORE

__all__ = ["RateCardCarrier"]

_UNMEASURED = "No dimensions given: priced as at most 1 cubic foot with no side over 22 inches."
_FAR = "To or from Alaska, Hawaii and the islands, delivery often takes longer than the days shown."


class RateCardCarrier:
    """Prices from a table, or from a book's table of the day. Sells nothing, so it costs no money."""

    name = "ratecard"
    costs_money = False

    def __init__(self, prices: RateTable | RateBook) -> None:
        self._book = prices if isinstance(prices, RateBook) else RateBook([prices])

    async def quote(self, request: QuoteRequest) -> Quotation:
        """One quote a service; what a service does not take is said in ``notes``.

        Raises:
            ShippingError: ``unplaced_zip``.
        """
        zone = zones.between(request.origin, request.destination)
        table = self._book.for_day(request.ship_date)
        dated = table.about(request.ship_date)
        quotes: list[Quote] = []
        notes = _about(request)
        for service in table.services:
            price = service.price(request.parcel, zone, table.dimensional)
            if price is None:
                notes.append(_too_large_for(service))
                continue
            days = service.transit_days[zone - 1]
            quotes.append(
                Quote(
                    id=service.id,
                    carrier=table.carrier,
                    service=service.name,
                    service_tier=service.tier,
                    cost=price.cents,
                    transit_days=days,
                    estimated_delivery=delivery_date(request.ship_date, days, sundays=service.tier == "EXPRESS"),
                    estimate=True,
                    prices_as_of=table.effective,
                    notes=(*dated, *price.notes),
                )
            )
        return Quotation(tuple(quotes), tuple(notes))


def _about(request: QuoteRequest) -> list[str]:
    """What holds for every quote of this request."""
    ends = (request.origin, request.destination)
    notes = [] if request.parcel.dimensions else [_UNMEASURED]
    if any(end.state in OFFSHORE for end in ends):
        notes.append(_FAR)
    notes += [f"{end.code} ({end.name}) is no longer in use by USPS." for end in ends if not end.active]
    return [*notes, NO_PICKUPS] if request.pickup_requested else notes


def _too_large_for(service: ServiceRates) -> str:
    limit = number_text(service.max_length_plus_girth)
    return f"{service.name} is not offered: its length plus girth may be at most {limit} inches."
