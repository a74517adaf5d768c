"""The carrier that needs no key: published prices, looked up in a dated table.

Its quotes are estimates and say so: each bears the table's date, the days are what is usual, and in the
season when the counter charges more than the table, each says that too.
"""

from datetime import date

from shipanion.shipping import zones
from shipanion.shipping.parcel import number_text
from shipanion.shipping.quotes import Quotation, Quote, QuoteRequest, delivery_date
from shipanion.shipping.rates.table import RateTable, ServiceRates
from shipanion.shipping.zips import OFFSHORE

__all__ = ["NO_PICKUPS", "RateCardCarrier"]

NO_PICKUPS = "Pick-ups are not offered here: hand the parcel in at a post office."

_UNMEASURED = (
    "Without dimensions this is the price of a parcel of at most 1 cubic foot and no side over 22 inches."
)
_FAR = "To or from Alaska, Hawaii and the islands, delivery often takes longer than the days shown."


class RateCardCarrier:
    """Prices from a table, zones by distance. Sells nothing, so it costs no money."""

    name = "ratecard"
    costs_money = False

    def __init__(self, table: RateTable) -> None:
        self._table = table

    async def quote(self, request: QuoteRequest) -> Quotation:
        """One quote a service; what a service does not take is said in ``notes``.

        Raises:
            ShippingError: ``unplaced_zip``.
        """
        zone = zones.between(request.origin, request.destination)
        common = self._common_notes(request)
        quotes: list[Quote] = []
        refused: list[str] = []
        for service in self._table.services:
            price = service.price(request.parcel, zone, self._table.dimensional)
            if price is None:
                refused.append(_too_large_for(service))
                continue
            days = service.transit_days[zone - 1]
            quotes.append(
                Quote(
                    id=service.id,
                    carrier=self._table.carrier,
                    service=service.name,
                    service_tier=service.tier,
                    cost=price.cents,
                    transit_days=days,
                    estimated_delivery=delivery_date(
                        request.ship_date, days, sundays=service.tier == "EXPRESS"
                    ),
                    estimate=True,
                    prices_as_of=self._table.effective,
                    notes=(*common, *price.notes),
                )
            )
        return Quotation(tuple(quotes), tuple(refused))

    def _common_notes(self, request: QuoteRequest) -> tuple[str, ...]:
        table, ends = self._table, (request.origin, request.destination)
        notes = [
            f"Estimate from the {table.carrier} retail price list of {table.effective}; "
            "delivery days are usual, not promised."
        ]
        if table.seasonal and request.ship_date in table.seasonal:
            notes.append(_season(table.carrier, table.seasonal.since, table.seasonal.until))
        if request.parcel.dimensions is None:
            notes.append(_UNMEASURED)
        if any(end.state in OFFSHORE for end in ends):
            notes.append(_FAR)
        notes += [f"{end.code} ({end.name}) is no longer in use by USPS." for end in ends if not end.active]
        if request.pickup_requested:
            notes.append(NO_PICKUPS)
        return tuple(notes)


def _season(carrier: str, since: date, until: date) -> str:
    return (
        f"From {since} to {until} {carrier} charges seasonal prices that are not in this list: "
        "today's counter price can be higher."
    )


def _too_large_for(service: ServiceRates) -> str:
    limit = number_text(service.max_length_plus_girth)
    return f"{service.name} is not offered: its length plus girth may be at most {limit} inches."
