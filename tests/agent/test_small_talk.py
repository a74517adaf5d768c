from typing import Any

import pytest

from shipanion.agent.sentences import ABLE, ABROAD, CARRIERS, LIMITS, ONLY_QUOTES, QUESTIONS
from shipanion.agent.small_talk import ANSWERS, Scene, small_talk
from shipanion.shipping.grammar import INTENTS, read

WHOLE = {"from": "90210", "to": "10001", "weight_lbs": 5}
QUOTES = [
    {"carrier": "USPS", "service": service, "cost": cost, "eta": f"{days} days", "transit_days": days}
    for service, cost, days in (
        ("Ground Advantage", 26.05, 5),
        ("Priority Mail", 36.9, 3),
        ("Priority Mail Express", 101.5, 2),
    )
]


def answer(text: str, state: dict[str, Any] | None = None) -> str:
    state = {} if state is None else state
    return small_talk(Scene(read(text), state, state.get("shipping_details", {}), None))


def quoted(text: str) -> str:
    return answer(text, {"shipping_details": WHOLE, "quotes": QUOTES})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("how long does it take?", "USPS Ground Advantage in 5 days, USPS Priority Mail in 3 days"),
        ("how heavy can it be?", LIMITS),
        ("how much can it weigh?", LIMITS),
        ("where is my parcel?", "There is no label yet"),
        ("do you ship overseas?", ABROAD),
        ("what does UPS ground cost?", CARRIERS),
        ("can you use fedex?", CARRIERS),
        ("it's beer", "Carriers have rules for alcohol"),
        ("I want to buy a label", ONLY_QUOTES),
        ("what's the fastest?", "USPS Priority Mail Express for $101.50, usually 2 days."),
        ("the second one", f"USPS Priority Mail for $36.90, usually 3 days. {ONLY_QUOTES}"),
        ("the last one", "USPS Priority Mail Express for $101.50"),
        ("ground, please", "USPS Ground Advantage for $26.05"),
        ("the fifth one", "I have 3 quotes here, and that is none of them."),
        ("help", ABLE),
    ],
)
def test_with_quotes(text: str, says: str) -> None:
    assert says in quoted(text)


@pytest.mark.parametrize(
    "text", ["how long does it take?", "how heavy can it be?", "where is my parcel?", "overseas", "beer", "buy a label"]
)
def test_without_figures_the_next_question_follows(text: str) -> None:
    assert answer(text).endswith(QUESTIONS["from"])
    assert "Which" not in quoted(text)


def test_a_question_about_a_quote_is_answered_and_not_taken_for_a_purchase() -> None:
    assert ONLY_QUOTES not in quoted("what's the cheapest?")
    assert ONLY_QUOTES in quoted("the cheapest")


def test_a_label_that_is_there_is_named() -> None:
    assert "SAMPLE-1" in answer("where is my parcel?", {"label": {"tracking_number": "SAMPLE-1"}})


def test_every_intent_without_figures_has_an_answer() -> None:
    elsewhere = {"start_over", "thanks", "greeting"}
    assert {intent for intent, _ in ANSWERS} | elsewhere == set(INTENTS)
