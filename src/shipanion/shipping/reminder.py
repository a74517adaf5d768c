"""What Bob must know to go on after he was away: a resume, a dropped call, another brain in his place.

In this order: the summary, what the ledger knows to be done, the last messages word for word, what the world did
meanwhile, and how to go on. A brain that minds no more than the last lines still does not greet, ask or buy twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from shipanion.shipping.phrases import (
    asked,
    labels_of,
    mapping,
    moment,
    one_line,
    priced,
    quotation,
    quotes_of,
    quotes_ran_out,
    ran_out,
    sample_mark,
)
from shipanion.shipping.summary import HEADING, previous_conversation_summary

__all__ = ["LONGEST", "Message", "reminder"]

LONGEST: Final = 4_000
"""Characters in a reminder."""

_MAX_MESSAGES: Final = 6
_LONGEST_MESSAGE: Final = 300
_MAX_LABELS: Final = 8
_RULES: Final = (
    "Go on from here: do not greet again, do not ask again for what is known, and do not buy again what is bought, "
    "being bought or being confirmed.",
    "If something moved on, say so before anything else.",
)
_ENDED: Final = "These prices held until "  # RateTable.about begins so where a price list has ended; a date follows
_SPEAKERS: Final = {"owner": "Person", "agent": "Bob"}
_DONE: Final = {
    "bought": "Bought",
    "confirming": "Being confirmed with the carrier, for an earlier parcel",
    "voiding": "Being voided",
    "void_pending": "Voided, the refund is pending",
    "voided": "Voided",
}

Fields = Mapping[str, Any]


class Message(Protocol):
    """One message of the conversation. ``role`` is ``owner`` for the person, ``agent`` for Bob, or another's."""

    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...


def reminder(state: Fields, recent: Sequence[Message], now: int) -> str | None:
    """The reminder, in lines, ending in a newline; None when nothing has happened in the session yet.

    Total: whatever state and messages hold, the same arguments give the same text of at most ``LONGEST`` characters.
    What does not fit is left out in this order: messages, the oldest first; labels of the ledger, the oldest first;
    quotes, the last first; the rest of the summary, from its end. A heading goes with its last line.

    Args:
        state: the shared state.
        recent: the last messages, oldest first. Six are told, each cut to 300 characters.
        now: ms since the Unix epoch.
    """
    known = mapping(state)
    summary = previous_conversation_summary(known, now).splitlines()
    labels = _labels(known)
    never = [*_do_not_buy(known)]
    messages = [line for message in recent[-_MAX_MESSAGES:] if (line := _message(message))]
    if summary == [HEADING] and not (labels or never or messages):
        return None
    moved = [*_moved_on(known, now)]

    def told() -> str:
        parts = (
            ("Facts from the ledger:", [*labels, *never]),
            ("Last messages:", messages),
            ("What moved on:", moved),
        )
        within = (line for heading, lines in parts if lines for line in (heading, *lines))
        return "".join(f"{line}\n" for line in (*summary, *within, *_RULES))

    while len(told()) > LONGEST:
        if longest := messages or labels:
            del longest[0]
        else:
            quotes = [place for place, line in enumerate(summary) if line.startswith("  ")]
            del summary[quotes[-1] if quotes else -1]
    return told()


def _labels(state: Fields) -> list[str]:
    # A tuple, for a status that cannot be hashed cannot be looked for in a dict.
    entries = [entry for entry in labels_of(state) if entry.get("status") in tuple(_DONE)]
    return [f"- {_DONE[entry['status']]}: {_label(entry)}" for entry in entries[-_MAX_LABELS:]]


def _label(entry: Fields) -> str:
    ends = " ".join(f"{end} {place}" for end in ("from", "to") if (place := one_line(entry.get(end), 20)))
    return ", ".join(filter(None, (one_line(entry.get("tracking_number")), priced(entry), ends))) + sample_mark(entry)


def _do_not_buy(state: Fields) -> Iterator[str]:
    label, purchase = mapping(state.get("label")), mapping(state.get("purchase"))
    if label:
        number = one_line(label.get("tracking_number"))
        yield "- Do not buy again: this parcel has its label" + (f", {number}" if number else "")
    if purchase:
        if purchase.get("status") == "unknown":
            fate = "may have been bought; the carrier is being asked"
        else:
            fate = "is being bought"
        yield f"- Do not buy again: {priced(purchase)}{sample_mark(purchase)} {fate}"


def _message(message: Message) -> str:
    said = quotation(message.text, _LONGEST_MESSAGE)
    role = one_line(message.role, 20)
    return f"- {_SPEAKERS.get(role) or role.capitalize() or 'Somebody'}: {said}" if said else ""


def _moved_on(state: Fields, now: int) -> Iterator[str]:
    if quotes_ran_out(state, now):
        yield f"- The quotes ran out{_at(state.get('quotes_expire_at'))}: ask for new ones before a label is bought"
    if not state.get("label") and (day := _prices_ended(state)) is not None:
        yield f"- The price list behind the quotes ended{day}: the price at the counter has changed"
    if approval := mapping(state.get("approval")):
        what = asked(approval, labels_of(state))
        if ran_out(approval.get("expires_at"), now):
            yield f"- The offer ran out unanswered{_at(approval.get('expires_at'))}, nothing was done: {what}"
        elif state.get("answering") != approval.get("approval_id"):
            yield f"- Something else was said after the question, so a typed yes no longer counts; ask again: {what}"


def _prices_ended(state: Fields) -> str | None:
    """``" on 2026-07-11"`` if a note of a quote says that its price list has ended, else None."""
    for quote in quotes_of(state):
        notes = quote.get("notes")
        for note in notes if isinstance(notes, list | tuple) else ():
            if isinstance(note, str) and note.startswith(_ENDED):
                day = one_line(note[len(_ENDED) : len(_ENDED) + 10], 10)
                return f" on {day}" if day else ""
    return None


def _at(at: object) -> str:
    return f" at {shown}" if (shown := moment(at)) else ""
