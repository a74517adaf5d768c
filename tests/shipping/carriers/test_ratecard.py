import asyncio
import hashlib
import io
import os
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from shipanion.errors import ShippingError
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.label.number import is_sample_number, sample_number
from shipanion.shipping.parcel import read_parcel
from shipanion.shipping.purchase import Bought, NotBought, NotVoided, Order, Voided
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.rates.book import packaged
from shipanion.shipping.rates.table import load
from shipanion.shipping.zips import for_estimate, lookup

IN_SEASON = date(2026, 11, 23)
OUT_OF_SEASON = date(2026, 9, 1)

DAY_MS = 24 * 3600 * 1000
ORDER = Order(
    reference="purchase 1",
    shipment_id="shipment 1",
    anchor="ratecard",
    quote_id="usps-ground-advantage",
    carrier="USPS",
    service="Ground Advantage",
    cost=2605,
    details={
        "from": "90210",
        "to": "10001",
        "from_place": "Beverly Hills, CA",
        "to_place": "New York, NY",
        "weight_lbs": 5,
        "recipient": {
            "name": "Ann Lee",
            "street": "350 Fifth Avenue",
            "city": "New York",
            "state": "NY",
            "zip": "10118",
        },
    },
    transit_days=5,
    at=1_795_435_200_000,
)


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


async def bought(order: Order = ORDER) -> Bought:
    outcome = await RateCardCarrier(load()).buy(order)
    assert isinstance(outcome, Bought)
    return outcome


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


@pytest.mark.parametrize("anchor", [None, "anchor 1"])
async def test_the_anchor_is_the_one_that_was_given(anchor: str | None) -> None:
    request = QuoteRequest(for_estimate("90210"), for_estimate("10001"), read_parcel(5), IN_SEASON)
    assert (await RateCardCarrier(load()).quote(request, anchor)).anchor == anchor


async def test_what_is_bought_is_a_sample_label_in_two_forms() -> None:
    label = await bought()
    assert (label.sample, label.cost, label.purchase_id) == (True, 2605, "")
    assert label.tracking_number == sample_number("purchase 1")
    files = dict(label.files)
    assert list(files) == ["application/pdf", "image/png"]
    text = pypdfium2.PdfDocument(files["application/pdf"])[0].get_textpage().get_text_range()
    for said in ("Ann Lee", "New York, NY 10118", "Beverly Hills, CA 90210", "ESTIMATE $26.05", label.tracking_number):
        assert said in text
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(files["image/png"])))
    assert code.text == f"SAMPLE {label.tracking_number} NOT POSTAGE"


async def test_the_same_order_has_the_same_label_and_another_reference_another() -> None:
    assert await bought() == await bought(replace(ORDER, details=dict(ORDER.details)))
    other = await bought(replace(ORDER, reference="purchase 2"))
    assert other.tracking_number != (await bought()).tracking_number
    assert other.files != (await bought()).files


ELSEWHERE = f"""
import asyncio, hashlib, sys
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.label import font, layout, pdf, png, qr
from shipanion.shipping.purchase import Order
from shipanion.shipping.rates.table import load
print([name for name in ("PIL", "reportlab", "segno") if name in sys.modules])
for media_type, file in asyncio.run(RateCardCarrier(load()).buy(Order(**{asdict(ORDER)!r}))).files:
    print(media_type, hashlib.sha256(file).hexdigest())
"""


def drawn_elsewhere(seed: str) -> list[str]:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    ran = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True, env=environment)
    return ran.stdout.splitlines()


@pytest.mark.parametrize("seed", ["1", "77"])
async def test_another_process_draws_the_same_bytes_and_imports_the_libraries_only_to_draw(seed: str) -> None:
    files = [f"{media_type} {hashlib.sha256(file).hexdigest()}" for media_type, file in (await bought()).files]
    assert await asyncio.to_thread(drawn_elsewhere, seed) == ["[]", *files]


async def test_a_label_that_cannot_be_drawn_was_not_bought(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)  # as if it were not installed
    outcome = await RateCardCarrier(load()).buy(ORDER)
    assert isinstance(outcome, NotBought)
    assert outcome.code == "not_drawn"
    assert "nothing was paid" in outcome.message
    assert "PIL" in caplog.text


@pytest.mark.parametrize(
    "details", [{}, {"sender": {"name": "x" * 5_000}, "to_place": "\0\u202e🎁"}, {"weight_lbs": None}]
)
async def test_strange_details_have_a_label(details: dict[str, object]) -> None:
    assert len((await bought(replace(ORDER, details=details))).files) == 2


async def test_nothing_is_kept_so_nothing_is_found_and_taking_back_is_free() -> None:
    carrier, label = RateCardCarrier(load()), await bought()
    found, found_void = await carrier.find(ORDER), await carrier.find_void(ORDER, label)
    assert isinstance(found, NotBought)
    assert isinstance(found_void, NotVoided)
    assert found.code == found_void.code == "not_kept"
    assert await carrier.void(ORDER, label) == await carrier.void(ORDER, label) == Voided("not_applicable")
    assert carrier.patience_seconds == 0


async def test_a_sample_is_tracked_by_a_history_that_says_it_is_made_up() -> None:
    carrier, label = RateCardCarrier(load()), await bought()
    tracking = await carrier.track(ORDER, label, ORDER.at + 6 * DAY_MS)
    assert is_sample_number(tracking.tracking_number)
    assert (tracking.simulated, tracking.status) == (True, "DELIVERED")
    assert (tracking.events[0].place, tracking.events[-1].place) == ("Beverly Hills, CA", "New York, NY")
    quoted = replace(ORDER, details={**ORDER.details, "estimated_delivery": "2027-02-03"})
    assert (await carrier.track(quoted, label, ORDER.at)).estimated_delivery == "2027-02-03"
    unplaced = replace(ORDER, details={"from": "90210", "to": "10001"})
    assert (await carrier.track(unplaced, label, ORDER.at)).events[0].place == "90210"
