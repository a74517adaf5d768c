"""Prices, names and times as the chat writes them. Total: whatever a state or an event holds, there is a text."""

from collections.abc import Mapping
from datetime import UTC, datetime

from shipanion.cli.console import printable

__all__ = ["mapping", "number", "price", "service", "until"]

Fields = Mapping[str, object]


def mapping(value: object) -> Fields:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def price(amount: object) -> str:
    """Dollars: ``"$26.50"``."""
    return f"${amount:.2f}" if isinstance(amount, int | float) else "?"


def number(value: object) -> str:
    """A number without noughts at its end."""
    return f"{value:g}" if isinstance(value, int | float) else printable(str(value))


def service(entry: Fields) -> str:
    """Carrier and service of a quote, a purchase or a label."""
    return printable(f"{entry.get('carrier', '')} {entry.get('service', '')}".strip())


def until(at: object) -> str:
    """A time of today or tomorrow, given in ms since the Unix epoch: ``"14:05 UTC"``; empty for what is none."""
    if not isinstance(at, int):
        return ""
    try:
        return f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return ""
