"""Whose an address is, and what becomes of it."""

from typing import Any

import pytest

from shipanion.agent.addresses import whose
from shipanion.agent.label_sentences import NO_NAME, WHICH, WHOSE
from shipanion.agent.sentences import QUESTIONS
from shipanion.shipping.language.addresses import SpokenAddress
from tests.support.bob_context import Conversation

ROUTE = {"from": "90210", "to": "10001"}
ANA, BEN = {"sender": {"name": "Ana"}}, {"recipient": {"name": "Ben"}}


@pytest.mark.parametrize(
    ("known", "said", "name"),
    [
        # What was said comes first, then where it lies, then what is missing.
        (ROUTE, {"end": "to"}, "recipient"),
        (ROUTE, {"end": "from", "zip": "10001"}, "sender"),
        (ROUTE, {"zip": "10001-1234"}, "recipient"),
        (ROUTE | ANA | BEN, {"zip": "90210"}, "sender"),
        (ROUTE, {}, "sender"),
        (ROUTE | BEN, {}, "sender"),
        (ROUTE | ANA, {}, "recipient"),
        (ROUTE, {"zip": "94105"}, "sender"),
        ({"from": "90210", "to": "90210"} | ANA, {"zip": "90210"}, "recipient"),
        (ROUTE | ANA | BEN, {}, None),
        (ROUTE | ANA | BEN, {"zip": "94105"}, None),
        ({}, {}, "sender"),
    ],
)
def test_whose_it_is(known: dict[str, Any], said: dict[str, Any], name: str | None) -> None:
    assert whose(known, SpokenAddress("123 Main St", **said)) == name


async def quoted() -> Conversation:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    return talk


async def test_it_is_written_down_read_back_and_followed_by_the_next_step() -> None:
    talk = await quoted()
    answer = await talk.say("Ana Diaz, 123 Main St, # 4")
    assert answer == f"Noted, the sender: Ana Diaz, 123 Main St # 4, Beverly Hills, CA 90210. {WHICH}"
    assert talk.details["sender"]["unit"] == "# 4"
    assert "quotes" in talk.state, "an address changes no price"


async def test_with_a_question_open_it_is_asked_anew_for_the_address_too() -> None:
    talk = await quoted()
    await talk.say("the cheapest")
    before = talk.state["approval"]["approval_id"]
    assert "Say yes or no." in await talk.say("to Ben Wu, 5 Elm Ave")
    assert talk.state["approval"]["approval_id"] != before


async def test_before_the_route_is_known_its_zip_code_says_it() -> None:
    talk = Conversation()
    answer = await talk.say("from Ana Diaz, 123 Main St, Beverly Hills, CA 90210")
    assert answer.endswith(QUESTIONS["to"])
    assert talk.details["from"] == talk.details["sender"]["zip"] == "90210"
    answer = await talk.say("to Ben Wu, 5 Elm Ave")
    assert answer.startswith("Say first which ZIP code the recipient's address has")
    assert answer.endswith(QUESTIONS["to"])
    assert "recipient" not in talk.details


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("to Ben Wu, 5 Elm Ave, 94105", 'For the other ZIP code say "to 94105".'),
        ("to Ben Wu, 5 Elm Ave, Boston, MA", "10001 is in New York, not in MA."),
        ("5 Elm Ave", NO_NAME.format(street="5 Elm Ave")),
    ],
)
async def test_what_does_not_fit_is_said_and_not_kept(text: str, says: str) -> None:
    talk = await quoted()
    before = talk.state
    assert says in await talk.say(text)
    assert talk.state == before


async def test_a_third_address_is_asked_about() -> None:
    talk = await quoted()
    await talk.say("from Ana Diaz, 123 Main St")
    await talk.say("to Ben Wu, 5 Elm Ave")
    assert await talk.say("Cy Young, 7 Oak Rd") == WHOSE
    assert "Noted, the recipient: Cy Young" in await talk.say("to Cy Young, 7 Oak Rd")


async def test_a_label_that_is_made_keeps_its_addresses() -> None:
    talk = await quoted()
    talk.state["label"] = {"label_id": "label-1", "tracking_number": "SAMPLE-1", "is_sample": True}
    assert "it cannot change any more" in await talk.say("from Ana Diaz, 123 Main St")
    assert "sender" not in talk.details
