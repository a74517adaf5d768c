import json
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.tracking import Status, Tracking, TrackingEvent, as_json, simulated

PRINTED = 1_795_435_200_000  # 2026-11-23, 12:00 UTC
HOUR = 3600 * 1000
DAY = 24 * HOUR
days = st.integers(-2, 30)
moments = st.integers(PRINTED - 5 * DAY, PRINTED + 40 * DAY)


def at(now: int, transit_days: int = 5) -> Tracking:
    return simulated(
        "SAMPLE-VXCM-GNVD",
        origin="Beverly Hills, CA",
        destination="New York, NY",
        printed_at=PRINTED,
        transit_days=transit_days,
        now=now,
    )


@pytest.mark.parametrize(
    ("after", "status", "place"),
    [
        (-DAY, "PRE_TRANSIT", "Beverly Hills, CA"),  # another machine's clock is behind
        (0, "PRE_TRANSIT", "Beverly Hills, CA"),
        (4 * HOUR - 1, "PRE_TRANSIT", "Beverly Hills, CA"),
        (4 * HOUR, "IN_TRANSIT", "Beverly Hills, CA"),
        (3 * DAY, "IN_TRANSIT", "between the two"),
        (5 * DAY - 6 * HOUR, "OUT_FOR_DELIVERY", "New York, NY"),
        (5 * DAY - 1, "OUT_FOR_DELIVERY", "New York, NY"),
        (5 * DAY, "DELIVERED", "New York, NY"),
        (500 * DAY, "DELIVERED", "New York, NY"),
    ],
)
def test_where_a_sample_is_said_to_be(after: int, status: Status, place: str) -> None:
    tracking = at(PRINTED + after)
    assert (tracking.status, tracking.events[-1].place) == (status, place)
    assert tracking.estimated_delivery == "2026-11-28"


def test_the_day_that_was_quoted_counts() -> None:
    ends = {"origin": "Beverly Hills, CA", "destination": "New York, NY"}
    for after, status in ((6 * DAY - 1, "OUT_FOR_DELIVERY"), (6 * DAY, "DELIVERED")):
        tracking = simulated(
            "SAMPLE-VXCM-GNVD", **ends, printed_at=PRINTED, transit_days=5, now=PRINTED + after,
            quoted=date(2026, 11, 29),
        )  # fmt: skip
        assert (tracking.status, tracking.estimated_delivery) == (status, "2026-11-29")


@given(moments, days)
def test_every_word_of_it_says_that_it_is_made_up(now: int, transit_days: int) -> None:
    tracking = at(now, transit_days)
    assert tracking.simulated
    assert tracking.events
    assert all(event.text.endswith("(simulated)") for event in tracking.events)
    assert tracking.status == tracking.events[-1].status


@given(moments, moments, days)
def test_what_has_happened_stays(one: int, other: int, transit_days: int) -> None:
    earlier, later = (at(now, transit_days).events for now in sorted((one, other)))
    assert later[: len(earlier)] == earlier
    assert [event.at for event in later] == sorted(event.at for event in later)


@given(moments, days)
def test_nothing_happens_before_its_time(now: int, transit_days: int) -> None:
    assert all(event.at <= max(now, PRINTED) for event in at(now, transit_days).events)


@pytest.mark.parametrize("transit_days", [-1, 0, 1])
def test_at_least_one_day_passes(transit_days: int) -> None:
    assert at(PRINTED + DAY - 1, transit_days).status == "OUT_FOR_DELIVERY"
    assert at(PRINTED + DAY, transit_days).status == "DELIVERED"
    assert len(at(PRINTED + DAY, transit_days).events) == 5


def test_the_json_form() -> None:
    shown = as_json(at(PRINTED))
    assert shown == {
        "tracking_number": "SAMPLE-VXCM-GNVD",
        "status": "PRE_TRANSIT",
        "simulated": True,
        "events": [
            {"at": PRINTED, "status": "PRE_TRANSIT", "text": "Label made (simulated)", "place": "Beverly Hills, CA"}
        ],
        "estimated_delivery": "2026-11-28",
    }
    json.dumps(shown)


def test_what_is_not_known_is_not_in_the_json() -> None:
    event = TrackingEvent(at=1, status="UNKNOWN", text="?", place="")
    shown = as_json(Tracking("9400100208303109505657", "UNKNOWN", (event,), simulated=False))
    assert "estimated_delivery" not in shown
    assert shown["simulated"] is False


def test_statuses_are_words_that_all_carriers_share() -> None:
    simulated_ones = {event.status for event in at(PRINTED + 9 * DAY).events}
    assert simulated_ones == {"PRE_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"}
    assert simulated_ones < set(get_args(Status))
