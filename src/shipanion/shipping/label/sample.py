"""What a sample label says, as data, and how it is read from an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from shipanion.shipping.label.number import sample_number
from shipanion.shipping.money import Cents
from shipanion.shipping.parcel import number_text
from shipanion.shipping.purchase import Order

__all__ = ["Party", "SampleLabel", "from_order"]


@dataclass(frozen=True, slots=True)
class Party:
    """One end of the route; where no address was given, only ``town`` (``"Beverly Hills, CA"``) and ``zip``."""

    town: str
    zip: str
    name: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class SampleLabel:
    """All that a sample label says, as it was typed: fitting it into its place is the layout's job."""

    number: str
    carrier: str
    service: str
    cost: Cents
    sender: Party
    recipient: Party
    weight: str
    """E.g. ``"5 lb"``."""
    size: str
    """E.g. ``"12x10x8 in"``; empty: nobody said."""
    printed: date
    prices_as_of: str = ""
    """The effective date of the price list, ISO; empty: not known."""

    @property
    def qr_text(self) -> str:
        return f"SAMPLE {self.number} NOT POSTAGE"


def from_order(order: Order) -> SampleLabel:
    """The label for ``order``: the same order has the same label.

    ``order.details`` is state ``shipping_details``: ``{from, to, from_place, to_place, weight_lbs, dimensions?,
    prices_as_of?, sender?, recipient?}``, the last two ``{name, street, unit?, city, state, zip}``. What is absent is
    left out.
    """
    details = order.details
    size = _text(details, "dimensions")
    return SampleLabel(
        number=sample_number(order.reference),
        carrier=order.carrier,
        service=order.service,
        cost=order.cost,
        sender=_party(details, "from", "sender"),
        recipient=_party(details, "to", "recipient"),
        weight=_weight(details.get("weight_lbs")),
        size=f"{size} in" if size else "",
        printed=datetime.fromtimestamp(order.at / 1000, UTC).date(),
        prices_as_of=_text(details, "prices_as_of"),
    )


def _party(details: Mapping[str, Any], end: str, who: str) -> Party:
    given = details.get(who)
    address = given if isinstance(given, Mapping) else {}
    town = _joined(", ", address, "city", "state")
    return Party(
        town=town or _text(details, f"{end}_place"),
        zip=_text(address, "zip") or _text(details, end),
        name=_text(address, "name"),
        street=_joined(", ", address, "street", "unit"),
    )


def _joined(between: str, holder: Mapping[str, Any], *keys: str) -> str:
    return between.join(found for key in keys if (found := _text(holder, key)))


def _text(holder: Mapping[str, Any], key: str) -> str:
    found = holder.get(key)
    return found.strip() if isinstance(found, str) else ""


def _weight(pounds: object) -> str:
    if isinstance(pounds, bool) or not isinstance(pounds, int | float):
        return ""
    return f"{number_text(pounds)} lb"
