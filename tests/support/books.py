"""What must hold of a session that bought labels: its log, its state and the ledger against the carrier's own book."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from shipanion.app.purchasing import order_of
from shipanion.shipping.purchase import Order
from shipanion.stores.base import EffectRow
from tests.support.buyer import OVER, Buyer
from tests.support.easypost_double import Label
from tests.support.history import calls_and_results, contiguous, ids_once
from tests.support.wire import Json, Wire

__all__ = ["agree", "orders", "read_again"]


async def read_again(buyer: Buyer) -> tuple[list[Json], Json]:
    """The session's log as the server has it, from the start, and its state."""
    async with Wire.open(buyer.url, buyer.token, session_id=buyer.session_id) as fresh:
        place, state = {**fresh.place, "offset": 0}, fresh.state
    async with Wire.open(buyer.url, buyer.token, **place) as reader:
        assert reader.welcome["outcome"] == "recovered"
        await reader.at(reader.welcome["replayed"])
        return reader.events, state


def orders(rows: Iterable[EffectRow], session_id: str | None = None) -> dict[str, Order]:
    """The order of every purchase in the ledger, of one session or of all, by the purchase's id."""
    mine = [row for row in rows if row.kind == "buy" and session_id in (None, row.session_id)]
    return {row.effect_id: order_of(msgspec.json.decode(row.request)) for row in mine}


async def agree(buyer: Buyer, ledger: Sequence[EffectRow], book: Iterable[Label]) -> list[Json]:
    """Hold one session at rest against the ledger and the carrier's book; its log.

    An anchor has one label at most, and of the labels of one parcel one at most is not taken back; nothing is open any
    more; and what the person was told is what is so.
    """
    log, state = await read_again(buyer)
    contiguous(log, after=0)
    ids_once(log)
    calls_and_results(log)
    approvals_end_once(log, state)
    told = effects_end_once(log)
    mine = [row for row in ledger if row.session_id == buyer.session_id]
    assert {row.effect_id: row.status for row in mine} == told

    ordered = orders(mine)
    by_anchor = {order.anchor: order.shipment_id for order in ordered.values()}
    labels = [label for label in book if label.shipment_id in by_anchor]
    assert max(Counter(label.shipment_id for label in labels).values(), default=0) <= 1, labels
    good: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        if not label.refunded:
            good[by_anchor[label.shipment_id]].append(label.tracking_code)
    assert all(len(codes) == 1 for codes in good.values()), f"a parcel with several labels: {dict(good)}"

    assert "purchase" not in state, state["purchase"]
    listed = {label["tracking_number"]: label["status"] for label in state["labels"]}
    assert listed.keys() == {label.tracking_code for label in labels}, (listed, labels)
    assert {code for code, status in listed.items() if status == "bought"} == {
        code for codes in good.values() for code in codes
    }
    assert set(listed.values()) <= {"bought", "voided", "void_pending"}, listed
    settled = [effect_id for effect_id in ordered if told[effect_id] == "settled"]
    assert len(settled) == len(labels), (settled, labels)
    return log


def approvals_end_once(log: Sequence[Json], state: Json) -> None:
    """Every approval asked for has one end, but for the one that is open (I10)."""
    asked = Counter(event["approval_id"] for event in log if event["type"] == "approval_requested")
    ended = Counter(event["approval_id"] for event in log if event["type"] == "approval_resolved")
    open_one = [state["approval"]["approval_id"]] if "approval" in state else []
    assert asked == ended + Counter(open_one), (asked, ended, open_one)


def effects_end_once(log: Sequence[Json]) -> dict[str, str]:
    """Every effect is claimed, once unknown at most, and over once, in this order; what became of each."""
    told: dict[str, list[str]] = defaultdict(list)
    for event in log:
        if event["type"] == "effect_changed":
            told[event["effect_id"]].append(event["status"])
    for effect_id, statuses in told.items():
        *before, last = statuses
        assert last in OVER, f"{effect_id} is {statuses}"
        assert before in (["claimed"], ["claimed", "unknown"]), f"{effect_id} is {statuses}"
    return {effect_id: statuses[-1] for effect_id, statuses in told.items()}
