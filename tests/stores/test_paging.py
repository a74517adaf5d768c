import pytest

from shipanion.stores.base import StoredEvent
from shipanion.stores.paging import page

EVENTS = [
    StoredEvent(offset=n, type="note", body=b"x" * size, by=b"{}", at=1, id=None)
    for n, size in enumerate([10, 0, 10, 30, 1], start=1)
]


@pytest.mark.parametrize(
    ("max_bytes", "max_count", "taken"),
    [(51, 5, 5), (50, 5, 4), (20, 5, 3), (20, 2, 2), (19, 5, 2), (9, 5, 1), (0, 5, 1), (51, 0, 1), (-1, -1, 1)],
)
def test_what_fits_into_a_page(max_bytes: int, max_count: int, taken: int) -> None:
    assert page(EVENTS, max_bytes=max_bytes, max_count=max_count) == EVENTS[:taken]


def test_no_events_no_page() -> None:
    assert page([], max_bytes=1, max_count=1) == []


def test_it_reads_no_further_than_it_must() -> None:
    given = iter(EVENTS)
    page(given, max_bytes=100, max_count=2)
    assert next(given).offset == 4
