"""Shipping in the server's domain port: what an edit does, what a tool says and writes, and the plain forms."""

import json
from datetime import date
from typing import Any

import pytest

from shipanion.app.domain import QUOTES_TOOL, TITLE_LENGTH, ShippingDomain
from shipanion.app.frames import GetRates
from shipanion.errors import ShippingError
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import Domain, NotAllowed, ToolOutcome, ToolRequest
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.quotes import NO_PICKUPS, Quotation, QuoteRequest
from shipanion.shipping.rates import table

Json = dict[str, Any]

DAY = date(2026, 8, 3)
ASKED = {"from_zip": "90210", "to_zip": "10001", "weight": 5.0}
DETAILS = {
    "from": "90210",
    "from_place": "Beverly Hills, CA",
    "to": "10001",
    "to_place": "New York, NY",
    "weight_lbs": 5,
}


@pytest.fixture
def domain() -> ShippingDomain:
    return ShippingDomain(RateCardCarrier(table.load()), today=lambda: DAY)


def empty(domain: ShippingDomain) -> Json:
    return domain.new_state("session-1")


def changed(domain: ShippingDomain, state: Json, patch: Json) -> Json:
    """The state after a patch, with what follows from it, as the server makes it."""
    after = apply_patch(state, patch)
    result: Json = apply_patch(after, domain.derive(state, after))
    return result


def edited(domain: ShippingDomain, state: Json, patch: Json) -> Json:
    return changed(domain, state, domain.edit(state, patch))


async def ran(domain: ShippingDomain, parameters: Any, state: Json | None = None) -> ToolOutcome:
    request = ToolRequest(session_id="session-1", parameters=parameters, state=state or empty(domain))
    return await domain.tools[QUOTES_TOOL].run(request)


async def quoted(domain: ShippingDomain, state: Json | None = None, **parameters: Any) -> Json:
    """The state after quotes were got."""
    state = empty(domain) if state is None else state
    outcome = await ran(domain, {**ASKED, **parameters}, state)
    assert outcome.patch is not None
    return changed(domain, state, outcome.patch(state))


def nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(nulls(inner) for inner in value.values())
    return value is None or (isinstance(value, list) and any(map(nulls, value)))


def test_it_is_a_domain(domain: ShippingDomain) -> None:
    plugged: Domain = domain
    assert plugged.requests == (GetRates,)
    assert list(plugged.tools) == [QUOTES_TOOL]


# --- the state ------------------------------------------------------------------------------------------------------


def test_the_first_state_is_the_same_whenever_it_is_made(domain: ShippingDomain) -> None:
    assert empty(domain) == {"shipment_id": "shipment-1", "labels": [], "current_step": 0}
    assert domain.derive({}, empty(domain)) == {}


@pytest.mark.parametrize(
    ("after", "step"),
    [
        ({}, 0),
        ({"quotes": []}, 0),
        ({"quotes": [{}]}, 1),
        ({"quotes": [{}], "chosen": {"id": "x"}}, 2),
        ({"quotes": [{}], "chosen": {"id": "x"}, "label": {"tracking_number": "1"}}, 3),
    ],
)
def test_the_step_follows_from_what_there_is(domain: ShippingDomain, after: Json, step: int) -> None:
    assert domain.derive({}, {"current_step": 9, **after}) == {"current_step": step}
    assert domain.derive({}, {"current_step": step, **after}) == {}


async def test_the_state_with_quotes_is_as_the_guide_shows_it(domain: ShippingDomain) -> None:
    state = await quoted(domain)
    assert state["shipping_details"] == DETAILS
    assert state["current_step"] == 1
    assert [quote["cost"] for quote in state["quotes"]] == [26.05, 36.90, 101.50]
    first = state["quotes"][0]
    assert first.items() >= {"carrier": "USPS", "service": "Ground Advantage", "cost": 26.05, "eta": "5 days"}.items()
    assert not nulls(state)
    assert json.loads(json.dumps(state)) == state


async def test_quotes_replace_whatever_was_there(domain: ShippingDomain) -> None:
    state = await quoted(domain, dimensions="12x10x8")
    state = changed(domain, state, {"chosen": {"id": "x"}, "label": {"tracking_number": "1"}})
    assert state["current_step"] == 3
    state = await quoted(domain, state, to_zip="94105")
    assert state["shipping_details"] == {**DETAILS, "to": "94105", "to_place": "San Francisco, CA"}
    assert state["current_step"] == 1
    assert not {"chosen", "label"} & state.keys()
    assert not nulls(state)


