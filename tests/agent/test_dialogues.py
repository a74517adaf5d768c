"""Whole dialogues, as data in ``dialogues/``: what the person says, parts of Bob's answer, and what there is after it.

Each is held three times over a real node: straight; with the server killed after every turn and another one started
over the same store; and with the line cut in the middle of every turn. Word for word the same answers each time.

A turn may say more than ``person``, ``bob`` and ``details``:

==========  =======================================================================================
``not``     what the answer must not hold
``step``    ``current_step`` after it
``labels``  the statuses of the session's labels after it, oldest first
``later``   seconds that pass before it
``fault``   what the carrier does wrong next: endpoint and fault
``prices``  cents by which the carrier's prices rise before it
``before``  a message sent just before this one, whose answer is not waited for
==========  =======================================================================================

``{1}`` is the number of the session's first label. A dialogue that is ``paid`` buys from a double of EasyPost over
HTTP, all others from the rate card.
"""

import json
import math
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from shipanion.app.domain import ShippingDomain
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.domain import NotAllowed
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.label.number import sample_number
from shipanion.shipping.purchase import Bought, Order, PurchaseOutcome
from shipanion.shipping.rates import table
from shipanion.stores.memory import MemoryStore
from tests.support.bob_context import Conversation
from tests.support.double_carrier import DoubleCarrier
from tests.support.easypost_double import EasyPostDouble
from tests.support.room import Peer
from tests.support.shipping_room import ShippingRoom, Talk

FOLDER = Path(__file__).with_name("dialogues")
DIALOGUES: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}
RATES = table.load()
FILES = (("application/pdf", b"%PDF-1.4"),)
_RANDOM = re.compile(r"SAMPLE-[A-Z]{4}-[A-Z]{4}|label-[0-9a-f]{24}|\b94[0-9]{20}\b")


class Undrawn(RateCardCarrier):
    """The rate card without the pictures of its labels: they take half a second each, and nobody here looks at them."""

    async def buy(self, order: Order) -> PurchaseOutcome:
        return Bought(tracking_number=sample_number(order.reference), cost=order.cost, sample=True, files=FILES)


class Held:
    """A dialogue being held straight."""

    def __init__(self, double: EasyPostDouble | None) -> None:
        self.double = double
        self._store = MemoryStore()
        self.room = self._new_room()
        self.talk: Talk

    def _new_room(self) -> ShippingRoom:
        carrier = DoubleCarrier(self.double.url, timeout=30) if self.double is not None else Undrawn(RATES)
        return ShippingRoom(self._store, carrier=carrier)

    async def enter(self, **query: Any) -> Peer:
        peer = await self.room.enter(**query)
        # However long a dialogue takes, nobody is cut off for being silent.
        peer.socket.last_heard = math.inf
        return peer

    async def begin(self) -> None:
        await self.room.start()
        self.talk = Talk(await self.enter())

    async def say(self, text: str) -> str:
        return await self.talk.say(text)

    async def between(self) -> None:
        """What happens after each turn."""

    async def pass_time(self, seconds: int) -> None:
        self.room.now += seconds * 1000
        # What the watch does every second.
        await self.room.node.sessions.expire_approvals()
        await self.talk.peer.answered()


class Resumed(Talk):
    """Goes on from an offset with the state as it was there: who is recovered is sent what came after, and no state."""

    def __init__(self, peer: Peer, state: dict[str, Any], offset: int) -> None:
        self.peer = peer
        self._said = 0
        self._state, self._folded = state, offset


class Killed(Held):
    """After every turn the server is killed, and another one begins over the same store."""

    async def between(self) -> None:
        now, session_id = self.room.now, self.talk.peer.session_id
        await self.room.crash()
        self.room = self._new_room()
        self.room.now = now
        await self.room.start()
        self.talk = Talk(await self.enter(session_id=session_id))


class Dropped(Held):
    """Once a message has arrived, the line is cut; the answer is heard by who came back."""

    async def say(self, text: str) -> str:
        peer, state, folded = self.talk.peer, self.talk.state, self.talk._folded
        peer.say(f"m-{len(peer.frames)}-{peer.welcome['position']['offset']}", text)
        accepted = await peer.until("user_message", text=text)
        epoch = peer.welcome["position"]["epoch"]
        peer.drop()
        # Resumed in the middle of the turn, from the last event that came.
        here = {"session_id": accepted["session_id"], "epoch": epoch, "offset": accepted["offset"]}
        back = await self.enter(**here)
        assert back.welcome["outcome"] == "recovered"
        for event in peer.events:
            if folded < event["offset"] <= accepted["offset"]:
                state = apply_patch(state, event.get("patch", {}))
        self.talk = Resumed(back, state, accepted["offset"])
        await back.until("turn_ended", turn_id=accepted["turn_id"])
        return "".join(e["text"] for e in back.of("agent_message") if e["turn_id"] == accepted["turn_id"])


@asynccontextmanager
async def held(kind: type[Held], dialogue: dict[str, Any]) -> AsyncIterator[Held]:
    with ExitStack() as stack:
        paid = dialogue.get("paid", False)
        life = kind(stack.enter_context(EasyPostDouble("production")) if paid else None)
        await life.begin()
        try:
            yield life
        finally:
            await life.room.node.stop(window=0)


