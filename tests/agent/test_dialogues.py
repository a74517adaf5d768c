"""Whole dialogues, as data in ``dialogues/``: what the person says, what Bob's answer holds, what is known after it.

Each is held with one Bob, and again with the line dropped after every turn: a new Bob over the state that was kept.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from shipanion.agent.scripted import ScriptedBob
from shipanion.app.domain import ShippingDomain
from shipanion.server.domain import NotAllowed
from tests.support.bob_context import Conversation

FOLDER = Path(__file__).with_name("dialogues")
DIALOGUES: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}
TOWNS = ("from_place", "to_place")


class KeepsTowns(ShippingDomain):
    """Keeps a town for an end of the route whose ZIP is still to be said."""

    def edit(self, state: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        details = patch.get("shipping_details") or {}
        towns = {key: details[key] for key in TOWNS if key in details}
        rest = {key: value for key, value in details.items() if key not in towns}
        changed = super().edit(state, {**patch, "shipping_details": rest} if towns else patch)
        return {**changed, "shipping_details": {**changed.get("shipping_details", {}), **towns}} if towns else changed


class ForgetsTowns(ShippingDomain):
    """Takes figures only."""

    def edit(self, state: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        if set(TOWNS) & set(patch.get("shipping_details") or {}):
            raise NotAllowed("not_allowed", "shipping_details has no such field to edit.")
        return super().edit(state, patch)


def talk_with(domain: type[ShippingDomain], state: dict[str, Any] | None = None) -> Conversation:
    talk = Conversation(ScriptedBob(), state)
    talk.domain.__class__ = domain
    return talk


def holds(talk: Conversation, answer: str, turn: dict[str, Any]) -> None:
    for part in turn["bob"]:
        assert part in answer, f"{turn['person']!r} was answered {answer!r}"
    assert talk.details == turn["details"], turn["person"]


@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_dialogue(name: str) -> None:
    talk = talk_with(KeepsTowns)
    for turn in DIALOGUES[name]["turns"]:
        holds(talk, await talk.say(turn["person"]), turn)


@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_dialogue_dropped_after_every_turn(name: str) -> None:
    """The same answers, word for word, from a Bob who was not there, over the state as it is stored."""
    kept: str | None = None
    steady = talk_with(KeepsTowns)
    for turn in DIALOGUES[name]["turns"]:
        resumed = talk_with(KeepsTowns, json.loads(kept) if kept else None)
        answer = await resumed.say(turn["person"])
        assert answer == await steady.say(turn["person"])
        holds(resumed, answer, turn)
        kept = json.dumps(resumed.state)


def test_there_are_dialogues_and_they_say_what_they_are_about() -> None:
    assert len(DIALOGUES) >= 8
    assert all(dialogue["about"] and len(dialogue["turns"]) >= 5 for dialogue in DIALOGUES.values())
    assert sum(turn["bob"] != [] for dialogue in DIALOGUES.values() for turn in dialogue["turns"]) >= 50


async def test_a_pending_town_takes_the_quotes_with_it() -> None:
    talk = talk_with(KeepsTowns)
    await talk.say("5 lb from 90210 to 10001")
    assert talk.state["current_step"] == 1
    await talk.say("to Boston")
    assert "quotes" not in talk.state
    assert talk.state["shipping_details"]["to_place"] == "Boston, MA"


@pytest.mark.parametrize("domain", [ForgetsTowns, ShippingDomain])
async def test_where_a_town_cannot_be_kept_the_answer_still_leads_to_the_right_end(
    domain: type[ShippingDomain],
) -> None:
    talk = talk_with(domain)
    answer = await talk.say("to New York")
    assert "Which one does it go to?" in answer
    if "to_place" not in talk.state.get("shipping_details", {}):
        assert answer.endswith('Please say "to" before it.')
    await talk.say("to 10002")
    assert talk.details == {"to": "10002"}
    await talk.say("from Zebulon, GA")
    assert talk.details == {"to": "10002", "from": "30295"}


async def test_a_zip_elsewhere_is_not_taken_for_the_town_that_was_asked_about() -> None:
    talk = talk_with(KeepsTowns)
    await talk.say("to New York")
    assert "Which is it: does it leave from 94107, or go there?" in await talk.say("94107")
    assert talk.details == {}
    await talk.say("from 94107")
    assert "to 10001" in await talk.say("10001")
    assert talk.details == {"from": "94107", "to": "10001"}
