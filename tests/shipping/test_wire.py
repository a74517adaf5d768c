import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping import wire
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.rates.table import load

DAY = date(2026, 11, 23)
TOOL = {"from_zip": "90210", "to_zip": "10001", "weight": 5.0}
RATES = {"origin_zip": "90210", "destination_zip": "10001", "weight": 5.0}


async def quoted(**more: object) -> tuple[QuoteRequest, Quotation]:
    request = wire.read_tool_call(TOOL | more, ship_date=DAY)
    return request, await RateCardCarrier(load()).quote(request)


def failed(parameters: object) -> ShippingError:
    with pytest.raises(ShippingError) as caught:
        wire.read_tool_call(parameters, ship_date=DAY)
    return caught.value


def test_both_ways_of_asking_ask_the_same() -> None:
    more = {"dimensions": "12x10x8", "pickup_requested": True}
    one = wire.read_tool_call(TOOL | more, ship_date=DAY)
    assert one == wire.read_get_rates(RATES | more, ship_date=DAY)
    assert one.pickup_requested
    assert one.ship_date == DAY


@pytest.mark.parametrize("missing", ["from_zip", "to_zip", "weight"])
@pytest.mark.parametrize("sent", [None, "", " ", "absent"])
def test_a_missing_parameter_is_named_literally(missing: str, sent: object) -> None:
    parameters: dict[str, Any] = TOOL | {missing: sent}
    if sent == "absent":
        del parameters[missing]
    error = failed(parameters)
    assert error.message == f"Missing required parameter: {missing}"
    assert (error.code, error.field) == ("missing_field", missing)


@pytest.mark.parametrize("missing", ["origin_zip", "destination_zip", "weight"])
def test_a_missing_field_of_get_rates_is_named_literally(missing: str) -> None:
    payload = {name: value for name, value in RATES.items() if name != missing}
    with pytest.raises(ShippingError) as caught:
        wire.read_get_rates(payload, ship_date=DAY)
    assert caught.value.message == f"Missing required field: {missing}"


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        ("from_zip", "99999", "unknown_zip"),
        ("from_zip", "00000", "unknown_zip"),
        ("to_zip", "banana", "malformed_zip"),
        ("to_zip", "09012", "military_zip"),
        ("to_zip", "88888", "unplaced_zip"),
        ("weight", 0, "weight_not_positive"),
        ("weight", -1, "weight_not_positive"),
        ("weight", math.nan, "malformed_weight"),
        ("weight", "banana", "malformed_weight"),
        ("weight", 900, "too_heavy"),
        ("dimensions", "banana", "malformed_dimensions"),
        ("dimensions", "99x99x99", "too_large"),
        ("pickup_requested", "maybe", "wrong_type"),
    ],
)
def test_bad_input_is_refused_with_a_code_and_the_name_of_the_field(field: str, sent: object, code: str) -> None:
    error = failed(TOOL | {field: sent})
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize("sent", [None, "90210", 5, []])
def test_parameters_that_are_no_object(sent: object) -> None:
    assert failed(sent).code == "wrong_type"


@pytest.mark.parametrize(
    ("sent", "wanted"), [(True, True), ("true", True), (False, False), ("false", False), (None, False)]
)
def test_pickup_requested_as_programs_write_it(sent: object, wanted: bool) -> None:
    request = wire.read_tool_call(TOOL | {"pickup_requested": sent}, ship_date=DAY)
    assert request.pickup_requested is wanted


async def test_the_result_of_the_tool() -> None:
    result = wire.tool_result(*await quoted())
    first = result["quotes"][0]
    assert {name: first[name] for name in ("carrier", "service", "price", "eta", "transit_days")} == {
        "carrier": "USPS",
        "service": "Ground Advantage",
        "price": 26.05,
        "eta": "5 days",
        "transit_days": 5,
    }
    assert [quote["price"] for quote in result["quotes"]] == [26.05, 36.9, 101.5]
    assert result["cheapest"]["service"] == "Ground Advantage"
    assert result["fastest"]["service"] == "Priority Mail Express"
    assert result["message"] == "Quote ready from USPS Ground Advantage for $26.05"
    assert (result["from"], result["to"], result["weight_lbs"]) == ("90210", "10001", 5)
    assert result["estimate"] is True
    assert all(quote["prices_as_of"] == "2026-07-12" for quote in result["quotes"])
    assert all(any("can be higher" in note for note in quote["notes"]) for quote in result["quotes"])


