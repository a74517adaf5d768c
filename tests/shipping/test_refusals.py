import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping.refusals import CODES, quoted, refusal


def test_a_refusal_carries_code_field_and_sentence() -> None:
    error = refusal("unknown_zip", "No such place.", "to_zip")
    assert isinstance(error, ShippingError)
    assert (error.code, error.field, str(error)) == ("unknown_zip", "to_zip", "No such place.")


def test_a_code_that_is_not_in_the_table_is_a_bug() -> None:
    with pytest.raises(KeyError):
        refusal("invented", "…", "to_zip")


def test_codes_are_lower_case_names() -> None:
    assert CODES
    assert all(code.replace("_", "").isalpha() and code.islower() for code in CODES)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("banana", '"banana"'),
        ("two\nlines\x00", '"two lines"'),
        ("x" * 99, '"' + "x" * 40 + '…"'),
        (900, '"900"'),
        pytest.param(10**5000, "This value", id="long"),
        ([1], "This value"),
    ],
)
def test_what_was_sent_is_repeated_on_one_short_line(value: object, shown: str) -> None:
    assert quoted(value) == shown


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary()))
def test_repeating_never_raises_or_grows(value: object) -> None:
    shown = quoted(value)
    assert len(shown) <= 43
    assert shown.isprintable()
