"""Which frame is waited for."""

from collections.abc import Callable
from typing import Any

from shipanion.cli.verify.history import Json, is_event

__all__ = ["Wanted", "acks", "answers", "event_at", "of"]

Wanted = Callable[[Json], bool]


def of(type: str, **fields: Any) -> Wanted:
    """A frame of this type that bears these fields."""

    def wanted(frame: Json) -> bool:
        return frame.get("type") == type and all(frame.get(name) == value for name, value in fields.items())

    return wanted


def acks(id: str) -> Wanted:
    """The acknowledgement of this command."""

    def wanted(frame: Json) -> bool:
        acks = frame.get("acks")
        rows = acks if isinstance(acks, list) else []
        return frame.get("type") == "ack" and any(isinstance(row, dict) and row.get("id") == id for row in rows)

    return wanted


def answers(id: str) -> Wanted:
    """The acknowledgement or the refusal of this command."""
    return lambda frame: acks(id)(frame) or of("error", id=id)(frame)


def event_at(offset: int) -> Wanted:
    """The event at this offset, or a later one."""
    return lambda frame: is_event(frame) and frame["offset"] >= offset