async def test_the_shared_state() -> None:
    request, quotation = await quoted(dimensions={"length": 8, "width": 10, "height": 12.5})
    assert wire.shipping_details(request) == {
        "from": "90210",
        "to": "10001",
        "weight_lbs": 5,
        "dimensions": "12.5x10x8",
        "from_place": "Beverly Hills, CA",
        "to_place": "New York, NY",
    }
    first = wire.quotes_state(quotation)[0]
    assert (first["carrier"], first["service"], first["cost"]) == ("USPS", "Ground Advantage", 26.05)
    assert "dimensions" not in wire.shipping_details((await quoted())[0])


async def test_a_weight_has_decimals_only_where_it_is_not_whole() -> None:
    for weight, written in (("5.5", "5.5"), (5.0, "5"), ("5.00", "5")):
        request, _ = await quoted(weight=weight)
        assert json.dumps(wire.shipping_details(request)["weight_lbs"]) == written


async def test_what_the_page_is_told() -> None:
    data = wire.quote_ready(*await quoted())
    asked = ("from", "to", "weight_lbs", "carrier", "service", "price", "eta", "message")
    assert {name: data[name] for name in asked} == {
        "from": "90210",
        "to": "10001",
        "weight_lbs": 5,
        "carrier": "USPS",
        "service": "Ground Advantage",
        "price": 26.05,
        "eta": "5 days",
        "message": "Quote ready from USPS Ground Advantage for $26.05",
    }


async def test_the_answer_to_get_rates() -> None:
    payload = wire.rates_payload(*await quoted())
    assert payload["cheapest_option"]["service_name"] == "Ground Advantage"
    assert payload["fastest_option"]["service_name"] == "Priority Mail Express"
    asked = ("carrier", "service_name", "service_tier", "cost", "estimated_delivery", "transit_days")
    assert [{name: option[name] for name in asked} for option in payload["all_options"]] == [
        dict(zip(asked, values, strict=True))
        for values in (
            ("USPS", "Ground Advantage", "GROUND", 26.05, "2026-11-28", 5),
            ("USPS", "Priority Mail", "PRIORITY", 36.9, "2026-11-26", 3),
            ("USPS", "Priority Mail Express", "EXPRESS", 101.5, "2026-11-25", 2),
        )
    ]


async def test_a_pick_up_is_answered_in_the_sentence_too() -> None:
    result = wire.tool_result(*await quoted(pickup_requested=True))
    assert result["message"].startswith("Quote ready from USPS Ground Advantage for $26.05. Pick-ups are not")


async def test_without_quotes_there_is_nothing_to_answer() -> None:
    request, _ = await quoted()
    for answer in (wire.tool_result, wire.quote_ready, wire.rates_payload):
        with pytest.raises(ShippingError) as caught:
            answer(request, Quotation(()))
        assert caught.value.code == "no_service"


def test_failures_repeat_the_request() -> None:
    bad = TOOL | {"to_zip": "99999"}
    error = failed(bad)
    assert wire.tool_failure(error, bad) == {
        "error": "No place has the ZIP code 99999. Please check its digits.",
        "original_request": bad,
        "code": "unknown_zip",
        "field": "to_zip",
    }
    assert wire.rates_failure(error, bad) == {
        "message": "No place has the ZIP code 99999. Please check its digits.",
        "original_request": bad,
        "is_error": True,
        "code": "unknown_zip",
        "field": "to_zip",
    }


async def test_everything_is_json_without_nulls_and_with_money_in_whole_cents() -> None:
    request, quotation = await quoted(dimensions="12x10x8", pickup_requested=True)
    shapes = [
        wire.tool_result(request, quotation),
        wire.rates_payload(request, quotation),
        wire.quote_ready(request, quotation),
        {"quotes": wire.quotes_state(quotation), "shipping_details": wire.shipping_details(request)},
    ]
    written = json.dumps(shapes, allow_nan=False)
    assert "null" not in written
    assert len(written) < 12_000
    for shape in json.loads(written):
        for quote in shape.get("quotes", shape.get("all_options", [])):
            price = quote.get("price", quote.get("cost"))
            assert round(price * 100) / 100 == price


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.one_of(
        json_values,
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(("from_zip", "to_zip", "weight", "dimensions", "pickup_requested"), json_values),
        ),
    )
)
def test_whatever_is_asked_is_a_request_or_a_designed_refusal(parameters: object) -> None:
    try:
        wire.read_tool_call(parameters, ship_date=DAY)
    except ShippingError as error:
        failure = wire.tool_failure(error, None)
    else:
        return
    assert failure["field"]
    assert json.dumps(failure)
