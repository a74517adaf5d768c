"""How entries and the view look, on any width."""

import io

import pytest
from rich.console import Console

from shipanion.cli.chat.banner import BannerLine
from shipanion.cli.chat.face import View
from shipanion.cli.chat.paint import live_lines, painted, plain_text
from shipanion.cli.chat.transcript import Entry

CONSOLE = Console(file=io.StringIO(), width=200)
LIVE = BannerLine("good", "live")


def drawn(entry: Entry, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(painted(entry, width))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def live(view: View, width: int = 80, rows: int = 20) -> list[str]:
    return ["".join(text for _, text in line) for line in live_lines(view, CONSOLE, width, rows)]


def test_names_hang_before_what_was_said() -> None:
    text = "one two three four five six seven eight nine ten"
    assert drawn(Entry(who="bob", text=text), 40) == [
        "Bob  one two three four five six seven",
        "     eight nine ten",
    ]
    assert drawn(Entry(who="you", text="hi [b]there[/b]"), 40) == ["You  hi [b]there[/b]"]


def test_a_narrow_terminal() -> None:
    assert drawn(Entry(who="you", text="one two three"), 12) == ["You: one two", "three"]
    assert all(len(line) <= 12 for line in drawn(Entry(who="state", state={"quotes": [{"cost": 5}]}), 12))


@pytest.mark.parametrize("width", [12, 39, 40, 100])
def test_questions_and_news_fit(width: int) -> None:
    about = {"price": 36.9, "carrier": "USPS", "service": "Priority Mail", "eta": "3 days", "text": "Shall I buy it?"}
    question = drawn(Entry(who="question", state=about), width)
    away = drawn(Entry(who="away", text="Label bought: USPS Priority Mail for $36.90.\nA second line."), width)
    for lines in (question, away):
        assert max(map(len, lines)) <= width
    assert "$36.90" in "".join(question)
    assert "While you" in "".join(away)


@pytest.mark.parametrize("who", ["you", "bob", "event", "note", "warning", "away"])
def test_no_text_steers_the_terminal(who: str) -> None:
    entry = Entry(who=who, text="a\x1b[2Jb")  # type: ignore[arg-type]
    assert "\x1b" not in "".join(drawn(entry, 80))
    assert "\x1b" not in plain_text(entry)


def test_plain_text_has_names() -> None:
    assert plain_text(Entry(who="bob", text="Hello.")) == "Bob: Hello."
    assert plain_text(Entry(who="elsewhere", text="x")) == "You*: x"
    assert plain_text(Entry(who="warning", text="x")) == "! x"
    assert plain_text(Entry(who="away", text="x\ny")) == "While you were away:\n- x\n- y"
    assert plain_text(Entry(who="question", state={"price": 5})).startswith("Bob needs your yes:\n$5.00 to pay\n")
    state = {"shipping_details": {"to": "10001"}, "quotes": [{"carrier": "USPS", "service": "A", "cost": 5}]}
    assert plain_text(Entry(who="state", text="here", state=state)).splitlines()[:2] == ["here", "to          10001"]


def test_the_view_from_top_to_bottom() -> None:
    view = View("Let me see", ["5 lb", "8 lb"], BannerLine("wait", "reconnecting"))
    assert live(view) == ["You  5 lb  (sending)", "You  8 lb  (sending)", "Bob  Let me see", "* reconnecting"]


def test_of_a_long_answer_the_end_is_shown() -> None:
    view = View("\n".join(f"line {number}" for number in range(100)), [], LIVE)
    assert live(view, rows=4) == ["     line 97", "     line 98", "     line 99", "* live"]
    assert live(view, rows=1) == ["* live"]


@pytest.mark.parametrize("width", [1, 2, 7, 39, 40])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    view = View("東京 is a wide name " * 5, ["a" * 50], BannerLine("bad", "sign in again: it ran out"))
    for line in live_lines(view, CONSOLE, width, 20):
        text = "".join(piece for _, piece in line)
        wide = sum(2 if character in "東京" else 1 for character in text)
        assert wide <= max(width, 3), text
