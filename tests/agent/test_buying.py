"""From the quotes to the yes, and what is said of its outcome. Real purchases are in ``test_dialogues``."""

from typing import Any

import pytest

from shipanion.agent.brain import Answered
from shipanion.agent.buying import meant
from shipanion.agent.label_sentences import AFTER_REFUSAL, ASKS_FIRST, KEPT, NAMES, RAN_OUT, WHICH
from shipanion.shipping.grammar import Choice
from tests.support.bob_context import Conversation

DAY_MS = 25 * 3600 * 1000


def quote(service: str, cost: float, days: int, tier: str) -> dict[str, Any]:
    return {"id": service, "service": service, "cost": cost, "transit_days": days, "service_tier": tier}


QUOTES = [
    quote("Ground Advantage", 5, 5, "GROUND"),
    quote("Priority Mail", 9, 2, "PRIORITY"),
    quote("Priority Mail Express", 30, 1, "EXPRESS"),
]
THEIRS = [
    quote("GroundAdvantage", 5, 5, "GROUND"),
    quote("Priority", 9, 1, "PRIORITY"),
    quote("2Day", 30, 2, "EXPRESS"),
]


@pytest.mark.parametrize(
    ("choice", "service"),
    [
        (Choice("cost"), "Ground Advantage"),
        (Choice("speed"), "Priority Mail Express"),
        (Choice("service", "Priority Mail"), "Priority Mail"),
        (Choice("position", 2), "Priority Mail"),
        (Choice("position", -1), "Priority Mail Express"),
        (Choice("position", 4), None),
        (None, None),
    ],
)
def test_which_quote_is_meant(choice: Choice | None, service: str | None) -> None:
    found = meant(QUOTES, choice)
    assert (found["service"] if found else None) == service
    assert meant([], choice) is None


def test_a_carriers_own_name_for_a_service_is_found_where_it_is_the_only_one_of_its_kind() -> None:
    assert meant(THEIRS, Choice("service", "Priority Mail")) == THEIRS[1]
    two = [*THEIRS, quote("Saver", 12, 1, "PRIORITY")]
    assert meant(two, Choice("service", "Priority Mail")) is None


async def quoted() -> Conversation:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    return talk


def asked(talk: Conversation) -> tuple[str | None, str | None]:
    approval = talk.state.get("approval") or {}
    return talk.state.get("chosen"), approval.get("service")


# --- choosing and asking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("the cheapest", "Ground Advantage"),
        ("the fast one", "Priority Mail Express"),
        ("the second one", "Priority Mail"),
        ("priority, please", "Priority Mail"),
        ("buy the cheapest", "Ground Advantage"),
        ("ship the cheapest", "Ground Advantage"),
    ],
)
async def test_a_choice_is_taken_and_the_question_follows_at_once(text: str, service: str) -> None:
    talk = await quoted()
    answer = await talk.say(text)
    assert answer.startswith(f"{NAMES}Shall I make the sample label for USPS {service}")
    assert answer == f"{NAMES}{talk.state['approval']['text']}"
    assert asked(talk)[1] == service
    assert [name for name, _ in talk.calls[1:]] == ["select_quote", "create_label"]


@pytest.mark.parametrize(
    "text",
    [
        "what is the cheapest?",
        "the second one?",
        "can I have the fastest?",
        "can you buy it?",
        "could you buy priority?",
    ],
)
async def test_what_is_asked_is_answered_and_not_done(text: str) -> None:
    talk = await quoted()
    assert "Shall I" not in await talk.say(text)
    assert asked(talk) == (None, None)
    assert len(talk.calls) == 1


async def test_names_are_mentioned_once() -> None:
    talk = await quoted()
    assert NAMES in await talk.say("the cheapest")
    for text in ("yes", "buy it", "skip it", "the fast one", "how much is it?"):
        answer = await talk.say(text)
        assert "Shall I make the sample label" in answer, text
        assert NAMES not in answer, text


async def test_caution_about_the_contents_comes_with_the_choice() -> None:
    answer = await (await quoted()).say("the cheapest, it's beer")
    assert answer.startswith("Carriers have rules for alcohol")
    assert answer.endswith("Say yes or no.")


async def test_buying_without_a_choice_takes_the_only_quote_and_asks_about_several() -> None:
    talk = await quoted()
    assert await talk.say("buy it") == WHICH
    talk.state["quotes"] = talk.state["quotes"][:1]
    assert "USPS Ground Advantage" in await talk.say("buy it")
    assert asked(talk) == ("usps-ground-advantage", "Ground Advantage")


async def test_a_yes_that_the_server_did_not_take_is_asked_for_again() -> None:
    talk = await quoted()
    await talk.say("the cheapest")
    approval_id = talk.state["approval"]["approval_id"]
    assert await talk.say("yes") == talk.state["approval"]["text"]
    again = talk.state["approval"]["approval_id"]
    assert again != approval_id, "asked anew, for everybody to see"
    assert talk.state["answering"] == again, "the next yes counts"


