"""``shipanion effects``: the ledger of what a server did outside, for whoever runs it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import typer

from shipanion.cli.console import console, printable
from shipanion.cli.opening import Data, Store, settings_beside, with_store
from shipanion.cli.refusals import refusals
from shipanion.shipping import money
from shipanion.stores.base import EffectRow

__all__ = ["columns", "effects", "line_of"]

_OPEN: Final = ("claimed", "unknown")
_ALL: Final = (*_OPEN, "settled", "failed")
_HEADER: Final = "time\tstatus\tkind\tsession\twhat\teffect id"
_MOST: Final = 1_000_000
_LONGEST: Final = 60  # characters of one value
_DEAREST: Final = 10**9  # what costs more is no price

_ZIP: Final = re.compile(r"([0-9]{5})(?:-[0-9]{4})?")

_NONE: Final = "Nothing was done outside yet: no label was bought or voided here."
_NO_OPEN: Final = "There is nothing whose outcome nobody knows."
_ABOUT_OPEN: Final = (
    "Of these nobody knows yet whether they were done: the server asks the other end by itself, again and again while "
    "it runs, and does none of them twice."
)


def effects(
    unknown: Annotated[bool, typer.Option("--unknown", help="Only those whose outcome nobody knows yet.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many, at most.")] = 100,
    store: Store = None,
    data: Data = None,
) -> None:
    """List what the server did outside, newest first: time, status, kind, session, what, effect id.

    With tabs between them and no header, except on a terminal.
    """
    with refusals():
        settings = settings_beside(store, data, sought="ledger")
        statuses = _OPEN if unknown else _ALL
        rows = with_store(settings, lambda opened: opened.effects(statuses=statuses, limit=limit))
        out = console().file
        lines = [line_of(row) for row in rows]
        for line in columns([_HEADER, *lines]) if lines and out.isatty() else lines:
            print(line, file=out)
        if not rows:
            typer.echo(_NO_OPEN if unknown else _NONE, err=True)
        elif unknown:
            typer.echo(_ABOUT_OPEN, err=True)


def columns(lines: list[str]) -> list[str]:
    """Lines with tabs in them, all with as many, as columns with blanks between."""
    rows = [line.split("\t") for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def line_of(row: EffectRow) -> str:
    """One effect as a line: ISO time (UTC), status, kind, session id, what, effect id, with tabs between.

    "What" is as much as its JSON says of: carrier, service, price, ZIP → ZIP, tracking number. Names and addresses,
    which are in there too, are never taken.
    """
    time = datetime.fromtimestamp(row.at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    cells = (time, row.status, row.kind, row.session_id, _what(row), row.effect_id)
    return "\t".join(" ".join(printable(cell).split()) for cell in cells)


def _what(row: EffectRow) -> str:
    request, outcome = _object(row.request), _object(row.outcome)
    order = _inner(request, "order")
    about = order or request
    details = _inner(order, "details")
    ends = _zip(details, "from"), _zip(details, "to")
    found = (
        _word(about, "carrier"),
        _word(about, "service"),
        _price(order, request),
        "→".join(ends) if all(ends) else "",
        _word(outcome, "tracking_number") or _word(about, "tracking_number"),
    )
    return " ".join(filter(None, found))


def _object(encoded: bytes | None) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(encoded or b"{}")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _inner(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def _word(holder: Mapping[str, Any], key: str) -> str:
    found = holder.get(key)
    return found[:_LONGEST] if isinstance(found, str) else ""


def _zip(details: Mapping[str, Any], key: str) -> str:
    """The first five digits: nine can mean a single house."""
    found = _ZIP.fullmatch(_word(details, key))
    return found.group(1) if found else ""


def _price(order: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    """An order's cost is in cents; what was taken from a session's state is in dollars."""
    cost = (order or request).get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not abs(cost) < _DEAREST:
        return ""
    return money.text(round(cost) if order else money.from_dollars(cost))
