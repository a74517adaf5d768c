"""The carrier port over the EasyPost double: what the ledger is tested with. No carrier for anybody else.

It is written against EasyPost's API as recorded; the real provider, over the official SDK, shares no code with it.
What an answer to ``buy`` means is decided by its code, then by its status:

========================================================  ============================================
a label                                                   ``Bought``
``SHIPMENT.POSTAGE.EXISTS``                               what a GET of the shipment says, if ``Bought``
the carrier or a check before it refuses (400-405, 422)   ``NotBought`` with its code
another purchase is under way, the carrier is silent      ``Unknown``
408, 409, 429, 5xx, no JSON, a JSON that makes no sense   ``Unknown``
time-out, reset, refused connection                       ``Unknown``
========================================================  ============================================

A refused connection surely bought nothing, and 429 most likely nothing: but the SDK does not tell the first from a
reset, and no recording says what the second means for a purchase.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import quote as quoted

import httpx

from shipanion.errors import ShippingError
from shipanion.shipping.purchase import (
    Bought,
    NotBought,
    NotVoided,
    Order,
    PurchaseOutcome,
    Unknown,
    Voided,
    VoidOutcome,
)
from shipanion.shipping.quotes import Quotation, Quote, QuoteRequest, delivery_date
from shipanion.shipping.rates.table import Tier
from shipanion.shipping.tracking import Status, Tracking, TrackingEvent

__all__ = ["DoubleCarrier", "Sold", "read_quotes", "read_sold", "read_tracking", "read_void"]

Json = dict[str, Any]
T = TypeVar("T")

_DEFINITE: Final = frozenset({400, 401, 402, 403, 404, 405, 422})
_UNDECIDED: Final = frozenset(
    {
        "SHIPMENT.PURCHASE.IN_PROGRESS",
        "SHIPMENT.PURCHASE.FAILURE",  # on no list of what is sure
        "SHIPMENT.POSTAGE.NO_RESPONSE",
        "SHIPMENT.POSTAGE.TIMED_OUT",
    }
)
_NOT_ASKED: Final = NotVoided("not_voided", "Nobody has asked for a refund.")
_TIERS: Final[dict[str, Tier]] = {"GroundAdvantage": "GROUND", "Priority": "PRIORITY", "Express": "EXPRESS"}
_STATUSES: Final[dict[str, Status]] = {
    "pre_transit": "PRE_TRANSIT",
    "in_transit": "IN_TRANSIT",
    "available_for_pickup": "IN_TRANSIT",
    "out_for_delivery": "OUT_FOR_DELIVERY",
    "delivered": "DELIVERED",
    "return_to_sender": "RETURNED",
    "failure": "FAILURE",
    "error": "FAILURE",
    "cancelled": "FAILURE",
}


class _Trouble(Exception):
    """No answer, or none that makes sense."""


class _Refused(Exception):
    """An error in EasyPost's shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.message = message
        self.definite = status in _DEFINITE and code not in _UNDECIDED


@dataclass(frozen=True, slots=True)
class Sold:
    """What a shipment with a label says."""

    bought: Bought
    label_url: str


