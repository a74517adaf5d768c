"""What a session is called while nobody has named it."""

from typing import Any

import pytest

from shipanion.protocol.merge_patch import apply_patch
from shipanion.shipping.title import OPENING_LENGTH, PLACE_LENGTH, opened, retitled

Json = dict[str, Any]

NEW: Json = {"shipment_id": "shipment-1", "labels": [], "current_step": 0}
HOME = {"from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "to_place": "New York, NY"}
ROUTE = "Beverly Hills, CA → New York, NY"


def follow(state: Json, *patches: Json) -> list[str | None]:
    """The title after each change, made as the server makes it."""
    titles = []
    for patch in patches:
        after = apply_patch(state, patch)
        state = apply_patch(after, retitled(state, after))
        titles.append(state.get("title"))
    return titles


def details(**fields: str | None) -> Json:
    return {"shipping_details": fields}


def said(text: str, state: Json = NEW) -> Json:
    return opened(state, text)


def test_a_session_is_called_by_its_route() -> None:
    assert follow(NEW, details(**HOME)) == [ROUTE]
    assert follow(NEW, details(**{"from": "90210"}), details(to="10001")) == [None, "90210 → 10001"]
    assert follow(NEW, details(from_place="Portland", to="10001")) == ["Portland → 10001"]


def test_a_route_that_changes_changes_it_too() -> None:
    there = {"to": "97201", "to_place": "Portland, OR"}
    assert follow(NEW, details(**HOME), details(**there)) == [ROUTE, "Beverly Hills, CA → Portland, OR"]


def test_before_there_is_a_route_it_is_called_by_how_it_began() -> None:
    hello = said("Hi Bob,\n I have a parcel")
    assert follow(NEW, hello, details(weight_lbs="5"), details(**HOME)) == ["Hi Bob, I have a parcel"] * 2 + [ROUTE]


def test_a_route_that_is_gone_leaves_its_name() -> None:
    other = {"from": "97201", "to": "10001"}
    begun = follow(NEW, said("hello"), details(**HOME), {"shipping_details": None}, details(**other))
    assert begun == ["hello", ROUTE, ROUTE, ROUTE]


@pytest.mark.parametrize("before", [{}, said("hello"), details(**HOME), {**said("hello"), **details(**HOME)}])
def test_a_persons_own_title_stays(before: Json) -> None:
    named = follow(NEW, before, {"title": "Mugs"}, details(**{**HOME, "to": "97201", "to_place": "Portland, OR"}))
    assert named[1:] == ["Mugs", "Mugs"]
    both = {"title": "Mugs", **details(**HOME)}
    assert follow(NEW, before, both)[1:] == ["Mugs"]


def test_a_title_taken_away_gives_the_made_one_back() -> None:
    assert follow(NEW, details(**HOME), {"title": "Mugs"}, {"title": None}) == [ROUTE, "Mugs", ROUTE]
    assert follow(NEW, said("hello"), {"title": "Mugs"}, {"title": None}) == ["hello", "Mugs", "hello"]
    assert follow(NEW, {"title": "Mugs"}, {"title": None}) == ["Mugs", None]


@pytest.mark.parametrize("state", [{"opening": "hello"}, {"title": "Mugs"}, {"shipping_details": HOME}])
def test_only_the_first_message_names_a_session(state: Json) -> None:
    assert said("and then?", {**NEW, **state}) == {}


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u202e"])
def test_a_message_without_words_names_nothing(text: str) -> None:
    assert said(text) == {}


def test_names_stay_short_and_on_one_line() -> None:
    (opening,) = said("word " * 8_000).values()
    assert (len(opening), opening[-1]) == (OPENING_LENGTH, "…")
    assert said("a\x1b[31m\u202eb\nc") == {"opening": "a [31m b c"}
    (title,) = follow(NEW, details(from_place="x" * 80, to_place="y\n" * 40))
    assert title is not None
    assert len(title) == 2 * PLACE_LENGTH + len(" → ")
    assert title.isprintable()


def test_nothing_follows_from_a_change_of_something_else() -> None:
    state = {**NEW, "shipping_details": HOME, "title": ROUTE}
    assert retitled(state, {**state, "current_step": 1}) == {}
