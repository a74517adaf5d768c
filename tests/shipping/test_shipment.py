"""One parcel's way, as changes of the state: what stands, what goes with what, and what a yes is bound to."""

from typing import Any

import pytest

from shipanion.errors import ShippingError
from shipanion.shipping.shipment import (
    MAX_LABELS,
    anchor_for,
    binding,
    chosen_quote,
    find_label,
    followed,
    frozen,
    label_id,
    next_shipment_id,
    pick,
    quoted,
    restarted,
    step,
    tied,
    usable_quotes,
    with_label,
)

Json = dict[str, Any]

NOW = 1_000
DETAILS: Json = {"from": "90210", "to": "10001", "weight_lbs": 5}
GROUND: Json = {"id": "g", "carrier": "USPS", "service": "Ground Advantage", "cost": 26.05, "transit_days": 5}
EXPRESS: Json = {"id": "e", "carrier": "USPS", "service": "Express", "cost": 101.5, "transit_days": 2}
EMPTY: Json = {"shipment_id": "shipment-9f", "labels": [], "current_step": 0}
QUOTED: Json = {
    **EMPTY, "shipping_details": DETAILS, "quotes": [GROUND, EXPRESS], "quotes_expire_at": NOW + 1, "anchor": "shp-1",
    "current_step": 1,
}  # fmt: skip
CHOSEN: Json = {**QUOTED, "chosen": "g", "current_step": 2}
PURCHASE: Json = {"effect_id": "purchase-77", "status": "claimed", "carrier": "USPS", "service": "Ground Advantage",
                  "cost": 26.05, "is_sample": False, "at": 5}  # fmt: skip
TIED = tied("shp-1", "purchase-1", DETAILS)
LABEL: Json = {"label_id": "label-77", "tracking_number": "SAMPLE-AAAA", "status": "bought"}


def refused(code: str) -> Any:
    return pytest.raises(ShippingError, check=lambda error: error.code == code)


@pytest.mark.parametrize(
    ("state", "at"),
    [(EMPTY, 0), (QUOTED, 1), (CHOSEN, 2), ({**EMPTY, "purchase": PURCHASE}, 2), ({**CHOSEN, "label": LABEL}, 3)],
)
def test_the_step_is_told_from_what_there_is(state: Json, at: int) -> None:
    assert step(state) == at


def test_what_is_bought_or_being_bought_stands() -> None:
    assert frozen(CHOSEN) is None
    buying, labelled = frozen({**CHOSEN, "purchase": PURCHASE}), frozen({**CHOSEN, "label": LABEL})
    assert buying is not None
    assert labelled is not None
    assert (buying.code, labelled.code) == ("being_bought", "labelled")


@pytest.mark.parametrize(
    ("before", "after"),
    [("shipment-9f", "shipment-9f-2"), ("shipment-9f-2", "shipment-9f-3"), ("shipment-9f-9", "shipment-9f-10")],
)
def test_parcels_are_counted(before: str, after: str) -> None:
    assert next_shipment_id(before) == after


def test_another_parcel_begins_empty_and_forgets_no_label() -> None:
    state = {**CHOSEN, "label": LABEL, "labels": [LABEL], "tied": TIED, "title": "For Mum"}
    patch = restarted(state)
    assert patch["shipment_id"] == "shipment-9f-2"
    assert {key for key, value in patch.items() if value is None} == {
        "shipping_details", "quotes", "quotes_expire_at", "anchor", "chosen", "label", "tied",
    }  # fmt: skip
    assert "labels" not in patch
    assert "shipping_details" not in restarted(state, keep_details=True)


def test_a_purchase_under_way_is_listed_when_another_parcel_begins() -> None:
    (listed,) = restarted({**CHOSEN, "purchase": PURCHASE})["labels"]
    assert listed == {
        "label_id": "label-77", "shipment_id": "shipment-9f", "carrier": "USPS", "service": "Ground Advantage",
        "cost": 26.05, "from": "90210", "to": "10001", "is_sample": False, "at": 5, "status": "confirming",
    }  # fmt: skip
    assert label_id("purchase-77") == "label-77"


# --- quotes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "id"), [("cheapest", "g"), ("FASTEST", "e"), ("express", "e"), ("usps express", "e")])
def test_a_quote_has_several_names(name: str, id: str) -> None:
    assert pick(QUOTED, name, now=NOW)["id"] == id


@pytest.mark.parametrize("name", ["", "  ", "usps", None, 5, ["g"], "ground"])
def test_a_name_of_none_is_refused(name: object) -> None:
    with refused("no_such_quote"):
        pick(QUOTED, name, now=NOW)


def test_quotes_hold_until_they_run_out() -> None:
    assert usable_quotes(QUOTED, now=NOW) == [GROUND, EXPRESS]
    with refused("quotes_expired"):
        usable_quotes(QUOTED, now=NOW + 1)
    with refused("no_quotes"):
        usable_quotes(EMPTY, now=NOW)
    assert (chosen_quote(CHOSEN), chosen_quote(QUOTED)) == (GROUND, None)


