import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping import zips
from shipanion.shipping.zips import ZipBook


def refused(value: object) -> str:
    with pytest.raises(ShippingError) as caught:
        zips.for_estimate(value, "to_zip")
    assert caught.value.field == "to_zip"
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    ("sent", "code", "name"),
    [
        ("90210", "90210", "Beverly Hills, CA"),
        ("90210-1234", "90210", "Beverly Hills, CA"),
        ("902101234", "90210", "Beverly Hills, CA"),
        (" 10001 ", "10001", "New York, NY"),
        (10001, "10001", "New York, NY"),
        (2134, "02134", "Allston, MA"),
        ("00501", "00501", "Holtsville, NY"),
        ("96799", "96799", "Pago Pago, AS"),
    ],
)
def test_every_way_to_write_a_zip(sent: object, code: str, name: str) -> None:
    found = zips.for_estimate(sent)
    assert (found.code, found.name) == (code, name)


@pytest.mark.parametrize(
    "sent",
    [
        "banana",
        "9021",
        "902100",
        "90210-",
        "90210-12",
        "",
        "\u0669\u0660\u0662\u0661\u0660",
        None,
        True,
        -90210,
        100_000,
        90210.0,
        ["90210"],
    ],
)
def test_what_is_no_zip(sent: object) -> None:
    assert refused(sent) == "malformed_zip"


@pytest.mark.parametrize("sent", ["99999", "00000", 0, 99999])
def test_a_zip_that_no_place_has(sent: object) -> None:
    assert refused(sent) == "unknown_zip"


@pytest.mark.parametrize("sent", ["09012", "34001", "96201", "09980"])  # AE, AA, AP, and a DPO filed under NJ
def test_military_mail_is_real_but_not_estimated(sent: str) -> None:
    assert refused(sent) == "military_zip"
    assert zips.lookup(sent).kind == "MILITARY"


def test_a_zip_without_a_place() -> None:
    assert refused("88888") == "unplaced_zip"  # letters to Santa


def test_a_zip_without_coordinates_is_placed_by_its_neighbours() -> None:
    found = zips.for_estimate("90205")
    assert found.place is None
    assert zips.preload().area_place(found.area) is not None


def test_a_zip_out_of_use_is_known_as_such() -> None:
    assert not zips.for_estimate("10048").active
    assert zips.for_estimate("10001").active


def test_the_place_of_a_zip_is_where_it_is() -> None:
    place = zips.lookup("90210").place
    assert place == pytest.approx((34.09, -118.41), abs=0.02)


def test_the_book_agrees_with_its_source_in_every_row() -> None:
    import zipcodes

    book = zips.preload()
    rows = zipcodes.list_all()  # type: ignore[no-untyped-call]
    assert len(book) == len(rows) > 40_000
    for row in rows:
        found = book.get(row["zip_code"])
        assert found is not None
        assert (found.city, found.state, found.active) == (row["city"], row["state"], row["active"])
        if found.place is not None:
            assert found.place == pytest.approx((float(row["lat"]), float(row["long"])), abs=0.0002)


def test_a_second_preload_costs_nothing_and_gives_the_same_book() -> None:
    books: list[ZipBook] = []
    threads = [threading.Thread(target=lambda: books.append(zips.preload())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(books) == 4
    assert all(book is zips.preload() for book in books)


def test_states_far_from_their_area_do_not_pull_its_place_away() -> None:
    """969 is Guam and Saipan on the map; Majuro and Palau bear the same digits 1,800 miles apart."""
    place = zips.preload().area_place("969")
    assert place is not None
    assert place[1] == pytest.approx(144.9, abs=0.5)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_whatever_is_sent_is_a_zip_or_a_designed_refusal(value: object) -> None:
    try:
        said = zips.for_estimate(value).code
    except ShippingError as error:
        said = error.code
    assert len(said) == 5 or said in ("malformed_zip", "unknown_zip", "military_zip", "unplaced_zip")
