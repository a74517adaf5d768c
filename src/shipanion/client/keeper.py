"""Keeps a client's place on disk without holding up the client: soon, not at once, and never half."""

import asyncio
import logging
from typing import Final

from shipanion.client.outbox import Kept
from shipanion.errors import StoreUnavailable
from shipanion.protocol.client_outputs import StateSaved

__all__ = ["SAVE_SECONDS", "Keeper"]

SAVE_SECONDS: Final = 0.2
"""How far the saved place may lag behind. Being behind only means that more is replayed."""

log = logging.getLogger(__name__)


class Keeper:
    """Writes the latest place, at most once in ``SAVE_SECONDS``, and takes decided commands out."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._unsaved: StateSaved | None = None
        self._timer: asyncio.TimerHandle | None = None

    def keep(self, place: StateSaved) -> None:
        """This is the place now."""
        self._unsaved = place
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SAVE_SECONDS, self.save)

    def save(self) -> None:
        """Write what is not written yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        place, self._unsaved = self._unsaved, None
        if place is not None:
            try:
                self._kept.save(place.session_id, place.position, place.state)
            except StoreUnavailable as error:
                log.warning("the place was not saved, so more will be replayed: %s", error)

    def settle(self, id: str) -> None:
        """The command is decided."""
        try:
            self._kept.settle(id)
        except StoreUnavailable as error:
            log.warning("a decided command stays on disk, and goes out again without harm: %s", error)
