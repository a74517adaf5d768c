"""A person who buys labels over one connection after another, and keeps the whole log they were sent."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.support.wire import Closed, Json, Wire, dial

__all__ = ["ADDRESSES", "OVER", "PARCEL", "Buyer", "effect_of"]

PARCEL: Json = {"from_zip": "94107", "to_zip": "90277", "weight": 2}
ADDRESSES: Json = {
    "sender": {"name": "Ann Bell", "street": "1 Main St"},
    "recipient": {"name": "Carl Dorn", "street": "22 Oak Ave"},
}


class Buyer:
    """One device of a person's. ``come`` begins or resumes; what was said is looked for in all that ever came.

    Args:
        url: the address of ``/ws``.
        token: the person's.
        device: its name.
        of: another device whose session this one joins.
    """

    def __init__(self, url: str, token: str, device: str = "page", *, of: "Buyer | None" = None) -> None:
        self.url = url
        self.token = token
        self.device = device
        self.events: list[Json] = []
        """The log as it was sent here; for a device that joined, from where it joined."""
        self.state: Json = {}
        self.session_id: str = of.session_id if of is not None else ""
        self._wire: Wire | None = None
        self._place: Json = {"session_id": self.session_id} if of is not None else {"new": device}
        self._answers: dict[str, Json] = {}
        self._ids = itertools.count(1)

    # --- the line -------------------------------------------------------------------------------------------------

    async def come(self) -> "Buyer":
        """Connect, and resume if it was there before."""
        await self.leave()
        wire = Wire(await dial(self.url, self.token, device=self.device, **self._place))
        wire.state = self.state
        self._wire = wire
        welcome = await wire.until("welcome")
        if "offset" in self._place:
            assert welcome["outcome"] == "recovered", welcome
        self.session_id, self.state = welcome["session_id"], wire.state
        self._place = dict(wire.place)
        self._answers.clear()
        return self

    async def leave(self) -> None:
        """Break the line, if there is one."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.drop()
            await wire.socket.wait_closed()

    async def read(self, within: float = 10.0) -> Json:
        """The next frame.

        Raises:
            Closed: the server is gone, or closed the line.
        """
        wire = self._wire
        assert wire is not None, "come first"
        before = len(wire.events)
        frame = await wire.next(within)
        self.events.extend(wire.events[before:])
        self._place, self.state = dict(wire.place), wire.state
        if frame["type"] == "ack":
            self._answers |= {ack["id"]: {**ack, "type": "ack"} for ack in frame["acks"]}
        elif frame["type"] == "error" and "id" in frame:
            self._answers[frame["id"]] = frame
        return frame

    async def until(self, look: Callable[[], Any], within: float = 15.0) -> Any:
        """Read on until ``look`` gives something true; that."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while not (found := look()):
            await self.read(max(0.0, end - loop.time()))
        return found

    async def event(
        self, type: str, *, where: Callable[[Json], object] = lambda event: True, within: float = 15.0, **fields: Any
    ) -> Json:
        """The first event of this type with these fields, come before or to come."""

        def look() -> Json | None:
            return next(
                (event for event in self.events if event["type"] == type and _has(event, fields) and where(event)), None
            )

        try:
            found: Json = await self.until(look, within)
        except Closed:
            raise
        except AssertionError as error:
            last = [(event["type"], event.get("status"), event.get("result")) for event in self.events[-4:]]
            raise AssertionError(f"no {type} {fields}: {error}; last events: {last}") from None
        return found

    async def send(self, type: str, **fields: Any) -> None:
        """Send one frame; a line that is gone is no matter here."""
        assert self._wire is not None, "come first"
        self._answers.pop(str(fields.get("id")), None)
        try:
            await self._wire.send(type, **fields)
        except ConnectionClosed:
            raise Closed(0, "gone while sending") from None

    async def answered(self, id: str, within: float = 10.0) -> Json:
        """The ack (``{type, id, offset, duplicate}``) or the error to a command of this connection."""
        found: Json = await self.until(lambda: self._answers.get(id), within)
        return found

    async def in_step(self) -> None:
        """Everything that the server has said so far is here."""
        assert self._wire is not None
        name = f"step-{next(self._ids)}"
        await self.send("ping", requestId=name)
        while (await self.read()).get("requestId") != name:
            pass

    # --- what a person does ---------------------------------------------------------------------------------------

    async def call(self, tool: str, id: str | None = None, **parameters: Any) -> Json:
        """Call a tool; the event with its result."""
        id = id or f"{self.device}-{tool}-{next(self._ids)}"
        await self.ask(tool, id, **parameters)
        return await self.event("client_tool_result", tool_call_id=id)

    async def ask(self, tool: str, id: str, **parameters: Any) -> None:
        """Send a tool call."""
        call = {"tool_name": tool, "tool_call_id": id, "parameters": parameters}
        await self.send("client_tool_call", client_tool_call=call)

    async def edit(self, id: str | None = None, **details: Any) -> Json:
        """Change ``shipping_details``; the ack or the error."""
        id = id or f"{self.device}-edit-{next(self._ids)}"
        await self.send("update_state", id=id, patch={"shipping_details": details})
        return await self.answered(id)

    async def quote(self, **parcel: Any) -> Json:
        """Ask for quotes; the result."""
        result: Json = (await self.call("get_shipping_quotes", **{**PARCEL, **parcel}))["result"]
        return result

    async def offered(self, quote: str = "cheapest", **parcel: Any) -> Json:
        """Quotes, addresses, and a label that a yes is asked for: state ``approval``."""
        result = await self.quote(**parcel)
        assert "error" not in result, result
        assert (await self.edit(**ADDRESSES))["type"] == "ack"
        return await self.asked(quote=quote)

    async def asked(self, tool: str = "create_label", **parameters: Any) -> Json:
        """Ask for a label, or for it to be voided; state ``approval``."""
        result = (await self.call(tool, **parameters))["result"]
        assert result.get("status") == "needs_approval", result
        approval: Json = self.state["approval"]
        return approval

    async def answer(self, id: str, decision: str = "approved", approval_id: str | None = None) -> None:
        """Send an answer to an approval; the open one unless named."""
        approval_id = approval_id or self.state["approval"]["approval_id"]
        await self.send("resolve_approval", id=id, approval_id=approval_id, decision=decision)

    async def say(self, id: str, text: str) -> None:
        """Send a message, with the question that is open as far as this buyer has read."""
        shown = self.state.get("approval") or {}
        await self.send("user_message", id=id, text=text, approval_id=shown.get("approval_id"))

    async def effect_over(self, effect_id: str, within: float = 15.0) -> Json:
        """The event that says what became of an effect for good."""
        return await self.event(
            "effect_changed", effect_id=effect_id, within=within, where=lambda event: event["status"] in OVER
        )

    async def bought(self, id: str = "yes", **parcel: Any) -> Json:
        """Buy a label from quotes to its end; state ``label``."""
        effect_id = effect_of(await self.offered(**parcel))
        await self.answer(id)
        assert (await self.effect_over(effect_id))["status"] == "settled"
        label: Json = self.state["label"]
        return label


OVER = ("settled", "failed")


def effect_of(approval: Json) -> str:
    """The effect that a yes to this approval leads to."""
    kind = "void" if approval["kind"] == "void" else "purchase"
    return f"{kind}-{approval['approval_id'].removeprefix('approval-')}"


def _has(event: Json, fields: Json) -> bool:
    return all(event.get(name) == value for name, value in fields.items())
