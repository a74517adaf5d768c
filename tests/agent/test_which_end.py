"""A place that could be either end of the route: the question, and every short answer to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.agent.which_end import STILL_OPEN, asked_about, end_of, end_question, here
from tests.support.bob_context import Conversation

ASKED = "Which is it: does it leave from Boston, or go there? Say from or to."
WHOLE = {"from": "90210", "to": "10001", "weight_lbs": 5}


async def asked() -> Conversation:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    assert await talk.say("actually no make it boston") == ASKED
    return talk


def test_the_place_is_found_in_the_question_and_nowhere_else() -> None:
    assert asked_about(f"Noted: 5 lb. {end_question('St. Louis, MO')}") == "St. Louis, MO"
    assert asked_about(f"{end_question('Boston')} Or not.") is None
    assert asked_about("Which ZIP code does it leave from?") is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("to", "to"), ("To.", "to"), ("there", "to"), ("it goes there", "to"), ("to there, please", "to"),
        ("it's going there", "to"), ("from", "from"), ("from there", "from"), ("it leaves from there", "from"),
        ("leaves from there", "from"), ("oh, from", "from"),
        ("to?", None), ("not to", None), ("from or to", None), ("hi there", None), ("is it there", None), ("", None),
    ],
)  # fmt: skip
def test_an_end_is_all_that_is_said(text: str, end: str | None) -> None:
    assert end_of(text) == end


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    assert end_of(text) in (None, "from", "to")
    assert here(text) in (True, False)
    assert asked_about(text) is None or "leave from" in text


@pytest.mark.parametrize(
    ("text", "end"), [("to", "to"), ("there", "to"), ("from there", "from"), ("leaves from there", "from")]
)
async def test_a_word_answers_the_question(text: str, end: str) -> None:
    talk = await asked()
    assert f"Which one does it {'leave from' if end == 'from' else 'go to'}?" in await talk.say(text)
    assert talk.state["shipping_details"][f"{end}_place"] == "Boston, MA"
    assert f"{'from' if end == 'from' else 'to'} 02110 (Boston, MA)" in await talk.say("02110")
    assert talk.details == WHOLE | {end: "02110"}


async def test_a_zip_code_to_the_question_is_asked_about_and_then_taken() -> None:
    talk = await asked()
    assert await talk.say("02110") == end_question("02110")
    assert "to 02110 (Boston, MA)" in await talk.say("to")
    assert talk.details == WHOLE | {"to": "02110"}


async def test_without_the_question_the_word_says_nothing() -> None:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    assert (await talk.say("to")).startswith("I did not understand that.")
    assert talk.details == WHOLE


@pytest.mark.parametrize("text", ["the second one", "buy it", "yes", "the cheapest"])
async def test_what_is_said_instead_of_an_answer_does_not_drop_the_question(text: str) -> None:
    talk = await asked()
    assert await talk.say(text) == f"{STILL_OPEN}{ASKED}"
    assert "chosen" not in talk.state
    assert "approval" not in talk.state
    assert "Which one does it go to?" in await talk.say("to")
    again = await asked()
    await again.say("the second one")
    assert "to 10001 (New York, NY), usually 3 days? It is for practice" in await again.say("the second one")


@pytest.mark.parametrize(
    "text", ["I'm in Denver Colorado 80202", "hi, we are in 80202", "i'm in denver colorado 80202"]
)
@pytest.mark.parametrize("before", [[], ["to Boston"], ["5 lb to 10001"]])
async def test_where_somebody_is_the_parcel_leaves_from(text: str, before: list[str]) -> None:
    talk = Conversation()
    for said in before:
        await talk.say(said)
    await talk.say(text)
    assert talk.details["from"] == "80202"


async def test_where_somebody_is_is_no_correction_of_an_origin_that_is_known() -> None:
    talk = await asked()
    assert await talk.say("I'm in 80202") == end_question("80202")
    assert talk.details == WHOLE
