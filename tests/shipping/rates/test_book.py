import csv
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from shipanion.errors import ConfigurationError
from shipanion.shipping.parcel import Parcel, read_dimensions
from shipanion.shipping.rates.book import RateBook, packaged
from shipanion.shipping.rates.table import RateTable, load
from tests.support import testdata

BOOK = packaged()
OLD, NEW = BOOK.tables


def test_the_package_has_two_tables_and_the_newest_is_the_one_that_loads_without_a_path() -> None:
    assert [str(table.effective) for table in BOOK.tables] == ["2025-10-05", "2026-07-12"]
    assert BOOK.newest == load()


@pytest.mark.parametrize(
    ("day", "effective"),
    [
        ("2025-10-04", "2025-10-05"),
        ("2025-10-05", "2025-10-05"),
        ("2026-07-11", "2025-10-05"),
        ("2026-07-12", "2026-07-12"),
        ("2029-01-01", "2026-07-12"),
    ],
)
def test_a_day_has_the_newest_table_in_effect(day: str, effective: str) -> None:
    assert str(BOOK.for_day(date.fromisoformat(day)).effective) == effective


def test_the_order_in_which_tables_are_given_does_not_matter() -> None:
    assert RateBook([NEW, OLD]).tables == BOOK.tables


def test_a_day_before_the_first_table_is_told_so() -> None:
    assert "2025-10-05 only; 2025-10-04 is before that" in OLD.about(date(2025, 10, 4))[-1]
    assert len(OLD.about(date(2025, 10, 5))) == 1


def test_every_table_says_its_date() -> None:
    for table in BOOK.tables:
        assert f"prices of {table.effective}" in table.about(table.effective)[0]


@pytest.mark.parametrize(("day", "warned"), [("2027-01-16", False), ("2027-01-17", False), ("2027-01-18", True)])
def test_after_its_end_a_table_warns(day: str, warned: bool) -> None:
    ended = msgspec.structs.replace(NEW, ends=date(2027, 1, 17))
    told = " ".join(ended.about(date.fromisoformat(day)))
    assert ("held until 2027-01-17" in told) is warned


def test_an_end_is_read_from_a_file() -> None:
    content = msgspec.json.encode(msgspec.structs.replace(NEW, ends=date(2027, 1, 17)))
    assert msgspec.json.decode(content, type=RateTable).ends == date(2027, 1, 17)


def test_the_older_list_measures_size_as_it_was_measured_then() -> None:
    size = read_dimensions("12.4x12.4x12.4")
    assert OLD.dimensional.pounds(size) == 0  # 12 x 12 x 12 is just a cubic foot
    assert NEW.dimensional.pounds(size) == 16  # 13 x 13 x 13 / 139
    assert OLD.dimensional.pounds(read_dimensions("20.5x15x10")) == 19  # 21 x 15 x 10 / 166, not 20
    price = OLD.services[0].price(Parcel(5, read_dimensions("30.5x5x5")), 4, OLD.dimensional)
    base = OLD.services[0].price(Parcel(5), 4, OLD.dimensional)
    assert price is not None
    assert base is not None
    assert price.cents - base.cents == 840


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([], "no price table"),
        ([NEW, NEW], "on the same day"),
        ([NEW, msgspec.structs.replace(OLD, carrier="UPS")], "different carriers do not mix: UPS, USPS"),
    ],
)
def test_tables_that_make_no_book_are_refused(tables: list[RateTable], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        RateBook(tables)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["ground_advantage", "priority_mail", "priority_mail_express"])
def test_every_cell_of_the_older_table_is_that_of_the_transcription(place: int) -> None:
    name = ("ground_advantage", "priority_mail", "priority_mail_express")[place]
    with testdata.require(f"usps/2025-10-05/{name}_retail.csv").open(newline="") as lines:
        _, *rows = csv.reader(lines)
    expected = [
        (
            float(weight.removesuffix(" oz")) * (1 if weight.endswith("oz") else 16),
            tuple(int(Decimal(price) * 100) for price in prices),
        )
        for weight, *prices in rows
    ]
    assert len(expected) >= 70
    assert list(OLD.services[place].prices) == expected
