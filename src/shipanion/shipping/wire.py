"""The JSON shapes of quotes, in and out. Pure: what is read here is plain decoded JSON, what is made is too.

In: the parameters of the tool ``get_shipping_quotes`` and the payload of a ``get_rates`` frame. They ask the
same thing in other words and become one ``QuoteRequest``. Out: a tool result, the shared state, what a page
is told (``quote_ready``), what ``get_rates`` is answered, and both forms of failure.

Money is a JSON number of dollars with at most two decimals, weight pounds, dates ISO. A field that is absent
is not there (no nulls).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shipanion.errors import ShippingError
from shipanion.shipping import money
from shipanion.shipping.parcel import read_parcel
from shipanion.shipping.quotes import NO_PICKUPS, Quotation, Quote, QuoteRequest, cheapest, fastest
from shipanion.shipping.refusals import quoted, refusal
from shipanion.shipping.zips import for_estimate

__all__ = [
    "Json",
    "quote_ready",
    "quote_sentence",
    "quotes_state",
    "rates_failure",
    "rates_payload",
    "read_get_rates",
    "read_tool_call",
    "shipping_details",
    "tool_failure",
    "tool_result",
]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Words:
    """How one way of asking names its fields, and what it calls them in its literal refusal."""

    origin: str
    destination: str
    noun: str


_TOOL = _Words("from_zip", "to_zip", "parameter")
_RATES = _Words("origin_zip", "destination_zip", "field")


def read_tool_call(parameters: object, *, ship_date: date) -> QuoteRequest:
    """The parameters ``{from_zip, to_zip, weight, dimensions?, pickup_requested?}``.

    Raises:
        ShippingError: ``missing_field`` with the literal "Missing required parameter: X", ``wrong_type``,
            or whatever ``zips.for_estimate`` and ``parcel.read_parcel`` say about the figures.
    """
    return _read(parameters, _TOOL, ship_date)


def read_get_rates(payload: object, *, ship_date: date) -> QuoteRequest:
    """The payload ``{origin_zip, destination_zip, weight, dimensions?, pickup_requested?}``.

    Raises:
        ShippingError: as ``read_tool_call``; the literal here is "Missing required field: X".
    """
    return _read(payload, _RATES, ship_date)


def _read(asked: object, words: _Words, ship_date: date) -> QuoteRequest:
    if not isinstance(asked, Mapping):
        message = f"A request for quotes is an object with {words.origin}, {words.destination} and weight."
        raise refusal("wrong_type", message, "parameters" if words is _TOOL else "payload")
    for name in (words.origin, words.destination, "weight"):
        value = asked.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise refusal("missing_field", f"Missing required {words.noun}: {name}", name)
    return QuoteRequest(
        origin=for_estimate(asked[words.origin], words.origin),
        destination=for_estimate(asked[words.destination], words.destination),
        parcel=read_parcel(asked["weight"], asked.get("dimensions")),
        ship_date=ship_date,
        pickup_requested=_yes_or_no(asked.get("pickup_requested"), "pickup_requested"),
    )


def _yes_or_no(value: object, field: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    # Language models write booleans as text now and then.
    if isinstance(value, str) and value.strip().lower() in ("true", "false", ""):
        return value.strip().lower() == "true"
    raise refusal("wrong_type", f"{quoted(value)} is neither true nor false, which is what {field} takes.", field)


def shipping_details(request: QuoteRequest) -> Json:
    """State ``shipping_details``: ``{from, to, weight_lbs, dimensions?, from_place, to_place}``."""
    details: Json = {
        "from": request.origin.code,
        "to": request.destination.code,
        "weight_lbs": _pounds(request),
        "from_place": request.origin.name,
        "to_place": request.destination.name,
    }
    if request.parcel.dimensions is not None:
        details["dimensions"] = str(request.parcel.dimensions)
    return details


def quotes_state(quotation: Quotation) -> list[Json]:
    """State ``quotes``: ``{carrier, service, cost, …}`` each, the cheapest first."""
    return [
        {
            "carrier": quote.carrier,
            "service": quote.service,
            "cost": money.dollars(quote.cost),
            **_rest(quote),
            "notes": list(quote.notes),
        }
        for quote in _by_cost(quotation)
    ]


def tool_result(request: QuoteRequest, quotation: Quotation) -> Json:
    """What ``get_shipping_quotes`` answers: quotes, the cheapest first, and a sentence to say.

    Raises:
        ShippingError: ``no_service``, there are no quotes.
    """
    low, quick = cheapest(quotation.quotes), fastest(quotation.quotes)
    return {
        **shipping_details(request),
        "quotes": [_tool_quote(quote) | {"notes": list(quote.notes)} for quote in _by_cost(quotation)],
        "cheapest": _tool_quote(low),
        "fastest": _tool_quote(quick),
        "notes": _all_notes(quotation),
        "estimate": any(quote.estimate for quote in quotation.quotes),
        "message": _message(request, low),
    }


def quote_ready(request: QuoteRequest, quotation: Quotation) -> Json:
    """The ``data`` of the page's ``contextual_update`` named ``quote_ready``: the cheapest quote.

    Raises:
        ShippingError: ``no_service``.
    """
    low = cheapest(quotation.quotes)
    return {
        **shipping_details(request),
        **_tool_quote(low),
        "notes": _notes_on(low, quotation),
        "message": _message(request, low),
    }


def rates_payload(request: QuoteRequest, quotation: Quotation) -> Json:
    """The ``payload`` of the ``quote_ready`` frame that answers ``get_rates``.

    Raises:
        ShippingError: ``no_service``.
    """
    low, quick = cheapest(quotation.quotes), fastest(quotation.quotes)
    return {
        "cheapest_option": _option(low),
        "fastest_option": _option(quick),
        "all_options": [_option(quote) | {"notes": list(quote.notes)} for quote in _by_cost(quotation)],
        "details": shipping_details(request),
        "notes": _all_notes(quotation),
        "message": _message(request, low),
    }


def tool_failure(error: ShippingError, original: object) -> Json:
    """The ``result`` of a failed tool: ``{error, original_request, code, field?}``."""
    return {"error": error.message, "original_request": original, **_for_programs(error)}


def rates_failure(error: ShippingError, original: object) -> Json:
    """The ``payload`` of the ``error`` frame that answers a failed ``get_rates``."""
    return {
        "message": error.message,
        "original_request": original,
        "is_error": True,
        **_for_programs(error),
    }


def quote_sentence(quote: Quote) -> str:
    """``"Quote ready from USPS Ground Advantage for $12.99"``."""
    return f"Quote ready from {quote.carrier} {quote.service} for {money.text(quote.cost)}"


def _message(request: QuoteRequest, quote: Quote) -> str:
    sentence = quote_sentence(quote)
    return f"{sentence}. {NO_PICKUPS}" if request.pickup_requested else sentence


def _tool_quote(quote: Quote) -> Json:
    return {
        "carrier": quote.carrier,
        "service": quote.service,
        "price": money.dollars(quote.cost),
        **_rest(quote),
    }


def _option(quote: Quote) -> Json:
    return {
        "carrier": quote.carrier,
        "service_name": quote.service,
        "cost": money.dollars(quote.cost),
        **_rest(quote),
    }


def _rest(quote: Quote) -> Json:
    return {
        "id": quote.id,
        "service_tier": quote.service_tier,
        "eta": quote.eta,
        "transit_days": quote.transit_days,
        "estimated_delivery": quote.estimated_delivery.isoformat(),
        "estimate": quote.estimate,
        "prices_as_of": quote.prices_as_of.isoformat(),
    }


def _for_programs(error: ShippingError) -> Json:
    return {"code": error.code} if error.field is None else {"code": error.code, "field": error.field}


def _by_cost(quotation: Quotation) -> Sequence[Quote]:
    return sorted(quotation.quotes, key=lambda quote: (quote.cost, quote.transit_days, quote.id))


def _all_notes(quotation: Quotation) -> list[str]:
    """Each sentence once, in order: what the quotes say, then what holds for the whole request."""
    notes = [note for quote in quotation.quotes for note in quote.notes]
    return list(dict.fromkeys((*notes, *quotation.notes)))


def _notes_on(quote: Quote, quotation: Quotation) -> list[str]:
    return [*quote.notes, *quotation.notes]


def _pounds(request: QuoteRequest) -> float:
    # A whole number without ".0", so that a program which prints the state prints "5 lbs".
    pounds = request.parcel.weight_lbs
    return int(pounds) if pounds.is_integer() else pounds
