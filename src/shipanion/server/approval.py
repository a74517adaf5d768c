"""How a step begins and ends a person's yes being asked for, told from the state before and after it.

An approval is open as long as the shared state says so (``domain``). So nobody can take what it is about away from
under it: whatever does so ends it, in the same commit, and it ends once (I10).
"""

from collections.abc import Sequence
from typing import Any

from shipanion.protocol.events import ApprovalResolved, EventBody
from shipanion.stores.base import ApprovalAsked, ApprovalEnded

__all__ = ["answering", "cancelled", "open_approval", "written"]

State = dict[str, Any]


def open_approval(state: State) -> str | None:
    """The id of the approval that is open, or None."""
    approval = state.get("approval")
    return None if approval is None else str(approval["approval_id"])


def answering(before: State, after: State) -> State:
    """The patch on ``after`` that says which approval a person's next words can answer, when one begins.

    Only the first one since their last message: of two, nobody can know which one they had read.
    """
    stands = open_approval(after)
    if stands is None or stands == open_approval(before) or "answering" in after:
        return {}
    return {"answering": stands}


def cancelled(events: Sequence[EventBody], before: State, after: State) -> ApprovalResolved | None:
    """The end of an approval that these events took away without saying how it ended; None where none was."""
    was = open_approval(before)
    if was is None or was == open_approval(after) or _resolved(events, was) is not None:
        return None
    return ApprovalResolved(approval_id=was, decision="cancelled")


def written(
    events: Sequence[EventBody], before: State, after: State, now: int
) -> tuple[ApprovalEnded | None, ApprovalAsked | None]:
    """What the store is told of it: the approval that ends at ``now`` (ms), and the one that is asked for."""
    was, stands = open_approval(before), open_approval(after)
    if was == stands:
        return None, None
    resolved = _resolved(events, was) if was is not None else None
    ended = None if resolved is None else ApprovalEnded(approval_id=str(was), decision=resolved.decision, now=now)
    asked = (
        None if stands is None else ApprovalAsked(approval_id=stands, expires_at=int(after["approval"]["expires_at"]))
    )
    return ended, asked


def _resolved(events: Sequence[EventBody], approval_id: str) -> ApprovalResolved | None:
    found = (event for event in events if isinstance(event, ApprovalResolved) and event.approval_id == approval_id)
    return next(found, None)
