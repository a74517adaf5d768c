import pytest

from shipanion.shipping.language.measures import weight
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.towns import foreign, named, unknown


def names(text: str) -> list[str]:
    said = Sentence(text)
    weight(said)
    return [name.text for name in named(said)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from Boston to Denver", ["Boston", "Denver"]),
        ("to my mom in New York", ["New York"]),
        ("to the city of Chicago", ["Chicago"]),
        ("Boston, MA", ["Boston, MA"]),
        ("a thing Boston, MA wants", ["Boston, MA"]),
        ("a thing Boston MA wants", ["Boston, MA"]),
        ("to Portland, Maine", ["Portland, ME"]),
        ("to kansas city", ["Kansas City"]),
        ("to new mexico", ["NM"]),
        ("to Ft. Lauderdale", ["Ft Lauderdale"]),
        ("between Boston and Denver", ["Boston", "Denver"]),
        ("not Boston, Denver", ["Boston", "Denver"]),
        ("origin: Boston", ["Boston"]),
        ("5 lb Boston to Denver", ["Boston", "Denver"]),
        ("Boston instead of Denver", ["Boston", "Denver"]),
        ("to Washington D.C.", ["Washington, DC"]),
        ("to Boston Friday", ["Boston"]),
        ("the destination should be Boston", ["Boston"]),
    ],
)
def test_names_where_a_place_is_expected(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "the price is high",
        "I am reading on my mobile",
        "to ship it",
        "I want to mail it",
        "from home to work",
        "some of the boston cream pies",
        "two boxes in total",
        "from here",
        "to Price",
        "clear",
        "to Orange County",
        "to the united states",
        "123 Lincoln Street",
        "",
    ],
)
def test_words_elsewhere_are_words(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "abroad"),
    [
        ("to Canada", True),
        ("to London", True),
        ("to London, KY", False),
        ("to Mexico, Missouri", False),
        ("to new mexico", False),
        ("do you ship overseas", True),
        ("to Boston", False),
        ("to Peru, Indiana or Peru", True),
    ],
)
def test_abroad_is_what_is_no_town_here_with_its_state(text: str, abroad: bool) -> None:
    said = Sentence(text)
    assert foreign(said, named(said)) is abroad


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("from Nowheresburg to Boston", ("Nowheresburg",)),
        ("to xyzzyville please", ("xyzzyville",)),
        ("to Nowheresburg, NV 89001", ()),
        ("to my house", ()),
        ("to ship it", ()),
        ("I want to Xyzzy", ("Xyzzy",)),
        ("I want to xyzzy", ()),
        ("to John in Boston", ()),
        ("to Canada", ()),
        ("to a b c d e f", ()),
        ("to xa xb xc xd xe xf", ("xa xb xc xd",)),
    ],
)
def test_what_looks_like_a_town_and_is_none_is_kept_as_unknown(text: str, lost: tuple[str, ...]) -> None:
    said = Sentence(text)
    assert unknown(said, named(said)) == lost
