import csv
import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ConfigurationError
from shipanion.shipping.parcel import Dimensions, Parcel, read_dimensions
from shipanion.shipping.rates.table import LATEST, Dimensional, RateTable, load
from tests.support import testdata

TABLE = load()
GA, PM, PME = TABLE.services


def cents(service: int, zone: int, pounds: float, size: str | None = None) -> int | None:
    parcel = Parcel(pounds, read_dimensions(size) if size else None)
    price = TABLE.services[service].price(parcel, zone, TABLE.dimensional)
    return price.cents if price else None


def notes(service: int, zone: int, pounds: float, size: str) -> str:
    price = TABLE.services[service].price(Parcel(pounds, read_dimensions(size)), zone, TABLE.dimensional)
    assert price is not None
    return " ".join(price.notes)


@pytest.mark.parametrize(
    ("pounds", "zone", "ground", "priority", "express"),
    [
        (0.25, 1, 790, 1100, 3565),
        (0.5, 4, 830, 1190, 3855),
        (1, 8, 1290, 1695, 6280),
        (5, 4, 1580, 1750, 6585),
        (5, 8, 2605, 3690, 10150),
        (5, 9, 2605, 7300, 13570),
        (10, 5, 2285, 2865, 12665),
        (70, 1, 6410, 7220, 25100),
        (70, 9, 19680, 48440, 86815),
    ],
)
def test_figures_of_the_published_list(pounds: float, zone: int, ground: int, priority: int, express: int) -> None:
    assert [cents(service, zone, pounds) for service in range(3)] == [ground, priority, express]


@pytest.mark.parametrize(
    ("ounces", "row"),
    [(4, 0), (4.1, 1), (8, 1), (8.1, 2), (12.1, 3), (15.999, 3), (16, 4), (16.1, 5), (17.5, 5), (32, 5)],
)
def test_ground_advantage_bills_by_bands_under_a_pound_and_whole_pounds_above(ounces: float, row: int) -> None:
    assert cents(0, 5, ounces / 16) == GA.prices[row][1][4]


def test_priority_mail_begins_at_one_pound_and_express_at_half() -> None:
    assert cents(1, 3, 0.1) == cents(1, 3, 1.0) == 1165
    assert cents(2, 3, 0.1) == cents(2, 3, 0.5) == 3600
    assert cents(2, 3, 0.51) == cents(2, 3, 1.0) == 3830


def test_the_table_says_where_and_when_it_comes_from() -> None:
    assert str(TABLE.effective) == "2026-07-12"
    assert "Notice 123" in TABLE.source
    assert TABLE.seasonal is not None
    assert [str(day) for day in (TABLE.seasonal.since, TABLE.seasonal.until)] == ["2026-10-04", "2027-01-17"]


def test_the_season_includes_its_first_and_last_day() -> None:
    season = TABLE.seasonal
    assert season is not None
    assert season.since in season
    assert season.until in season
    assert season.since.replace(day=3) not in season
    assert season.until.replace(day=18) not in season


@pytest.mark.parametrize(
    ("size", "pounds"),
    [("12x12x12", 0), ("12.1x12x12", 14), ("13x12x12", 14), ("20x15x10", 22), ("17x17x6", 13), ("1x1x1", 0)],
)
def test_dimensional_weight_counts_from_one_cubic_foot(size: str, pounds: int) -> None:
    assert Dimensional(1728, 139).pounds(read_dimensions(size)) == pounds


def test_the_greater_of_actual_and_dimensional_weight_is_billed() -> None:
    assert cents(0, 4, 5, "20x15x10") == cents(0, 4, 22)
    assert cents(0, 4, 30, "20x15x10") == cents(0, 4, 30)
    assert "22 pounds" in notes(0, 4, 5, "20x15x10")


def test_dimensional_weight_beyond_the_last_row_pays_the_last_row() -> None:
    huge = Dimensions(36, 18, 18)
    assert TABLE.dimensional.pounds(huge) == 84
    assert cents(1, 4, 5, str(huge)) == PM.prices[-1][1][3] + 2100 + 3500


@pytest.mark.parametrize(
    ("size", "ground", "priority"),
    [
        ("22x5x5", 0, 0),
        ("22.5x5x5", 450, 450),
        ("30x5x5", 450, 450),
        ("30.5x5x5", 1000, 2100),
    ],
)
def test_long_parcels_pay_one_surcharge(size: str, ground: int, priority: int) -> None:
    base = [cents(service, 4, 9) for service in range(3)]
    assert [cents(service, 4, 9, size) for service in range(2)] == [
        (base[0] or 0) + ground,
        (base[1] or 0) + priority,
    ]


