"""What Bob says: figures as a person reads or hears them, each question in its turn."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.agent import sentences
from shipanion.agent.sentences import QUESTIONS
from shipanion.shipping.grammar import AMBIGUITIES, Reading

KNOWN = {"from": "90210", "from_place": "Beverly Hills, CA", "to": "10001", "weight_lbs": 5}


def quote(service: str, price: float, eta: str) -> dict[str, Any]:
    return {"carrier": "USPS", "service": service, "price": price, "eta": eta}


@pytest.mark.parametrize(
    ("details", "asked"),
    [
        ({}, QUESTIONS["from"]),
        ({"from": "90210"}, QUESTIONS["to"]),
        ({"from": "90210", "to": "10001"}, QUESTIONS["weight_lbs"]),
        (KNOWN, "Ask me for quotes whenever you like."),
    ],
)
def test_the_first_thing_that_is_missing_is_asked_for(details: dict[str, Any], asked: str) -> None:
    assert sentences.next_question(details) == asked


def test_a_town_without_its_zip_is_asked_about_by_its_name() -> None:
    asked = sentences.next_question({"from": "90210", "to_place": "New York, NY"})
    assert "New York" in asked
    assert "1000" in asked, "a few of its ZIP codes are offered"


def test_what_was_written_down_is_said_again_and_spoken_zips_digit_by_digit() -> None:
    said = sentences.confirmed(KNOWN, ("from", "to", "weight_lbs"), spoken=("10001",))
    assert said == "Noted: 5 lb, from 90210 (Beverly Hills, CA), to 1 0 0 0 1."
    assert sentences.confirmed({**KNOWN, "weight_lbs": 2.5}, ("weight_lbs",)) == "Noted: 2.5 lb."
    assert sentences.confirmed({"dimensions": "12x10x8"}, ("dimensions",)) == "Noted: 12x10x8 inches."


def test_a_route_that_was_only_heard_is_read_back_with_its_towns() -> None:
    heard = sentences.route_heard({"from": "90210", "to": "10001", "weight_lbs": 5.5}, spoken=("90210",))
    assert heard == "I heard 5.5 lb from 9 0 2 1 0 (Beverly Hills, CA) to 10001 (New York, NY). "


def test_quotes_are_told_with_the_cheapest_and_the_fastest_and_every_note() -> None:
    ground, express = quote("Ground Advantage", 26.05, "5 days"), quote("Priority Mail Express", 101.5, "2 days")
    result = {**KNOWN, "quotes": [ground, express], "cheapest": ground, "fastest": express, "notes": ["A.", "B."]}
    told = "".join(sentences.quoted(result))
    for part in (
        "For 5 lb from 90210 (Beverly Hills, CA) to 10001:\n",
        "- USPS Ground Advantage for $26.05, usually 5 days\n",
        "- USPS Priority Mail Express for $101.50, usually 2 days\n",
        "The cheapest is USPS Ground Advantage for $26.05; the fastest is USPS Priority Mail Express for $101.50. ",
        "A. B. ",
    ):
        assert part in told
    alone = "".join(sentences.quoted({**KNOWN, "quotes": [ground], "cheapest": ground, "fastest": ground}))
    assert "The cheapest is also the fastest: USPS Ground Advantage for $26.05. " in alone


def test_what_was_not_understood_is_named() -> None:
    assert "7, 8" in sentences.not_sure(Reading(leftover=("7", "8")))
    assert AMBIGUITIES["zip_role"] in sentences.not_sure(Reading(ambiguous=("zip_role",)))
    assert "perfume and batteries" in sentences.caution(("perfume", "batteries"))
    assert sentences.which_end("10001", "90210").startswith("Which of 10001 and 90210")


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(sentences.pieces(text)) == text
