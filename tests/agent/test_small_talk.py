from typing import Any

import pytest

from shipanion.agent.label_sentences import ASKS_FIRST, WHICH
from shipanion.agent.scripted import ACTS
from shipanion.agent.sentences import ABLE, ABROAD, CARRIERS, LIMITS, QUESTIONS
from shipanion.agent.small_talk import AFTERWARDS, ANSWERS, Scene, small_talk
from shipanion.shipping.grammar import INTENTS, read

WHOLE = {"from": "90210", "to": "10001", "weight_lbs": 5}
QUOTES = [
    {"id": service, "carrier": "USPS", "service": service, "cost": cost, "eta": f"{days} days", "transit_days": days}
    for service, cost, days in (
        ("Ground Advantage", 26.05, 5),
        ("Priority Mail", 36.9, 3),
        ("Priority Mail Express", 101.5, 2),
    )
]


def answer(text: str, state: dict[str, Any] | None = None) -> str | None:
    state = {} if state is None else state
    return small_talk(Scene(read(text), state, state.get("shipping_details", {}), None))


def quoted(text: str, **more: Any) -> str:
    said = answer(text, {"shipping_details": WHOLE, "quotes": QUOTES, **more})
    assert said is not None
    return said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("how long does it take?", "USPS Ground Advantage in 5 days, USPS Priority Mail in 3 days"),
        ("how heavy can it be?", LIMITS),
        ("how much can it weigh?", LIMITS),
        ("do you ship overseas?", ABROAD),
        ("what does UPS ground cost?", CARRIERS),
        ("can you use fedex?", CARRIERS),
        ("it's beer", "Carriers have rules for alcohol"),
        ("can I buy a label?", f"Yes. {WHICH} {ASKS_FIRST}"),
        ("can you void it?", "Once there is a label, yes."),
        ("can I send another parcel?", 'Say "another parcel"'),
        ("what's the fastest?", "USPS Priority Mail Express for $101.50, usually 2 days."),
        ("the second one?", "USPS Priority Mail for $36.90, usually 3 days."),
        ("what about the last one?", "USPS Priority Mail Express for $101.50"),
        ("what does ground cost?", "USPS Ground Advantage for $26.05"),
        ("what is the fifth one?", "I have 3 quotes here, and that is none of them."),
        ("help", ABLE),
    ],
)
def test_with_quotes(text: str, says: str) -> None:
    assert says in quoted(text)


@pytest.mark.parametrize(
    "text", ["how long does it take?", "how heavy can it be?", "overseas", "beer", "can I void it?"]
)
def test_without_figures_the_next_question_follows(text: str) -> None:
    assert str(answer(text)).endswith(QUESTIONS["from"])
    assert "Which" not in quoted(text)


def test_a_question_about_buying_or_voiding_is_answered_by_what_there_is() -> None:
    assert 'Say "buy it".' in quoted("could you buy it?", chosen="x")
    label = {
        "tracking_number": "SAMPLE-1", "status": "bought", "is_sample": True, "carrier": "USPS", "service": "Priority",
        "cost": 36.9,
    }  # fmt: skip
    assert "The sample label is already made: USPS Priority" in quoted("can you buy the label?", label=label)
    assert "The sample label is already made: USPS Priority" in quoted("can you buy it now", label=label)
    assert 'Say "void it".' in quoted("can you void it?", labels=[label])


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("is that the cheapest?", "No. Chosen is USPS Priority Mail for $36.90, usually 3 days; what you ask about is"),
        ("is that the fastest?", "No. Chosen is USPS Priority Mail for"),
        ("is it the second one?", "Yes. USPS Priority Mail for $36.90"),
        ("what is the cheapest?", "USPS Ground Advantage for $26.05"),
        ("when will it arrive", "Usually, but not promised: USPS Priority Mail in 3 days."),
        ("when does it get there?", "Usually, but not promised: USPS Priority Mail in 3 days."),
        ("how long does ground take?", "Usually, but not promised: USPS Ground Advantage in 5 days."),
        (
            "how long does each take? when does it arrive?",
            "Usually, but not promised: USPS Ground Advantage in 5 days, U",
        ),
    ],
)
def test_once_one_is_chosen_the_answer_is_about_that_one(text: str, starts: str) -> None:
    said = small_talk(Scene(read(text), {"quotes": QUOTES, "chosen": "Priority Mail"}, WHOLE, None, text))
    assert said is not None
    assert said.startswith(starts)


def test_a_plain_yes_and_what_is_not_understood_are_no_small_talk() -> None:
    assert answer("yes") is None
    assert answer("banana") is None
    assert small_talk(Scene(read("thanks"), {}, {}, None), AFTERWARDS) == "You are welcome."


def test_every_intent_without_figures_has_an_answer() -> None:
    answered = {intent for intent, _ in (*ANSWERS, *AFTERWARDS, *ACTS)}
    assert answered | {"start_over"} == set(INTENTS)