def test_volume_comes_on_top_of_length() -> None:
    assert cents(0, 4, 60, "31x12x12") == (cents(0, 4, 60) or 0) + 1000 + 2100
    assert cents(0, 4, 60, "16x16x14") == (cents(0, 4, 60) or 0) + 2100
    assert "$31.00" in notes(0, 4, 60, "31x12x12")


def test_a_surcharge_that_the_table_does_not_know_is_said_to_be_missing() -> None:
    assert cents(2, 4, 9, "30.5x5x5") == cents(2, 4, 9)
    assert "surcharge for this size not included" in notes(2, 4, 9, "30.5x5x5")
    assert "not included" not in notes(2, 4, 9, "12x5x5")


def test_over_108_inches_only_ground_advantage_and_flat() -> None:
    assert [cents(service, 4, 5, "48x15x15") is not None for service in range(3)] == [True, True, True]  # 108
    assert [cents(service, 4, 5, "48x16x15") for service in range(3)] == [17345, None, None]  # 110
    assert cents(0, 9, 70, "50x20x20") == 29425  # 130
    assert "Oversized" in notes(0, 4, 5, "48x16x15")
    assert GA.price(Parcel(5, Dimensions(51, 20, 20)), 4, TABLE.dimensional) is None


zones = st.integers(1, 9)
weights = st.floats(0.01, 70)
sizes = st.one_of(st.none(), st.builds(Dimensions, st.floats(20, 46), st.floats(8, 15), st.floats(1, 8)))


@given(st.integers(0, 2), zones, weights, weights, sizes)
def test_more_weight_never_costs_less(
    service: int, zone: int, one: float, other: float, size: Dimensions | None
) -> None:
    light, heavy = (
        TABLE.services[service].price(Parcel(pounds, size), zone, TABLE.dimensional) for pounds in sorted((one, other))
    )
    assert light is not None
    assert heavy is not None
    assert light.cents <= heavy.cents


@given(st.integers(0, 2), zones, zones, weights, sizes)
def test_a_farther_zone_never_costs_less(
    service: int, one: int, other: int, pounds: float, size: Dimensions | None
) -> None:
    near, far = (
        TABLE.services[service].price(Parcel(pounds, size), zone, TABLE.dimensional) for zone in sorted((one, other))
    )
    assert near is not None
    assert far is not None
    assert near.cents <= far.cents


@pytest.mark.parametrize(
    ("service", "name"), [(GA, "ground_advantage"), (PM, "priority_mail"), (PME, "priority_mail_express")]
)
def test_every_cell_is_that_of_the_transcription(service: object, name: str) -> None:
    with testdata.require(f"usps/2026-07-12/{name}_retail.csv").open(newline="") as lines:
        _, *rows = csv.reader(lines)
    expected = [
        (
            float(weight.removesuffix(" oz")) * (1 if weight.endswith("oz") else 16),
            tuple(int(Decimal(price) * 100) for price in prices),
        )
        for weight, *prices in rows
    ]
    assert len(expected) >= 70
    assert list(getattr(service, "prices", ())) == expected


def latest() -> dict[str, object]:
    content: dict[str, object] = json.loads((files("shipanion.shipping.rates") / LATEST).read_text())
    return content


def test_a_table_can_be_loaded_from_a_file(tmp_path: Path) -> None:
    content = latest()
    content.pop("seasonal")
    file = tmp_path / "next.json"
    file.write_text(json.dumps(content | {"effective": "2027-01-18"}))
    table = load(file)
    assert isinstance(table, RateTable)
    assert str(table.effective) == "2027-01-18"
    assert table.seasonal is None
    assert table.services == TABLE.services


def broken(change: object) -> str:
    content = latest()
    services = content["services"]
    assert isinstance(services, list)
    assert callable(change)
    change(services[0])
    return json.dumps(content)


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "{}",
        broken(lambda service: service["prices"][3][1].pop()),
        broken(lambda service: service["prices"][3][1].reverse()),
        broken(lambda service: service["prices"].reverse()),
        broken(lambda service: service.update(prices=[])),
        broken(lambda service: service["prices"][0][1].__setitem__(0, -1)),
        broken(lambda service: service["prices"][0][1].__setitem__(0, 7.9)),
        broken(lambda service: service["transit_days"].pop()),
    ],
)
def test_a_file_that_is_no_price_table_is_refused_by_name(content: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"prices\.json cannot be used: .+ docs/rates\.md"):
        load(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.json cannot be used: No such file"):
        load(tmp_path / "nowhere.json")
