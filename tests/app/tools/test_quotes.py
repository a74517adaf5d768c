"""``get_shipping_quotes``: what it says, what it writes, and which of the carrier's shipments it prices."""

from datetime import date
from typing import Any

import pytest

from shipanion.app.purchases import Purchases
from shipanion.app.tools.quotes import NAME, PARAMETERS, quotes_tool
from shipanion.errors import ShippingError
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import ToolOutcome, ToolRequest
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.quotes import NO_PICKUPS, Quotation, QuoteRequest
from shipanion.shipping.rates import table
from shipanion.shipping.shipment import tied
from shipanion.stores.base import EffectRow

Json = dict[str, Any]

DAY = date(2026, 8, 3)
NOW = 1_785_000_000_000
EMPTY: Json = {"shipment_id": "shipment-1", "labels": [], "current_step": 0}
ASKED = {"from_zip": "90210", "to_zip": "10001", "weight": 5.0}
DETAILS = {
    "from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "to_place": "New York, NY", "weight_lbs": 5,
}  # fmt: skip


class Watched(RateCardCarrier):
    """The rate card, with a shipment of its own for each request, and a book of what was asked."""

    def __init__(self) -> None:
        super().__init__(table.load())
        self.asked: list[tuple[QuoteRequest, str | None]] = []

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        self.asked.append((request, anchor))
        quotation = await super().quote(request)
        return Quotation(quotation.quotes, quotation.notes, anchor or f"shp-{len(self.asked)}", valid_seconds=60)


async def nothing(session_id: str, effect_id: str) -> EffectRow | None:
    return None


async def ran(parameters: Any, state: Json | None = None, carrier: Any = None) -> ToolOutcome:
    carrier = carrier or Watched()
    tool = quotes_tool(carrier, Purchases(nothing, carrier), lambda: DAY)
    outcome = await tool.run(
        ToolRequest(session_id="session-1", parameters=parameters, state=state or EMPTY, now=NOW, role="owner")
    )
    assert isinstance(outcome, ToolOutcome)
    return outcome


async def quoted(state: Json | None = None, carrier: Any = None, **parameters: Any) -> Json:
    """The state after quotes were got."""
    state = EMPTY if state is None else state
    outcome = await ran({**ASKED, **parameters}, state, carrier)
    assert outcome.patch is not None, outcome.result
    result: Json = apply_patch(state, outcome.patch(state))
    return result


def test_it_describes_its_parameters() -> None:
    tool = quotes_tool(Watched(), Purchases(nothing, Watched()), lambda: DAY)
    assert (tool.name, tool.read_only, tool.parameters) == (NAME, True, PARAMETERS)
    assert PARAMETERS["required"] == ["from_zip", "to_zip", "weight"]
    assert set(PARAMETERS["properties"]) == {"from_zip", "to_zip", "weight", "dimensions", "pickup_requested"}


# --- what it says ---------------------------------------------------------------------------------------------------


async def test_a_quote_in_the_result_is_as_the_guide_shows_it() -> None:
    outcome = await ran(ASKED)
    assert not outcome.is_error
    quote = outcome.result["quotes"][0]
    expected = {"carrier": "USPS", "service": "Ground Advantage", "price": 26.05, "eta": "5 days"}
    assert quote.items() >= expected.items()
    assert outcome.result["cheapest"].items() >= expected.items()
    assert outcome.result["fastest"]["service"] == "Priority Mail Express"
    assert outcome.result["message"] == "Quote ready from USPS Ground Advantage for $26.05"


async def test_two_updates_follow_one_for_the_page_and_one_for_bob() -> None:
    page, bob = (await ran(ASKED)).updates
    assert page.text == "quote_ready"
    wanted = {**DETAILS, "carrier": "USPS", "service": "Ground Advantage", "price": 26.05, "eta": "5 days"}
    wanted["message"] = "Quote ready from USPS Ground Advantage for $26.05"
    assert page.data.items() >= wanted.items()
    told = {"message": wanted["message"], "tool_name": NAME, "is_error": False}
    assert (bob.text, bob.data) == (f"{NAME}_result", told)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"to_zip": "10001", "weight": 5}, "Missing required parameter: from_zip"),
        ({"from_zip": "90210", "weight": 5}, "Missing required parameter: to_zip"),
        ({"from_zip": "90210", "to_zip": "10001"}, "Missing required parameter: weight"),
        ({**ASKED, "to_zip": "00000"}, "No place has the ZIP code 00000. Please check its digits."),
        ({**ASKED, "weight": float("nan")}, '"nan" is not a weight.'),
        ({**ASKED, "weight": 900}, "900 pounds is too heavy"),
        ({**ASKED, "dimensions": "banana"}, '"banana" is not three sides of a parcel.'),
        ({}, "Missing required parameter: from_zip"),
    ],
)
async def test_a_failure_says_why_and_repeats_what_was_asked(parameters: Json, says: str) -> None:
    outcome = await ran(parameters)
    assert (outcome.is_error, outcome.patch) == (True, None)
    assert outcome.result["error"].startswith(says)
    assert outcome.result["original_request"] == parameters
    (told,) = outcome.updates
    assert told.text == f"{NAME}_result"
    assert told.data == {"message": outcome.result["error"], "tool_name": NAME, "is_error": True}


