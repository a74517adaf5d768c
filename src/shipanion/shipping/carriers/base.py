"""The port that every carrier fills."""

from typing import Protocol, runtime_checkable

from shipanion.shipping.purchase import Bought, Order, PurchaseOutcome, VoidOutcome
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.tracking import Tracking

__all__ = ["Carrier"]


@runtime_checkable
class Carrier(Protocol):
    """Somebody who can be asked what a parcel costs, and for its label.

    A carrier may wait for a network; it never blocks the event loop. It keeps nothing between calls.

    Buying and taking back never raise for what may happen at the other end: their answer is an outcome. What they
    raise is taken for ``Unknown``. They are called again only as the ledger allows: ``find`` first.
    """

    @property
    def name(self) -> str:
        """For logs and settings, e.g. ``ratecard``."""

    @property
    def costs_money(self) -> bool:
        """True when a label bought here is paid for: then only the owner's yes may buy it."""

    @property
    def patience_seconds(self) -> float:
        """How long after a call a label may still turn up that ``find`` did not see; then its no counts."""

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        """Every service that takes this parcel on this route, in the carrier's own order.

        Args:
            request: what to send.
            anchor: the carrier's own shipment to price again, instead of making another.

        Raises:
            ShippingError: the carrier cannot quote this request at all.
        """

    async def buy(self, order: Order) -> PurchaseOutcome:
        """Buy the label. On an anchor that has one already, that one is the answer."""

    async def find(self, order: Order) -> PurchaseOutcome:
        """Ask whether the label was bought; buys nothing."""

    async def void(self, order: Order, bought: Bought) -> VoidOutcome:
        """Take a label back. One that was taken back already is ``Voided``."""

    async def find_void(self, order: Order, bought: Bought) -> VoidOutcome:
        """Ask whether a label was taken back; takes nothing back."""

    async def track(self, order: Order, bought: Bought, now: int) -> Tracking:
        """Where the parcel is at ``now`` (ms).

        Raises:
            ShippingError: the carrier cannot say.
        """