class DoubleCarrier:
    """Asks the double at ``url`` (``EasyPostDouble.url``). Each call has a connection of its own.

    Args:
        url: the base of the API, with ``/v2``.
        key: sent as EasyPost's key is, as the name of Basic authentication.
        timeout: seconds that one request may take from its start to the end of its answer.
        patience_seconds, valid_seconds: as the port and ``Quotation`` mean them.
    """

    name = "easypost-double"
    costs_money = True

    def __init__(
        self,
        url: str,
        *,
        key: str = "EZTK-double",
        timeout: float = 1.0,
        patience_seconds: float = 2.0,
        valid_seconds: int = 900,
    ) -> None:
        self.patience_seconds = patience_seconds
        self._url = url
        self._key = key
        self._timeout = timeout
        self._valid_seconds = valid_seconds

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        """As the port. An anchor is rated again as it was made: what ``request`` says of the parcel is not sent."""

        def read(said: Json) -> tuple[Quote, ...]:
            return read_quotes(said, request)

        def read_made(said: Json) -> Quotation:
            notes = tuple(f"{told['carrier']}: {told['message']}" for told in said["messages"])
            return Quotation(read(said), notes, said["id"])

        try:
            if anchor is not None:
                priced = Quotation(await self._ask("POST", f"{_path(anchor)}/rerate", {}, read), anchor=anchor)
            else:
                priced = await self._ask("POST", "/shipments", _shipment(request), read_made)
        except _Refused as no:
            code = "no_service" if no.definite else "carrier_unavailable"
            raise ShippingError(code, f"The carrier gives no prices: {no.message}") from no
        except _Trouble as trouble:
            raise ShippingError("carrier_unavailable", "The carrier does not answer. Try again later.") from trouble
        return replace(priced, valid_seconds=self._valid_seconds)

    async def buy(self, order: Order) -> PurchaseOutcome:
        body = {"rate": {"id": order.quote_id}}
        try:
            sold = await self._ask("POST", f"{_path(order.anchor)}/buy", body, read_sold)
        except _Refused as no:
            if no.code == "SHIPMENT.POSTAGE.EXISTS":
                found = await self.find(order)
                return found if isinstance(found, Bought) else Unknown(f"{no}; then: {found}")
            return NotBought(no.code, no.message) if no.definite else Unknown(str(no))
        except _Trouble as trouble:
            return Unknown(str(trouble))
        return await self._with_file(sold) if sold else Unknown("bought, it says, and shows no label")

    async def find(self, order: Order) -> PurchaseOutcome:
        try:
            sold = await self._ask("GET", _path(order.anchor), None, read_sold)
        except (_Refused, _Trouble) as trouble:
            return Unknown(str(trouble))
        return await self._with_file(sold) if sold else NotBought("not_bought", "The carrier knows of no label.")

    async def void(self, order: Order, bought: Bought) -> VoidOutcome:
        try:
            said = await self._ask("POST", f"{_path(order.anchor)}/refund", {}, read_void)
            return Unknown("asked for, and not to be seen") if said == _NOT_ASKED else said
        except _Refused as no:
            if not no.definite:
                return Unknown(str(no))
            if not no.code.startswith("SHIPMENT.REFUND."):
                return NotVoided(no.code, no.message)
            # It may be refused because it was done already.
            found = await self.find_void(order, bought)
            return NotVoided(no.code, no.message) if isinstance(found, NotVoided) else found
        except _Trouble as trouble:
            return Unknown(str(trouble))

    async def find_void(self, order: Order, bought: Bought) -> VoidOutcome:
        try:
            return await self._ask("GET", _path(order.anchor), None, read_void)
        except (_Refused, _Trouble) as trouble:
            return Unknown(str(trouble))

    async def track(self, order: Order, bought: Bought, now: int) -> Tracking:
        path = f"/trackers?tracking_code={quoted(bought.tracking_number, safe='')}"
        try:
            found = await self._ask("GET", path, None, lambda said: [read_tracking(one) for one in said["trackers"]])
        except (_Refused, _Trouble) as trouble:
            raise ShippingError("carrier_unavailable", "The carrier cannot say where it is. Try later.") from trouble
        if not found:
            raise ShippingError("not_tracked", "The carrier knows nothing of this number.")
        return found[0]

    # --- the line -----------------------------------------------------------------------------------------------------

    async def _ask(self, method: str, path: str, body: Json | None, read: Callable[[Json], T]) -> T:
        """What ``read`` makes of a good answer.

        Raises:
            _Refused: the answer is an error in EasyPost's shape.
            _Trouble: anything else.
        """
        answer = await self._send(method, f"{self._url}{path}", body)
        try:
            said = answer.json()
            if answer.is_success:
                return read(said)
            error = said["error"]
            refusal = _Refused(answer.status_code, str(error["code"]), str(error["message"]))
        except (ArithmeticError, LookupError, TypeError, ValueError) as wrong:
            raise _Trouble(f"{answer.status_code} makes no sense: {wrong!r}") from wrong
        raise refusal

    async def _send(self, method: str, url: str, body: Json | None = None) -> httpx.Response:
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(trust_env=False, verify=False, timeout=None) as client,
            ):
                return await client.request(method, url, json=body, auth=(self._key, ""))
        except TimeoutError as late:
            raise _Trouble(f"no answer within {self._timeout} s") from late
        except (httpx.HTTPError, httpx.InvalidURL) as broken:
            raise _Trouble(f"{type(broken).__name__}: {broken}") from broken

    async def _with_file(self, sold: Sold) -> Bought:
        """With the picture, if there is one to be had: it is no part of having bought."""
        try:
            answer = await self._send("GET", sold.label_url)
        except _Trouble:
            return sold.bought
        if answer.status_code != 200:
            return sold.bought
        return replace(sold.bought, files=((answer.headers["content-type"], answer.content),))


