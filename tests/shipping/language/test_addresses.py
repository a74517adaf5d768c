import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipanion.shipping.language.addresses import SpokenAddress, find, postal
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import LONGEST_TEXT

WHOLE = SpokenAddress("123 Main St", "Ana Diaz", "Apt 4", "Beverly Hills", "CA", "90210")


@pytest.mark.parametrize(
    "text",
    [
        "Ana Diaz, 123 Main St, Apt 4, Beverly Hills, CA 90210",
        "Ana Diaz\n123 Main St, Apt 4\nBeverly Hills, CA 90210\n",
        "Ana Diaz\r\n123 Main St\r\nApt 4\r\nBeverly Hills CA\r\n90210\r\nUSA",
        "Ana Diaz 123 Main St Apt 4 Beverly Hills CA 90210",
        "hi Bob, it's Ana Diaz, 123 Main St, Apt 4, Beverly Hills, CA, 90210, please",
    ],
)
def test_one_address_in_many_forms(text: str) -> None:
    assert postal(text) == WHOLE


@pytest.mark.parametrize(
    ("lead", "end"),
    [
        ("from", "from"), ("it's from", "from"), ("the sender is", "from"), ("return address:", "from"),
        ("my return address is", "from"), ("please ship it from", "from"), ("change the sender to", "from"),
        ("to", "to"), ("send it to", "to"), ("ship to:", "to"), ("and the recipient is", "to"), ("no, it's for", "to"),
        ("I want to send it to", "to"), ("to the recipient", "to"), ("the delivery address is", "to"),
        ("", None), ("the address is", None), ("actually it's", None), ("I live at", None), ("yes,", None),
    ],
)  # fmt: skip
def test_whose_it_is(lead: str, end: str | None) -> None:
    found = postal(f"{lead} 123 Main Street")
    assert found is not None
    assert (found.end, found.street, found.name) == (end, "123 Main Street", None)
    named = postal(f"{lead} Ben Wu, 5 Elm St")
    assert named is not None
    assert (named.end, named.name) == (end, "Ben Wu")


@pytest.mark.parametrize(
    "name",
    ["Ana Diaz", "ana diaz", "ANA DIAZ", "Dr. Mary O'Neil-Jones", "José Núñez", "Smith & Sons", "Acme, Inc.", "Ben",
     "Will Price", "John Smith Jr.", "The Home Depot", "Ludwig van der Berg", "Bob Smith", "Ana and Ben Diaz",
     "Boys' Club"],
)  # fmt: skip
def test_names(name: str) -> None:
    found = postal(f"{name}, 5 Elm St")
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "name",
    ["Boston", "Portland, ME", "Boston MA", "Denver Ben Wu", "bob", "my mom", "the house", "don't send it", "my",
     "Ana Diaz, Ben Wu", "Ana (work) Diaz", "Ana 2 Diaz", "is it", "PO Box", "upstairs", "will send", "not",
     "SEND THE BOX", "sender Ana recipient Ben", "Ana/Ben"],
)  # fmt: skip
def test_what_is_no_name(name: str) -> None:
    assert postal(f"{name} 5 Elm St") is None


@pytest.mark.parametrize(
    "text",
    [
        "", "yes", "the second one", "5 lb from 90210 to 10001", "from Beverly Hills to New York", "Ana Diaz",
        "12 by 10 by 8 inches", "90210", "5", "Beverly Hills, CA 90210", "to St Paul", "2 lb to St Louis", "#2",
        "one way or another", "5 minute drive", "it takes 3 days by road", "a 5 lb box for Court Street",
        "12 inches square", "5 lb, 123 Main St", "123 Main St, 5 lb", "is it 123 Main St?", "from 90210 Rodeo Drive",
        "Ana Diaz, 123 Main St?", "Ana Diaz 123 Main St North Hollywood CA 91601",
        "123 Main St and 5 Elm St", "Ana Diaz, 123 Main St, Ben Wu, 5 Elm St", "Ana Diaz, 5 Elm St, 2134",
        "not 123 Main St", "123 Main St is wrong", "Ana Diaz, 5 lb, Boston, MA 02134", "ten five main street",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert postal(text) is None


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("5 lb, 123 Main St", True), ("PO Box 77 or PO Box 78", True), ("ten five main street", True),
        ("is general delivery slow", False), ("5 minute drive", False), ("from 90210 to 10001", False),
    ],
)  # fmt: skip
def test_a_street_beside_anything_else_is_asked_about(text: str, unclear: bool) -> None:
    said = Sentence(text)
    assert find(said) is None
    assert said.ambiguous == ({"address_unclear"} if unclear else set())


def test_only_what_was_said_is_shown() -> None:
    found = postal("sender is 123 Main St")
    assert found is not None
    assert found.said() == {"street": "123 Main St", "end": "from"}


def test_a_long_text_is_no_address() -> None:
    assert postal("Ana Diaz, 123 Main St" + " " * LONGEST_TEXT) is None
    assert postal("Ana " * 80 + ", 123 Main St") is None


words = st.sampled_from(
    "Ana Diaz 123 12 5th Main St Street Ave # Apt 4B Suite PO Box RR General Delivery Boston MA 90210 90210-1234 from "
    "to sender is the it's , . - / & \n yes one twenty three hundred floor second N Broadway Highway USA please ½ "
    "\u4e94".split(" ")
)


@given(st.one_of(st.lists(words, max_size=14).map(" ".join), st.lists(words, max_size=9).map("".join), st.text()))
@example("Washington, D.C. ½ Main St")
@example("#")
def test_any_text_is_read_without_raising_and_every_piece_is_one_line(text: str) -> None:
    found = postal(text)
    assert found == postal(text)
    if found is not None:
        assert all(piece == piece.strip() and "\n" not in piece for piece in found.said().values())
        assert any(letter.isalpha() for letter in found.street)
