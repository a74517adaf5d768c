"""What a typed line asks for."""

import pytest

from shipanion.cli.chat.orders import HELP, ORDERS, read_line


@pytest.mark.parametrize(
    ("typed", "order", "text"),
    [
        ("5 lb from 90210", "say", "5 lb from 90210"),
        ("  padded \r", "say", "padded"),
        ("", "", ""),
        ("   ", "", ""),
        ("//quit is a word", "say", "/quit is a word"),
        ("/quit", "quit", ""),
        ("/QUIT ", "quit", ""),
        ("/yes", "yes", ""),
        ("/no ", "no", ""),
        ("/label 2 my label.pdf", "label", "2 my label.pdf"),
        ("/switch 3", "switch", "3"),
        ("/switch  session-1", "switch", "session-1"),
        ("5/8 inch", "say", "5/8 inch"),
    ],
)
def test_lines(typed: str, order: str, text: str) -> None:
    assert read_line(typed) == (order, text)


@pytest.mark.parametrize("typed", ["/", "/swim", "/ quit", "/switch"])
def test_lines_that_are_wrong_say_what_to_do(typed: str) -> None:
    line = read_line(typed)
    assert line.order == "wrong"
    assert "/help" in line.text or "/sessions" in line.text


def test_help_lists_every_order() -> None:
    for order in ORDERS:
        assert f"/{order}" in HELP


def test_help_says_both_things_that_ctrl_c_does() -> None:
    assert "with no answer to stop it leaves" in ORDERS["stop"]
    assert "Ctrl-C where there is no answer to stop" in ORDERS["quit"]