# --- what answers say -------------------------------------------------------------------------------------------------


def read_quotes(said: Json, request: QuoteRequest) -> tuple[Quote, ...]:
    """The rates of a shipment, or of a rating of it anew."""
    today = datetime.now(UTC).date()
    return tuple(
        Quote(
            id=rate["id"],
            carrier=rate["carrier"],
            service=rate["service"],
            service_tier=(tier := _TIERS.get(rate["service"], "GROUND")),
            cost=_cents(rate["rate"]),
            transit_days=rate["delivery_days"],
            estimated_delivery=delivery_date(request.ship_date, rate["delivery_days"], sundays=tier == "EXPRESS"),
            estimate=False,
            prices_as_of=today,
        )
        for rate in said["rates"]
    )


def read_sold(said: Json) -> Sold | None:
    """The label of a shipment; None: it has none.

    Raises:
        ValueError: half of it is there.
    """
    code, label = said["tracking_code"], said["postage_label"]
    if not code and not label:
        return None
    if not code or not label:
        raise ValueError("a tracking code without a label, or the other way round")
    cost, sample = _cents(said["selected_rate"]["rate"]), said["mode"] == "test"
    return Sold(Bought(code, cost, sample, purchase_id=said["id"]), label["label_url"])


def read_void(said: Json) -> VoidOutcome:
    """What a shipment says of its refund.

    Raises:
        ValueError: nothing that is known.
    """
    match said["refund_status"]:
        case "submitted" | "refunded" | "not_applicable" as status:
            return Voided(status)
        case "rejected":
            return NotVoided("refund_rejected", "The carrier has rejected the refund.")
        case None:
            return _NOT_ASKED
        case status:
            raise ValueError(f"refund_status {status!r}")


def read_tracking(said: Json) -> Tracking:
    """A tracker. In test mode its history is made up."""
    events = [
        TrackingEvent(
            at=round(datetime.fromisoformat(detail["datetime"]).timestamp() * 1000),
            status=_STATUSES.get(detail["status"], "UNKNOWN"),
            text=detail["message"],
            place=_place(detail["tracking_location"]),
        )
        for detail in said["tracking_details"]
    ]
    arrives = said["est_delivery_date"]
    return Tracking(
        tracking_number=said["tracking_code"],
        status=_STATUSES.get(said["status"], "UNKNOWN"),
        events=tuple(sorted(events, key=lambda event: event.at)),
        simulated=said["mode"] == "test",
        estimated_delivery=arrives[:10] if arrives else None,
    )


def _place(location: Json) -> str:
    return ", ".join(part for part in (location["city"], location["state"]) if part)


def _cents(dollars: str) -> int:
    return round(Decimal(dollars) * 100)


def _path(anchor: str) -> str:
    return f"/shipments/{quoted(anchor, safe='')}"


def _shipment(request: QuoteRequest) -> Json:
    ends = {
        field: {"city": end.city, "state": end.state, "zip": end.code, "country": "US"}
        for field, end in (("from_address", request.origin), ("to_address", request.destination))
    }
    parcel: Json = {"weight": request.parcel.ounces}
    if (box := request.parcel.dimensions) is not None:
        parcel |= {"length": box.length, "width": box.width, "height": box.height}
    return {"shipment": {**ends, "parcel": parcel}}
