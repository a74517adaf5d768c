import pytest

from shipanion.shipping.language import measures
from shipanion.shipping.language.route import Route
from shipanion.shipping.language.sentence import Sentence

Ends = tuple[str | None, str | None, list[str]]


def route(text: str) -> tuple[Ends, set[str]]:
    said = Sentence(text)
    measures.weight(said)
    found = Route(said)
    assert found.any is any(token.zip for token in said.tokens)
    return (found.origin, found.destination, found.loose), said.ambiguous


@pytest.mark.parametrize(
    ("text", "origin", "destination"),
    [
        ("from 90210 to 10001", "90210", "10001"),
        ("to 10001 from 90210", "90210", "10001"),
        ("90210 to 10001", "90210", "10001"),
        ("90210 → 10001", "90210", "10001"),
        ("90210 Beverly Hills to New York 10001", "90210", "10001"),
        ("from my flat in 90210 to my mom in 10001", "90210", "10001"),
        ("from St. Louis, MO 63101", "63101", None),
        ("origin 90210 destination 10001", "90210", "10001"),
        ("change the origin to 90210", "90210", None),
        ("the destination should be 10001", None, "10001"),
        ("I want to ship to 10001", None, "10001"),
        ("I need it sent from 90210 5 lb to 10001", "90210", "10001"),
        ("from 90210 and from 90210", "90210", None),
    ],
)
def test_roles_that_are_said(text: str, origin: str | None, destination: str | None) -> None:
    assert route(text) == ((origin, destination, []), set())


@pytest.mark.parametrize(
    "text",
    [
        "10001",
        "zip 10001",
        "I want to ship 10001",
        "I want to forward 10001",
        "to weigh it. 10001",
        "to one two three four five six seven 10001",
    ],
)
def test_one_zip_without_a_role_is_loose(text: str) -> None:
    assert route(text) == ((None, None, ["10001"]), set())


@pytest.mark.parametrize(
    ("text", "ends", "reasons"),
    [
        ("90210 10001", (None, None, ["90210", "10001"]), {"zip_role"}),
        ("between 90210 and 10001", (None, None, ["90210", "10001"]), {"zip_role"}),
        ("from 90210, 10001", ("90210", None, ["10001"]), {"zip_role"}),
        ("from 90210 from 10001", (None, None, ["90210", "10001"]), {"zip_role", "origin_twice"}),
        ("to 90210 to 10001", (None, None, ["90210", "10001"]), {"zip_role", "destination_twice"}),
        ("change from 90210 to 10001", (None, None, ["90210", "10001"]), {"zip_role", "change_from_to"}),
    ],
)
def test_roles_that_are_not_sure(text: str, ends: Ends, reasons: set[str]) -> None:
    assert route(text) == (ends, reasons)
