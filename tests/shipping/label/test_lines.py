import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.label.font import face
from shipanion.shipping.label.lines import cut, shown, wrapped

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ann  Lee", "Ann Lee"),
        ("Zoe\u0301", "Zoé"),
        ("Ann\nLee\t\0Jr", "Ann Lee Jr"),
        ("Ann\u202e Lee\u200f", "Ann Lee"),
        ("Ann \u200b Lee", "Ann Lee"),
        ("Zoë 🎁", "Zoë ?"),
        ("名前", "??"),
        ("Ann\ud800", "Ann?"),
        ("\x1b[2J", "[2J"),
        ("\r\n \u2028", ""),
    ],
)
def test_what_is_printed_of_what_was_typed(typed: str, printed: str) -> None:
    assert shown(typed, face()) == printed


@given(ANYTHING)
def test_only_what_the_face_has_is_printed(typed: str) -> None:
    text = shown(typed, face())
    assert not set(text) - set(face().advances)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in text)
    assert text == shown(text, face())


def test_endless_text_is_not_read_to_its_end() -> None:
    assert len(shown("x" * 5_000, face())) == 400


def test_text_is_cut_only_when_it_must_be() -> None:
    width = face().width("Ann Lee", 10)
    assert cut("Ann Lee", face(), 10, width) == "Ann Lee"
    assert cut("Ann Leeds", face(), 10, width) == "Ann L…"


def test_lines_break_between_words_and_within_a_word_that_is_too_wide() -> None:
    width = face().width("350 Fifth Avenue,", 10)
    assert wrapped("350 Fifth Avenue, 34th Floor", face(), 10, width, 2) == ["350 Fifth Avenue,", "34th Floor"]
    assert wrapped("350 Fifth Avenue, 34th Floor, at the back", face(), 10, width, 2) == [
        "350 Fifth Avenue,",
        "34th Floor, at t…",
    ]
    assert wrapped("350 Fifth Avenue", face(), 10, face().width("350 Fifth Ave", 10), 2) == ["350 Fifth", "Avenue"]
    broken = wrapped("m" * 30, face(), 10, width, 9)
    assert "".join(broken) == "m" * 30
    assert len(broken) > 1
    assert wrapped("", face(), 10, width, 2) == []


@given(ANYTHING, st.floats(20, 300), st.integers(1, 4))
def test_no_line_is_wider_than_its_place(typed: str, width: float, most: int) -> None:
    text = shown(typed, face())
    lines = wrapped(text, face(), 9, width, most)
    assert len(lines) <= most
    assert all(face().width(line, 9) <= width + 1e-6 for line in lines)
    whole = "".join(lines).replace(" ", "")
    assert text.replace(" ", "").startswith(whole.removesuffix("…"))
