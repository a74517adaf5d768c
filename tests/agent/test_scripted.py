"""Scripted Bob: he asks for what is missing, says what is wrong, quotes, and never guesses."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipanion.agent.brain import ToolAnswer
from shipanion.agent.figures import QUOTES_TOOL
from shipanion.agent.label_sentences import ASKS_FIRST, BUY, NO_LABEL, WHICH, stays
from shipanion.agent.scripted import ABLE, ONE_PARCEL, QUESTIONS, SIZE, ScriptedBob
from shipanion.shipping import zips
from shipanion.shipping.quotes import NO_PICKUPS
from shipanion.shipping.summary import HEADING
from tests.support.bob_context import Conversation

FROM, TO, WEIGHT = QUESTIONS["from"], QUESTIONS["to"], QUESTIONS["weight_lbs"]
WHOLE = {"from": "90210", "to": "10001", "weight_lbs": 5}
QUOTED = "The cheapest is USPS Ground Advantage for $26.05; the fastest is USPS Priority Mail Express for $101.50."


NOTHING_MADE = stays({"quotes": [1]})


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


async def quoted() -> Conversation:
    """A conversation that has come to its quotes."""
    talk = Conversation()
    assert QUOTED in await talk.say("5 lb from 90210 to 10001")
    return talk


# --- from the first word to the quotes ------------------------------------------------------------------------------


async def test_everything_in_one_sentence_is_quoted_at_once(talk: Conversation) -> None:
    answer = await talk.say("5 lb from 90210 to 10001")
    lines = answer.splitlines()
    assert lines[0] == "Let me look that up. For 5 lb from 90210 (Beverly Hills, CA) to 10001 (New York, NY):"
    assert lines[1:4] == [
        "- USPS Ground Advantage for $26.05, usually 5 days",
        "- USPS Priority Mail for $36.90, usually 3 days",
        "- USPS Priority Mail Express for $101.50, usually 2 days",
    ]
    assert lines[4].startswith(QUOTED)
    assert "Estimate from USPS retail prices of 2026-07-12" in lines[4]
    assert talk.calls == [(QUOTES_TOOL, {"from_zip": "90210", "to_zip": "10001", "weight": 5.0})]
    assert (talk.details, talk.state["current_step"]) == (WHOLE, 1)


@pytest.mark.parametrize(
    "sentences",
    [
        ["I want to send a parcel", "from 90210", "to 10001", "5 lb"],
        ["5 pounds", "90210", "10001"],
        ["to 10001", "90210", "5"],
        ["from 90210 to 10001", "5"],
        ["from 90210 to 10001", "it is about five pounds"],
        ["90210", "10001", "2.5 lb", "make it 5 lb"],
        ["from 94105", "5 lb", "to 10001", "sorry, from 90210"],
    ],
)
async def test_he_asks_for_what_is_missing_and_writes_down_what_he_hears(
    talk: Conversation, sentences: list[str]
) -> None:
    for sentence in sentences[:-1]:
        answer = await talk.say(sentence)
        if answer != FROM:
            assert answer.startswith(("Noted: ", "Let me look that up. "))
        if answer.startswith("Noted"):
            asked = next(name for name in QUESTIONS if name not in talk.details)
            assert answer.endswith(QUESTIONS[asked])
    assert QUOTED in await talk.say(sentences[-1])
    assert talk.details == WHOLE


@pytest.mark.parametrize(
    ("sentence", "service"),
    [
        ("10 lb from 80202 to 33101, cheapest", "Ground Advantage"),
        ("10 lb from 80202 to 33101, the fastest", "Priority Mail Express"),
        ("10 lb from 80202 to 33101 priority", "Priority Mail"),
    ],
)
async def test_a_choice_with_the_figures_is_taken_and_asked_about(sentence: str, service: str) -> None:
    talk = Conversation()
    answer = await talk.say(sentence)
    assert f"Shall I make the sample label for USPS {service}, " in answer
    assert WHICH not in answer
    assert talk.state["approval"]["kind"] == "buy"
    assert not talk.state["labels"]


async def test_a_choice_before_there_are_quotes_or_in_a_question_chooses_nothing(talk: Conversation) -> None:
    answer = await talk.say("10 lb to 60601, the cheapest")
    assert answer == f"Noted: 10 lb, to 60601 (Chicago, IL). Choose once there are quotes. {FROM}"
    assert WHICH in await talk.say("what is the cheapest from 80202?")
    assert "chosen" not in talk.state


async def test_what_was_written_down_is_read_back(talk: Conversation) -> None:
    assert await talk.say("5.5 lb to 10001") == f"Noted: 5.5 lb, to 10001 (New York, NY). {FROM}"
    assert await talk.say("12x10x8") == f"Noted: 12x10x8 inches. {FROM}"


async def test_a_lone_zip_answers_the_question_he_asked(talk: Conversation) -> None:
    assert (await talk.say("90210")).endswith(TO)
    assert (await talk.say("10001")).endswith(WEIGHT)
    assert talk.details == {"from": "90210", "to": "10001"}


async def test_a_bare_number_is_a_weight_only_when_he_asked_for_one(talk: Conversation) -> None:
    assert await talk.say("3") == "3 of what? Say for example 3 lb."
    assert talk.details == {}
    await talk.say("from 90210 to 10001")
    assert QUOTED in await talk.say("5")
    assert await talk.say("7") == "7 of what? Say for example 7 lb."
    assert talk.details == WHOLE


async def test_dimensions_count(talk: Conversation) -> None:
    await talk.say("5 lb from 90210 to 10001, 24x20x20 inches")
    assert talk.calls[-1][1]["dimensions"] == "24x20x20"
    assert talk.details["dimensions"] == "24x20x20"
    assert "No dimensions given" not in "".join(talk.pieces)


async def test_when_one_is_both_the_cheapest_and_the_fastest_he_says_it_once() -> None:
    answer = {"carrier": "USPS", "service": "Ground", "price": 5, "eta": "3 days"}
    result = {"from": "1", "to": "2", "weight_lbs": 1, "quotes": [answer], "cheapest": answer, "fastest": answer}

    class One(Conversation):
        async def call(self, tool_name: str, parameters: dict[str, Any]) -> Any:
            return ToolAnswer(result, is_error=False)

    said = await One().say("5 lb from 90210 to 10001")
    assert said.endswith(f"The cheapest is also the fastest: USPS Ground for $5.00. {BUY} ")


# --- corrections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "changed"),
    [
        ("make it 7 lb", {"weight_lbs": 7}),
        ("actually to 94105", {"to": "94105"}),
        ("from 10001 to 90210 instead", {"from": "10001", "to": "90210"}),
        ("12x10x8", {"dimensions": "12x10x8"}),
        ("2 lb 8 oz", {"weight_lbs": 2.5}),
    ],
)
async def test_a_correction_is_quoted_again(sentence: str, changed: dict[str, Any]) -> None:
    talk = await quoted()
    assert "The cheapest is" in await talk.say(sentence)
    assert talk.details == WHOLE | changed
    assert len(talk.calls) == 2


async def test_asking_for_the_price_again_quotes_again() -> None:
    talk = await quoted()
    assert QUOTED in await talk.say("how much is it?")
    assert talk.calls[1] == talk.calls[0]


@pytest.mark.parametrize("word", ["start over", "new parcel", "forget all that"])
async def test_starting_over_forgets_the_parcel(word: str) -> None:
    talk = await quoted()
    assert await talk.say(word) == f"Let's start over. {FROM}"
    assert talk.details == {}
    assert "quotes" not in talk.state
    assert await talk.say("what did we have so far?") == f"Nothing yet. {FROM}"


async def test_starting_over_takes_what_comes_with_it() -> None:
    talk = await quoted()
    answer = await talk.say("start over, 2 lb from 94105")
    assert answer == f"Let's start over. Noted: 2 lb, from 94105 (San Francisco, CA). {TO}"
    assert talk.details == {"from": "94105", "weight_lbs": 2}
    assert "two different weights" in await talk.say("start over, 5 lb or rather 7 lb")
    assert talk.details == {}


# --- figures that cannot be -----------------------------------------------------------------------------------------

NOWHERE = "No place has the ZIP code 99999. Please check its digits."
MILITARY = (
    "09001 is a military or diplomatic address (APO, FPO or DPO). Such mail is real, but this estimate cannot place "
    "it. Ask for its price at a post office, or give a civilian ZIP code."
)
HEAVY = "900 pounds is too heavy: USPS takes at most 70 in one parcel. Split it into several, or ask a freight carrier."
WEIGHTLESS = "A parcel weighs more than 0 pounds. Give its weight in pounds; 8 ounces are 0.5."


@pytest.mark.parametrize(
    ("sentence", "says", "asks", "good"),
    [
        ("5 lb from 99999 to 10001", NOWHERE, FROM, {"to": "10001", "weight_lbs": 5}),
        ("5 lb from 90210 to 09001", MILITARY, TO, {"from": "90210", "weight_lbs": 5}),
        ("900 lb from 90210 to 10001", HEAVY, WEIGHT, {"from": "90210", "to": "10001"}),
        ("0 lb from 90210 to 10001", WEIGHTLESS, WEIGHT, {"from": "90210", "to": "10001"}),
        ("from 99999", NOWHERE, FROM, {}),
        ("900 lb from 90210", HEAVY, TO, {"from": "90210"}),
        ("0 lb", WEIGHTLESS, FROM, {}),
    ],
)
async def test_a_figure_that_cannot_be_is_named_and_asked_for_and_the_good_ones_are_kept(
    talk: Conversation, sentence: str, says: str, asks: str, good: dict[str, Any]
) -> None:
    answer = await talk.say(sentence)
    assert answer.endswith(f"{says} {asks}")
    assert talk.details == good
    assert answer.count(says) == 1
    assert says != NOWHERE or "look that up" not in answer


async def test_everything_that_is_wrong_is_said_at_once(talk: Conversation) -> None:
    answer = await talk.say("900 lb from 99999 to 09001")
    assert all(sentence in answer for sentence in (NOWHERE, MILITARY, HEAVY))
    assert answer.endswith(FROM)
    assert "Noted" not in answer
    assert talk.details == {}


@pytest.mark.parametrize(
    ("wrong", "right", "field", "asks"),
    [
        ("to 99999", "10001", "to", TO),
        ("from 09001", "90210", "from", FROM),
        ("900 lb", "5", "weight_lbs", WEIGHT),
    ],
)
async def test_a_wrong_correction_leaves_the_question_open_and_the_next_word_answers_it(
    wrong: str, right: str, field: str, asks: str
) -> None:
    talk = await quoted()
    assert (await talk.say(wrong)).endswith(asks)
    assert field not in talk.details
    assert "quotes" not in talk.state
    assert QUOTED in await talk.say(right)
    assert talk.details == WHOLE


async def test_a_box_that_is_too_large_is_asked_about_before_anything_is_quoted(talk: Conversation) -> None:
    answer = await talk.say("5 lb from 90210 to 10001, 12x10x200")
    assert "too large" in answer
    assert answer.endswith(SIZE)
    assert "quotes" not in talk.state
    assert "The cheapest is" in await talk.say("12x10x20")
    assert talk.details == WHOLE | {"dimensions": "20x12x10"}


async def test_a_tool_that_fails_is_quoted_with_its_sentence() -> None:
    class Failing(Conversation):
        async def call(self, tool_name: str, parameters: dict[str, Any]) -> Any:
            return ToolAnswer({"error": "That took too long. Try again."}, is_error=True)

    assert await Failing().say("5 lb from 90210 to 10001") == "Let me look that up. That took too long. Try again."


# --- what he is not sure of -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "5 lb from 90210 to 10001 and 7 lb",
        "5-6 lb from 90210 to 10001",
        "under 5 lb from 90210 to 10001",
        "from 90210 from 10001",
        "5 lb from 90210 to 10001 in 12 77",
    ],
)
async def test_what_is_not_clear_is_asked_again_and_nothing_is_taken_from_it(sentence: str) -> None:
    talk = await quoted()
    before = talk.state
    answer = await talk.say(sentence)
    assert answer.endswith("Could you say that again?")
    assert talk.state == before
    assert len(talk.calls) == 1


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("not ground", "I heard which one it shall not be, so I chose none. Which one shall it be?"),
        ("under 5 lb", "I need the weight as one plain figure, so I took nothing of that. Could you say that again?"),
        ("5-6 lb", "I need one weight, not a range, so I took nothing of that. Could you say that again?"),
        ("x" * 3_000, "That was too long for me: I read at most 2000 characters. Please say it in fewer words."),
        ("2 boxes", ONE_PARCEL),
        ("three parcels", ONE_PARCEL),
        ("2 dogs", "I do not know what 2 stands for. Could you say that again?"),
    ],
)
async def test_what_is_not_clear_is_told_in_words_that_quote_nobody(sentence: str, says: str) -> None:
    talk = await quoted()
    before = talk.state
    assert await talk.say(sentence) == says
    assert talk.state == before


async def test_a_size_that_lacks_a_side_is_asked_for_and_the_rest_is_kept(talk: Conversation) -> None:
    answer = await talk.say("5 lb from 90210 to 10001, 12x10")
    assert answer == f"Noted: 5 lb, from 90210 (Beverly Hills, CA), to 10001 (New York, NY). {SIZE}"
    assert "quotes" not in talk.state
    assert "The cheapest is" in await talk.say("12x10x8")


async def test_a_zip_too_many_leaves_the_route_open_and_the_rest_is_kept(talk: Conversation) -> None:
    assert "not which is the origin" in await talk.say("2 lb from 90210 10001")
    assert talk.details == {"weight_lbs": 2}


async def test_two_zips_without_a_direction_are_asked_about_and_the_rest_is_kept(talk: Conversation) -> None:
    answer = await talk.say("90210 10001 5 lb")
    assert answer == ("Noted: 5 lb. Which of 90210 and 10001 does it leave from? Say for example: from 90210 to 10001.")
    assert talk.details == {"weight_lbs": 5}
    assert QUOTED in await talk.say("from 90210 to 10001")


async def test_a_lone_zip_when_both_ends_are_known_is_asked_about() -> None:
    talk = await quoted()
    assert await talk.say("94105") == "Which is it: does it leave from 94105, or go there? Say from or to."
    assert talk.details == WHOLE


# --- small talk -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "fresh", "with_quotes"),
    [
        ("thanks", "You are welcome.", "You are welcome."),
        ("what can you do?", ABLE, f"{ABLE} {WHICH}"),
        ("please", FROM, WHICH),
        ("yes please make it", FROM, WHICH),
        ("can you pick it up?", f"{NO_PICKUPS} {FROM}", NO_PICKUPS),
        (
            "what is the cheapest one?",
            f"There are no quotes to choose from yet. {FROM}",
            "USPS Ground Advantage for $26.05, usually 5 days.",
        ),
        ("buy it", FROM, WHICH),
        ("yes", FROM, WHICH),
        ("can you make the label?", f"Yes, once there are quotes. {FROM}", f"Yes. {WHICH} {ASKS_FIRST}"),
        ("can you void it?", f"Once there is a label, yes. {FROM}", "Once there is a label, yes."),
        ("void it", f"{NO_LABEL}, so there is nothing to void. {FROM}", f"{NO_LABEL}, so there is nothing to void."),
        ("print it", f"{NO_LABEL}, so there is nothing to print. {FROM}", f"{NO_LABEL}, so there is nothing to print."),
        ("track it", f"{NO_LABEL}, so there is nothing to track. {FROM}", f"{NO_LABEL}, so there is nothing to track."),
        ("my labels", f"{NO_LABEL} in this session. {FROM}", f"{NO_LABEL} in this session."),
        ("no", f"All right. {FROM}", NOTHING_MADE),
        ("don't buy it", f"All right. {FROM}", NOTHING_MADE),
        ("skip it", FROM, WHICH),
        ("banana", f"I did not understand that. {ABLE}", f"I did not understand that. {WHICH}"),
        ("what happens if i say yes?", f"I did not understand that. {ABLE}", f"I did not understand that. {WHICH}"),
        ("", f"I did not understand that. {ABLE}", f"I did not understand that. {WHICH}"),
    ],
)
async def test_he_answers_what_is_not_about_figures(sentence: str, fresh: str, with_quotes: str) -> None:
    assert await Conversation().say(sentence) == fresh
    talk = await quoted()
    before = talk.state
    assert await talk.say(sentence) == with_quotes
    assert talk.state == before


@pytest.mark.parametrize("sentence", ["banana", "what happens if i say yes?", "help"])
async def test_what_is_not_understood_does_not_lose_what_was_asked(sentence: str) -> None:
    start = f"{ABLE} " if sentence == "help" else "I did not understand that. "
    talk = Conversation()
    await talk.say("5 lb")
    assert await talk.say(sentence) == f"{start}{FROM}"
    await talk.say("from 90210 to 10001")
    await talk.say("the cheapest")
    asked = talk.state["approval"]["text"]
    assert await talk.say(sentence) == f"{start}I still need your yes or no: {asked}"
    assert talk.state["approval"]["text"] == asked
    assert (
        await Conversation(state={**KNOWN, "label": LABEL, "labels": [{**LISTED, "status": "bought"}]}).say(sentence)
        == f'{start}Say "another parcel" for the next one, "print it" for the label, or "help".'
    )


@pytest.mark.parametrize("sentence", ["do it", "yes", "sure", "buy it", "please"])
async def test_a_yes_after_the_label_is_told_that_it_was_made_already(sentence: str) -> None:
    talk = Conversation(state={**KNOWN, "label": LABEL, "labels": [{**LISTED, "status": "bought"}]})
    assert (await talk.say(sentence)).startswith("The sample label is already made: USPS Priority Mail")


async def test_what_is_asked_about_labels_is_answered_truly() -> None:
    labelled = {**KNOWN, "label": LABEL, "labels": [{**LISTED, "status": "bought"}]}
    for text in ("do you have my label number", "do you have my label?"):
        assert (await Conversation().say(text)).startswith(f"{NO_LABEL}, so there is nothing to print.")
        assert (await Conversation(state=dict(labelled)).say(text)).startswith(
            "The sample label SAMPLE-RWCD-CCCR is at"
        )
    assert await Conversation(state=dict(labelled)).say("how much did i pay") == (
        "Nothing was paid: the USPS Priority Mail label SAMPLE-RWCD-CCCR is a sample, estimated at $36.90."
    )


async def test_a_pick_up_asked_for_with_the_figures_is_answered_and_the_quotes_follow(talk: Conversation) -> None:
    answer = await talk.say("5 lb from 90210 to 10001, can you pick it up?")
    assert answer.startswith(f"{NO_PICKUPS} Let me look that up. ")
    assert answer.count("Pick-ups") == 1


async def test_what_carriers_have_rules_for_is_quoted_with_a_caution() -> None:
    talk = await quoted()
    answer = await talk.say("can I send batteries?")
    assert answer.startswith("Carriers have rules for batteries")
    assert QUOTED in answer
    assert "law" not in answer


async def test_he_introduces_himself_once_and_goes_on_where_they_were(talk: Conversation) -> None:
    assert await talk.say("hello") == f"Hello, I am Bob. {ABLE}"
    await talk.say("5 lb")
    assert (await talk.say("hello")).startswith(f"Hello. We have this so far:\n{HEADING}")


# --- after a resume -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["what did we have so far?", "where were we?", "remind me"])
async def test_a_new_bob_on_the_same_state_knows_what_there_was(question: str) -> None:
    before = await quoted()
    after = Conversation(ScriptedBob(), state=before.state)
    answer = await after.say(question)
    assert answer == (
        "Previous conversation summary:\n- Shipping from 90210 to 10001\n- Package weight: 5 lbs\n"
        "- Shipping quotes received:\n  - USPS Ground Advantage: $26.05\n  - USPS Priority Mail: $36.90\n"
        "  - USPS Priority Mail Express: $101.50\n"
    )
    assert "Which ZIP code" not in await after.say("make it 6 lb")


async def test_an_answer_comes_word_by_word_and_loses_nothing() -> None:
    talk = Conversation()
    whole = await talk.say("5 lb from 90210 to 10001")
    assert len(talk.pieces) > 40
    assert all(piece and len(piece.split()) <= 1 for piece in talk.pieces)
    assert "".join(talk.pieces) == whole


# --- whatever is said -----------------------------------------------------------------------------------------------

WORDS = (
    "5 lb oz kilos from to 90210 10001 99999 Boston Portland Maine New York , . ? not instead of the second one "
    "cheapest start over yes no make it I meant double oh nine two twelve by long foot Canada beer Nowheresburg "
    "what did we have buy label void track print labels another parcel skip priority don't now Ana Diaz 123 Main St "
    "SAMPLE-RWCD-CCCR hello ok"
)
messages = st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join)

LABEL = {
    "label_id": "label-1", "shipment_id": "shipment-1", "tracking_number": "SAMPLE-RWCD-CCCR", "carrier": "USPS",
    "service": "Priority Mail", "cost": 36.9, "is_sample": True, "at": 1, "label_url": "/api/labels/label-1.pdf",
}  # fmt: skip
LISTED = {**LABEL, "from": "90210", "to": "10001"}
KNOWN = {"shipment_id": "shipment-1", "current_step": 0, "shipping_details": WHOLE}
PURCHASE = {"effect_id": "purchase-1", "carrier": "USPS", "service": "Priority Mail", "cost": 36.9, "at": 1}
STATES: list[dict[str, Any]] = [
    {"shipment_id": "shipment-1", "labels": [], "current_step": 0},
    {**KNOWN, "label": LABEL, "labels": [{**LISTED, "status": "bought"}]},
    {**KNOWN, "labels": [{**LISTED, "status": "voided"}]},
    {**KNOWN, "purchase": {**PURCHASE, "status": "unknown", "is_sample": True}, "labels": []},
    {**KNOWN, "labels": [{**LISTED, "status": status, "label_id": status} for status in ("bought", "voiding")]},
]


def without_random(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.sub(r"approval-[0-9a-f]+", "approval", json.dumps(state)))
    return found


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(STATES), st.lists(messages, min_size=1, max_size=4))
async def test_whatever_is_said_he_answers_and_what_he_keeps_is_possible(
    state: dict[str, Any], said: list[str]
) -> None:
    talk = Conversation(state=json.loads(json.dumps(state)))
    for text in said:
        before, pieces = json.dumps(talk.state), talk.pieces
        answer = await talk.say(text)
        assert answer.strip()
        again = Conversation(state=json.loads(before))
        again.pieces = pieces  # what he said last, which the log has
        assert await again.say(text) == answer
        assert without_random(again.state) == without_random(talk.state)
        assert set(talk.details) <= {"from", "to", "weight_lbs", "dimensions", "sender", "recipient"}
        for end in ("from", "to"):
            assert talk.details.get(end, "90210") in ("90210", "10001") or zips.lookup(talk.details[end]).active
        # Nobody's label goes, or is changed, without a yes; and none is spoken of that is not there.
        assert talk.state["labels"][: len(state["labels"])] == state["labels"]
        if not talk.state["labels"]:
            assert "SAMPLE" not in answer
            assert "label is made" not in answer
        if talk.state.get("approval"):
            assert talk.state["approval"]["kind"] == "void" or "chosen" in talk.state
