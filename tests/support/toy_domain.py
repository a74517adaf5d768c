"""Sessions about a shopping list: a domain that has nothing to do with parcels.

State: ``{items: {name: count}, total, title?, approval?, paying?, paid?}``; ``total`` is derived. Tools:

    look_up    read-only; held by a latch; ``{price}``, and writes the item into the list
    buy        not read-only; held by the same latch
    order      proposes to pay for one item: a person on their own connection at once, Bob after a yes (but for gum)
    sold_out   fails with a sentence
    broken     raises
    garbled    gives back what no JSON can hold
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from shipanion.protocol.events import ApprovalRequested
from shipanion.protocol.frames import Request
from shipanion.server.domain import (
    Answer,
    Asked,
    Claim,
    NotAllowed,
    Proposal,
    Resolution,
    Situation,
    Spoken,
    Tool,
    ToolOutcome,
    ToolRequest,
    Update,
    failure,
)
from shipanion.server.effect import Effect
from tests.support.latch import Latch
from tests.support.toy_till import Till

__all__ = ["GetPrice", "ShoppingList"]

MOST_OF_ONE = 9

GUM = "gum"
"""Costs next to nothing: Bob may pay for it without asking."""


class GetPrice(Request, tag="get_price", kw_only=True, frozen=True):
    """Asks what one item costs."""

    payload: dict[str, Any]


class ShoppingList:
    """A ``Domain``."""

    requests: tuple[type[Request], ...] = (GetPrice,)

    OFFER_MS = 60_000
    """How long an offer holds."""

    def __init__(self, till: Till | None = None) -> None:
        self.till = till or Till()
        self.effects: Mapping[str, Effect] = {self.till.kind: self.till}
        self.counter = Latch(closed=False)
        """Holds whoever asks a tool."""
        self.ran: list[tuple[str, dict[str, Any]]] = []
        self._numbers = itertools.count(1)
        self.tools: Mapping[str, Tool] = {
            tool.name: tool
            for tool in (
                self._tool("look_up", self._look_up, read_only=True),
                self._tool("buy", self._look_up, read_only=False),
                self._tool("order", self._order, read_only=False),
                self._tool("sold_out", self._sold_out, read_only=True),
                self._tool("broken", self._broken, read_only=True),
                self._tool("garbled", self._garbled, read_only=True),
            )
        }

    @staticmethod
    def _tool(name: str, run: Any, *, read_only: bool) -> Tool:
        return Tool(name=name, description=name, parameters={"type": "object"}, read_only=read_only, run=run)

    # --- state ----------------------------------------------------------------------------------------------------

    def new_state(self, session_id: str) -> dict[str, Any]:
        return {"items": {}, "total": 0}

    def derive(self, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        total = sum(after["items"].values())
        patch: dict[str, Any] = {} if after["total"] == total else {"total": total}
        if "approval" in before and "approval" in after and before["items"] != after["items"]:
            patch["approval"] = None  # the offer was for another list
        return patch

    def said(self, state: dict[str, Any], text: str) -> dict[str, Any]:
        return {}

    def edit(self, state: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        if "raise" in patch:
            raise RuntimeError("a bug in the domain")
        changed: dict[str, Any] = {}
        for name, count in (patch.get("items") or {}).items():
            if count is not None and not (isinstance(count, int) and 0 < count <= MOST_OF_ONE):
                raise NotAllowed("bad_request", f"Nobody needs {count} of {name}.")
            if patch.get("once") and name in state["items"]:
                raise NotAllowed("not_allowed", f"There is {name} on the list already.")
            if state["items"].get(name) != count:
                changed.setdefault("items", {})[name] = count
        if "title" in patch and state.get("title") != patch["title"]:
            changed["title"] = patch["title"]
        if not patch.keys() <= {"items", "title", "once"}:
            raise NotAllowed("not_allowed", "Only items and title can be edited.")
        return changed

    def plain_state(self, state: dict[str, Any], scroll: float | None) -> dict[str, Any]:
        return {"list": state["items"], "scrollPosition": scroll or 0}

    def summary(self, state: dict[str, Any], now: int) -> str | None:
        return f"So far: {', '.join(sorted(state['items']))}" if state["items"] else None

    def reminder(self, state: dict[str, Any], recent: Sequence[Spoken], now: int) -> str | None:
        summary = self.summary(state, now)
        said = "".join(f"\n{spoken.role}: {spoken.text}" for spoken in recent)
        return None if summary is None else f"{summary}{said}"

    def digest(self, events: Sequence[tuple[str, dict[str, Any]]], state: dict[str, Any], now: int) -> list[str]:
        return [body["text"] for type, body in events if type in ("user_message", "agent_message")]

    def consent(self, situation: Situation, text: str) -> Literal["approved", "declined"] | None:
        answers: dict[str, Literal["approved", "declined"]] = {"yes": "approved", "no": "declined"}
        return answers.get(text.strip().lower())

    def resolve(self, situation: Situation, decision: Literal["approved", "declined"]) -> Resolution:
        item = situation.state["approval"]["item"]
        return Resolution(claim=self._claim(item) if decision == "approved" else None)

    def _claim(self, item: str) -> Claim:
        effect_id = f"pay-{next(self._numbers)}"
        paying = {"effect_id": effect_id, "status": "claimed"}
        return Claim(
            kind="pay", intent=f"the payment of {item}", effect_id=effect_id, request={"item": item},
            patch={"paying": paying}, data={"item": item},
        )  # fmt: skip

    # --- tools ----------------------------------------------------------------------------------------------------

    async def _look_up(self, request: ToolRequest) -> ToolOutcome:
        self.ran.append((request.session_id, request.parameters))
        await self.counter.wait()
        item = str(request.parameters.get("item", "milk"))
        return ToolOutcome(
            result={"item": item, "price": len(item)},
            patch=lambda state: {"items": {item: state["items"].get(item, 0) + 1}},
            updates=(
                Update("price_ready", {"item": item}),
                Update("look_up_result", {"message": f"{item} is {len(item)}", "is_error": False}),
            ),
            about=item,
        )

    async def _order(self, request: ToolRequest) -> Proposal:
        await self.counter.wait()
        item = str(request.parameters.get("item", "milk"))

        def decide(situation: Situation) -> ToolOutcome | Claim:
            state = situation.state
            if "paid" in state:
                return ToolOutcome(result={"status": "paid", "say": f"{state['paid']} is paid."})
            if "paying" in state:
                return ToolOutcome(result={"status": "asking", "say": "The till is being asked."})
            if situation.role == "owner" or item == GUM:
                return self._claim(item)
            approval_id = f"approval-{next(self._numbers)}"
            expires_at = situation.now + self.OFFER_MS
            asked = {"approval_id": approval_id, "expires_at": expires_at, "item": item}
            question = ApprovalRequested(
                approval_id=approval_id, text=f"Pay for {item}?", expires_at=expires_at, data={"item": item},
                patch={"approval": asked},
            )  # fmt: skip
            return ToolOutcome(result={"status": "needs_approval", "say": question.text}, events=(question,))

        under_way = request.state.get("paying", {}).get("effect_id")
        return Proposal(decide=decide, waits_for=under_way)

    async def _sold_out(self, request: ToolRequest) -> ToolOutcome:
        return failure("sold_out", request.parameters, "That is sold out.")

    async def _broken(self, request: ToolRequest) -> ToolOutcome:
        raise RuntimeError("the till is broken")

    async def _garbled(self, request: ToolRequest) -> ToolOutcome:
        return ToolOutcome(result={"what": object()})

    # --- get_price ------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Asked:
        assert isinstance(request, GetPrice)
        if "item" not in request.payload:
            raise NotAllowed("missing_field", "Missing required field: item", {"original_request": request.payload})
        tool = str(request.payload.get("tool", "look_up"))
        return Asked(tool_name=tool, parameters={"item": request.payload["item"]})

    def answer(self, request: Request, outcome: ToolOutcome) -> Answer:
        if outcome.is_error:
            fields = {"code": "bad_request", "message": outcome.result["error"], "temporary": False}
            return Answer(type="error", fields=fields)
        return Answer(type="price", fields={"payload": outcome.result, "about": outcome.about})
