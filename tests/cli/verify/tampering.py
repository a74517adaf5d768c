"""Changes to a recorded run, as a faulty server would have made them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shipanion.cli.verify.check import examine
from shipanion.cli.verify.command import CHECKS, LABEL_CHECKS
from shipanion.cli.verify.history import History, Json

__all__ = ["Tamper", "bought_twice", "changed", "dropped", "failures", "repeated", "where"]

Tamper = Callable[[History], None]


def where(
    line: str | None = None, type: str | None = None, *, nth: int | None = 0, **fields: Any
) -> Callable[..., Any]:
    """Picks the entries that a line was sent, by type and fields: the nth one, or all of them."""

    def pick(history: History) -> list[int]:
        found = [
            index
            for index, entry in enumerate(history.entries)
            if entry.what == "got"
            and line in (None, entry.line)
            and type in (None, entry.frame.get("type"))
            and all(entry.frame.get(name) == value for name, value in fields.items())
        ]
        assert found, f"nothing like this in the run: {line} {type} {fields}"
        return found if nth is None else [found[nth]]

    return pick


def dropped(pick: Callable[[History], list[int]]) -> Tamper:
    """These frames never came."""

    def tamper(history: History) -> None:
        for index in reversed(pick(history)):
            del history.entries[index]

    return tamper


def repeated(pick: Callable[[History], list[int]]) -> Tamper:
    """These frames came twice."""

    def tamper(history: History) -> None:
        for index in reversed(pick(history)):
            history.entries.insert(index, history.entries[index])

    return tamper


def changed(pick: Callable[[History], list[int]], change: Callable[[Json], Json]) -> Tamper:
    """These frames were others."""

    def tamper(history: History) -> None:
        for index in pick(history):
            entry = history.entries[index]
            history.entries[index] = replace(entry, frame=change(entry.frame))

    return tamper


def bought_twice(history: History) -> None:
    """The second call under another id bought a second label: in its result, in the log and in the state."""
    call = history.id("l2")
    result = next(history.find("page-again", "client_tool_result", tool_call_id=call))
    effect = next(history.find("page-again", "effect_changed", status="settled"))
    second = {"label_id": "label-second", "tracking_number": "SAMPLE-SECOND"}
    labels = [*effect["patch"]["labels"], {**effect["patch"]["labels"][0], **second}]
    changed(
        where(None, "client_tool_result", nth=None, tool_call_id=call),
        lambda frame: {**frame, "result": {**frame["result"], **second}},
    )(history)
    # Its purchase stands where an update of that call stood, so that the log stays without a gap.
    data = {**effect["data"], **second}
    bought = {**effect, "effect_id": "purchase-second", "data": data, "patch": {"labels": labels}}
    changed(
        where(None, "contextual_update", nth=None, offset=result["offset"] + 1),
        lambda frame: {**bought, "offset": frame["offset"]},
    )(history)


def failures(history: History) -> set[str]:
    """The ids of the checks that fail, of those that belong to this run."""
    checks = LABEL_CHECKS if "other" in history.lines() else CHECKS
    return {finding.check.id for finding in examine(history, checks) if finding.ok is False}
