from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.language.lexicon import DIGITS, TEENS, TENS
from shipanion.shipping.language.numerals import fold, house_number
from shipanion.shipping.language.tokens import Token, tokenize


def numbers(text: str) -> list[Token]:
    return [token for token in fold(tokenize(text)) if token.kind in ("number", "odd")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("five", 5), ("zero", 0), ("eleven", 11), ("forty", 40), ("twenty five", 25), ("twenty-five", 25),
        ("a hundred", 100), ("hundred", 100), ("two hundred", 200), ("one hundred and five", 105),
        ("three hundred forty two", 342), ("half", 0.5), ("a half", 0.5), ("a quarter", 0.25),
        ("three quarters", 0.75), ("five and a half", 5.5), ("5 and a half", 5.5), ("two and a quarter", 2.25),
        ("two point five", 2.5), ("2 point 5", 2.5), ("point five", 0.5), ("two point two five", 2.25),
    ],
)  # fmt: skip
def test_one_well_formed_number(text: str, value: float) -> None:
    (token,) = numbers(text)
    assert (token.kind, token.value, token.zip) == ("number", value, "")


@pytest.mark.parametrize("text", ["nine oh two one oh", "nine zero two one o", "9 0 2 1 0", "nine 0 two 1 zero"])
def test_five_single_digits_are_a_zip_read_aloud(text: str) -> None:
    (token,) = numbers(text)
    assert token.zip == "90210"


@pytest.mark.parametrize(
    "text",
    ["ninety two ten", "nine oh two one", "one oh oh oh one five", "five five", "twenty eleven", "hundred hundred",
     "two five hundred", "zero hundred", "five six point", "one hundred two hundred"],
)  # fmt: skip
def test_a_run_that_is_not_one_number_is_odd(text: str) -> None:
    (token,) = numbers(text)
    assert token.kind == "odd"


@pytest.mark.parametrize("text", ["this one", "the cheapest one", "which one", "oh well", "o", "a box", "and", "point"])
def test_words_that_are_no_numbers_here(text: str) -> None:
    assert numbers(text) == []


def test_an_article_before_a_unit_is_one() -> None:
    assert [token.value for token in numbers("a pound")] == [1]
    assert [token.text for token in numbers("$5 a pound")] == ["$5"]


def test_a_comma_ends_a_run() -> None:
    assert [token.zip or token.value for token in numbers("one oh oh oh one, five")] == ["10001", 5]


spoken = {
    number: word
    for word, number in (*DIGITS.items(), *TEENS.items(), *TENS.items())
    if word not in ("oh", "o", "fourty")
}


def say(number: int) -> str:
    if number in spoken:
        return spoken[number]
    if number < 100:
        return f"{spoken[number - number % 10]}-{spoken[number % 10]}"
    rest = f" and {say(number % 100)}" if number % 100 else ""
    return f"{spoken[number // 100]} hundred{rest}"


@given(st.integers(0, 999))
def test_every_number_below_a_thousand_as_it_is_said(number: int) -> None:
    (token,) = numbers(say(number))
    assert (token.kind, token.value) == ("number", number)


words = st.lists(
    st.sampled_from([*DIGITS, *TEENS, *TENS, "hundred", "and", "a", "half", "point", "pound", "5", "90210", ",", "-"])
)


@given(words)
def test_folding_keeps_order_and_every_number(parts: list[str]) -> None:
    before = tokenize(" ".join(parts))
    after = fold(before)
    assert all(one.start < other.start for one, other in pairwise(after))
    for token in before:
        if token.kind == "number":
            assert any(kept.start <= token.start < kept.end for kept in after if kept.kind in ("number", "odd"))


@pytest.mark.parametrize(
    ("text", "code", "nine"),
    [
        ("one double oh oh one", "10001", False),
        ("one triple zero one", "10001", False),
        ("nine oh two ten", "90210", False),
        ("one hundred oh one", "10001", False),
        ("from thirty three one five six", "33156", False),
        ("9 02 10", "90210", False),
        ("9-0-2-1-0", "90210", False),
        ("nine-oh-two-one-oh", "90210", False),
        ("nine oh two one oh dash one two three four", "90210", True),
        ("nine oh two one oh one two three four", "90210", True),
        ("90210 dash 1234", "90210", True),
        ("90210 dash twelve thirty four", "90210", True),
    ],
)
def test_a_zip_read_aloud_in_other_ways(text: str, code: str, nine: bool) -> None:
    tokens = [token for token in fold(tokenize(text)) if token.kind in ("number", "odd")]
    assert [(token.kind, token.zip, token.plus_four) for token in tokens] == [("number", code, nine)]


@pytest.mark.parametrize(
    "text",
    ["ninety two ten", "twelve ten eight", "thirty three one five six", "nine hundred two ten", "double nine",
     "from nine hundred two one", "one oh oh oh one five pounds", "to one oh oh oh one five",
     "to ten oh oh one five lb", "9 12 10", "9-0-2-1", "9-0-2-1-0-1",
     "double oh double oh double oh", "nine oh two one", "90210 dash 12"],
)  # fmt: skip
def test_numbers_in_a_row_that_may_be_something_else_are_no_zip(text: str) -> None:
    tokens = fold(tokenize(text))
    assert not any(token.zip and (token.plus_four or token.spoken) for token in tokens)


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("five", "5"), ("twenty three", "23"), ("one twenty three", "123"), ("one two three", "123"),
        ("forty two eleven", "4211"), ("twelve oh four", "1204"), ("forty two hundred", "4200"), ("two hundred", "200"),
        ("one hundred twenty three", "123"), ("one twenty three forty five", "12345"),
        # More than one number, or none.
        ("ten five", None), ("forty two five", None), ("twenty one one", None), ("one hundred oh one", None),
        ("nine oh two one oh five", None), ("zero five", None), ("oh", None), ("five and a half", None), ("half", None),
        ("a", None), ("1 twenty", None), ("main", None), ("", None),
    ],
)  # fmt: skip
def test_a_house_number_in_words_is_one_number_or_none(words: str, digits: str | None) -> None:
    assert house_number(words.split()) == digits