# --- edits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "details"),
    [
        ({"from": "90210"}, {"from": "90210", "from_place": "Beverly Hills, CA"}),
        ({"from": "90210-1234"}, {"from": "90210", "from_place": "Beverly Hills, CA"}),
        ({"to": 2134}, {"to": "02134", "to_place": "Allston, MA"}),
        ({"weight_lbs": 5.0}, {"weight_lbs": 5}),
        ({"weight_lbs": "2.5"}, {"weight_lbs": 2.5}),
        ({"dimensions": {"length": 8, "width": 12.5, "height": 10}}, {"dimensions": "12.5x10x8"}),
    ],
)
def test_an_edit_is_written_down_in_one_form(domain: ShippingDomain, patch: Json, details: Json) -> None:
    state = edited(domain, empty(domain), {"shipping_details": patch})
    assert state["shipping_details"] == details
    assert state["current_step"] == 0
    assert not nulls(state)


@pytest.mark.parametrize(
    "patch",
    [{"weight_lbs": 6}, {"to": "94105"}, {"dimensions": "12x10x8"}, {"from": None}, {"weight_lbs": None}],
)
async def test_new_details_drop_the_quotes_they_were_not_for(domain: ShippingDomain, patch: Json) -> None:
    state = changed(domain, await quoted(domain), {"chosen": {"id": "x"}})
    state = edited(domain, state, {"shipping_details": patch})
    assert not {"quotes", "chosen"} & state.keys()
    assert state["current_step"] == 0
    for name, value in patch.items():
        assert state["shipping_details"].get(name) == value
    places = {name for name in state["shipping_details"] if name.endswith("_place")}
    assert places == {f"{end}_place" for end in ("from", "to") if end in state["shipping_details"]}
    assert not nulls(state)


@pytest.mark.parametrize(
    "patch",
    [{}, {"weight_lbs": 5}, {"weight_lbs": "5.0"}, {"from": "90210-0001", "to": 10001}, {"dimensions": None}],
)
async def test_the_same_details_again_change_nothing_and_keep_the_quotes(domain: ShippingDomain, patch: Json) -> None:
    state = await quoted(domain)
    assert domain.edit(state, {"shipping_details": patch}) == {}


async def test_details_can_be_taken_away_whole(domain: ShippingDomain) -> None:
    state = edited(domain, await quoted(domain), {"shipping_details": None})
    assert state == empty(domain)
    assert domain.edit(state, {"shipping_details": None}) == {}
    state = edited(domain, await quoted(domain), {"shipping_details": dict.fromkeys(("from", "to", "weight_lbs"))})
    assert state == empty(domain)


