import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping import places, zips
from shipanion.shipping.places import PlaceBook, find, key_of, preload, state_name


def row(code: str, city: str, state: str, kind: str = "STANDARD", **more: object) -> dict[str, object]:
    return {
        "zip_code": code,
        "city": city,
        "state": state,
        "zip_code_type": kind,
        "active": True,
        "acceptable_cities": [],
        **more,
    }


@pytest.mark.parametrize(
    ("name", "first", "zips_of_it"),
    [
        ("Beverly Hills", "Beverly Hills, CA", ("90210", "90211", "90212", "90209", "90213")),
        ("new york", "New York, NY", ("10001", "10002", "10003")),
        ("Portland, ME", "Portland, ME", ("04101", "04102", "04103")),
        ("portland, me", "Portland, ME", ("04101",)),
        ("St. Louis, MO", "Saint Louis, MO", ("63101",)),
        ("Coeur d'Alene", "Coeur D Alene, ID", ("83814", "83815", "83816")),
        ("Winston-Salem", "Winston Salem, NC", ("27101",)),
        ("nyc", "New York, NY", ("10001",)),
        ("DC", "Washington, DC", ("20001",)),
        ("Hollywood, CA", "Hollywood, CA", ("90028",)),
        ("Palm Springs, CA", "Palm Springs, CA", ("92262",)),
    ],
)
def test_a_name_leads_to_its_towns(name: str, first: str, zips_of_it: tuple[str, ...]) -> None:
    town = find(name)[0]
    assert str(town) == first
    assert town.zips[: len(zips_of_it)] == zips_of_it


def test_the_same_name_in_several_states_is_several_towns_the_largest_first() -> None:
    states = [town.state for town in find("Portland")]
    assert states[:2] == ["OR", "ME"]
    assert len(states) == len(set(states)) > 5
    assert find("Portland, NV") == ()


@pytest.mark.parametrize("name", ["", ",", "Xyzzyville", "Boston, NV", "90210", "x" * 5_000, "a " * 2_000])
def test_what_is_no_town_leads_nowhere(name: str) -> None:
    assert find(name) == ()


def test_every_zip_it_offers_is_real_in_use_and_in_that_state() -> None:
    for name in ("Boston", "Springfield", "Washington", "Las Vegas", "Saint Paul", "San Juan"):
        for town in find(name):
            for code in town.zips:
                found = zips.lookup(code)
                assert (found.state, found.active, found.kind == "MILITARY") == (town.state, True, False)


def test_addresses_come_before_boxes_and_the_towns_own_before_its_neighbours() -> None:
    book = PlaceBook(
        [
            row("00101", "Ash", "NY", "PO BOX"),
            row("00102", "Elm", "NY", acceptable_cities=["Ash"]),
            row("00103", "Ash", "NY"),
            row("00104", "Ash", "NY", "UNIQUE"),
            row("00105", "Ash", "NY", active=False),
            row("00106", "Apo", "NY", "MILITARY"),
        ]
    )
    assert [town.zips for town in book.towns("ash")] == [("00103", "00102", "00101")]
    assert [town.zips for town in book.towns("elm")] == [("00102",)]
    assert "apo" not in book
    assert len(book) == 2


def test_a_zip_of_one_organisation_counts_only_where_there_is_no_other() -> None:
    book = PlaceBook([row("00101", "Ash", "NY", "UNIQUE"), row("00201", "Ash", "OH")])
    assert {town.state: town.zips for town in book.towns("ash")} == {"NY": ("00101",), "OH": ("00201",)}


@given(st.text())
def test_a_key_stays_as_it_is(name: str) -> None:
    assert key_of(key_of(name)) == key_of(name)
    assert find(name) == find(name.upper()) or not name.isascii()


def test_it_is_read_once_and_is_small() -> None:
    book = preload()
    assert preload() is book
    assert places.loaded()
    assert 20_000 < len(book) < 40_000


def test_states_have_names() -> None:
    assert [state_name(code) for code in ("ME", "WA", "NY", "DC", "XX")] == [
        "Maine",
        "Washington",
        "New York",
        "District Of Columbia",
        "XX",
    ]
