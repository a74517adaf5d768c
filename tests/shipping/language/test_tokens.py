from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipanion.shipping.language.tokens import plain, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text)]


def test_a_sentence_in_pieces() -> None:
    assert kinds("It's 5lb, 90210-1234 -> 12×10?") == [
        ("word", "It's"),
        ("number", "5"),
        ("word", "lb"),
        ("comma", ","),
        ("number", "90210-1234"),
        ("arrow", "->"),
        ("number", "12"),
        ("by", "×"),
        ("number", "10"),
        ("stop", "?"),
    ]


def test_words_are_compared_in_lower_case_without_apostrophes() -> None:
    assert [token.word for token in tokenize("What’s IT's")] == ["whats", "its"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("5.5", 5.5),
        (".5", 0.5),
        ("-5", -5),
        ("-.5", -0.5),
        ("1,000", 1000),
        ("1/2", 0.5),
        ("5 1/2", 5.5),
        ("5½", 5.5),
    ],
)
def test_numbers(text: str, value: float) -> None:
    (token,) = tokenize(text)
    assert (token.kind, token.value) == ("number", value)


@pytest.mark.parametrize(
    ("text", "code"), [("90210", "90210"), ("02134", "02134"), ("90210-1234", "90210"), ("9021", ""), ("902101", "")]
)
def test_the_shape_of_a_zip(text: str, code: str) -> None:
    (token,) = tokenize(text)
    assert token.zip == code
    assert token.plus_four is ("-" in text)


@pytest.mark.parametrize(
    "text",
    [
        "1Z999AA10123456784",
        "5pm",
        "A5",
        "\u0665",
        "五",
        "5²",
        "$5",
        "$ 5.50",
        "10%",
        "5€",
        "5,5",
        "1234567890",
        "9" * 500,
    ],
)
def test_numbers_that_cannot_be_read_are_one_odd_token(text: str) -> None:
    assert kinds(text) == [("odd", text)]


@pytest.mark.parametrize("text", ["5lb", "12x10x8in", "90210to10001", "2nd", "2lb8oz"])
def test_words_that_people_glue_to_numbers_do_not_spoil_them(text: str) -> None:
    assert "odd" not in dict(kinds(text))


def test_a_dash_between_numbers_is_no_sign() -> None:
    assert kinds("5-6") == [("number", "5"), ("dash", "-"), ("number", "6")]
    assert kinds("90210-10001")[1] == ("dash", "-")


@given(st.text())
@example("A'A0")
def test_tokens_are_in_order_and_no_numeral_is_lost(text: str) -> None:
    tokens = tokenize(text)
    assert all(one.start < one.end <= other.start for one, other in pairwise(tokens))
    if any(letter.isnumeric() for letter in text):
        assert any(token.kind in ("number", "odd") for token in tokens)


@pytest.mark.parametrize("text", ["5½ lb to Washington, D.C.", "N. Y.", "Ana Diaz, 12 ½ Main St", ""])
def test_places_of_tokens_count_in_the_plain_text(text: str) -> None:
    for token in tokenize(text):
        assert plain(text)[token.start : token.end].split()[0] == token.text.split()[0]