@pytest.mark.parametrize(
    ("patch", "code", "says"),
    [
        ({"quotes": []}, "not_allowed", "quotes cannot be edited"),
        ({"label": {}}, "not_allowed", "label cannot be edited"),
        ({"current_step": 3}, "not_allowed", "current_step cannot be edited"),
        ({"x" * 500: 1}, "not_allowed", "cannot be edited"),
        ({"shipping_details": {"price": 1}}, "not_allowed", "has no field price"),
        ({"shipping_details": {"from_place": "Xyzzyville"}}, "bad_request", "no town or state"),
        ({"shipping_details": {"to_place": 5}}, "bad_request", "no town or state"),
        ({"shipping_details": "5 lb"}, "bad_request", "is an object"),
        ({"shipping_details": [5]}, "bad_request", "is an object"),
        ({"shipping_details": {"to": "99999"}}, "bad_request", "No place has the ZIP code 99999"),
        ({"shipping_details": {"to": "banana"}}, "bad_request", '"banana" is not a ZIP code'),
        ({"shipping_details": {"from": "09001"}}, "bad_request", "military"),
        ({"shipping_details": {"weight_lbs": 900}}, "bad_request", "900 pounds is too heavy"),
        ({"shipping_details": {"weight_lbs": 0}}, "bad_request", "more than 0 pounds"),
        ({"shipping_details": {"weight_lbs": True}}, "bad_request", "not a weight"),
        ({"shipping_details": {"dimensions": "banana"}}, "bad_request", '"banana" is not three sides'),
        ({"title": ""}, "bad_request", f"1 to {TITLE_LENGTH} characters"),
        ({"title": "x" * (TITLE_LENGTH + 1)}, "bad_request", f"1 to {TITLE_LENGTH} characters"),
        ({"title": 5}, "bad_request", "A title is a text"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_a_sentence(
    domain: ShippingDomain, patch: Json, code: str, says: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        domain.edit(empty(domain), patch)
    assert refused.value.code == code
    assert says in refused.value.message
    assert refused.value.message.endswith((".", "can."))
    assert len(refused.value.message) < 250


def test_a_title_is_given_changed_and_taken_away(domain: ShippingDomain) -> None:
    state = edited(domain, empty(domain), {"title": "  For Mum  "})
    assert state["title"] == "For Mum"
    assert domain.edit(state, {"title": "For Mum"}) == {}
    state = edited(domain, state, {"title": None})
    assert "title" not in state
    assert domain.edit(state, {"title": None}) == {}


def test_one_bad_part_of_an_edit_refuses_all_of_it(domain: ShippingDomain) -> None:
    with pytest.raises(NotAllowed):
        domain.edit(empty(domain), {"title": "good", "shipping_details": {"to": "banana"}})


# --- the tool -------------------------------------------------------------------------------------------------------


async def test_a_quote_in_a_tool_result_is_as_the_guide_shows_it(domain: ShippingDomain) -> None:
    outcome = await ran(domain, ASKED)
    assert not outcome.is_error
    quote = outcome.result["quotes"][0]
    expected = {"carrier": "USPS", "service": "Ground Advantage", "price": 26.05, "eta": "5 days"}
    assert quote.items() >= expected.items()
    assert outcome.result["cheapest"].items() >= expected.items()
    assert outcome.result["fastest"]["service"] == "Priority Mail Express"
    assert outcome.result["message"] == "Quote ready from USPS Ground Advantage for $26.05"


async def test_two_updates_follow_one_for_the_page_and_one_for_bob(domain: ShippingDomain) -> None:
    outcome = await ran(domain, ASKED)
    page, bob = outcome.updates
    assert page.text == "quote_ready"
    wanted = {**DETAILS, "carrier": "USPS", "service": "Ground Advantage", "price": 26.05, "eta": "5 days"}
    wanted["message"] = "Quote ready from USPS Ground Advantage for $26.05"
    assert page.data.items() >= wanted.items()
    told = {"message": wanted["message"], "tool_name": "get_shipping_quotes", "is_error": False}
    assert (bob.text, bob.data) == ("get_shipping_quotes_result", told)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"to_zip": "10001", "weight": 5}, "Missing required parameter: from_zip"),
        ({"from_zip": "90210", "weight": 5}, "Missing required parameter: to_zip"),
        ({"from_zip": "90210", "to_zip": "10001"}, "Missing required parameter: weight"),
        ({**ASKED, "to_zip": "00000"}, "No place has the ZIP code 00000. Please check its digits."),
        ({**ASKED, "weight": float("nan")}, '"nan" is not a weight.'),
        ({**ASKED, "dimensions": "banana"}, '"banana" is not three sides of a parcel.'),
        ({}, "Missing required parameter: from_zip"),
    ],
)
async def test_a_failed_tool_says_why_and_repeats_what_was_asked(
    domain: ShippingDomain, parameters: Json, says: str
) -> None:
    outcome = await ran(domain, parameters)
    assert outcome.is_error
    assert outcome.patch is None
    assert outcome.result["error"].startswith(says)
    assert outcome.result["original_request"] == parameters
    (told,) = outcome.updates
    assert told.text == "get_shipping_quotes_result"
    assert told.data == {"message": outcome.result["error"], "tool_name": "get_shipping_quotes", "is_error": True}


async def test_pick_ups_are_said_not_to_be_offered(domain: ShippingDomain) -> None:
    outcome = await ran(domain, {**ASKED, "pickup_requested": True})
    assert not outcome.is_error
    assert NO_PICKUPS in outcome.result["message"]
    assert NO_PICKUPS in outcome.result["notes"]


async def test_quotes_are_for_today() -> None:
    asked: list[QuoteRequest] = []

    class Watching:
        async def quote(self, request: QuoteRequest) -> Quotation:
            asked.append(request)
            raise ShippingError("no_service", "Nobody goes there.")

    carrier: Any = Watching()
    outcome = await ran(ShippingDomain(carrier, today=lambda: DAY), ASKED)
    assert asked[0].ship_date == DAY
    assert (outcome.is_error, outcome.result["error"]) == (True, "Nobody goes there.")


def test_the_tool_describes_its_parameters(domain: ShippingDomain) -> None:
    tool = domain.tools[QUOTES_TOOL]
    assert tool.read_only
    assert tool.parameters["required"] == ["from_zip", "to_zip", "weight"]
    assert set(tool.parameters["properties"]) == {"from_zip", "to_zip", "weight", "dimensions", "pickup_requested"}


# --- get_rates ------------------------------------------------------------------------------------------------------


