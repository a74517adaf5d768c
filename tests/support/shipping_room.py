"""A server room about parcels: a real node over a real store, the shipping domain, scripted Bob without pauses.

    room = await ShippingRoom(MemoryStore()).start()
    ann = await Talk.enter(room)
    assert "The cheapest is" in await ann.say("5 lb from 90210 to 10001")

Several rooms after one another on one store are lives of one server; a ``Talk`` may go on in the next one.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from shipanion.agent.brain import Brain
from shipanion.agent.runner import Runner
from shipanion.agent.scripted import ScriptedBob
from shipanion.app.domain import ShippingDomain
from shipanion.protocol.merge_patch import apply_patch
from shipanion.shipping import places, zips
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import table
from shipanion.stores.base import SessionStore
from tests.support.room import Json, Peer, Room

__all__ = ["DAY", "ShippingRoom", "Talk"]

DAY = date(2026, 8, 3)
"""A Monday outside the seasonal window."""


class ShippingRoom(Room):
    """See ``Room``. With another ``carrier`` than the rate card, its labels cost money."""

    def __init__(
        self, store: SessionStore, *, carrier: Carrier | None = None, bob: Brain | None = None,
        today: Callable[[], date] = lambda: DAY, **options: Any,
    ) -> None:  # fmt: skip
        self.carrier = carrier or RateCardCarrier(table.load())
        self.shipping = ShippingDomain(self.carrier, store.effect, today=today)

        async def no_pause() -> None:
            return

        runner = Runner(bob or ScriptedBob(), self.shipping.summary, no_pause)
        super().__init__(store, brain=runner, plugged=self.shipping, **options)

    async def start(self) -> "ShippingRoom":
        zips.preload()
        places.preload()
        await super().start()
        return self


class Talk:
    """A person who talks to Bob over one connection, and has the state by the events that came."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._said = 0
        self._state: Json = peer.welcome["state"]
        self._folded = peer.welcome["position"]["offset"]

    @classmethod
    async def enter(cls, room: Room, token: str = "ann", **query: Any) -> "Talk":
        """Somebody who was let in."""
        return cls(await room.enter(token, **query))

    @property
    def state(self) -> Json:
        """The shared state, folded from what this connection was sent (I7)."""
        for event in self.peer.events:
            if event["offset"] > self._folded:
                self._state = apply_patch(self._state, event.get("patch", {}))
                self._folded = event["offset"]
        return self._state

    @property
    def details(self) -> Json:
        """What is known of the parcel, without the names of places."""
        known: Json = self.state.get("shipping_details", {})
        return {key: value for key, value in known.items() if not key.endswith("_place")}

    async def say(self, text: str, id: str | None = None) -> str:
        """Say something; Bob's whole answer, once his turn has ended and everything it began is settled."""
        self._said += 1
        self.peer.say(id or f"said-{self._said}-{self._folded}", text)
        turn_id = (await self.peer.until("user_message", text=text))["turn_id"]
        await self.peer.until("turn_ended", turn_id=turn_id)
        answers = [event["text"] for event in self.peer.of("agent_message") if event["turn_id"] == turn_id]
        return "".join(answers)

    async def call(self, name: str, id: str, **parameters: Any) -> Json:
        """Call a tool on the person's own connection; its result."""
        call = {"tool_name": name, "tool_call_id": id, "parameters": parameters}
        self.peer.send("client_tool_call", client_tool_call=call)
        result: Json = (await self.peer.until("client_tool_result", tool_call_id=id))["result"]
        return result

    async def resolve(self, decision: str, id: str) -> None:
        """Answer the open approval by a button."""
        approval_id = self.state["approval"]["approval_id"]
        self.peer.send("resolve_approval", id=id, approval_id=approval_id, decision=decision)
        await self.peer.acked(id)
