"""The shipment as the shared state has it, in lines and in a table: parcel, quotes, what is asked, labels."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shipanion.cli.chat.figures import mapping, number, price, service
from shipanion.cli.chat.labels import current_label, label_lines
from shipanion.cli.chat.question import question_lines, question_view
from shipanion.cli.console import printable

__all__ = ["has_shipment", "shipment_lines", "shipment_view", "state_lines"]

State = Mapping[str, Any]


def has_shipment(state: State | None) -> bool:
    """Whether there is anything to show."""
    return any((state or {}).get(key) for key in ("shipping_details", "quotes", "purchase", "labels", "approval"))


def shipment_lines(state: State) -> list[str]:
    """The details, one a line; whatever the state holds, without an error."""
    details = mapping(state.get("shipping_details"))
    lines = [f"title       {state['title']}"] if state.get("title") else []
    lines += [f"{end:<11} {_place(details, end)}" for end in ("from", "to") if _place(details, end)]
    if details.get("weight_lbs") is not None:
        lines.append(f"weight      {number(details['weight_lbs'])} lb")
    if details.get("dimensions"):
        lines.append(f"dimensions  {details['dimensions']} inches")
    for end in ("sender", "recipient"):
        if address := _address(mapping(details.get(end))):
            lines.append(f"{end:<11} {address}")
    return [printable(line) for line in lines] or ["Nothing is known of the shipment yet."]


def state_lines(state: State) -> list[str]:
    """Everything, one thing a line."""
    asked = question_lines(mapping(state.get("approval"))) if state.get("approval") else []
    return [*shipment_lines(state), *_quotes_listed(state), *_notes(state), *_outcome(state), *asked]


def shipment_view(state: State, width: int) -> RenderableType:
    """Everything for a terminal, the quotes as a table, which on a narrow one is a list."""
    parts: list[RenderableType] = [Text(line) for line in shipment_lines(state)]
    if width >= 50 and _quotes(state):
        parts.append(_table(state))
    else:
        parts += _section(_quotes_listed(state))
    parts += [Text(note, style="dim") for note in _notes(state)]
    parts += _section(_outcome(state))
    if state.get("approval"):
        parts += [Text(""), question_view(mapping(state["approval"]))]
    return Group(*parts)


def _section(lines: list[str]) -> list[Text]:
    return [Text(line) for line in ("", *lines)] if lines else []


# --- quotes -------------------------------------------------------------------------------------------------------


def _quotes(state: State) -> list[Mapping[str, Any]]:
    return [quote for quote in state.get("quotes") or [] if isinstance(quote, Mapping)]


def _quotes_listed(state: State) -> list[str]:
    return [
        f"{service(quote)}: {price(quote.get('cost'))}, {printable(str(quote.get('eta', '?')))}{_chosen(state, quote)}"
        for quote in _quotes(state)
    ]


def _table(state: State) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("quote", "price", "usually", "arrives"):
        table.add_column(column, justify="right" if column == "price" else "left")
    for quote in _quotes(state):
        cells = (quote.get("eta", ""), quote.get("estimated_delivery", ""))
        chosen = _chosen(state, quote)
        table.add_row(
            service(quote) + chosen, price(quote.get("cost")), *(printable(str(cell)) for cell in cells),
            style="bold" if chosen else None,
        )  # fmt: skip
    return table


def _chosen(state: State, quote: Mapping[str, Any]) -> str:
    return " (chosen)" if quote.get("id") is not None and quote.get("id") == state.get("chosen") else ""


def _notes(state: State) -> list[str]:
    notes = dict.fromkeys(str(note) for quote in _quotes(state) for note in quote.get("notes") or [])
    return [printable(note) for note in notes]


# --- what came of it ----------------------------------------------------------------------------------------------


def _outcome(state: State) -> list[str]:
    """The purchase under way, the label, and all labels of the session."""
    lines = []
    purchase, label, labels = mapping(state.get("purchase")), current_label(state), label_lines(state)
    if purchase:
        what = f"{service(purchase)}, {price(purchase.get('cost'))}{' (SAMPLE)' if purchase.get('is_sample') else ''}"
        unknown = purchase.get("status") == "unknown"
        doing = "being confirmed with the carrier; it is not bought twice" if unknown else "being bought"
        lines.append(f"label       {what}: {doing}")
    if label:
        sample = "SAMPLE, no postage: " if label.get("is_sample") else ""
        what = f"{sample}{label.get('tracking_number')}, {service(label)}, {price(label.get('cost'))}"
        lines.append(printable(f"label       {what}"))
    if labels:
        lines += ["labels of this session (/label N saves one)", *labels]
    return lines


# --- the parcel ---------------------------------------------------------------------------------------------------


def _place(details: Mapping[str, Any], end: str) -> str:
    """A ZIP code with its town, a town whose ZIP is still to be said, or nothing."""
    code, name = str(details.get(end) or ""), str(details.get(f"{end}_place") or "")
    return f"{code} ({name})" if code and name else code or name


def _address(address: Mapping[str, Any]) -> str:
    lines = [address.get(part) for part in ("name", "street", "unit", "city")]
    end = " ".join(str(address[part]) for part in ("state", "zip") if address.get(part))
    return ", ".join(str(part) for part in (*lines, end) if part)
