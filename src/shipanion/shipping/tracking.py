"""Where a parcel is: a status and what happened so far, in words that all carriers share.

A sample label never moves. Its history is made up from the day it was printed and the days its service usually takes,
and says so: the same label at the same time has the same history.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

__all__ = ["Status", "Tracking", "TrackingEvent", "as_json", "simulated"]

Status = Literal["PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED", "RETURNED", "FAILURE", "UNKNOWN"]

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """Something that happened to the parcel; ``at`` in ms since the Unix epoch."""

    at: int
    status: Status
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where a parcel is. ``events`` are oldest first; ``simulated``: none of it happened."""

    tracking_number: str
    status: Status
    events: tuple[TrackingEvent, ...]
    simulated: bool
    estimated_delivery: str | None = None
    """ISO date."""


def simulated(
    tracking_number: str, *, origin: str, destination: str, printed_at: int, transit_days: int, now: int,
    quoted: date | None = None,
) -> Tracking:  # fmt: skip
    """The made-up history of a sample as of ``now`` (ms).

    Args:
        tracking_number: the sample's own.
        origin, destination: the towns, as they are shown.
        printed_at: when the label was made (ms).
        transit_days: the days its service usually takes, at least 1.
        now: the time to look at (ms).
        quoted: the day of delivery that the quote named; it counts, and not the days, which leave Sundays out.
    """
    printed = datetime.fromtimestamp(printed_at / 1000, UTC)
    handed_in = printed + 4 * _HOUR
    days = transit_days if quoted is None else (quoted - printed.date()).days
    arrives = printed + timedelta(days=max(1, days))
    half = handed_in + (arrives - handed_in) / 2
    whole: tuple[tuple[datetime, Status, str, str], ...] = (
        (printed, "PRE_TRANSIT", "Label made", origin),
        (handed_in, "IN_TRANSIT", "Handed in", origin),
        (half, "IN_TRANSIT", "On its way", "between the two"),
        (arrives - 6 * _HOUR, "OUT_FOR_DELIVERY", "Out for delivery", destination),
        (arrives, "DELIVERED", "Delivered", destination),
    )
    events = tuple(
        TrackingEvent(at=_ms(when), status=status, text=f"{text} (simulated)", place=place)
        for when, status, text, place in whole
        if _ms(when) <= now or status == "PRE_TRANSIT"
    )
    return Tracking(
        tracking_number=tracking_number,
        status=events[-1].status,
        events=events,
        simulated=True,
        estimated_delivery=arrives.date().isoformat(),
    )


def as_json(tracking: Tracking) -> dict[str, Any]:
    """The JSON form: ``{tracking_number, status, simulated, estimated_delivery?, events}``.

    ``events`` is a list of ``{at, status, text, place}``, oldest first.
    """
    shown: dict[str, Any] = {
        "tracking_number": tracking.tracking_number,
        "status": tracking.status,
        "simulated": tracking.simulated,
        "events": [
            {"at": event.at, "status": event.status, "text": event.text, "place": event.place}
            for event in tracking.events
        ],
    }
    if tracking.estimated_delivery is not None:
        shown["estimated_delivery"] = tracking.estimated_delivery
    return shown


def _ms(when: datetime) -> int:
    return round(when.timestamp() * 1000)
