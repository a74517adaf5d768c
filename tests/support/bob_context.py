"""A conversation with a brain, over the real shipping domain but without a server: one turn after another.

    talk = Conversation()
    assert await talk.say("5 lb from 90210 to 10001") == "…"

There is no ledger here, so nothing can be bought: whatever needs one is held in a ``ShippingRoom``.
"""

from datetime import date
from typing import Any

from shipanion.agent.brain import Answered, Brain, ToolAnswer
from shipanion.agent.scripted import ScriptedBob
from shipanion.app.domain import ShippingDomain
from shipanion.protocol.merge_patch import apply_patch
from shipanion.server.approval import answering
from shipanion.server.domain import NotAllowed, Proposal, Situation, ToolOutcome, ToolRequest
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import table
from shipanion.stores.base import EffectRow

__all__ = ["DAY", "NOW", "Conversation"]

DAY = date(2026, 8, 3)
"""A Monday outside the seasonal window."""

NOW = 1_800_000_000_000


class Conversation:
    """The context of a brain's turns, and the person who speaks to it."""

    def __init__(self, brain: Brain | None = None, state: dict[str, Any] | None = None) -> None:
        self.domain = ShippingDomain(RateCardCarrier(table.load()), _no_ledger, today=lambda: DAY)
        self.state: dict[str, Any] = self.domain.new_state("session-1") if state is None else state
        self.now = NOW
        self.answered: Answered | None = None
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.pieces: list[str] = []
        self._last_answer = ""
        self._brain = brain or ScriptedBob()

    @property
    def summary(self) -> str | None:
        return self.domain.summary(self.state, self.now)

    @property
    def details(self) -> dict[str, Any]:
        """What is known of the parcel, without the names of places."""
        known: dict[str, Any] = self.state.get("shipping_details", {})
        return {key: value for key, value in known.items() if not key.endswith("_place")}

    async def call(self, tool_name: str, parameters: dict[str, Any]) -> ToolAnswer:
        self.calls.append((tool_name, parameters))
        situation: dict[str, Any] = {"session_id": "session-1", "state": self.state, "now": self.now, "role": "agent"}
        outcome = await self.domain.tools[tool_name].run(ToolRequest(parameters=parameters, **situation))
        if isinstance(outcome, Proposal):
            made = outcome.decide(Situation(**situation))
            assert isinstance(made, ToolOutcome), f"{tool_name} wants to do something outside: {made}"
            outcome = made
        patches = [getattr(event, "patch", None) for event in outcome.events]
        patches += [outcome.patch(self.state)] if outcome.patch is not None else []
        for patch in patches:
            self._apply(patch or {})
        return ToolAnswer(outcome.result, outcome.is_error)

    async def last_answer(self) -> str:
        return self._last_answer

    async def update(self, patch: dict[str, Any]) -> str | None:
        try:
            self._apply(self.domain.edit(self.state, patch))
        except NotAllowed as refusal:
            return refusal.message
        return None

    def _apply(self, patch: dict[str, Any]) -> None:
        after = apply_patch(self.state, patch)
        settled = apply_patch(after, self.domain.derive(self.state, after))
        self.state = apply_patch(settled, answering(self.state, settled))

    async def say(self, text: str) -> str:
        """Say something; the whole answer. It is never taken for a yes: that takes a server."""
        self.state.pop("answering", None)
        self._last_answer = "".join(self.pieces)
        self.pieces = [piece async for piece in self._brain.turn(self, text)]
        return "".join(self.pieces)


async def _no_ledger(session_id: str, effect_id: str) -> EffectRow | None:
    return None
