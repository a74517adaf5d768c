"""An order for a label, and what a carrier makes of it: done, surely not done, or nobody knows yet.

The third answer is the reason for this file. A purchase that timed out may have been made. It is never made
again on a guess: somebody asks the carrier about the same anchor, until the answer is one of the other two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shipanion.shipping.money import Cents

__all__ = ["Bought", "NotBought", "NotVoided", "Order", "PurchaseOutcome", "Unknown", "VoidOutcome", "Voided"]


@dataclass(frozen=True, slots=True)
class Order:
    """One label that a person has said yes to.

    ``reference`` is ours and unique to the purchase, the same however often it is asked for. ``anchor`` is the
    carrier's own id of the shipment that the quote was for: two purchases on one anchor can yield one label only.
    """

    reference: str
    shipment_id: str
    anchor: str
    quote_id: str
    carrier: str
    service: str
    cost: Cents
    details: Mapping[str, Any] = field(repr=False)
    """State ``shipping_details`` as the person agreed to it: ``from``, ``to``, ``weight_lbs``, ``sender``…"""
    transit_days: int
    at: int
    """When it was agreed, ms since the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Bought:
    """There is a label. ``files`` are media types and bytes, ``sample`` whether it is none that could be mailed."""

    tracking_number: str
    cost: Cents
    sample: bool
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    purchase_id: str = ""
    """The carrier's own id, for asking about it and for taking it back; empty: the anchor does."""


@dataclass(frozen=True, slots=True)
class NotBought:
    """There is surely no label.

    From ``buy``: the carrier refused this very call. From ``find``: it says that nothing was bought, *as of now*; a
    call that is still on its way may land later.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows: a time-out, a broken line, an answer that makes no sense. ``message`` is for the log."""

    message: str


@dataclass(frozen=True, slots=True)
class Voided:
    """The carrier took the label back. ``refund`` is ``refunded``, ``submitted`` (it will be looked at) or
    ``not_applicable`` (nothing had been paid)."""

    refund: str


@dataclass(frozen=True, slots=True)
class NotVoided:
    """The label stands: the carrier will not take it back, or (from ``find_void``) has not, as of now."""

    code: str
    message: str


PurchaseOutcome = Bought | NotBought | Unknown
VoidOutcome = Voided | NotVoided | Unknown
