"""What people ask about labels that are made: taking one back, where the parcel is, all of them, printing."""

import re
from collections.abc import AsyncIterator
from typing import Any, Final

from shipanion.agent.label_sentences import NO_LABEL, SHOWN, confirming, label_listed, printed, void, which_label
from shipanion.agent.message import Message
from shipanion.agent.sentences import missing, next_question

__all__ = ["list_labels", "print_label", "track", "void_label"]

Json = dict[str, Any]

_SEVERAL: Final = re.compile(r"\b(?:both|all|every|each|them|labels)\b", re.IGNORECASE)
Sentences = AsyncIterator[str]


async def void_label(message: Message) -> Sentences:
    """Ask whether the label is to be taken back."""
    number, live = _number(message), _live(message)
    if number is None and not message.state.get("label") and len(live) == 1:
        number = live[0]["tracking_number"]
    if len(live) > 1 and not message.numbers and _SEVERAL.search(message.text):
        yield "I void one label at a time. "
    result = await _called(message, "void_label", number)
    match result.get("code") or result.get("status"):
        case "which_label":
            yield which_label("void", live) if live else "All labels here are void already."
        case "no_label":
            yield _none(message, "so there is nothing to void.")
        case "voided":
            yield void(message.listed(result["label_id"]) or result)
        case _:
            yield _said(result)


async def track(message: Message) -> Sentences:
    """Say where the parcel is."""
    result = await _called(message, "track_package", _number(message))
    match result.get("code"):
        case "which_label":
            yield which_label("track", _labels(message))
        case "no_label":
            yield _none(message, "so there is nothing to track.")
        case _:
            yield _said(result)


async def list_labels(message: Message) -> Sentences:
    """All labels of the session, the newest last."""
    labels, state = _labels(message), message.state
    if not labels:
        yield _none(message, "in this session.", "")
        return
    shown = labels[-SHOWN:]
    yield f"The last {SHOWN} of {len(labels)} labels:\n" if len(labels) > SHOWN else "Your labels, the newest last:\n"
    for place, label in enumerate(shown, start=len(labels) - len(shown) + 1):
        yield f"{place}. {label_listed(label)}\n"
    if state.get("purchase"):
        yield confirming(state["purchase"])


async def print_label(message: Message) -> Sentences:
    """Say where the label is."""
    number, labels = _number(message), _labels(message)
    current = (message.state.get("label") or {}).get("label_id")
    if number is not None:
        found = [label for label in labels if label.get("tracking_number") == number]
        yield printed(found[0]) if found else "There is no label with that tracking number in this session."
        return
    found = [label for label in labels if label["label_id"] == current] or _live(message) or labels
    if not found:
        yield _none(message, "so there is nothing to print.")
    elif len(found) > 1:
        yield which_label("print", found)
    else:
        yield printed(found[0])


async def _called(message: Message, tool_name: str, number: str | None) -> Json:
    parameters = {} if number is None else {"tracking_number": number}
    return dict((await message.context.call(tool_name, parameters)).result)


def _number(message: Message) -> str | None:
    """The label that is named: by its number, or by its place in the list."""
    if message.numbers:
        return message.numbers[0]
    choice, labels = message.reading.choice, _labels(message)
    if choice is None or choice.by != "position" or not labels:
        return None
    place = int(choice.value or 0)
    label = labels[place - 1 if place > 0 else -1] if place <= len(labels) else {}
    return label.get("tracking_number")


def _labels(message: Message) -> list[Json]:
    return list(message.state.get("labels", ()))


def _live(message: Message) -> list[Json]:
    """Those that are no more being found out about, and not taken back."""
    return [label for label in _labels(message) if label["status"] in ("bought", "voiding")]


def _none(message: Message, so: str, comma: str = ",") -> str:
    """That there is no label, and what is being done or to be said about it."""
    purchase = message.state.get("purchase")
    if purchase:
        return confirming(purchase)
    asks = f" {next_question(message.details)}" if missing(message.details) else ""
    return f"{NO_LABEL}{comma} {so}{asks}"


def _said(result: Json) -> str:
    return str(result.get("say") or result.get("error") or "That did not work. Try again in a moment.")
