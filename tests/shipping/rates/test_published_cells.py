"""Cells typed by hand from the published lists, in dollars as they are printed there.

They are not read from any file, so that a slip in making a table cannot also be in its test.
"""

from datetime import date
from decimal import Decimal

import pytest

from shipanion.shipping.parcel import Parcel
from shipanion.shipping.rates.book import packaged

GA, PM, PME = range(3)
JULY_2026, OCTOBER_2025 = date(2026, 7, 12), date(2025, 10, 5)

# (service, pounds, zone, dollars)
NEW = [
    (GA, 0.5, 1, "7.90"),
    (GA, 0.5, 6, "8.75"),
    (GA, 0.999, 7, "11.95"),
    (GA, 1, 3, "10.20"),
    (GA, 2, 2, "11.50"),
    (GA, 3, 5, "14.95"),
    (GA, 7, 8, "30.60"),
    (GA, 12, 1, "17.45"),
    (GA, 20, 6, "44.25"),
    (GA, 25, 4, "47.80"),
    (GA, 33, 7, "104.90"),
    (GA, 40, 9, "140.40"),
    (GA, 50, 2, "57.20"),
    (GA, 61, 5, "117.30"),
    (GA, 70, 8, "196.80"),
    (PM, 1, 1, "11.00"),
    (PM, 2, 6, "18.15"),
    (PM, 3, 4, "15.15"),
    (PM, 7, 9, "92.65"),
    (PM, 12, 7, "62.20"),
    (PM, 20, 3, "27.55"),
    (PM, 25, 5, "70.85"),
    (PM, 33, 8, "154.05"),
    (PM, 40, 2, "55.95"),
    (PM, 50, 6, "146.05"),
    (PM, 61, 1, "67.05"),
    (PM, 70, 4, "111.00"),
    (PME, 0.5, 8, "53.35"),
    (PME, 1, 5, "51.50"),
    (PME, 2, 3, "41.40"),
    (PME, 3, 7, "78.80"),
    (PME, 7, 2, "49.25"),
    (PME, 12, 6, "147.15"),
    (PME, 20, 4, "159.20"),
    (PME, 25, 9, "334.40"),
    (PME, 33, 1, "126.15"),
    (PME, 40, 8, "373.55"),
    (PME, 50, 5, "411.50"),
    (PME, 61, 3, "384.70"),
    (PME, 70, 6, "590.80"),
]
OLD = [
    (GA, 0.75, 4, "9.30"),
    (GA, 1, 8, "12.45"),
    (GA, 9, 6, "23.35"),
    (GA, 20, 1, "20.85"),
    (GA, 44, 5, "87.35"),
    (GA, 70, 7, "158.00"),
    (PM, 1, 2, "10.90"),
    (PM, 9, 4, "18.95"),
    (PM, 20, 8, "100.95"),
    (PM, 70, 9, "445.35"),
    (PME, 1, 7, "55.30"),
    (PME, 9, 3, "65.35"),
    (PME, 44, 1, "155.05"),
    (PME, 70, 8, "595.80"),
]

BOOK = packaged()


def test_there_are_forty_and_each_service_and_zone_is_among_them() -> None:
    assert len(NEW) >= 40
    assert len(set(NEW)) == len(NEW)
    assert {service for service, *_ in NEW} == {GA, PM, PME}
    assert {zone for _, _, zone, _ in NEW} == set(range(1, 10))


@pytest.mark.parametrize(
    ("day", "service", "pounds", "zone", "dollars"),
    [(day, *cell) for day, cells in ((JULY_2026, NEW), (OCTOBER_2025, OLD)) for cell in cells],
)
def test_a_published_cell(day: date, service: int, pounds: float, zone: int, dollars: str) -> None:
    table = BOOK.for_day(day)
    assert table.effective == day
    price = table.services[service].price(Parcel(pounds), zone, table.dimensional)
    assert price is not None
    assert price.cents == Decimal(dollars) * 100


@pytest.mark.parametrize("table", BOOK.tables, ids=lambda table: str(table.effective))
def test_no_heavier_and_no_farther_parcel_costs_less_in_any_table(table: object) -> None:
    """Every row and column, not a sample: the loader refuses what breaks this, and this does not trust it."""
    for service in getattr(table, "services", ()):
        grid = [list(row) for _, row in service.prices]
        assert len(grid) >= 70
        assert all(row == sorted(row) for row in grid)
        assert all(list(column) == sorted(column) for column in zip(*grid, strict=True))
