"""A work that is posted until it is decided."""

import pytest

from shipanion.protocol.events import StateChanged
from shipanion.server.actor import Draft, View
from shipanion.server.awaited import AwaitedWork
from shipanion.server.domain import NotAllowed
from tests.support.moody_store import MoodyStore
from tests.support.room import Room


class AddMilk(AwaitedWork):
    def decide(self, view: View) -> Draft:
        if "tea" in view.state["items"]:
            raise NotAllowed("not_allowed", "Not beside tea.")
        return Draft(events=(StateChanged(patch={"items": {"milk": 1}}),))


async def test_it_is_over_once_it_is_committed(quick: Room) -> None:
    ann = await quick.enter()
    assert await AddMilk().written(quick.live(ann.session_id).actor) is None
    assert quick.live(ann.session_id).actor.state["items"] == {"milk": 1}


async def test_a_refusal_for_good_is_its_code(quick: Room) -> None:
    ann = await quick.enter()
    ann.edit("c1", tea=1)
    await ann.acked("c1")
    assert await AddMilk().written(quick.live(ann.session_id).actor) == "not_allowed"


async def test_while_the_store_cannot_write_it_comes_again(
    moody: tuple[Room, MoodyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipanion.server.awaited.RETRY_SECONDS", 0)
    room, wrapper = moody
    ann = await room.enter()
    refused = []

    def twice(step: object) -> bool:
        refused.append(step)
        return len(refused) <= 2

    wrapper.refuses = twice
    assert await AddMilk().written(room.live(ann.session_id).actor) is None
    assert len(refused) == 3