async def test_pick_ups_are_said_not_to_be_offered() -> None:
    outcome = await ran({**ASKED, "pickup_requested": True})
    assert not outcome.is_error
    assert NO_PICKUPS in outcome.result["message"]
    assert NO_PICKUPS in outcome.result["notes"]


async def test_quotes_are_for_today_and_hold_for_a_while() -> None:
    carrier = Watched()
    state = await quoted(carrier=carrier)
    assert carrier.asked[0][0].ship_date == DAY
    assert state["quotes_expire_at"] == NOW + 60_000


async def test_what_the_carrier_refuses_is_told() -> None:
    class Refuses(RateCardCarrier):
        async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
            raise ShippingError("no_service", "Nobody goes there.")

    outcome = await ran(ASKED, carrier=Refuses(table.load()))
    assert (outcome.is_error, outcome.result["error"]) == (True, "Nobody goes there.")


# --- what it writes -------------------------------------------------------------------------------------------------


async def test_quotes_replace_those_of_another_parcel_and_addresses_stay_where_their_end_does() -> None:
    sender = {"name": "Ana", "street": "1 Elm St", "city": "Beverly Hills", "state": "CA", "zip": "90210"}
    there = {**sender, "zip": "10001", "city": "New York", "state": "NY"}
    state = await quoted(dimensions="12x10x8")
    details = {**state["shipping_details"], "sender": sender, "recipient": there}
    state = await quoted({**state, "shipping_details": details, "chosen": "usps-priority-mail"}, to_zip="94105")
    moved = {**DETAILS, "to": "94105", "to_place": "San Francisco, CA"}
    assert state["shipping_details"] == {**moved, "sender": sender}
    assert "chosen" not in state


async def test_quotes_after_a_label_begin_another_parcel() -> None:
    label = {"label_id": "label-9f", "tracking_number": "SAMPLE-X"}
    state = {**await quoted(), "label": label, "labels": [label], "chosen": "usps-priority-mail"}
    after = await quoted(state, weight=2)
    assert after["shipment_id"] == "shipment-1-2"
    assert (after["labels"], "label" in after, "chosen" in after) == ([label], False, False)
    assert after["shipping_details"]["weight_lbs"] == 2


# --- which of the carrier's shipments -------------------------------------------------------------------------------

BUYING = {"effect_id": "purchase-9f", "status": "unknown", "carrier": "USPS", "service": "x", "cost": 1, "at": 1,
          "is_sample": False}  # fmt: skip


async def test_a_parcel_that_is_being_bought_is_priced_on_the_same_shipment() -> None:
    carrier = Watched()
    state = {**await quoted(carrier=carrier), "purchase": BUYING}
    assert state["anchor"] == "shp-1"
    after = await quoted(state, carrier)
    assert [anchor for _, anchor in carrier.asked] == [None, "shp-1"]
    assert (after["anchor"], after["purchase"]) == ("shp-1", BUYING)


async def test_another_parcel_cannot_take_its_place_meanwhile() -> None:
    carrier = Watched()
    state = {**await quoted(carrier=carrier), "purchase": BUYING}
    outcome = await ran({**ASKED, "weight": 6}, state, carrier)
    assert (outcome.is_error, outcome.result["code"]) == (True, "being_bought")
    assert len(carrier.asked) == 1, "the carrier was asked for a second shipment"


async def test_quotes_that_come_after_the_purchase_began_are_let_go() -> None:
    carrier = Watched()
    before = await quoted(carrier=carrier)
    outcome = await ran(ASKED, before, carrier)
    assert outcome.patch is not None
    assert outcome.patch({**before, "purchase": BUYING}) == {}, "they are on a shipment that could be bought as well"


async def test_what_was_read_as_not_bought_stays_with_its_shipment() -> None:
    carrier = Watched()
    state = {**await quoted(carrier=carrier), "tied": tied("shp-1", "purchase-9f", DETAILS)}
    after = await quoted(state, carrier)
    assert (carrier.asked[-1][1], after["anchor"], after["shipment_id"]) == ("shp-1", "shp-1", "shipment-1")
    other = await quoted(state, carrier, weight=6)
    assert (carrier.asked[-1][1], other["shipment_id"], "tied" in other) == (None, "shipment-1-2", False)
