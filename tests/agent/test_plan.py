from typing import Any

import pytest

from shipanion.agent.plan import plan
from shipanion.shipping.grammar import read

WHOLE = {"from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "to_place": "New York, NY", "weight_lbs": 5}


@pytest.mark.parametrize(
    ("known", "said", "heard"),
    [
        ({}, "90210", {"from": "90210"}),
        ({"from": "90210"}, "10001", {"to": "10001"}),
        ({"to": "10001"}, "90210", {"from": "90210"}),
        (WHOLE, "not 10001, 10002", {"to": "10002"}),
        (WHOLE, "not 90210, 94107", {"from": "94107"}),
        (WHOLE, "to 10002, not 10001", {"to": "10002"}),
        (WHOLE, "to 10002, not 94107", {"to": "10002"}),
        (WHOLE, "not New York, 02108", {"to": "02108"}),
        (WHOLE, "change 10001 to 10002", {"to": "10002"}),
        (WHOLE, "I meant ounces", {"weight_lbs": 0.3125}),
        (WHOLE, "I meant kilos", {"weight_lbs": 11.0231}),
        (WHOLE, "8 ounces, not pounds", {"weight_lbs": 0.5}),
        ({"to_place": "New York, NY"}, "10002", {"to": "10002"}),
        ({"to_place": "New York, NY"}, "the second one", {"to": "10002"}),
        ({"to_place": "New York, NY"}, "the last one", {"to": "10003"}),
        ({"from_place": "Boston, MA", "to_place": "New York, NY"}, "10002", {"to": "10002"}),
        ({"from": "90210", "to_place": "New York, NY"}, "94107", {"to": "94107"}),
        ({"to_place": "PW"}, "96940", {"to": "96940"}),
        ({"from": "90210", "to": "10001"}, "5", {"weight_lbs": 5.0}),
    ],
)
def test_what_is_sure(known: dict[str, Any], said: str, heard: dict[str, Any]) -> None:
    made = plan(known, read(said))
    assert made.heard == heard
    assert made.asks is None


@pytest.mark.parametrize(
    ("known", "said", "town"),
    [
        ({}, "Boston", {"from": "Boston, MA"}),
        ({"from": "90210"}, "Boston", {"to": "Boston, MA"}),
        ({"to_place": "Portland"}, "Maine", {"to": "Portland, ME"}),
        ({"to_place": "ME"}, "Portland", {"to": "Portland, ME"}),
        ({"to_place": "Portland"}, "to Portland, Oregon", {"to": "Portland, OR"}),
        ({"to_place": "Portland"}, "the first one", {"to": "Portland, OR"}),
        ({"from": "90210", "to_place": "New York, NY"}, "Brooklyn", {"to": "Brooklyn, NY"}),
        (WHOLE, "not New York, Chicago", {"to": "Chicago, IL"}),
    ],
)
def test_a_town_without_its_zip_is_kept_for_its_end(known: dict[str, Any], said: str, town: dict[str, str]) -> None:
    made = plan(known, read(said))
    assert {end: found.text for end, found in made.towns.items()} == town
    assert made.heard == {}


@pytest.mark.parametrize(
    ("known", "said", "asks"),
    [
        (WHOLE, "94107", "does it leave from 94107"),
        (WHOLE, "Boston", "does it leave from Boston"),
        ({"to_place": "New York, NY"}, "94107", "does it leave from 94107"),
        ({"to_place": "New York, NY"}, "Boston", "does it leave from Boston"),
        (WHOLE, "not 94107, 10002", "94107 is not what I have."),
        ({"from": "10001", "to": "10001"}, "not 10001, 10002", "10001 is both ends."),
        (WHOLE | {"weight_lbs": 0.5}, "I meant grams", "How many grams does it weigh?"),
        (WHOLE | {"weight_lbs": 6.6139}, "I meant ounces", "How many ounces does it weigh?"),
        (WHOLE, "I meant pounds", "How many pounds does it weigh?"),
        ({}, "I meant ounces", "How many ounces does it weigh?"),
        ({}, "to Nowheresburg", 'called "Nowheresburg"'),
        ({}, "to Boston, NV", "called Boston in Nevada"),
        (WHOLE, "7", "7 of what?"),
    ],
)
def test_what_is_not_sure_is_asked(known: dict[str, Any], said: str, asks: str) -> None:
    made = plan(known, read(said))
    assert asks in (made.asks or "")
    assert made.heard == {}
    assert made.towns == {}


def test_an_end_that_is_taken_back_is_open_again() -> None:
    made = plan(WHOLE, read("not 10001"))
    assert (made.gone, made.said, made.heard, made.asks) == (["to"], ["All right, not 10001."], {}, None)


@pytest.mark.parametrize("place", ["the ninth one", "the fifth one"])
def test_a_place_beyond_what_was_offered_is_none(place: str) -> None:
    assert plan({"to_place": "New York, NY"}, read(place)).heard == {}


def test_a_second_one_is_a_zip_only_while_one_is_asked_for() -> None:
    assert plan(WHOLE, read("the second one")).heard == {}
