"""How much of a log goes into one page."""

from collections.abc import Iterable

from shipanion.stores.base import StoredEvent

__all__ = ["page"]


def page(events: Iterable[StoredEvent], *, max_bytes: int, max_count: int) -> list[StoredEvent]:
    """The first of ``events`` that fit: at most ``max_count``, their bodies at most ``max_bytes`` together.

    One event is given even when it alone is larger, else a reader could never get past it.
    """
    taken: list[StoredEvent] = []
    size = 0
    for event in events:
        size += len(event.body)
        if taken and (size > max_bytes or len(taken) >= max_count):
            break
        taken.append(event)
    return taken
