"""The block that asks for a yes: the price first, the way to answer last."""

import io

import pytest
from rich.console import Console

from shipanion.cli.chat.question import asked, question_lines, question_view

OFFER = {
    "kind": "buy", "carrier": "USPS", "service": "Priority Mail", "price": 36.9, "eta": "3 days", "from": "90210",
    "to": "10001", "weight_lbs": 5, "is_sample": False, "expires_at": 1_700_000_000_000,
    "text": "Shall I buy the label?  You pay $36.90. Say yes or no.",
}  # fmt: skip


def test_money_is_named_first_and_how_to_answer_last() -> None:
    assert question_lines(OFFER) == [
        "$36.90 to pay",
        "USPS Priority Mail, usually 3 days",
        "90210 to 10001, 5 lb",
        "Shall I buy the label? You pay $36.90.",
        "Say yes or no (or /yes, /no); it holds until 22:13 UTC.",
    ]


def test_a_sample_is_called_one_and_costs_nothing() -> None:
    first, *_ = question_lines({**OFFER, "is_sample": True})
    assert first == "$36.90  SAMPLE: nothing is paid"


def test_a_label_to_be_voided_is_not_to_be_paid() -> None:
    lines = question_lines({**OFFER, "kind": "void"})
    assert lines[0] == "Label to be voided: $36.90"
    assert "to pay" not in "".join(lines)
    assert question_lines({"kind": "void", "is_sample": True})[0] == "SAMPLE label to be voided"


def test_what_was_just_said_is_not_said_again() -> None:
    without = {key: value for key, value in OFFER.items() if key != "text"}
    assert asked(without) == ""
    assert len(question_lines(without)) == 4


@pytest.mark.parametrize("about", [{}, {"price": "much", "expires_at": "soon", "from": 5, "to": None, "text": 7}])
def test_any_question_can_be_shown(about: dict[str, object]) -> None:
    out = io.StringIO()
    Console(file=out, width=20).print(question_view(about))
    assert "/yes" in out.getvalue()


def test_no_text_steers_the_terminal() -> None:
    assert "\x1b" not in "".join(question_lines({**OFFER, "text": "\x1b[2J", "eta": "\x1b", "to": "\x1b"}))