async def test_get_rates_asks_the_tool_and_answers_in_its_own_words(domain: ShippingDomain) -> None:
    payload = {"origin_zip": "90210", "destination_zip": "10001", "weight": 5, "dimensions": "12x10x8"}
    request = GetRates(payload={**payload, "pickup_requested": False})
    asked = domain.asked(request)
    assert asked.tool_name == QUOTES_TOOL
    assert asked.parameters == {**ASKED, "dimensions": "12x10x8", "pickup_requested": False}
    answer = domain.answer(request, await ran(domain, asked.parameters))
    assert answer.type == "quote_ready"
    found = answer.fields["payload"]
    assert (
        found["cheapest_option"].items()
        >= {
            "carrier": "USPS",
            "service_name": "Ground Advantage",
            "service_tier": "GROUND",
            "cost": 26.05,
            "transit_days": 5,
            "estimated_delivery": "2026-08-08",
        }.items()
    )
    assert found["fastest_option"]["service_tier"] == "EXPRESS"
    assert [option["service_tier"] for option in found["all_options"]] == ["GROUND", "PRIORITY", "EXPRESS"]


@pytest.mark.parametrize(
    ("payload", "code", "says"),
    [
        ({"destination_zip": "10001", "weight": 5}, "missing_field", "Missing required field: origin_zip"),
        ({"origin_zip": "90210", "weight": 5}, "missing_field", "Missing required field: destination_zip"),
        ({"origin_zip": "90210", "destination_zip": "10001"}, "missing_field", "Missing required field: weight"),
        ({"origin_zip": "99999", "destination_zip": "10001", "weight": 5}, "bad_request", "No place has the ZIP"),
    ],
)
def test_get_rates_that_cannot_be_fails_as_the_guide_shows(
    domain: ShippingDomain, payload: Json, code: str, says: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        domain.asked(GetRates(payload=payload))
    assert refused.value.code == code
    assert refused.value.message.startswith(says)
    assert refused.value.payload is not None
    expected = {"message": refused.value.message, "original_request": payload, "is_error": True}
    assert refused.value.payload.items() >= expected.items()


async def test_a_tool_that_fails_behind_get_rates_gives_its_error_too(domain: ShippingDomain) -> None:
    payload = {"origin_zip": "90210", "destination_zip": "10001", "weight": 5}
    failed = await ran(domain, {})
    slow = ToolOutcome(result={"error": "That took too long. Try again."}, is_error=True)
    for outcome in (failed, slow):
        answer = domain.answer(GetRates(payload=payload), outcome)
        message = outcome.result["error"]
        assert answer.type == "error"
        assert answer.fields["message"] == message
        payload_wanted = {"message": message, "original_request": payload, "is_error": True}
        assert answer.fields["payload"].items() >= payload_wanted.items()


# --- plain forms ----------------------------------------------------------------------------------------------------


async def test_the_plain_state_has_the_guides_names(domain: ShippingDomain) -> None:
    state = edited(domain, await quoted(domain), {"title": "For Mum"})
    plain = domain.plain_state(state, 120.5)
    assert plain == {
        "currentStep": 1,
        "scrollPosition": 120.5,
        "shipping_details": state["shipping_details"],
        "quotes": state["quotes"],
        "title": "For Mum",
        "shipment_id": "shipment-1",
    }
    assert domain.plain_state(empty(domain), None) == {
        "currentStep": 0,
        "scrollPosition": 0,
        "shipment_id": "shipment-1",
    }


async def test_the_summary_is_there_once_something_was_said(domain: ShippingDomain) -> None:
    assert domain.summary(empty(domain)) is None
    assert domain.summary(edited(domain, empty(domain), {"title": "For Mum"})) is None
    told = domain.summary(await quoted(domain))
    assert told is not None
    assert told.splitlines()[:3] == [
        "Previous conversation summary:",
        "- Shipping from 90210 to 10001",
        "- Package weight: 5 lbs",
    ]


def test_a_town_is_kept_until_its_zip_is_said(domain: ShippingDomain) -> None:
    state = edited(domain, empty(domain), {"shipping_details": {"to_place": "New York, NY"}})
    assert state["shipping_details"] == {"to_place": "New York, NY"}
    state = edited(domain, state, {"shipping_details": {"to": "10002"}})
    assert state["shipping_details"] == {"to": "10002", "to_place": "New York, NY"}
    assert domain.edit(state, {"shipping_details": {"to_place": "Boston"}}) == {}
    state = edited(domain, state, {"shipping_details": {"to": None, "to_place": "ME"}})
    assert state["shipping_details"] == {"to_place": "ME"}
    state = edited(domain, state, {"shipping_details": {"to_place": None}})
    assert "shipping_details" not in state
