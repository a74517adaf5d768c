"""What happens in a session besides messages, each in a sentence."""

from collections.abc import Mapping
from typing import Any, Final

from shipanion.cli.chat.figures import mapping

__all__ = ["ENDED", "answered", "changed", "told", "under_way"]

Event = Mapping[str, Any]

ENDED: Final = ("settled", "failed", "unknown")
"""Statuses of an effect with which there is something to say; ``unknown`` may be followed by another one."""

BEGUN: Final = {"buy": "Buying the label…", "void": "Voiding the label…"}
BEGUN_SAMPLE: Final = {"buy": "Making the sample label…", "void": "Voiding the sample label…"}

AFRESH: Final = "The question is asked afresh."

ANSWERS: Final = {"approved": "yes", "declined": "no"}
OVER: Final = {
    "expired": "The question has run out.",
    "cancelled": "That question does not stand any more.",
}


def answered(event: Event, *, here: bool, afresh: bool = False) -> str:
    """How ``approval_resolved`` ended a question.

    Args:
        event: the event. It does not say why a question was cancelled, so neither does this.
        here: the answer was given on this device.
        afresh: another question took this one's place.
    """
    decision = str(event.get("decision"))
    if decision == "cancelled" and afresh:
        return AFRESH
    if decision in ANSWERS:
        return f"You said {ANSWERS[decision]}{'' if here else ' on another device'}."
    return OVER.get(decision, "The question is over.")


def under_way(event: Event) -> str:
    """What ``effect_changed`` with the status ``claimed`` means."""
    words = BEGUN_SAMPLE if mapping(event.get("data")).get("is_sample") else BEGUN
    return str(event.get("say") or words.get(str(event.get("kind")), "Doing it…"))


def told(event: Event) -> str:
    """What a ``contextual_update`` says to people; empty where it is not for them or tells nothing new."""
    data = mapping(event.get("data"))
    return str(data.get("message") or "") if event.get("text") == "quote_ready" or data.get("is_error") else ""


def changed(patch: object) -> list[str]:
    """What an edit changed."""
    fields = mapping(patch)
    lines = []
    if "title" in fields:
        lines.append(f"Title: {fields['title']}" if fields["title"] else "The title is gone.")
    if "shipping_details" in fields:
        lines.append("Details noted.")
    return lines
