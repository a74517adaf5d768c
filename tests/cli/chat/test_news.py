"""What happens besides messages, in sentences."""

from typing import Any

import pytest

from shipanion.cli.chat.news import answered, changed, told, under_way


@pytest.mark.parametrize(
    ("decision", "here", "words"),
    [
        ("approved", True, "You said yes."),
        ("approved", False, "You said yes on another device."),
        ("declined", True, "You said no."),
        ("expired", False, "The question has run out."),
        ("cancelled", True, "That question does not stand any more."),
        ("unheard of", True, "The question is over."),
    ],
)
def test_how_a_question_ends(decision: str, here: bool, words: str) -> None:
    assert answered({"decision": decision}, here=here) == words


def test_a_question_whose_place_another_took_is_asked_afresh() -> None:
    assert answered({"decision": "cancelled"}, here=True, afresh=True) == "The question is asked afresh."
    assert answered({"decision": "expired"}, here=True, afresh=True) == "The question has run out."


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"kind": "buy"}, "Buying the label…"),
        ({"kind": "buy", "data": {"is_sample": True}}, "Making the sample label…"),
        ({"kind": "void", "data": None}, "Voiding the label…"),
        ({"kind": "void", "data": {"is_sample": True}}, "Voiding the sample label…"),
        ({"kind": "fly"}, "Doing it…"),
        ({"kind": "buy", "say": "I am at it."}, "I am at it."),
    ],
)
def test_what_is_under_way(event: dict[str, Any], words: str) -> None:
    assert under_way(event) == words


def test_updates_for_the_page_alone_are_not_told() -> None:
    assert told({"text": "quote_ready", "data": {"message": "Quote ready"}}) == "Quote ready"
    assert told({"text": "x_result", "data": {"message": "No", "is_error": True}}) == "No"
    assert told({"text": "label_created", "data": {"message": "Made"}}) == ""
    assert told({"text": "quote_ready", "data": None}) == ""


def test_edits() -> None:
    assert changed({"title": "Books", "shipping_details": {}}) == ["Title: Books", "Details noted."]
    assert changed({"title": None}) == ["The title is gone."]
    assert changed(None) == []
