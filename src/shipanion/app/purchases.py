"""Finding what was bought: a label's order and purchase, from the ledger."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from shipanion.app.purchasing import bought_of, order_of
from shipanion.shipping.purchase import Bought, Order
from shipanion.shipping.refusals import refusal
from shipanion.stores.base import EffectRow

__all__ = ["FindEffect", "Purchases", "effect_of"]

FindEffect = Callable[[str, str], Awaitable[EffectRow | None]]
"""(session id, effect id) → its row in the ledger."""

_PREFIX: Final = "label-"


class Purchases:
    """What the ledger says of a session's labels.

    Args:
        find: looks into the ledger.
    """

    def __init__(self, find: FindEffect) -> None:
        self._find = find

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
