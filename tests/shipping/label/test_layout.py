import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.label.font import face
from shipanion.shipping.label.layout import lay_out
from shipanion.shipping.label.mark import marks
from shipanion.shipping.label.primitives import HEIGHT, WIDTH, Drawing, Line, QrModules, Rectangle, Text
from shipanion.shipping.label.qr import QUIET_ZONE, modules
from shipanion.shipping.label.sample import Party, SampleLabel

EDGE = 12.0
"""Nothing that was typed comes nearer to an edge, points."""
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


def texts(drawing: Drawing) -> list[Text]:
    return [primitive for primitive in drawing.primitives if isinstance(primitive, Text)]


def said(drawing: Drawing) -> list[str]:
    return [text.text for text in texts(drawing)]


def test_what_the_label_says(drawing: Drawing) -> None:
    for line in (
        "Ann Lee",
        "455 N Rexford Dr, Suite 3",
        "Beverly Hills, CA 90210",
        "New York, NY 10001",
        "5 lb",
        "12x10x8 in",
        "2026-11-24",
        "ESTIMATE $26.05",
        "estimate for USPS Ground Advantage",
        "price list of 2026-07-12; nothing was paid",
        "SAMPLE-VXCM-GNVD",
    ):
        assert said(drawing).count(line) == 1, line


def test_what_is_not_known_is_not_said(label: SampleLabel) -> None:
    lines = said(lay_out(replace(label, size="", prices_as_of="")))
    assert "not given" in lines
    assert "nothing was paid" in lines
    assert not any("price list" in line for line in lines)


def test_the_mark_is_last(drawing: Drawing) -> None:
    assert drawing.primitives[-len(marks()) :] == marks()


def test_title_and_subject_say_sample(drawing: Drawing) -> None:
    assert drawing.title.startswith("SAMPLE")
    assert drawing.subject.startswith("Sample")


def test_carrier_and_service_are_small_print_and_no_banner(drawing: Drawing) -> None:
    naming = [text for text in texts(drawing) if re.search("USPS|Ground|Advantage", text.text)]
    assert len(naming) == 1
    assert naming[0].text.startswith("estimate for ")
    assert not naming[0].bold
    assert naming[0].size <= 8


def test_no_indicia_no_permit_no_logo(drawing: Drawing) -> None:
    everything = " ".join(said(drawing)).lower()
    for phrase in ("postage paid", "fees paid", "permit", "indicia", "u.s. postage", "imi", "certified", "tracking"):
        assert phrase not in everything
    # One frame around it all; the upper right corner, where postage goes, has no box of its own.
    (frame,) = (primitive for primitive in drawing.primitives if isinstance(primitive, Rectangle))
    assert (frame.width, frame.height) == (WIDTH - 16, HEIGHT - 16)
    upright = [line for line in drawing.primitives if isinstance(line, Line) and line.x1 == line.x2]
    assert all(min(line.y1, line.y2) > HEIGHT / 3 for line in upright)


def test_no_barcode_but_one_qr_code(drawing: Drawing, label: SampleLabel) -> None:
    codes = [primitive for primitive in drawing.primitives if isinstance(primitive, QrModules)]
    assert [code.rows for code in codes] == [modules(label.qr_text)]
    # A linear barcode would be dozens of upright lines.
    assert sum(isinstance(primitive, Line) and primitive.x1 == primitive.x2 for primitive in drawing.primitives) == 2


def test_nothing_printed_in_the_quiet_zone(drawing: Drawing) -> None:
    (code,) = (primitive for primitive in drawing.primitives if isinstance(primitive, QrModules))
    margin, side = QUIET_ZONE * code.module, len(code.rows) * code.module
    left, right, upper, lower = code.x - margin, code.x + side + margin, code.y - margin, code.y + side + margin
    for text in texts(drawing):
        over = text.y > upper and text.y - text.size < lower
        assert not (over and text.x < right and text.x + width(text) > left), text
    for line in (primitive for primitive in drawing.primitives if isinstance(primitive, Line)):
        assert not (upper < max(line.y1, line.y2) and min(line.y1, line.y2) < lower)
    assert left >= 8
    assert lower <= HEIGHT - 8


HOSTILE = [
    "x" * 5_000,
    "word " * 1_000,
    "W" * 5_000,
    "\0\x07\x1b[31m\r\n\t",
    "🎁📦👩‍👩‍👧 Ann",
    "\u202eeeL nnA\u200f\u2066",
    "Z̴̡͎͝a̸̧l̶g̵o̷",
    "名前 שם اسم",
    "\ud800\udfff",
    "",
    "%s {0} \\ ( ) <b>&amp;</b>",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_stays_within_the_edges(label: SampleLabel, typed: str) -> None:
    party = Party(town=typed, zip=typed, name=typed, street=typed)
    drawing = lay_out(
        replace(
            label, sender=party, recipient=party, carrier=typed, service=typed, weight=typed, size=typed,
            prices_as_of=typed, cost=10**30,
        )
    )  # fmt: skip
    assert_within_the_edges(drawing)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, st.integers(0, 10**12))
def test_whatever_is_typed_stays_within_the_edges(town: str, code: str, name: str, street: str, cost: int) -> None:
    party = Party(town, code, name, street)
    label = SampleLabel("SAMPLE-VXCM-GNVD", town, code, cost, party, party, name, street, date(2026, 11, 24))
    assert_within_the_edges(lay_out(label))


def test_a_long_town_does_not_push_its_zip_out(label: SampleLabel) -> None:
    party = Party("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch, CA", "90210")
    lines = said(lay_out(replace(label, recipient=party)))
    assert "90210" in lines
    assert any(line.startswith("Llanfair") and line.endswith("…") for line in lines)


def width(text: Text) -> float:
    return face(bold=text.bold).width(text.text, text.size)


def assert_within_the_edges(drawing: Drawing) -> None:
    rules = {primitive.y1 for primitive in drawing.primitives if isinstance(primitive, Line)}
    for text in texts(drawing):
        assert text.text.isprintable()
        assert text.x >= EDGE
        assert text.x + width(text) <= WIDTH - EDGE + 1e-6, text
        assert text.y - text.size >= EDGE
        assert text.y + text.size / 4 <= HEIGHT - EDGE
        # Nor does it run into a line between two parts of the label.
        assert not any(text.y - text.size * 0.75 < rule < text.y + text.size / 4 for rule in rules), text
