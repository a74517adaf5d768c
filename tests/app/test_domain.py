"""Shipping in the server's domain port: what an edit does, what a tool says and writes, and the plain forms."""

import json
from datetime import date
from typing import Any

import pytest

from shipanion.app.domain import TITLE_LENGTH, ShippingDomain
from shipanion.app.frames import GetRates
from shipanion.app.tools.quotes import NAME as QUOTES_TOOL
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import Domain, NotAllowed, ToolOutcome, ToolRequest
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import table
from shipanion.stores.memory import MemoryStore

Json = dict[str, Any]

DAY = date(2026, 8, 3)
NOW = 1_785_000_000_000
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
    return ShippingDomain(RateCardCarrier(table.load()), MemoryStore().effect, today=lambda: DAY)


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
    request = ToolRequest(
        session_id="session-1", parameters=parameters, state=state or empty(domain), now=NOW, role="owner"
    )
    outcome = await domain.tools[QUOTES_TOOL].run(request)
    assert isinstance(outcome, ToolOutcome)
    return outcome


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
    assert list(plugged.tools) == [
        "get_shipping_quotes", "select_quote", "create_label", "void_label", "track_package", "new_shipment",
        "get_session_state",
    ]  # fmt: skip
    assert list(plugged.effects) == ["buy", "void"]
    assert {name for name, tool in plugged.tools.items() if tool.read_only} == {
        "get_shipping_quotes", "track_package", "get_session_state",
    }  # fmt: skip


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
        ({"quotes": [{}], "chosen": "x"}, 2),
        ({"purchase": {"effect_id": "p"}}, 2),
        ({"quotes": [{}], "chosen": "x", "label": {"tracking_number": "1"}}, 3),
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
    state = changed(domain, await quoted(domain), {"chosen": "usps-priority-mail"})
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
    assert state == {**empty(domain), "title": "Beverly Hills, CA → New York, NY"}
    assert domain.edit(state, {"shipping_details": None}) == {}
    state = edited(domain, await quoted(domain), {"shipping_details": dict.fromkeys(("from", "to", "weight_lbs"))})
    assert state == {**empty(domain), "title": "Beverly Hills, CA → New York, NY"}


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


def test_a_session_gets_a_title_by_itself_and_keeps_the_one_it_is_given(domain: ShippingDomain) -> None:
    state = apply_patch(empty(domain), domain.said(empty(domain), "hello"))
    state = apply_patch(state, domain.derive(empty(domain), state))
    assert (state["opening"], state["title"]) == ("hello", "hello")
    assert domain.said(state, "and then?") == {}
    state = edited(domain, state, {"shipping_details": {"from": "90210", "to": "10001"}})
    assert state["title"] == "Beverly Hills, CA → New York, NY"
    state = edited(domain, state, {"title": "Mugs"})
    assert edited(domain, state, {"shipping_details": {"to": "97201"}})["title"] == "Mugs"
    assert edited(domain, state, {"title": None})["title"] == "Beverly Hills, CA → New York, NY"


def test_one_bad_part_of_an_edit_refuses_all_of_it(domain: ShippingDomain) -> None:
    with pytest.raises(NotAllowed):
        domain.edit(empty(domain), {"title": "good", "shipping_details": {"to": "banana"}})


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
    assert domain.summary(empty(domain), NOW) is None
    assert domain.summary(edited(domain, empty(domain), {"title": "For Mum"}), NOW) is None
    told = domain.summary(await quoted(domain), NOW)
    assert told is not None
    assert told.splitlines()[:3] == [
        "Previous conversation summary:",
        "- Shipping from 90210 to 10001",
        "- Package weight: 5 lbs",
    ]
    state = await quoted(domain)
    late = domain.summary(state, state["quotes_expire_at"])
    assert late is not None
    assert "- These quotes have run out; they must be asked for again" in late.splitlines()


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
