"""The port that every carrier fills."""

from typing import Protocol, runtime_checkable

from shipanion.shipping.quotes import Quotation, QuoteRequest

__all__ = ["Carrier"]


@runtime_checkable
class Carrier(Protocol):
    """Somebody who can be asked what a parcel costs.

    A carrier may wait for a network; it never blocks the event loop. It has no memory of requests.
    """

    @property
    def name(self) -> str:
        """For logs and settings, e.g. ``ratecard``."""

    @property
    def costs_money(self) -> bool:
        """True when a label bought here is paid for: then only the owner's yes may buy it."""

    async def quote(self, request: QuoteRequest) -> Quotation:
        """Every service that takes this parcel on this route, in the carrier's own order.

        Raises:
            ShippingError: the carrier cannot quote this request at all.
        """
