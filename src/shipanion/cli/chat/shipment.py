"""The shipment as the shared state has it, in lines and in a table."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shipanion.cli.console import printable

__all__ = ["has_shipment", "shipment_lines", "shipment_view"]


def has_shipment(state: Mapping[str, Any] | None) -> bool:
    """Whether there is anything to show."""
    return bool(state) and bool((state or {}).get("shipping_details") or (state or {}).get("quotes"))


def shipment_lines(state: Mapping[str, Any]) -> list[str]:
    """The details, one a line; whatever the state holds, without an error."""
    details = state.get("shipping_details")
    details = details if isinstance(details, Mapping) else {}
    lines = [f"title       {state['title']}"] if state.get("title") else []
    lines += [f"{end:<11} {_place(details, end)}" for end in ("from", "to") if _place(details, end)]
    if details.get("weight_lbs") is not None:
        lines.append(f"weight      {_number(details['weight_lbs'])} lb")
    if details.get("dimensions"):
        lines.append(f"dimensions  {details['dimensions']} inches")
    return [printable(line) for line in lines] or ["Nothing is known of the shipment yet."]


def shipment_view(state: Mapping[str, Any], width: int) -> RenderableType:
    """Details and the quotes as a table, which on a narrow terminal is a list."""
    parts: list[RenderableType] = [Text(line) for line in shipment_lines(state)]
    quotes = [quote for quote in state.get("quotes") or [] if isinstance(quote, Mapping)]
    if quotes and width < 50:
        parts += [Text(f"{_name(quote)}: {_price(quote)}, {quote.get('eta', '?')}") for quote in quotes]
    elif quotes:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in ("quote", "price", "usually", "arrives"):
            table.add_column(column, justify="right" if column == "price" else "left")
        for quote in quotes:
            cells = (_name(quote), _price(quote), quote.get("eta", ""), quote.get("estimated_delivery", ""))
            table.add_row(*(Text(printable(str(cell))) for cell in cells))
        parts.append(table)
    notes = dict.fromkeys(str(note) for quote in quotes for note in quote.get("notes") or [])
    parts += [Text(printable(note), style="dim") for note in notes]
    return Group(*parts)


def _name(quote: Mapping[str, Any]) -> str:
    return printable(f"{quote.get('carrier', '')} {quote.get('service', '')}".strip())


def _price(quote: Mapping[str, Any]) -> str:
    cost = quote.get("cost")
    return f"${cost:.2f}" if isinstance(cost, int | float) else "?"


def _place(details: Mapping[str, Any], end: str) -> str:
    """A ZIP code with its town, a town whose ZIP is still to be said, or nothing."""
    code, name = str(details.get(end) or ""), str(details.get(f"{end}_place") or "")
    return f"{code} ({name})" if code and name else code or name


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
