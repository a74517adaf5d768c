import pytest

from shipanion.shipping.language import pieces
from shipanion.shipping.language.sentence import Sentence


def text(words: str, *, company: bool = False) -> str | None:
    said = Sentence(words)
    return pieces.text(said, 0, len(said.tokens), company=company)


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        ("Ana  Diaz", "Ana Diaz"), ("Mary O'Neil-Jones", "Mary O'Neil-Jones"), ("St. James", "St. James"),
        ("Smith & Sons", "Smith & Sons"), ("one twenty three main street", "123 main street"),
        ("Ana, Diaz", None), ("Ana\nDiaz", None), ("Ana (work) Diaz", None), ("Ana - Diaz", None), ("Ana/Diaz", None),
        ("Thursday. Ana", None), ("ten five main", None), ("", None),
    ],
)  # fmt: skip
def test_one_piece_on_one_line(words: str, piece: str | None) -> None:
    assert text(words) == piece


def test_a_company_may_have_a_comma() -> None:
    assert text("Acme, Inc.", company=True) == "Acme, Inc."
    assert text("Acme, Boston", company=True) is None


@pytest.mark.parametrize(
    ("number", "digits"),
    [("12", "12"), ("221B", "221B"), ("B4", "B4"), ("twenty one", "21"), ("one twenty three", "123"), ("5pm", None),
     ("1Z999AA1", None), ("\u4e94", None), ("5.5", None)],
)  # fmt: skip
def test_numbers_of_houses_flats_and_boxes(number: str, digits: str | None) -> None:
    assert pieces.digits(Sentence(number).tokens[0]) == digits


def test_small_numbers_are_no_zips() -> None:
    assert pieces.small_number(Sentence("12"), 0)
    assert not pieces.small_number(Sentence("90210"), 0)
    assert not pieces.small_number(Sentence("12"), 1)


def test_signs_touch_or_not() -> None:
    assert pieces.touches(Sentence("a-b"), 1)
    assert not pieces.touches(Sentence("a - b"), 1)
    assert not pieces.touches(Sentence("a -"), 1)
    assert pieces.point(Sentence("St. James"), 1)
    assert not pieces.point(Sentence("Thursday. James"), 1)
