import re
from itertools import pairwise

import pytest
import tracking_numbers
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.label.number import is_sample_number, sample_number

REFERENCES = [f"purchase {count}" for count in range(4000)]
LETTERS = "BCDFGHJKLMNPRSTVWXZ"


def test_one_reference_has_one_number() -> None:
    # Fixed for good: a label that was printed once must come out the same after an upgrade.
    assert sample_number("purchase 1") == "SAMPLE-VXCM-GNVD"
    assert len({sample_number(reference) for reference in REFERENCES}) == len(REFERENCES)


@given(st.text(st.characters(exclude_categories=())))
def test_every_reference_has_a_number_of_consonants(reference: str) -> None:
    number = sample_number(reference)
    assert re.fullmatch(r"SAMPLE-[BCDFGHJKLMNPRSTVWXZ]{4}-[BCDFGHJKLMNPRSTVWXZ]{4}", number)
    assert is_sample_number(number)


def test_the_tracking_number_of_a_carrier_would_be_known() -> None:
    assert tracking_numbers.get_tracking_number("9400100208303109505657") is not None
    assert tracking_numbers.get_tracking_number("1Z5R89390357567127") is not None


def test_no_number_is_a_tracking_number_of_any_carrier() -> None:
    for number in map(sample_number, REFERENCES):
        for written in (number, number.replace("-", ""), number.lower(), number.replace("-", " ")):
            assert tracking_numbers.get_tracking_number(written) is None, written
        assert not re.search(r"\d{10}", number)


@pytest.mark.parametrize("number", [sample_number(reference) for reference in REFERENCES[:20]])
def test_a_changed_letter_and_a_swapped_pair_are_noticed(number: str) -> None:
    places = [place for place in range(len("SAMPLE-"), len(number)) if number[place] != "-"]
    for place in places:
        for letter in LETTERS.replace(number[place], ""):
            assert not is_sample_number(number[:place] + letter + number[place + 1 :])
    for first, second in pairwise(places):
        swapped = list(number)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert is_sample_number("".join(swapped)) == (number[first] == number[second])


@pytest.mark.parametrize(
    "text", ["", "SAMPLE", "9400100208303109505657", "sample-vxcm-gnvd", " SAMPLE-VXCM-GNVD", "SAMPLE-VXCM-GNVD\n"]
)
def test_what_is_no_sample_number(text: str) -> None:
    assert not is_sample_number(text)
