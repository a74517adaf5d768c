"""People who buy, take back and buy again through a storm; and the storm: a carrier that fails, a server that dies."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.support.buyer import ADDRESSES, PARCEL, Buyer
from tests.support.buying_shop import Shop
from tests.support.easypost_double import EasyPostDouble, Endpoint, Fault
from tests.support.wire import Json

__all__ = ["StormBuyer", "kills", "troubles"]

PATIENCE: Final = 3.0
"""Seconds a person waits for anything before they do something else."""

THINKS_SECONDS: Final = 0.05
"""What a person takes before they do the next thing, on average."""

UP_SECONDS: Final = (0.6, 1.8)
"""How long the server lives between two deaths."""

LANDS_SECONDS: Final = (0.1, 0.9)

_POINTS: Final = (
    "claim.before",
    "claim.in",
    "claim.after",
    "before",
    "after",
    "settle.before",
    "settle.in",
    "settle.after",
)
_SURE: Final[tuple[Fault, ...]] = ("refuse", "payment_required", "expired_rates")
_UNSURE: Final[tuple[Fault, ...]] = (
    "hang_before", "hang_after", "reset_before", "reset_after", "bad_gateway_before", "bad_gateway_after", "error_500",
    "rate_limited", "already_bought", "in_progress", "no_response",
)  # fmt: skip
_ELSEWHERE: Final[tuple[tuple[Endpoint, Fault], ...]] = (
    ("read", "error_500"), ("read", "reset_before"), ("read", "hang_before"), ("refund", "hang_after"),
    ("refund", "reset_after"), ("refund", "bad_gateway_before"), ("refund", "error_500"), ("create", "error_500"),
    ("rerate", "reset_after"), ("label", "error_500"),
)  # fmt: skip


class StormBuyer:
    """One person with one device. What they said and have no answer to they say again, as it was.

    Args:
        url, token: as ``Buyer``.
        number: names them.
        seed: decides what they do.
    """

    def __init__(self, url: str, token: str, number: int, seed: object) -> None:
        self.buyer = Buyer(url, token, f"storm-{number}")
        self.counts: Counter[str] = Counter()
        self._dice = random.Random(f"{seed}/{number}")
        self._said: dict[str, tuple[str, Json]] = {}
        self._ids = 0

    async def live(self, over: asyncio.Event) -> None:
        """Buy and buy until it is over."""
        while not over.is_set():
            try:
                await self.back()
                while not over.is_set():
                    await self._something()
            except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, ConnectionClosed, EOFError):
                pass
            except AssertionError:
                self.counts["lines that broke, or answers that did not come"] += 1
            await asyncio.sleep(self._dice.uniform(0.02, 0.2))

    async def back(self) -> None:
        """Connect, and say again what has no answer yet."""
        await self.buyer.come()
        for id, (type, fields) in list(self._said.items()):
            await self.buyer.send(type, id=id, **fields)
            await self._answered(id)

    async def at_rest(self) -> None:
        """Wait until nothing is open any more of what this person began."""
        buyer = self.buyer

        def open_effects() -> list[str]:
            return [
                label["label_id"] for label in buyer.state["labels"] if label["status"] in ("confirming", "voiding")
            ]

        await buyer.until(lambda: "purchase" not in buyer.state and not open_effects(), within=20)
        await buyer.in_step()

    async def _something(self) -> None:
        buyer, dice = self.buyer, self._dice
        await asyncio.sleep(dice.uniform(0, 2 * THINKS_SECONDS))
        await buyer.in_step()
        state = buyer.state
        if "approval" in state:
            await self._say_yes(state["approval"]["approval_id"])
        elif "purchase" in state:
            await self._meanwhile()
        elif "label" in state:
            status = next(x["status"] for x in state["labels"] if x["label_id"] == state["label"]["label_id"])
            if status == "voiding":
                await self._wait()
            elif dice.random() < 0.6:
                await self._call("void_label")
            else:
                await self._call("new_shipment", same_details=dice.random() < 0.5)
        elif state.get("quotes") and "sender" in state["shipping_details"] and dice.random() < 0.85:
            await self._call("create_label", quote=dice.choice(("cheapest", "fastest")))
        else:
            await self._call("get_shipping_quotes", **{**PARCEL, "weight": dice.randint(1, 3)})
            if "sender" not in buyer.state.get("shipping_details", {}):
                await self._say("update_state", patch={"shipping_details": ADDRESSES})

    async def _say_yes(self, approval_id: str) -> None:
        dice = self._dice.random()
        if dice < 0.15:
            await self._say("user_message", text="yes")
        elif dice < 0.2:
            await self._say("resolve_approval", approval_id=approval_id, decision="declined")
        else:
            await self._say("resolve_approval", approval_id=approval_id, decision="approved")

    async def _meanwhile(self) -> None:
        """The label is being bought, or nobody knows: be patient, or not."""
        dice = self._dice.random()
        if dice < 0.2:
            await self._call("create_label", quote="fastest")
        elif dice < 0.3:
            await self._call("select_quote", quote="fastest")
        elif dice < 0.35:
            await self._call("new_shipment", same_details=True)
        elif dice < 0.45:
            details = self.buyer.state["shipping_details"]
            await self._call("get_shipping_quotes", **{**PARCEL, "weight": details["weight_lbs"]})
        else:
            await self._wait()

    async def _wait(self) -> None:
        with suppress(AssertionError):
            await self.buyer.read(within=self._dice.uniform(0.1, 0.5))

    async def _say(self, type: str, **fields: object) -> None:
        self._ids += 1
        id = f"{self.buyer.device}-{self._ids}"
        self._said[id] = (type, fields)
        await self.buyer.send(type, id=id, **fields)
        if self._dice.random() < 0.1:
            await self.buyer.send(type, id=id, **fields)
        await self._answered(id)

    async def _answered(self, id: str) -> None:
        answer = await self.buyer.answered(id, within=PATIENCE)
        if not answer.get("temporary"):
            del self._said[id]
            self.counts["duplicates suppressed"] += answer.get("duplicate", False)

    async def _call(self, tool: str, **parameters: object) -> None:
        self._ids += 1
        id = f"{self.buyer.device}-call-{self._ids}"
        await self.buyer.ask(tool, id, **parameters)
        await self.buyer.event("client_tool_result", tool_call_id=id, within=PATIENCE)


async def troubles(double: EasyPostDouble, dice: random.Random) -> None:
    """Let the carrier fail as it can, until cancelled."""
    while True:
        chance = dice.random()
        if chance < 0.15:
            double.lands_late(dice.uniform(*LANDS_SECONDS), line=dice.choice(("hang", "reset")))
        elif chance < 0.3:
            double.fault("buy", dice.choice(_SURE))
        elif chance < 0.65:
            double.fault("buy", dice.choice(_UNSURE))
        else:
            double.fault(*dice.choice(_ELSEWHERE), calls=dice.randint(1, 3))
        await asyncio.sleep(dice.uniform(0.02, 0.2))


async def kills(shop: Shop, dice: random.Random, most: int, over: asyncio.Event, counts: Counter[str]) -> None:
    """Kill the server, from within and from without, and start it again: ``most`` times, or until it is over."""
    while counts["kills"] < most and not over.is_set():
        await asyncio.sleep(dice.uniform(*UP_SECONDS))
        if dice.random() < 0.5:
            shop.plan(f"kill {dice.choice(('buy', 'buy', 'void'))}.{dice.choice(_POINTS)}")
            with suppress(AssertionError):  # nobody came that way
                await shop.died(within=2)
            shop.plan()
        if shop.running:
            await asyncio.to_thread(shop.server.kill9)
        counts["kills"] += 1
        still_open = [row for row in await shop.ledger() if row.status in ("claimed", "unknown")]
        counts["kills between claim and settle"] += bool(still_open)
        counts["effects open at a kill"] += len(still_open)
        await shop.up()
