"""From figures to quotes. Whole conversations are in ``test_scripted``; here is what happens once one was chosen."""

import pytest

from shipanion.agent.figures import quote_parameters
from shipanion.agent.label_sentences import BUY, WHICH
from tests.support.bob_context import Conversation

WHOLE = {"from": "90210", "to": "10001", "weight_lbs": 5}


async def chosen() -> Conversation:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    assert "Say yes or no." in await talk.say("the cheapest")
    return talk


def test_the_tool_is_given_what_is_known() -> None:
    asked = {"from_zip": "90210", "to_zip": "10001", "weight": 5}
    assert quote_parameters({**WHOLE, "from_place": "Beverly Hills, CA"}) == asked
    assert quote_parameters({**WHOLE, "dimensions": "12x10x8"}) == {**asked, "dimensions": "12x10x8"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no, six pounds", "weight"),
        ("actually to 94105", "route"),
        ("12x10x8", "size"),
        ("6 lb from 94105", "route and weight"),
    ],
)
async def test_a_change_after_choosing_takes_quotes_and_question_and_says_so(text: str, what: str) -> None:
    talk = await chosen()
    answer = await talk.say(text)
    assert f"The quotes were for the old {what}; here are new ones. For " in answer
    assert answer.endswith(f"{WHICH} ")
    assert not {"chosen", "approval"} & talk.state.keys()


async def test_a_change_that_leaves_something_open_says_so_too() -> None:
    talk = await chosen()
    answer = await talk.say("to 99999")
    assert "The quotes were for the old route, so they are gone. Which ZIP code does it go to?" in answer
    assert not {"quotes", "chosen", "approval"} & talk.state.keys()


async def test_the_same_again_changes_nothing() -> None:
    talk = await chosen()
    asked = talk.state["approval"]
    assert await talk.say("5 lb to 10001") == f"That is what I have. {BUY}"
    assert talk.state["approval"] == asked


async def test_before_choosing_nobody_is_told_of_old_quotes() -> None:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    assert "old weight" not in await talk.say("6 lb")
