"""A next parcel, or a correction of the one that has its label: never the one for the other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.agent.message import Message
from shipanion.agent.next_parcel import begin, begins, opening
from shipanion.shipping.grammar import read
from tests.support.bob_context import Conversation

DETAILS = {"from": "90210", "to": "10001", "weight_lbs": 5}
LABELLED: dict[str, Any] = {
    "shipment_id": "shipment-1", "shipping_details": DETAILS, "labels": [],
    "label": {"label_id": "label-1", "tracking_number": "SAMPLE-1"},
}  # fmt: skip


def message(text: str, state: dict[str, Any]) -> Message:
    text, further = opening(text) if state else (text, False)
    return Message(Conversation(state=dict(state)), text, read(text), further=further)


@pytest.mark.parametrize(
    "text",
    [
        "2 lb from 10001 to 90210",
        "from 10001 to 90210",
        "how much is 2 lb from 10001 to 90210?",
        "2 lb to Boston",
        "now one to Boston",
        "and another one to Boston",
        "now 2 lb",
        "next one: 2 lb",
        "one to 94105",
        "ok, now one from Boston",
        "another parcel",
        "another parcel: 2 lb",
        "can I send another parcel?",
        "start over",
        "same again",
        "same thing again",
        "I want another one same as before",
        "another parcel same details",
    ],
)
def test_after_a_label_these_begin_a_parcel(text: str) -> None:
    assert begins(message(text, LABELLED))


@pytest.mark.parametrize(
    "text",
    [
        "no, six pounds",
        "six pounds",
        "6 lb",
        "to Boston",
        "to 94105",
        "no, from 10001 to 90210",
        "actually 2 lb to Boston",
        "sorry, it should be 2 lb to Boston",
        "make it 2 lb to 94105",
        "not 10001, 2 lb to 94105",
        "I meant ounces",
        "12x10x8",
        "thanks",
        "where is it now",
        "now what?",
        "one moment",
        "don't start another parcel",
        "not the same again",
        "is it the same as before",
        "the same",
    ],
)
def test_after_a_label_these_do_not(text: str) -> None:
    assert not begins(message(text, LABELLED))


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("another parcel", True),
        ("start over", True),
        ("can I send another parcel?", False),
        ("2 lb from 10001 to 90210", False),
        ("now 2 lb", False),
    ],
)
def test_without_a_label_only_the_wish_begins_one(text: str, does: bool) -> None:
    assert begins(message(text, {})) is does


@pytest.mark.parametrize(
    ("text", "rest"),
    [("now one to Boston", "to Boston"), ("Okay, next: 2 lb", "2 lb"), ("another one from 90210", "from 90210")],
)
def test_the_opening_is_taken_off(text: str, rest: str) -> None:
    assert opening(text) == (rest, True)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    rest, further = opening(text)
    assert text.endswith(rest)
    assert further or rest == text


async def test_it_is_begun_visibly() -> None:
    labelled = message("another parcel", LABELLED)
    assert [sentence async for sentence in begin(labelled)] == ["That is a new parcel. "]
    assert labelled.state["shipment_id"] == "shipment-1-2"
    assert labelled.details == {}
    open_one = message("another parcel", {"shipment_id": "shipment-1", "shipping_details": DETAILS, "labels": []})
    assert [sentence async for sentence in begin(open_one)] == ["Let's start over. "]
    assert open_one.details == {}
    assert open_one.state["shipment_id"] == "shipment-1"


@pytest.mark.parametrize(
    "text",
    [
        "another parcel same details",
        "another parcel with the same details",
        "same thing again",
        "I want another one same as before",
        "same again",
        "the same parcel as last time, please",
    ],
)
@pytest.mark.parametrize("labels", [[], [{"label_id": "label-1", "status": "voided"}]])
async def test_with_the_same_details_it_is_quoted_at_once(text: str, labels: list[Any]) -> None:
    for state in (LABELLED, {"shipment_id": "shipment-1", "shipping_details": DETAILS, "labels": labels}):
        talk = Conversation(state=json.loads(json.dumps(state)))
        answer = await talk.say(text)
        assert answer.startswith("That is a new parcel. Let me look that up. For 5 lb from 90210")
        assert talk.details == DETAILS
        assert talk.state["shipment_id"] == "shipment-1-2"
        assert "label" not in talk.state


async def test_with_the_same_details_but_one_that_one_is_changed() -> None:
    talk = Conversation(state=json.loads(json.dumps(LABELLED)))
    assert "For 5 lb from 90210 (Beverly Hills, CA) to 94105" in await talk.say(
        "another parcel, same details, to 94105"
    )
    talk = Conversation(state=json.loads(json.dumps(LABELLED)))
    assert (await talk.say("another parcel, not the same details")).startswith("That is a new parcel. Which ZIP code")


async def test_after_a_voided_label_another_parcel_is_called_a_new_one() -> None:
    voided = {
        "shipment_id": "shipment-1",
        "shipping_details": DETAILS,
        "labels": [{"label_id": "1", "status": "voided"}],
    }
    talk = Conversation(state=voided)
    assert await talk.say("another parcel") == "That is a new parcel. Which ZIP code does it leave from?"
    assert talk.details == {}
