"""What is asked about labels: which one is meant is never guessed, and what is void is said to be."""

from typing import Any

import pytest

from shipanion.agent.label_sentences import NO_LABEL, SHOWN
from shipanion.shipping.label.number import sample_number
from tests.support.bob_context import Conversation

ONE, TWO, THREE = (sample_number(f"purchase-{place}") for place in "123")


def label(number: str, status: str = "bought") -> dict[str, Any]:
    return {
        "label_id": f"label-{number}", "shipment_id": "shipment-0", "tracking_number": number, "carrier": "USPS",
        "service": "Priority Mail", "cost": 36.9, "from": "90210", "to": "10001", "is_sample": True, "at": 1,
        "label_url": f"/api/labels/{number}.pdf", "status": status,
    }  # fmt: skip


def session(*labels: dict[str, Any], current: bool = False) -> Conversation:
    state: dict[str, Any] = {"shipment_id": "shipment-1", "labels": list(labels), "current_step": 0}
    return Conversation(state={**state, "label": labels[-1]} if current else state)


# --- which one --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"void {ONE}", ONE),
        (f"cancel the label {TWO.lower()}", TWO),
        ("void the first one", ONE),
        ("void the second one", TWO),
        ("void the last one", TWO),
    ],
)
async def test_the_label_that_is_named_is_asked_about(text: str, number: str) -> None:
    assert await session(label(ONE), label(TWO)).say(text) == f"Shall I void the sample label {number}? Say yes or no."


async def test_the_current_one_or_the_only_one_that_stands_is_meant_by_itself() -> None:
    assert f"Shall I void the sample label {TWO}?" in await session(label(ONE), label(TWO), current=True).say("void it")
    voided = session(label(ONE, "voided"), label(TWO), label(THREE, "void_pending"))
    assert f"Shall I void the sample label {TWO}?" in await voided.say("void it")


async def test_of_several_he_asks_which_so_that_the_answer_stands_alone() -> None:
    talk = session(label(ONE), label(TWO), label(THREE, "voided"))
    assert await talk.say("void it") == f'Which label? Say "void" with its number: {ONE} (to 10001), {TWO} (to 10001).'
    assert (await talk.say("print it")).startswith(f'Which label? Say "print" with its number: {ONE}')
    assert THREE in await talk.say("where is my parcel?"), "where a parcel is may be asked of a void label too"
    assert "approval" not in talk.state


async def test_a_number_of_no_label_here_is_said_to_be_that() -> None:
    for text in ("void", "print", "track"):
        answer = await session(label(ONE)).say(f"{text} {TWO}")
        assert answer == "There is no label with that tracking number in this session."


async def test_void_twice_is_void_once() -> None:
    talk = session(label(ONE, "voided"), label(TWO, "voided"))
    assert await talk.say("void it") == "All labels here are void already."
    assert await talk.say(f"void {ONE}") == f"The sample label {ONE} is void. Nothing had been paid."
    assert "approval" not in talk.state


# --- printing and the list --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["print", "where is my label?", "give me the label", "the link please"])
async def test_printing_says_where_it_is(text: str) -> None:
    answer = await session(label(ONE), label(TWO), current=True).say(text)
    assert answer == (
        f"The sample label {TWO} is at /api/labels/{TWO}.pdf. In the terminal, /label saves it. "
        "It is a sample for practice and cannot be mailed."
    )


async def test_the_list_ends_with_the_newest_and_does_not_grow_without_end() -> None:
    numbers = [sample_number(f"purchase-{place}") for place in range(SHOWN + 2)]
    answer = await session(*(label(number) for number in numbers)).say("my labels")
    lines = answer.splitlines()
    assert lines[0] == f"The last {SHOWN} of {SHOWN + 2} labels:"
    assert lines[1].startswith(f"3. {numbers[2]}")
    assert lines[-1].startswith(f"{SHOWN + 2}. {numbers[-1]}")


@pytest.mark.parametrize("text", ["void it", "track it", "print it", "my labels"])
async def test_without_a_label_nothing_is_pretended(text: str) -> None:
    assert (await session().say(text)).startswith(NO_LABEL)
    buying = session()
    buying.state["purchase"] = {"effect_id": "e", "status": "unknown", "carrier": "USPS", "service": "Priority Mail"}
    assert (await buying.say(text)).startswith("I am confirming with the carrier whether the USPS Priority Mail label")