@pytest.mark.parametrize(
    ("state", "weight", "anchor"),
    [
        (QUOTED, 5, None),
        ({**QUOTED, "purchase": PURCHASE}, 5, "shp-1"),
        ({**QUOTED, "tied": TIED}, 5, "shp-1"),
        ({**QUOTED, "anchor": None, "tied": TIED}, 5, "shp-1"),
        ({**QUOTED, "tied": TIED}, 6, None),
    ],
    ids=["free", "being bought", "tied", "edited and back", "another parcel"],
)
def test_where_a_parcel_must_be_priced(state: Json, weight: int, anchor: str | None) -> None:
    assert anchor_for(state, {**DETAILS, "weight_lbs": weight}) == anchor


def test_quotes_on_a_second_shipment_are_not_taken_while_the_first_may_be_bought() -> None:
    for held in ({"purchase": PURCHASE}, {"tied": TIED}):
        with refused("being_bought"):
            quoted({**QUOTED, **held}, DETAILS, [GROUND], expire_at=9, anchor="shp-2")
        assert quoted({**QUOTED, **held}, DETAILS, [GROUND], expire_at=9, anchor="shp-1")["anchor"] == "shp-1"


# --- what follows from a change -------------------------------------------------------------------------------------


def approval(state: Json, kind: str = "buy", **more: Any) -> Json:
    return {"approval_id": "a", "kind": kind, "digest": binding(state, kind, more.get("label_id", "")), **more}


def test_a_change_of_the_parcel_takes_its_quotes_and_the_question_with_it() -> None:
    state = {**CHOSEN, "approval": approval(CHOSEN)}
    after = {**state, "shipping_details": {**DETAILS, "weight_lbs": 6}}
    assert followed(state, after) == {
        "quotes": None, "quotes_expire_at": None, "chosen": None, "anchor": None, "approval": None, "current_step": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"shipping_details": {**DETAILS, "sender": {"name": "Ana"}}},
        {"chosen": "e"},
        {"quotes": [{**GROUND, "cost": 27.0}, EXPRESS]},
        {"shipment_id": "shipment-9f-2"},
        {"anchor": "shp-2"},
    ],
    ids=["address", "choice", "price", "parcel", "carrier's shipment"],
)
def test_a_yes_is_for_what_it_was_asked_for(change: Json) -> None:
    state = {**CHOSEN, "approval": approval(CHOSEN)}
    assert followed(state, {**state, **change})["approval"] is None


def test_what_does_not_matter_to_it_leaves_it_open() -> None:
    state = {**CHOSEN, "approval": approval(CHOSEN)}
    assert followed(state, {**state, "title": "For Mum", "labels": [LABEL]}) == {}
    voiding = {**state, "approval": approval(state, "void", label_id="label-77")}
    assert followed(voiding, {**voiding, "chosen": "e"}) == {}


def test_a_refusal_is_forgotten_once_something_else_is_wanted() -> None:
    state = {**CHOSEN, "refusal": {"effect_id": "purchase-1"}}
    assert followed(state, {**state, "title": "For Mum"}) == {}
    assert followed(state, {**state, "chosen": "e"}) == {"refusal": None}
    fresh = {**CHOSEN, "chosen": "e", "refusal": {"effect_id": "purchase-1"}}
    assert followed(CHOSEN, fresh) == {}, "it came with the change"


def test_following_twice_changes_nothing_more() -> None:
    after = {**CHOSEN, "shipping_details": {**DETAILS, "to": "60601"}}
    patch = followed(CHOSEN, after)
    settled = {key: value for key, value in {**after, **patch}.items() if value is not None}
    assert followed(after, settled) == {}


# --- labels ---------------------------------------------------------------------------------------------------------


def test_a_label_takes_its_place_in_the_list() -> None:
    other = {**LABEL, "label_id": "label-1"}
    assert with_label([other], LABEL) == [other, LABEL]
    assert with_label([{**LABEL, "status": "confirming"}, other], LABEL) == [LABEL, other]
    assert MAX_LABELS >= 100


def test_which_label_is_meant() -> None:
    first, second = LABEL, {**LABEL, "label_id": "label-2", "tracking_number": "SAMPLE-BBBB"}
    waiting = {"label_id": "label-3", "status": "confirming"}
    both = {**EMPTY, "labels": [first, second, waiting]}
    assert find_label(both, " sample-bbbb ") == second
    assert find_label({**both, "label": second}, None) == second
    assert find_label({**EMPTY, "labels": [first, waiting]}, None) == first
    with refused("which_label"):
        find_label(both, None)
    with refused("no_such_label"):
        find_label(both, "SAMPLE-CCCC")
    with refused("no_label"):
        find_label({**EMPTY, "labels": [waiting]}, None)
