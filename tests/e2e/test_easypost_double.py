"""The EasyPost double, asked through the carrier that the ledger is tested with, and held to recorded traffic."""

import asyncio
import json
import re
import socket
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from shipanion.errors import ShippingError
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.parcel import Dimensions, Parcel
from shipanion.shipping.purchase import Bought, NotBought, NotVoided, Order, Unknown, Voided
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.zips import Zip
from tests.support import testdata
from tests.support.double_carrier import DoubleCarrier, read_quotes, read_sold, read_tracking, read_void
from tests.support.easypost_double import LABEL, EasyPostDouble, Endpoint, Fault, check_digit
from tests.support.until_true import until_true

REQUEST = QuoteRequest(
    origin=Zip("94107", "San Francisco", "CA", None, "STANDARD", True),
    destination=Zip("90277", "Redondo Beach", "CA", None, "STANDARD", True),
    parcel=Parcel(15.4 / 16, Dimensions(10, 8, 4)),
    ship_date=date(2026, 11, 2),
)
HASTY_SECONDS = 0.4
"""How long a call is waited for that is never answered."""

Json = dict[str, Any]


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    with EasyPostDouble() as running:
        yield running


@pytest.fixture
def carrier(double: EasyPostDouble) -> DoubleCarrier:
    return DoubleCarrier(double.url, timeout=10)


@pytest.fixture
def hasty(double: EasyPostDouble) -> DoubleCarrier:
    return DoubleCarrier(double.url, timeout=HASTY_SECONDS)


def order_for(quotation: Quotation, index: int = 2) -> Order:
    quote = quotation.quotes[index]
    assert quotation.anchor is not None
    return Order(
        reference="purchase-1",
        shipment_id="shipment-1",
        anchor=quotation.anchor,
        quote_id=quote.id,
        carrier=quote.carrier,
        service=quote.service,
        cost=quote.cost,
        details={},
        transit_days=quote.transit_days,
        at=0,
    )


@pytest.fixture
async def order(carrier: DoubleCarrier) -> Order:
    return order_for(await carrier.quote(REQUEST))


def ask(double: EasyPostDouble, method: str, path: str, body: Json | None = None) -> httpx.Response:
    return httpx.request(method, double.url + path, json=body, auth=("EZTK-double", ""), timeout=10, trust_env=False)


# --- buying, when all is well -----------------------------------------------------------------------------------------


def test_it_fills_the_port() -> None:
    carrier: Carrier = DoubleCarrier("http://127.0.0.1:1/v2", patience_seconds=3.5)
    assert isinstance(carrier, Carrier)
    assert carrier.costs_money
    assert (carrier.name, carrier.patience_seconds) == ("easypost-double", 3.5)


async def test_a_quotation_hangs_on_a_shipment_of_the_carrier(double: EasyPostDouble) -> None:
    double.say("UPS", "no account")
    quotation = await DoubleCarrier(double.url, timeout=10, valid_seconds=60).quote(REQUEST)
    assert [(quote.service_tier, quote.cost, quote.transit_days) for quote in quotation.quotes] == [
        ("EXPRESS", 3415, 1),
        ("PRIORITY", 742, 2),
        ("GROUND", 607, 3),
    ]
    assert not any(quote.estimate for quote in quotation.quotes)
    assert quotation.quotes[2].estimated_delivery == date(2026, 11, 5)
    assert quotation.notes == ("UPS: no account",)
    assert quotation.valid_seconds == 60
    assert quotation.anchor is not None
    assert ask(double, "GET", f"/shipments/{quotation.anchor}").json()["id"] == quotation.anchor
    sent = double.calls("create")[0].body["shipment"]
    assert sent["parcel"] == {"weight": 15.4, "length": 10, "width": 8, "height": 4}


async def test_heavier_is_dearer(carrier: DoubleCarrier) -> None:
    heavy = await carrier.quote(replace(REQUEST, parcel=Parcel(2.1)))
    assert [quote.cost for quote in heavy.quotes] == [3515, 842, 707]


