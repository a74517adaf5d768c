"""The carrier that needs no key: published prices, looked up in the dated table of the day, and sample labels.

Its quotes are estimates and say so: each bears the table's date and says that the days are what is usual; in
the season when the counter charges more than the table, and after the table's end, each says that too.

Its labels are samples that could not be mailed. A label is drawn from its order alone: nothing is kept, and the same
order has the same label, to the byte, however often it is bought.
"""

import asyncio
import logging
from datetime import date

from shipanion.shipping import zones
from shipanion.shipping.parcel import number_text
from shipanion.shipping.purchase import Bought, NotBought, NotVoided, Order, PurchaseOutcome, Voided, VoidOutcome
from shipanion.shipping.quotes import NO_PICKUPS, Quotation, Quote, QuoteRequest, delivery_date
from shipanion.shipping.rates.book import RateBook
from shipanion.shipping.rates.table import RateTable, ServiceRates
from shipanion.shipping.tracking import Tracking, simulated
from shipanion.shipping.zips import OFFSHORE

__all__ = ["RateCardCarrier"]

_log = logging.getLogger(__name__)

_UNMEASURED = "No dimensions given: priced as at most 1 cubic foot with no side over 22 inches."
_FAR = "To or from Alaska, Hawaii and the islands, delivery often takes longer than the days shown."
_NOT_DRAWN = "The sample label could not be drawn. No label was made and nothing was paid."
_NOT_KEPT = "Sample labels are kept by nobody, so there is none to be found. Buying it again makes the same label."
_NO_VOIDS = "Sample labels are kept by nobody, so it is not known. Taking it back again does no harm."


class RateCardCarrier:
    """Prices from a table, or from a book's table of the day. Sells nothing but samples, so it costs no money."""

    name = "ratecard"
    costs_money = False
    patience_seconds = 0.0

    def __init__(self, prices: RateTable | RateBook) -> None:
        self._book = prices if isinstance(prices, RateBook) else RateBook([prices])

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        """One quote a service; what a service does not take is said in ``notes``. ``anchor`` is given back as it is.

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
        return Quotation(tuple(quotes), tuple(notes), anchor)

    async def buy(self, order: Order) -> PurchaseOutcome:
        """The sample label of ``order`` as PDF and PNG, drawn in a worker thread."""
        try:
            return await asyncio.to_thread(_sample, order)
        except Exception:  # of a library, or none: there is no label, and that is all that happened
            _log.exception("sample label of %s not drawn", order.reference)
            return NotBought("not_drawn", _NOT_DRAWN)

    async def find(self, order: Order) -> PurchaseOutcome:
        """Always ``NotBought``: buying again is as good as finding."""
        return NotBought("not_kept", _NOT_KEPT)

    async def void(self, order: Order, bought: Bought) -> VoidOutcome:
        """Always ``Voided``: nothing had been paid."""
        return Voided("not_applicable")

    async def find_void(self, order: Order, bought: Bought) -> VoidOutcome:
        """Always ``NotVoided``: taking back again is as good as knowing."""
        return NotVoided("not_kept", _NO_VOIDS)

    async def track(self, order: Order, bought: Bought, now: int) -> Tracking:
        """A made-up history, which says so."""
        quoted = order.details.get("estimated_delivery")
        return simulated(
            bought.tracking_number,
            origin=_town(order, "from"),
            destination=_town(order, "to"),
            printed_at=order.at,
            transit_days=order.transit_days,
            now=now,
            quoted=None if quoted is None else date.fromisoformat(quoted),
        )


def _sample(order: Order) -> Bought:
    # Here and not above: drawing is what needs them, and importing the libraries behind them takes a while.
    from shipanion.shipping.label.layout import lay_out
    from shipanion.shipping.label.pdf import draw_pdf
    from shipanion.shipping.label.png import draw_png
    from shipanion.shipping.label.sample import from_order

    label = from_order(order)
    drawing = lay_out(label)
    files = (("application/pdf", draw_pdf(drawing)), ("image/png", draw_png(drawing)))
    return Bought(tracking_number=label.number, cost=order.cost, sample=True, files=files)


def _town(order: Order, end: str) -> str:
    """``"Beverly Hills, CA"``, or the ZIP where no town is known."""
    return str(order.details.get(f"{end}_place") or order.details.get(end) or "")


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
