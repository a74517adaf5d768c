"""What a person is asked for their yes: the question in words, and the same as data. Pure.

An offer states what it is, with whom, at what price, when it arrives, from where to where, and until when it holds. It
carries the hash of all that (``shipment.binding``), so that a yes can never be for something else.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shipanion.shipping import money
from shipanion.shipping.shipment import binding

__all__ = ["OFFER_SECONDS", "offer_to_buy", "offer_to_void", "question"]

Json = dict[str, Any]

OFFER_SECONDS: Final = 15 * 60
"""How long an offer holds, if its prices do."""


def offer_to_buy(
    state: Mapping[str, Any], quote: Mapping[str, Any], *, approval_id: str, now: int, sample: bool
) -> Json:
    """State ``approval`` for the purchase of ``quote``, on the state as it will be. Times are ms."""
    details = state["shipping_details"]
    offer: Json = {
        "approval_id": approval_id, "kind": "buy",
        "expires_at": min(now + OFFER_SECONDS * 1000, int(state["quotes_expire_at"])),
        "carrier": quote["carrier"], "service": quote["service"], "price": quote["cost"], "eta": quote["eta"],
        "from": details["from"], "to": details["to"], "weight_lbs": details["weight_lbs"], "is_sample": sample,
        "prices_as_of": quote["prices_as_of"],
        "digest": binding(state, "buy"),
    }  # fmt: skip
    return {**offer, "text": question(offer, details)}


def offer_to_void(state: Mapping[str, Any], label: Mapping[str, Any], *, approval_id: str, now: int) -> Json:
    """State ``approval`` for taking ``label`` back. ``now`` in ms."""
    offer: Json = {
        "approval_id": approval_id, "kind": "void", "expires_at": now + OFFER_SECONDS * 1000,
        "carrier": label["carrier"], "service": label["service"], "price": label["cost"],
        "label_id": label["label_id"], "is_sample": label["is_sample"],
        "digest": binding(state, "void", str(label["label_id"])),
    }  # fmt: skip
    if label["is_sample"]:
        text = f"Shall I void the sample label {label['tracking_number']}? Say yes or no."
    else:
        text = (
            f"Shall I void the label {label['tracking_number']} ({label['carrier']} {label['service']}, "
            f"{_price(label['cost'])}) and ask for the money back? It must not be used after that. Say yes or no."
        )
    return {**offer, "text": text}


def question(offer: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """The question for an offer to buy."""
    what = f"{offer['weight_lbs']:g} lb from {_end(details, 'from')} to {_end(details, 'to')}, usually {offer['eta']}"
    service, price = f"{offer['carrier']} {offer['service']}", _price(offer["price"])
    if offer["is_sample"]:
        return (
            f"Shall I make the sample label for {service}, estimated at {price} (prices of "
            f"{offer['prices_as_of']}): {what}? It is for practice: nothing is paid, and it cannot be mailed. Say yes "
            "or no."
        )
    until = datetime.fromtimestamp(int(offer["expires_at"]) / 1000, UTC)
    return (
        f"Shall I buy the label: {service} for {price}, {what}? You pay {price}. The offer holds until "
        f"{until:%H:%M} UTC. Say yes or no."
    )


def _end(details: Mapping[str, Any], end: str) -> str:
    name = details.get(f"{end}_place")
    return f"{details[end]} ({name})" if name else str(details[end])


def _price(amount: float) -> str:
    return money.text(money.from_dollars(amount))