async def test_a_label_is_sold_once(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    assert await carrier.find(order) == NotBought("not_bought", "The carrier knows of no label.")
    bought = await carrier.buy(order)
    assert isinstance(bought, Bought)
    assert (bought.cost, bought.sample, bought.purchase_id) == (607, True, order.anchor)
    assert bought.files == (("image/png", LABEL),)
    assert await carrier.find(order) == bought
    assert await carrier.buy(order) == bought
    (label,) = double.labels()
    assert (label.shipment_id, label.rate_id, label.price) == (order.anchor, order.quote_id, "6.07")
    assert (label.tracking_code, label.reference, label.refunded) == (bought.tracking_number, None, False)
    assert len(double.calls("create")) == 1


async def test_twenty_buys_at_once_make_one_label(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.hold("buy")
    buys = [asyncio.create_task(carrier.buy(order)) for _ in range(20)]
    await double.arrived("buy", 20)
    assert double.labels() == []
    double.let_go("buy")
    outcomes = await asyncio.gather(*buys)
    assert len(double.labels()) == 1
    assert len(set(outcomes)) == 1
    assert isinstance(outcomes[0], Bought)


async def test_every_label_has_its_own_number_that_checks(double: EasyPostDouble, carrier: DoubleCarrier) -> None:
    numbers = set()
    for _ in range(3):
        bought = await carrier.buy(order_for(await carrier.quote(REQUEST)))
        assert isinstance(bought, Bought)
        assert re.fullmatch(r"94[0-9]{20}", bought.tracking_number)
        assert bought.tracking_number[-1] == check_digit(bought.tracking_number[:-1])
        numbers.add(bought.tracking_number)
    assert len(numbers) == len(double.labels()) == 3


@pytest.mark.parametrize("number", ["9400100208303109505657", "9400100208303109505688"])
def test_the_check_digit_is_that_of_numbers_in_use(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]


async def test_in_production_a_label_is_no_sample() -> None:
    with EasyPostDouble("production") as live:
        carrier = DoubleCarrier(live.url, timeout=10)
        bought = await carrier.buy(order_for(await carrier.quote(REQUEST)))
        assert isinstance(bought, Bought)
        assert not bought.sample


def test_the_label_is_a_picture() -> None:
    assert LABEL.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", LABEL[16:24])
    at = LABEL.index(b"IDAT")
    (size,) = struct.unpack(">I", LABEL[at - 4 : at])
    assert len(zlib.decompress(LABEL[at + 4 : at + 4 + size])) == height * (width + 1)
    assert (width, height) == (80, 120)


# --- rates ------------------------------------------------------------------------------------------------------------


async def test_rating_anew_keeps_the_shipment(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.raise_prices(100)
    again = await carrier.quote(REQUEST, order.anchor)
    assert again.anchor == order.anchor
    assert [quote.cost for quote in again.quotes] == [3515, 842, 707]
    assert order.quote_id not in {quote.id for quote in again.quotes}
    assert len(double.calls("create")) == 1
    refused = await carrier.buy(order)
    assert isinstance(refused, NotBought)
    assert refused.code == "SHIPMENT.MISSING_RATE"
    assert isinstance(await carrier.buy(order_for(again)), Bought)


async def test_a_rate_of_another_shipment_buys_nothing(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    other = order_for(await carrier.quote(REQUEST))
    outcome = await carrier.buy(replace(order, quote_id=other.quote_id))
    assert isinstance(outcome, NotBought)
    assert outcome.code == "SHIPMENT.MISSING_RATE"
    assert double.labels() == []


async def test_expired_rates_are_rated_anew(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.expire_rates()
    outcome = await carrier.buy(order)
    assert isinstance(outcome, NotBought)
    assert outcome.code == "SHIPMENT.RATES.UNAVAILABLE"
    assert isinstance(await carrier.buy(order_for(await carrier.quote(REQUEST, order.anchor))), Bought)


def test_a_shipment_is_found_by_its_reference(double: EasyPostDouble) -> None:
    parts = {"from_address": {"zip": "94107"}, "to_address": {"zip": "90277"}, "parcel": {"weight": 8}}
    made = ask(double, "POST", "/shipments", {"shipment": {**parts, "reference": "a b"}}).json()
    assert ask(double, "GET", "/shipments/a%20b").json()["id"] == made["id"]
    bought = ask(double, "POST", "/shipments/a%20b/buy", {"rate": {"id": made["rates"][0]["id"]}})
    assert bought.status_code == 200
    assert double.labels()[0].reference == "a b"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("refuse", "no_service"),
        ("unauthorized", "no_service"),
        ("rate_limited", "carrier_unavailable"),
        ("error_500", "carrier_unavailable"),
        ("reset_before", "carrier_unavailable"),
        ("bad_gateway_after", "carrier_unavailable"),
    ],
)
async def test_what_cannot_be_quoted_is_said(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, fault: Fault, code: str
) -> None:
    double.fault("create", fault)
    double.fault("rerate", fault)
    for anchor in (None, order.anchor):
        with pytest.raises(ShippingError) as caught:
            await carrier.quote(REQUEST, anchor)
        assert caught.value.code == code
    assert (await carrier.quote(REQUEST)).quotes


# --- faults of a purchase ---------------------------------------------------------------------------------------------

REFUSED: list[tuple[Fault, str]] = [
    ("refuse", "SHIPMENT.POSTAGE.FAILURE"),
    ("payment_required", "PAYMENT_REQUIRED"),
    ("unauthorized", "UNAUTHORIZED"),
    ("expired_rates", "SHIPMENT.RATES.UNAVAILABLE"),
]
UNDECIDED: list[tuple[Fault, bool]] = [
    ("reset_before", False),
    ("reset_after", True),
    ("bad_gateway_before", False),
    ("bad_gateway_after", True),
    ("error_500", False),
    ("rate_limited", False),
    ("in_progress", False),
    ("no_response", False),
    ("already_bought", False),  # and then a GET shows no label
]


@pytest.mark.parametrize(("fault", "code"), REFUSED)
async def test_a_refusal_is_surely_no_purchase(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, fault: Fault, code: str
) -> None:
    double.fault("buy", fault)
    outcome = await carrier.buy(order)
    assert isinstance(outcome, NotBought)
    assert outcome.code == code
    assert double.labels() == []
    assert isinstance(await carrier.find(order), NotBought)


@pytest.mark.parametrize(("fault", "sold"), UNDECIDED)
async def test_what_is_not_sure_is_unknown_until_it_is_asked(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, fault: Fault, sold: bool
) -> None:
    double.fault("buy", fault)
    assert isinstance(await carrier.buy(order), Unknown)
    assert len(double.labels()) == sold
    assert isinstance(await carrier.find(order), Bought if sold else NotBought)
    assert isinstance(await carrier.buy(order), Bought)
    assert len(double.labels()) == 1


@pytest.mark.parametrize(("fault", "sold"), [("hang_before", False), ("hang_after", True)])
async def test_silence_is_unknown(
    double: EasyPostDouble, carrier: DoubleCarrier, hasty: DoubleCarrier, order: Order, fault: Fault, sold: bool
) -> None:
    double.fault("buy", fault)
    outcome = await hasty.buy(order)
    assert outcome == Unknown(f"no answer within {HASTY_SECONDS} s")
    assert len(double.labels()) == sold
    assert isinstance(await carrier.find(order), Bought if sold else NotBought)


@pytest.mark.parametrize("fault", ["reset_before", "error_500", "bad_gateway_before", "rate_limited", "unauthorized"])
async def test_whoever_cannot_ask_does_not_know(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, fault: Fault
) -> None:
    bought = await carrier.buy(order)
    assert isinstance(bought, Bought)
    double.fault("read", fault, calls=3)
    assert isinstance(await carrier.find(order), Unknown)
    assert isinstance(await carrier.buy(order), Unknown)  # EXISTS, and then nobody says what exists
    assert isinstance(await carrier.find_void(order, bought), Unknown)
    assert await carrier.find(order) == bought


async def test_a_shipment_that_is_not_there(carrier: DoubleCarrier, order: Order) -> None:
    lost = replace(order, anchor="shp_none")
    assert await carrier.buy(lost) == NotBought("NOT_FOUND", "The requested resource could not be found.")
    assert isinstance(await carrier.find(lost), Unknown)


async def test_a_purchase_counts_without_its_picture(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    faults: list[Fault] = ["error_500", "reset_before"]
    for fault in faults:
        double.fault("label", fault)
        outcome = await carrier.buy(order)
        assert isinstance(outcome, Bought)
        assert outcome.files == ()
    found = await carrier.find(order)
    assert isinstance(found, Bought)
    assert found.files


async def test_a_fault_holds_for_so_many_calls(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.fault("buy", "error_500", calls=2)
    assert [type(await carrier.buy(order)) for _ in range(3)] == [Unknown, Unknown, Bought]
    double.fault("read", "error_500", calls=None)
    assert [type(await carrier.find(order)) for _ in range(4)] == [Unknown] * 4
    double.mend("read")
    assert isinstance(await carrier.find(order), Bought)


@pytest.mark.parametrize(("endpoint", "fault"), [("read", "in_progress"), ("track", "refuse")])
def test_a_fault_that_cannot_be_is_refused(double: EasyPostDouble, endpoint: Endpoint, fault: Fault) -> None:
    with pytest.raises(ValueError, match="has no fault"):
        double.fault(endpoint, fault)


def test_too_many_requests_say_when_to_come_back(double: EasyPostDouble) -> None:
    double.fault("read", "rate_limited")
    answer = ask(double, "GET", "/shipments/any")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_nobody_is_served_without_a_key(double: EasyPostDouble) -> None:
    answer = httpx.get(f"{double.url}/shipments/any", timeout=10, trust_env=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")


# --- landing late -----------------------------------------------------------------------------------------------------


async def test_a_late_purchase_reads_as_none_until_it_lands(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    double.lands_late(line="reset")
    assert isinstance(await carrier.buy(order), Unknown)
    assert isinstance(await carrier.find(order), NotBought)
    second = await carrier.buy(order)
    assert isinstance(second, Unknown)
    assert "IN_PROGRESS" in second.message
    assert double.labels() == []
    double.land()
    found = await carrier.find(order)
    assert isinstance(found, Bought)
    assert await carrier.buy(order) == found
    double.land()
    assert [label.tracking_code for label in double.labels()] == [found.tracking_number]


async def test_a_late_purchase_may_hang(
    double: EasyPostDouble, carrier: DoubleCarrier, hasty: DoubleCarrier, order: Order
) -> None:
    double.lands_late()
    assert await hasty.buy(order) == Unknown(f"no answer within {HASTY_SECONDS} s")
    assert isinstance(await carrier.find(order), NotBought)
    double.land()
    assert isinstance(await carrier.find(order), Bought)


async def test_a_late_purchase_may_be_overtaken(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.lands_late(line="reset", in_progress=False)
    assert isinstance(await carrier.buy(order), Unknown)
    second = await carrier.buy(order)
    assert isinstance(second, Bought)
    double.land()
    assert len(double.labels()) == 1
    assert await carrier.find(order) == second


async def test_a_late_purchase_lands_at_its_own_price(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    double.lands_late(line="reset")
    await carrier.buy(order)
    double.raise_prices(100)
    await carrier.quote(REQUEST, order.anchor)
    double.land()
    assert [(label.rate_id, label.price) for label in double.labels()] == [(order.quote_id, "6.07")]


async def test_a_late_purchase_lands_by_itself(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.lands_late(0.05, line="reset")
    assert isinstance(await carrier.buy(order), Unknown)
    await until_true(double.labels)
    assert isinstance(await carrier.find(order), Bought)


async def test_what_is_refused_does_not_land(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.lands_late(line="reset")
    assert isinstance(await carrier.buy(replace(order, quote_id="rate_none")), Unknown)
    double.land()
    assert double.labels() == []


# --- lines and gates --------------------------------------------------------------------------------------------------


async def test_while_it_is_down_nothing_arrives(double: EasyPostDouble, carrier: DoubleCarrier, order: Order) -> None:
    double.down()
    outcome = await carrier.buy(order)
    assert isinstance(outcome, Unknown)
    assert outcome.message.startswith("ConnectError")
    assert double.calls("buy") == []
    double.up()
    assert isinstance(await carrier.find(order), NotBought)


async def test_what_is_held_goes_on_without_its_line(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    double.hold("buy")
    buying = asyncio.create_task(carrier.buy(order))
    call = await double.arrived("buy")
    assert (call.key, call.body) == (order.anchor, {"rate": {"id": order.quote_id}})
    double.down()
    assert isinstance(await buying, Unknown)
    double.up()
    assert isinstance(await carrier.find(order), NotBought)
    double.let_go("buy")
    assert isinstance(await carrier.find(order), Bought)


async def test_an_answer_can_be_held_when_all_is_done(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    double.hold("buy", committed=True, calls=1)
    buying = asyncio.create_task(carrier.buy(order))
    await double.arrived("buy")
    assert len(double.labels()) == 1
    found = await carrier.find(order)
    assert await carrier.buy(order) == found  # only the first call is held
    assert not buying.done()
    double.let_go("buy")
    assert await buying == found


CALLER = """
import http.client, json, sys
port, anchor, rate = sys.argv[1:]
line = http.client.HTTPConnection("127.0.0.1", int(port))
headers = {"authorization": "Basic RVpUSzo="}
line.request("POST", f"/v2/shipments/{anchor}/buy", json.dumps({"rate": {"id": rate}}), headers)
line.getresponse()
"""


async def test_it_outlives_a_caller_that_is_killed_in_the_call(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order
) -> None:
    double.hold("buy")
    port = str(httpx.URL(double.url).port)
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", CALLER, port, order.anchor, order.quote_id
    )
    await double.arrived("buy")
    caller.kill()
    assert await caller.wait() == -9
    assert isinstance(await carrier.find(order), NotBought)
    double.let_go("buy")
    assert isinstance(await carrier.find(order), Bought)
    assert len(double.labels()) == 1


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_a_reset_is_one(double: EasyPostDouble, fault: Fault) -> None:
    double.fault("read", fault)
    with socket.create_connection(("127.0.0.1", int(double.url[:-3].rpartition(":")[2])), 10) as line:
        line.sendall(b"GET /v2/shipments/any HTTP/1.1\r\nHost: double\r\nAuthorization: Basic eA==\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            line.recv(1)


async def test_it_ends_quietly_whatever_is_open(caplog: pytest.LogCaptureFixture) -> None:
    async with httpx.AsyncClient(auth=("EZTK-double", ""), trust_env=False) as kept:
        with EasyPostDouble() as double:
            assert (await kept.get(f"{double.url}/shipments/any")).status_code == 404
            double.hold("create")
            held = asyncio.create_task(DoubleCarrier(double.url, timeout=10).quote(REQUEST))
            await double.arrived("create")
        with pytest.raises(ShippingError):
            await held
        with pytest.raises(httpx.ConnectError):
            await kept.get(f"{double.url}/shipments/any")
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_what_does_not_arrive_is_said(double: EasyPostDouble) -> None:
    with pytest.raises(AssertionError, match="0 of 1 calls came to buy"):
        await double.arrived("buy", within=0.01)


async def test_its_book_can_be_read_when_it_has_gone() -> None:
    with EasyPostDouble() as double:
        carrier = DoubleCarrier(double.url, timeout=10)
        await carrier.buy(order_for(await carrier.quote(REQUEST)))
    assert len(double.labels()) == 1
    assert [call.endpoint for call in double.calls()] == ["create", "buy", "label"]


# --- taking back ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def bought(carrier: DoubleCarrier, order: Order) -> Bought:
    outcome = await carrier.buy(order)
    assert isinstance(outcome, Bought)
    return outcome


@pytest.mark.parametrize("status", ["submitted", "refunded", "not_applicable"])
async def test_a_label_is_taken_back(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, bought: Bought, status: Any
) -> None:
    double.answer_refunds(status)
    assert isinstance(await carrier.find_void(order, bought), NotVoided)
    assert await carrier.void(order, bought) == Voided(status)
    assert await carrier.find_void(order, bought) == Voided(status)
    assert await carrier.void(order, bought) == Voided(status)  # refused, because it is so already
    assert [label.refund_status for label in double.labels()] == [status]
    assert double.labels()[0].refunded
    assert await carrier.buy(order) == bought  # and the shipment keeps its one label


async def test_a_rejected_refund_leaves_the_label(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, bought: Bought
) -> None:
    assert await carrier.void(order, bought) == Voided("submitted")
    double.settle_refund(order.anchor, "rejected")
    outcome = await carrier.find_void(order, bought)
    assert isinstance(outcome, NotVoided)
    assert outcome.code == "refund_rejected"
    assert not double.labels()[0].refunded
    assert await carrier.void(order, bought) == Voided("submitted")  # it may be asked for again


async def test_what_was_not_bought_is_not_taken_back(carrier: DoubleCarrier, order: Order) -> None:
    outcome = await carrier.void(order, Bought("none", 0, True))
    assert isinstance(outcome, NotVoided)
    assert outcome.code == "SHIPMENT.REFUND.UNAVAILABLE"


@pytest.mark.parametrize(
    ("fault", "kind", "done"),
    [
        ("refuse", NotVoided, False),
        ("unauthorized", NotVoided, False),
        ("error_500", Unknown, False),
        ("reset_before", Unknown, False),
        ("reset_after", Unknown, True),
        ("bad_gateway_after", Unknown, True),
    ],
)
async def test_faults_of_taking_back(
    double: EasyPostDouble,
    carrier: DoubleCarrier,
    order: Order,
    bought: Bought,
    fault: Fault,
    kind: type[object],
    done: bool,
) -> None:
    double.fault("refund", fault)
    assert isinstance(await carrier.void(order, bought), kind)
    assert double.labels()[0].refunded is done
    assert isinstance(await carrier.find_void(order, bought), Voided if done else NotVoided)


# --- tracking ---------------------------------------------------------------------------------------------------------


async def test_a_parcel_is_where_the_test_says(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, bought: Bought
) -> None:
    at_first = await carrier.track(order, bought, 0)
    assert (at_first.status, at_first.events, at_first.simulated) == ("UNKNOWN", (), True)
    for status, message, day in (("delivered", "Left at door", "05"), ("in_transit", "On its way", "03")):
        place = ("HOUSTON", "TX", "77063")
        double.moves(bought.tracking_number, status, message, place, f"2026-11-{day}T00:00:00Z")
    tracking = await carrier.track(order, bought, 0)
    assert [(event.status, event.text, event.place) for event in tracking.events] == [
        ("IN_TRANSIT", "On its way", "HOUSTON, TX"),
        ("DELIVERED", "Left at door", "HOUSTON, TX"),
    ]
    assert tracking.events[0].at == 1_793_664_000_000
    assert tracking.tracking_number == bought.tracking_number


async def test_what_is_not_tracked_is_said(
    double: EasyPostDouble, carrier: DoubleCarrier, order: Order, bought: Bought
) -> None:
    with pytest.raises(ShippingError) as caught:
        await carrier.track(order, replace(bought, tracking_number="9400"), 0)
    assert caught.value.code == "not_tracked"
    double.fault("track", "error_500")
    with pytest.raises(ShippingError) as caught:
        await carrier.track(order, bought, 0)
    assert caught.value.code == "carrier_unavailable"


# --- held to recorded traffic -----------------------------------------------------------------------------------------


def recorded(name: str) -> list[tuple[Json, Json]]:
    """The JSON bodies of requests and answers of one recording, in order."""
    text = testdata.require(f"easypost/{name}.yaml").read_text(encoding="utf-8")
    scalar = r"'((?:[^']|'')*)'$"
    requests, answers = (
        # YAML folds the lines of a quoted scalar to spaces, and doubles its quotes.
        [
            json.loads(re.sub(r"\s*\n\s*", " ", body).replace("''", "'"))
            for body in re.findall(start + scalar, text, re.M)
        ]
        for start in ("^    body: ", "^      string: ")
    )
    return list(zip(requests, answers, strict=True))


def json_type(value: object) -> str:
    names = {bool: "bool", int: "number", float: "number", str: "string", type(None): "null", dict: "object"}
    return names.get(type(value), "array")


def strays(ours: object, theirs: list[Any], path: str = "") -> list[str]:
    """Where our answer has a key, or a JSON type, that none of their answers has at that place."""
    if json_type(ours) not in {json_type(one) for one in theirs}:
        return [f"{path}: {json_type(ours)}"]
    if isinstance(ours, dict):
        objects = [one for one in theirs if isinstance(one, dict)]
        return [
            stray
            for key, value in ours.items()
            for stray in strays(value, [one[key] for one in objects if key in one], f"{path}.{key}")
        ]
    if isinstance(ours, list):
        inside = [element for one in theirs if isinstance(one, list) for element in one]
        return [stray for element in ours for stray in strays(element, inside, f"{path}[]")]
    return []


def test_a_stray_key_or_type_would_be_seen() -> None:
    theirs = [{"a": 1, "b": [{"c": None}]}, {"a": None, "b": []}]
    assert strays({"a": 2.5, "b": [{"c": None}]}, theirs) == []
    assert strays({"a": "2"}, theirs) == [".a: string"]
    assert strays({"d": 1}, theirs) == [".d: number"]
    assert strays({"b": [{"c": True}]}, theirs) == [".b[].c: bool"]


def test_a_shipment_is_shaped_as_recorded(double: EasyPostDouble) -> None:
    for name in ("test_shipment_create", "test_shipment_buy"):
        body, theirs = recorded(name)[0]
        answer = ask(double, "POST", "/shipments", body)
        assert answer.status_code == 201
        assert strays(answer.json(), [theirs]) == []
        assert {"id", "mode", "messages", "rates", "reference"} <= answer.json().keys()


def test_a_bought_and_a_refunded_shipment_are_shaped_as_recorded(double: EasyPostDouble) -> None:
    (make, _), (buy, their_bought) = recorded("test_shipment_buy")
    _, (_, their_refunded) = recorded("test_shipment_refund")
    made = ask(double, "POST", "/shipments", make).json()
    assert list(buy) == ["rate"]
    bought = ask(double, "POST", f"/shipments/{made['id']}/buy", {"rate": {"id": made["rates"][2]["id"]}})
    assert bought.status_code == 200
    # The real one looks the receiver up when it sells, and writes what it found.
    looked_up = [".to_address.street2: null", ".buyer_address.street2: null"]
    assert strays(bought.json(), [their_bought]) == looked_up
    assert read_sold(bought.json()) is not None
    double.moves(bought.json()["tracking_code"], "pre_transit", "Label", ("HOUSTON", "TX", "77063"))
    refunded = ask(double, "POST", f"/shipments/{made['id']}/refund", {})
    assert refunded.status_code == 200
    assert strays(refunded.json(), [their_bought, their_refunded]) == []
    assert refunded.json()["refund_status"] == their_refunded["refund_status"]


def test_rates_made_anew_are_shaped_as_recorded(double: EasyPostDouble) -> None:
    (make, _), (again, theirs) = recorded("test_shipment_regenerate_rates")
    made = ask(double, "POST", "/shipments", make).json()
    answer = ask(double, "POST", f"/shipments/{made['id']}/rerate", again)
    assert answer.status_code == 200
    assert strays(answer.json(), [theirs]) == []
    assert answer.json()["rates"]


def test_a_tracker_is_shaped_as_recorded(double: EasyPostDouble) -> None:
    ((_, theirs),) = recorded("test_tracker_create")
    (make, _), _ = recorded("test_shipment_buy")
    made = ask(double, "POST", "/shipments", make).json()
    code = ask(double, "POST", f"/shipments/{made['id']}/buy", {"rate": {"id": made["rates"][0]["id"]}}).json()[
        "tracking_code"
    ]
    double.moves(code, "pre_transit", "Shipping Label Created", ("HOUSTON", "TX", "77063"))
    (ours,) = ask(double, "GET", f"/trackers?tracking_code={code}").json()["trackers"]
    # A shipment's own tracker bears its id and no details of a carrier; a tracker made by itself, the other way round.
    assert strays(ours, [theirs]) == [".shipment_id: string", ".carrier_detail: null"]


def test_errors_are_shaped_as_recorded(double: EasyPostDouble) -> None:
    ((body, theirs),) = recorded("test_error")
    answer = ask(double, "POST", "/shipments", body)
    assert answer.status_code == 422
    assert answer.json() == theirs
    ((_, theirs),) = recorded("test_error_alternative_format")
    for path in ("/claims", "/shipments/shp_none/buy"):
        answer = ask(double, "POST", path, {})
        assert answer.status_code == 404
        assert strays(answer.json(), [theirs]) == []
        assert answer.json()["error"]["code"] == theirs["error"]["code"]


def test_the_carrier_reads_what_the_real_one_sends() -> None:
    (_, made), (_, bought) = recorded("test_shipment_buy")
    _, (_, refunded) = recorded("test_shipment_refund")
    _, (_, rerated) = recorded("test_shipment_regenerate_rates")
    ((_, tracker),) = recorded("test_tracker_create")
    quotes = read_quotes(made, REQUEST)
    assert [(quote.service_tier, quote.cost) for quote in quotes] == [
        ("EXPRESS", 3415),
        ("PRIORITY", 742),
        ("GROUND", 607),
    ]
    assert {quote.cost for quote in read_quotes(rerated, REQUEST)} == {3415, 742, 607}
    assert (made["id"], made["messages"]) == (bought["id"], [])
    assert read_sold(made) is None
    sold = read_sold(bought)
    assert sold is not None
    assert (sold.bought.tracking_number, sold.bought.cost, sold.bought.sample) == ("9400100208303109505657", 607, True)
    assert sold.label_url.endswith(".png")
    assert isinstance(read_void(bought), NotVoided)
    assert read_void(refunded) == Voided("submitted")
    tracking = read_tracking(tracker)
    assert [(event.status, event.place) for event in tracking.events] == [
        ("PRE_TRANSIT", ""),
        ("PRE_TRANSIT", "HOUSTON, TX"),
    ]
    assert tracking.estimated_delivery == "2025-03-06"
