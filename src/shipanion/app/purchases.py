"""Finding what was bought: a label's order and purchase, from the ledger."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from shipanion.app.purchasing import bought_of, order_of
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.purchase import Bought, Order
from shipanion.shipping.refusals import refusal
from shipanion.shipping.shipment import is_tied
from shipanion.stores.base import EffectRow

__all__ = ["FindEffect", "Purchases", "effect_of"]

FindEffect = Callable[[str, str], Awaitable[EffectRow | None]]
"""(session id, effect id) → its row in the ledger."""

_PREFIX: Final = "label-"


class Purchases:
    """What ledger and carrier know of a session's labels.

    Args:
        find: looks into the ledger.
        carrier: who sold them.
    """

    def __init__(self, find: FindEffect, carrier: Carrier) -> None:
        self._find = find
        self._carrier = carrier

    async def late(self, session_id: str, state: Mapping[str, Any]) -> Order | None:
        """The order whose purchase was read as not made, if the carrier has a label for it after all.

        Raises:
            StoreUnavailable: the ledger cannot be read right now.
        """
        known = state.get("tied")
        if known is None or state.get("purchase") or state.get("label"):
            return None
        row = await self._find(session_id, known["effect_id"])
        if row is None or not is_tied(state, state.get("shipping_details", {})):
            return None
        order = order_of(msgspec.json.decode(row.request))
        return order if isinstance(await self._carrier.find(order), Bought) else None

    async def of(self, session_id: str, label: Mapping[str, Any]) -> tuple[Order, Bought]:
        """The purchase of a label as the state lists it.

        Raises:
            ShippingError: ``no_such_label``, the ledger knows no settled purchase for it.
            StoreUnavailable: the ledger cannot be read right now.
        """
        row = await self._find(session_id, effect_of(label))
        if row is None or row.status != "settled" or row.outcome is None:
            raise refusal("no_such_label", "There is no purchase behind that label.", "tracking_number")
        return order_of(msgspec.json.decode(row.request)), bought_of(msgspec.json.decode(row.outcome))


def effect_of(label: Mapping[str, Any]) -> str:
    """The effect id of a label's purchase: ``label-9f`` → ``purchase-9f``."""
    return f"purchase-{str(label['label_id']).removeprefix(_PREFIX)}"
