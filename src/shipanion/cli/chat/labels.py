"""The labels of a session as the shared state lists them: in lines with numbers, and found by what a person types."""

import os
from collections.abc import Mapping
from typing import Any, Final

from shipanion.cli.chat.figures import mapping, price, service
from shipanion.cli.console import printable
from shipanion.errors import ShipanionError

__all__ = ["NoSuchLabel", "current_label", "label_lines", "listed", "wanted"]

Fields = Mapping[str, Any]

MOST_SHOWN: Final = 20

STATUS: Final = {
    "bought": "",
    "confirming": "being confirmed with the carrier",
    "voiding": "being voided",
    "void_pending": "void, the refund is pending",
    "voided": "void",
}

LONGEST_NUMBER: Final = 3
"""Digits of a place in the list; more are a tracking number."""


class NoSuchLabel(ShipanionError):
    """There is no label like that to save."""


def listed(state: Fields) -> list[Fields]:
    """Every label of the session, oldest first."""
    labels = state.get("labels")
    return [label for label in labels if isinstance(label, Mapping)] if isinstance(labels, list) else []


def current_label(state: Fields) -> Fields:
    """The label of the current parcel; empty where it has none."""
    return mapping(state.get("label"))


def label_lines(state: Fields) -> list[str]:
    """The list, with the numbers that ``wanted`` takes; of many the newest."""
    labels, current = listed(state), current_label(state).get("label_id")
    lines = [f"{number:>3}  {_line(label, current)}" for number, label in enumerate(labels, 1)]
    return [f"     … and {len(lines) - MOST_SHOWN} earlier", *lines[-MOST_SHOWN:]] if lines[MOST_SHOWN:] else lines


def _line(label: Fields, current: object) -> str:
    route = f"{label['from']} to {label['to']}" if "from" in label and "to" in label else ""
    facts = [
        str(label.get("tracking_number") or "no number yet"), service(label), price(label.get("cost")), route,
        "SAMPLE" if label.get("is_sample") else "", STATUS.get(str(label.get("status")), str(label.get("status"))),
        "this parcel's" if current is not None and label.get("label_id") == current else "",
    ]  # fmt: skip
    return printable(", ".join(fact for fact in facts if fact))


def wanted(state: Fields, typed: str) -> tuple[Fields, str]:
    """The label that ``[N|tracking number] [FILE]`` means, and FILE; empty where none is named.

    Raises:
        NoSuchLabel: there is none like that, or there are several and it is not said which.
    """
    labels = listed(state)
    first, _, rest = typed.strip().partition(" ")
    file = rest.strip()
    if first and (label := next((label for label in labels if _number(label) == first.upper()), None)):
        return _whole(label), file
    if first.isdecimal() and len(first) <= LONGEST_NUMBER:
        if not 1 <= int(first) <= len(labels):
            raise NoSuchLabel(f"There is no label {first} in this session. /state lists them.")
        return _whole(labels[int(first) - 1]), file
    if first and not file and not _is_file(first):
        raise NoSuchLabel(
            f"No label of this session has the number {first}; /state lists them. A file's name has a dot or a slash."
        )
    return _whole(_only(state, labels)), typed.strip()


def _only(state: Fields, labels: list[Fields]) -> Fields:
    id = current_label(state).get("label_id")
    current = next((label for label in labels if label.get("label_id") == id), None)
    if current is not None or len(labels) == 1:
        return current or labels[0]
    if not labels:
        being = mapping(state.get("purchase"))
        raise NoSuchLabel(f"There is no label in this session yet{': it is being confirmed' if being else ''}.")
    raise NoSuchLabel("Which label? /label N takes a number of the list that /state shows.")


def _whole(label: Fields) -> Fields:
    if not label.get("label_url"):
        raise NoSuchLabel(f"That label is not here yet: {STATUS.get(str(label.get('status'))) or 'it has no file'}.")
    return label


def _number(label: Fields) -> str:
    return str(label.get("tracking_number", "")).upper()


def _is_file(word: str) -> bool:
    return "." in word or os.sep in word or "/" in word or word.startswith("~")