async def answers(kind: type[Held], dialogue: dict[str, Any]) -> list[str]:
    """Bob's answers, each checked, with what differs from run to run made the same."""
    said: list[str] = []
    async with held(kind, dialogue) as life:
        for turn in dialogue["turns"]:
            await prepare(life, turn)
            numbers = ["", *(label.get("tracking_number", "") for label in life.talk.state["labels"])]
            if "before" in turn:
                life.talk.peer.say(f"before-{len(said)}", turn["before"])
            answer = await life.say(turn["person"].format(*numbers))
            holds(life.talk, answer, turn)
            said.append(_RANDOM.sub("#", answer))
            await life.between()
    return said


async def prepare(life: Held, turn: dict[str, Any]) -> None:
    if "later" in turn:
        await life.pass_time(turn["later"])
    if "fault" in turn:
        assert life.double is not None
        life.double.fault(*turn["fault"])
    if "prices" in turn:
        assert life.double is not None
        life.double.raise_prices(turn["prices"])


def holds(talk: Talk, answer: str, turn: dict[str, Any]) -> None:
    about = f"{turn['person']!r} was answered {answer!r}"
    state = talk.state
    numbers = ["", *(label.get("tracking_number", "") for label in state["labels"])]
    for part in turn["bob"]:
        assert part.format(*numbers) in answer, about
    for part in turn.get("not", ()):
        assert part not in answer, about
    assert talk.details == turn["details"], about
    assert state["current_step"] == turn.get("step", state["current_step"]), about
    statuses = [label["status"] for label in state["labels"]]
    assert statuses == turn.get("labels", statuses), about
    # He never pretends: whoever speaks of a label that is made has one in the ledger's list, and calls a sample so.
    if "label is made" in answer or "label is bought" in answer:
        assert any(label["status"] == "bought" for label in state["labels"]), about
    for number in re.findall(r"SAMPLE-[A-Z]{4}-[A-Z]{4}", answer):
        assert any(label["tracking_number"] == number for label in state["labels"]), about


@pytest.fixture(scope="module")
def straight() -> dict[str, list[str]]:
    """Answers of the dialogues that were held straight, by name."""
    return {}


async def straight_answers(kept: dict[str, list[str]], name: str) -> list[str]:
    if name not in kept:
        kept[name] = await answers(Held, DIALOGUES[name])
    return kept[name]


@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_dialogue(name: str, straight: dict[str, list[str]]) -> None:
    assert all(await straight_answers(straight, name))


@pytest.mark.parametrize("kind", [Killed, Dropped])
@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_dialogue_with_trouble_at_every_turn(
    name: str, kind: type[Held], straight: dict[str, list[str]]
) -> None:
    assert await answers(kind, DIALOGUES[name]) == await straight_answers(straight, name)


def test_there_are_dialogues_and_they_say_what_they_are_about() -> None:
    labels = [dialogue for dialogue in DIALOGUES.values() if any("labels" in turn for turn in dialogue["turns"])]
    assert (len(DIALOGUES), len(labels)) >= (20, 12)
    assert sum(dialogue.get("paid", False) for dialogue in DIALOGUES.values()) >= 2
    assert all(dialogue["about"] and len(dialogue["turns"]) >= 5 for dialogue in DIALOGUES.values())
    assert sum(turn["bob"] != [] for dialogue in DIALOGUES.values() for turn in dialogue["turns"]) >= 120


# --- towns ----------------------------------------------------------------------------------------------------------


class ForgetsTowns(ShippingDomain):
    """Takes figures only."""

    def edit(self, state: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        if {"from_place", "to_place"} & set(patch.get("shipping_details") or {}):
            raise NotAllowed("not_allowed", "shipping_details has no such field to edit.")
        return super().edit(state, patch)


async def test_a_pending_town_takes_the_quotes_with_it() -> None:
    talk = Conversation()
    await talk.say("5 lb from 90210 to 10001")
    assert talk.state["current_step"] == 1
    await talk.say("to Boston")
    assert "quotes" not in talk.state
    assert talk.state["shipping_details"]["to_place"] == "Boston, MA"


@pytest.mark.parametrize("domain", [ForgetsTowns, ShippingDomain])
async def test_where_a_town_cannot_be_kept_the_answer_still_leads_to_the_right_end(
    domain: type[ShippingDomain],
) -> None:
    talk = Conversation()
    talk.domain.__class__ = domain
    answer = await talk.say("to New York")
    assert "Which one does it go to?" in answer
    if "to_place" not in talk.state.get("shipping_details", {}):
        assert answer.endswith('Please say "to" before it.')
    await talk.say("to 10002")
    assert talk.details == {"to": "10002"}
    await talk.say("from Zebulon, GA")
    assert talk.details == {"to": "10002", "from": "30295"}


async def test_a_zip_elsewhere_is_not_taken_for_the_town_that_was_asked_about() -> None:
    talk = Conversation()
    await talk.say("to New York")
    assert "Which is it: does it leave from 94107, or go there?" in await talk.say("94107")
    assert talk.details == {}
    await talk.say("from 94107")
    assert "to 10001" in await talk.say("10001")
    assert talk.details == {"from": "94107", "to": "10001"}
