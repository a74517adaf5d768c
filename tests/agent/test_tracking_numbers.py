"""Tracking numbers are taken out of a text, and nothing that could be a figure is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.agent.tracking_numbers import taken_out
from shipanion.shipping.label.number import sample_number

SAMPLE = sample_number("purchase-1")
SPOKEN = SAMPLE.lower().replace("-", " ")


@pytest.mark.parametrize(
    ("text", "rest", "numbers"),
    [
        (f"void {SAMPLE} please", "void   please", (SAMPLE,)),
        (f"void {SAMPLE.lower()}", "void  ", (SAMPLE,)),
        (f"track {SPOKEN}", "track  ", (SAMPLE,)),
        ("where is 9400111899223456789012?", "where is  ?", ("9400111899223456789012",)),
        ("9400 1118 9922 3456 7890 12", " ", ("9400111899223456789012",)),
        ("1z999aa10123456784", " ", ("1Z999AA10123456784",)),
        (f"{SAMPLE}, {SAMPLE} and 123456789012", " ,   and  ", (SAMPLE, "123456789012")),
        # A number with a mistake in it is still meant as one.
        ("void SAMPLE-BCDF-BCDF", "void  ", ("SAMPLE-BCDF-BCDF",)),
    ],
)
def test_a_number_is_taken_out_as_it_is_written_on_the_label(text: str, rest: str, numbers: tuple[str, ...]) -> None:
    assert taken_out(text) == (rest, numbers)


@pytest.mark.parametrize(
    "text",
    [
        "5 lb from 90210 to 10001",
        "90210 10001 94105",
        "90210-1234 to 10001-1234",
        "call 555 123 4567",
        "1234 5678",
        "sample this then",
        "a sample, that will work",
        "sample bcdf bcdf",  # its check letter is wrong
        "x123456789012",
        "1" * 40,
        "2 lb 8 oz, 12 x 10 x 8",
        "",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert taken_out(text) == (text, ())


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    rest, numbers = taken_out(text)
    assert len(rest) <= len(text)
    assert taken_out(rest)[1] == () or numbers
