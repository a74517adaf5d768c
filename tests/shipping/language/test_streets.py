import pytest

from shipanion.shipping.language import pieces
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.streets import nameless, streets, unit


def found(text: str) -> list[str | None]:
    said = Sentence(text)
    return [
        pieces.text(said, street.start, street.end) for at in range(len(said.tokens)) for street in streets(said, at)
    ]


@pytest.mark.parametrize(
    "street",
    [
        "123 Main St", "123 main street", "221B Baker Street", "12-34 Elm Ave", "12 1/2 Oak Rd", "77 5th Avenue",
        "77 W 42nd St", "9 St. James Pl", "40 Martin Luther King Blvd", "12345 Oak Lane", "1600 Broadway",
        "1200 County Road 12", "1200 Highway 9", "5 Winston-Salem Rd", "PO Box 77", "P.O. Box 77", "Post Office Box 7",
        "RR 2 Box 15", "HC 1 Box 2B", "General Delivery", "5 G Street",
    ],
)  # fmt: skip
def test_streets(street: str) -> None:
    assert street in found(street)


@pytest.mark.parametrize(
    "text",
    ["5 St Louis", "2 lb to St Paul", "5 minute drive", "12 inch square", "3 other way", "Main St", "5", "box 77",
     "5 to Main St", "90210 to 10001 Way", "5.5 Main St", "-5 Main St", "1,000 Main St"],
)  # fmt: skip
def test_what_is_no_street(text: str) -> None:
    assert found(text) == []


def test_a_street_may_end_in_two_places() -> None:
    assert set(found("9 Hill St St Louis")) == {"9 Hill St", "9 Hill St St"}
    assert set(found("9 Hill St North Hollywood")) == {"9 Hill St", "9 Hill St North"}


def test_a_street_without_a_word_for_one_stands_between_commas() -> None:
    said = Sentence("Ana, 1600 Alameda, Boston")
    assert nameless(said, 2) == (2, 4, True)
    assert nameless(Sentence("1600 Alameda, Boston"), 0) is None
    assert nameless(Sentence("Ana, 5 lb, Boston"), 2) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Apt 4", "Apt 4"), ("apartment four b", "apartment 4 b"), ("Suite 12-B", "Suite 12-B"), ("#4", "#4"),
        ("Ste. 200", "Ste. 200"), ("# 3C", "# 3C"), ("Apt #4", "Apt #4"), ("4th floor", "4th floor"),
        ("second floor", "second floor"), ("Floor 4", "Floor 4"), ("Unit B", "Unit B"), ("Penthouse", "Penthouse"),
        ("suite two hundred", "suite 200"),
        ("Boston", None), ("4", None), ("Apt", None), ("Apt 90210", None), ("4th", None), ("second", None),
        ("apartment four nine oh two one oh", None), ("", None),
    ],
)  # fmt: skip
def test_units(text: str, said: str | None) -> None:
    read = unit(Sentence(text), 0)
    assert (read[0] if read else None) == said