async def test_who_comes_back_is_asked_again() -> None:
    talk = await quoted()
    await talk.say("the cheapest")
    for text in ("hello", "what did we have?"):
        answer = await talk.say(text)
        assert "Waiting for a yes to buying USPS Ground Advantage" in answer
        assert answer.endswith(talk.state["approval"]["text"])


async def test_quotes_that_ran_out_are_made_anew_by_himself() -> None:
    talk = await quoted()
    await talk.say("the cheapest")
    old = talk.state["quotes_expire_at"]
    talk.now += DAY_MS
    answer = await talk.say("buy it")
    assert answer.startswith(f"{RAN_OUT}USPS Ground Advantage still costs $26.05. Shall I make")
    assert talk.state["quotes_expire_at"] == old + DAY_MS


async def test_a_service_that_is_gone_meanwhile_is_said_to_be_and_all_are_told() -> None:
    talk = await quoted()
    await talk.say("the cheapest")
    talk.state["quotes"][0]["service"] = "Pigeon"
    talk.now += DAY_MS
    answer = await talk.say("buy it")
    assert answer.startswith(f"{RAN_OUT}USPS Pigeon is not offered any more. For 5 lb")
    assert answer.endswith(WHICH)
    assert asked(talk) == (None, None)


# --- what became of the answer ----------------------------------------------------------------------------------------

LABEL = {
    "label_id": "label-9f", "shipment_id": "shipment-1", "tracking_number": "SAMPLE-1", "carrier": "USPS",
    "service": "Ground Advantage", "cost": 26.05, "is_sample": True, "status": "bought",
}  # fmt: skip
YES = Answered(decision="approved", kind="buy", effect_id="purchase-9f")
VOID = Answered(decision="approved", kind="void", effect_id="void-9f", about={"tracking_number": "SAMPLE-1"})
NO = Answered(decision="declined")


async def answered(how: Answered, text: str = "yes", **state: Any) -> str:
    talk = await quoted()
    talk.state |= state
    talk.answered = how
    return await talk.say(text)


async def test_a_yes_is_answered_by_the_label_that_it_led_to() -> None:
    said = "The sample label is made: USPS Ground Advantage, estimated at $26.05, number SAMPLE-1."
    assert (await answered(YES, label=LABEL, labels=[LABEL])).startswith(said)
    # Another parcel was begun meanwhile, so the label is an earlier one.
    assert (await answered(YES, labels=[LABEL])).startswith(said)


@pytest.mark.parametrize("text", ["yes", "buy it", "get the label"])
async def test_whatever_the_words_a_failure_is_told_before_anything_is_asked(text: str) -> None:
    refusal = {"effect_id": "purchase-9f", "code": "no_money", "say": "The label was not bought. Insufficient funds."}
    said = await answered(YES, text, refusal=refusal, chosen="usps-ground-advantage")
    assert said == f"The label was not bought. Insufficient funds. {AFTER_REFUSAL}"


async def test_an_older_failure_is_not_taken_for_this_ones() -> None:
    purchase = {"effect_id": "purchase-9f", "status": "unknown", "carrier": "USPS", "service": "Ground Advantage"}
    said = await answered(YES, purchase=purchase, refusal={"effect_id": "purchase-1", "code": "x", "say": "Old."})
    assert said.startswith("I am confirming with the carrier")


async def test_what_is_not_known_is_not_pretended() -> None:
    listed = {**LABEL, "status": "confirming"}
    assert (await answered(YES, labels=[listed])).startswith("I am confirming with the carrier")


async def test_a_yes_to_voiding_is_answered_by_what_became_of_that_label() -> None:
    voided = {**LABEL, "status": "voided"}
    other = {**LABEL, "label_id": "label-2", "tracking_number": "SAMPLE-2"}
    assert await answered(VOID, labels=[voided, other]) == "The sample label SAMPLE-1 is void. Nothing had been paid."
    stays = {"effect_id": "void-9f", "code": "x", "say": "The label SAMPLE-1 was not voided and stays good."}
    assert await answered(VOID, labels=[LABEL], refusal=stays) == stays["say"]


async def test_after_voiding_the_parcel_at_hand_can_be_sent_after_all_and_only_that_one() -> None:
    for shipment_id, kept in (("shipment-1", f" {KEPT}"), ("shipment-0", "")):
        talk = await quoted()
        talk.answered = VOID
        for key in ("quotes", "quotes_expire_at", "anchor"):
            talk.state.pop(key, None)
        talk.state["labels"] = [{**LABEL, "status": "voided", "shipment_id": shipment_id}]
        assert await talk.say("yes") == f"The sample label SAMPLE-1 is void. Nothing had been paid.{kept}"


@pytest.mark.parametrize("text", ["no", "don't buy it", "leave it"])
async def test_a_no_makes_nothing(text: str) -> None:
    assert (await answered(NO, text, chosen="usps-ground-advantage")).startswith("All right, nothing was made.")
    assert "stays as it is" in await answered(NO, text, label=LABEL, labels=[LABEL])


def test_he_says_that_he_asks_first() -> None:
    assert "before anything is done" in ASKS_FIRST
