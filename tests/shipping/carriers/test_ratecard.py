from datetime import date

import pytest

from shipanion.errors import ShippingError
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.parcel import read_parcel
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.rates.book import packaged
from shipanion.shipping.rates.table import load
from shipanion.shipping.zips import for_estimate, lookup

IN_SEASON = date(2026, 11, 23)
OUT_OF_SEASON = date(2026, 9, 1)


async def ask(
    origin: str = "90210",
    destination: str = "10001",
    weight: float = 5,
    size: str | None = "12x10x8",
    day: date = IN_SEASON,
    pickup: bool = False,
) -> Quotation:
    ends = for_estimate(origin), for_estimate(destination)
    request = QuoteRequest(*ends, read_parcel(weight, size), day, pickup_requested=pickup)
    return await RateCardCarrier(load()).quote(request)


async def test_three_services_across_the_country() -> None:
    quotation = await ask()
    assert [
        (quote.carrier, quote.service, quote.service_tier, quote.cost, quote.eta, str(quote.estimated_delivery))
        for quote in quotation.quotes
    ] == [
        ("USPS", "Ground Advantage", "GROUND", 2605, "5 days", "2026-11-28"),
        ("USPS", "Priority Mail", "PRIORITY", 3690, "3 days", "2026-11-26"),
        ("USPS", "Priority Mail Express", "EXPRESS", 10150, "2 days", "2026-11-25"),
    ]
    assert quotation.notes == ()


async def test_days_within_a_town_and_over_a_middle_distance() -> None:
    near, middle = await ask("94107", "94110"), await ask("94107", "90277")
    assert [quote.transit_days for quote in near.quotes] == [2, 1, 1]
    assert [quote.transit_days for quote in middle.quotes] == [3, 2, 1]


async def test_every_quote_says_that_it_is_an_estimate_and_of_when() -> None:
    for quote in (await ask(day=OUT_OF_SEASON)).quotes:
        assert quote.estimate
        assert str(quote.prices_as_of) == "2026-07-12"
        assert "2026-07-12" in quote.notes[0]
        assert "Estimate" in quote.notes[0]
        assert "not promised" in quote.notes[0]


@pytest.mark.parametrize(
    ("day", "higher"),
    [
        (date(2026, 10, 3), False),
        (date(2026, 10, 4), True),
        (date(2027, 1, 17), True),
        (date(2027, 1, 18), False),
    ],
)
async def test_in_the_season_every_quote_says_that_the_counter_may_charge_more(day: date, higher: bool) -> None:
    for quote in (await ask(day=day)).quotes:
        assert any("counter price can be higher" in note for note in quote.notes) is higher


async def test_what_was_assumed_is_said() -> None:
    assert any("No dimensions given" in note for note in (await ask(size=None)).notes)
    assert not any("No dimensions given" in note for note in (await ask()).notes)
    assert any("takes longer" in note for note in (await ask(destination="99501")).notes)
    assert any("no longer in use" in note for note in (await ask(destination="10048")).notes)


async def test_pick_ups_are_quoted_and_said_not_to_be_offered() -> None:
    with_pickup, without = await ask(pickup=True), await ask()
    assert with_pickup.quotes == without.quotes
    assert any("Pick-ups are not offered" in note for note in with_pickup.notes)


async def test_services_that_do_not_take_the_size_are_named() -> None:
    quotation = await ask(size="48x16x15")
    assert [quote.service for quote in quotation.quotes] == ["Ground Advantage"]
    assert any(note.startswith("Priority Mail is not offered") for note in quotation.notes)
    assert any(note.startswith("Priority Mail Express is not offered") for note in quotation.notes)
    assert any("Oversized" in note for note in quotation.quotes[0].notes)


async def test_a_place_that_cannot_be_measured_from_is_refused() -> None:
    request = QuoteRequest(lookup("09012"), lookup("10001"), read_parcel(5), IN_SEASON)
    with pytest.raises(ShippingError) as caught:
        await RateCardCarrier(load()).quote(request)
    assert caught.value.code == "unplaced_zip"


@pytest.mark.parametrize(
    ("day", "cost", "effective"),
    [(date(2026, 7, 11), 2375, "2025-10-05"), (date(2026, 7, 12), 2605, "2026-07-12"), (IN_SEASON, 2605, "2026-07-12")],
)
async def test_a_book_prices_by_the_table_of_the_day(day: date, cost: int, effective: str) -> None:
    request = QuoteRequest(for_estimate("90210"), for_estimate("10001"), read_parcel(5), day)
    quote = (await RateCardCarrier(packaged()).quote(request)).quotes[0]
    assert (quote.cost, str(quote.prices_as_of)) == (cost, effective)
    assert effective in quote.notes[0]
