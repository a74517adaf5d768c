import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping import zips, zones
from tests.support import testdata


@pytest.mark.parametrize(
    ("origin", "destination", "zone"),
    [
        ("90210", "10001", 8),
        ("10001", "90210", 8),
        ("94107", "90277", 4),
        ("94107", "94107", 1),
        ("10001", "10048", 1),
        ("90210", "96813", 8),  # Honolulu
        ("10001", "96910", 8),  # Guam is US mail
        ("10001", "96940", 9),  # Palau is a freely associated state
        ("96941", "10001", 9),
        ("96940", "96940", 1),
        ("96910", "96940", 9),
    ],
)
def test_zones_that_are_known(origin: str, destination: str, zone: int) -> None:
    assert zones.between(zips.lookup(origin), zips.lookup(destination)) == zone


@pytest.mark.parametrize(("miles", "zone"), [(0, 1), (67, 1), (67.1, 2), (624, 4), (1818, 7), (1818.1, 8), (9000, 8)])
def test_a_cut_off_belongs_to_the_nearer_zone(miles: float, zone: int) -> None:
    assert zones.for_miles(miles) == zone


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_distance_is_the_same_both_ways_and_never_more_than_half_around(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    miles = zones.miles_between(here, there)
    assert miles == pytest.approx(zones.miles_between(there, here), abs=0.01)
    assert 0 <= miles <= 12_500


def test_known_distance() -> None:
    assert zones.miles_between((40.7128, -74.006), (34.0522, -118.2437)) == pytest.approx(2446, abs=5)


def test_a_military_zip_has_no_zone() -> None:
    with pytest.raises(Exception, match="no place on the map"):
        zones.between(zips.lookup("09012"), zips.lookup("10001"))


def test_zones_agree_with_the_official_ones_of_2019(capsys: pytest.CaptureFixture[str]) -> None:
    """Civilian pairs. 969 is left out, as its zone depends on more than three digits; pairs without
    coordinates cannot be measured, and are counted apart."""
    book = zips.preload()
    measured = exact = near = islands = unplaced = 0
    with testdata.require("usps/zone-pairs-2019-sample.csv").open(newline="") as pairs:
        for pair in csv.DictReader(pairs):
            here, there = book.area_place(pair["origin_zip"]), book.area_place(pair["dest_zip"])
            if here is None or there is None:
                unplaced += 1
                continue
            if "969" in (pair["origin_zip"], pair["dest_zip"]):
                islands += 1
                continue
            miss = abs(zones.for_miles(zones.miles_between(here, there)) - int(pair["zone"]))
            measured += 1
            exact += miss == 0
            near += miss <= 1
    with capsys.disabled():
        print(
            f"\nzones: {measured} pairs, {exact / measured:.2%} exact, {near / measured:.2%} within one; "
            f"apart: {unplaced} without coordinates, {islands} of area 969"
        )
    assert measured > 19_000
    assert unplaced < 1_000
    assert exact / measured >= 0.860
    assert near / measured >= 0.998
