import io
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from shipanion.shipping.label.mark import WORDS, marks
from shipanion.shipping.label.pdf import draw_pdf
from shipanion.shipping.label.png import draw_png
from shipanion.shipping.label.primitives import HEIGHT, WIDTH, Drawing, Mark

COLUMNS, ROWS = 10, 15
"""A grid of cells of 0.4 inch."""


def of_pdf(drawing: Drawing) -> Image.Image:
    image = pypdfium2.PdfDocument(draw_pdf(drawing))[0].render(scale=203 / 72).to_pil()
    assert isinstance(image, Image.Image)
    return image.convert("L")


def of_png(drawing: Drawing) -> Image.Image:
    return Image.open(io.BytesIO(draw_png(drawing))).convert("L")


def in_black_and_white(image: Image.Image) -> Image.Image:
    """As a thermal printer has it."""
    return image.point(lambda grey: 255 if grey > 127 else 0)


def without_mark(drawing: Drawing) -> Drawing:
    return replace(drawing, primitives=tuple(p for p in drawing.primitives if not isinstance(p, Mark)))


def shares_of_ink(marked: Image.Image, bare: Image.Image) -> list[float]:
    """Of each cell, the share of dots that the mark changed."""
    cells = (cell(marked, column, row) for row in range(ROWS) for column in range(COLUMNS))
    changed = ImageChops.difference(marked, bare).point(lambda by: 255 if by > 16 else 0)
    return [ImageStat.Stat(changed.crop(box)).mean[0] / 255 for box in cells]


def cell(image: Image.Image, column: int, row: int) -> tuple[int, int, int, int]:
    wide, high = image.width / COLUMNS, image.height / ROWS
    return round(column * wide), round(row * high), round((column + 1) * wide), round((row + 1) * high)


@pytest.mark.parametrize("paint", [of_pdf, of_png])
def test_the_mark_lies_over_every_part_of_the_label(drawing: Drawing, paint: Callable[[Drawing], Image.Image]) -> None:
    shares = shares_of_ink(paint(drawing), paint(without_mark(drawing)))
    assert min(shares) > 0.02


@pytest.mark.parametrize("paint", [of_pdf, of_png])
def test_the_mark_stays_when_there_is_only_black_and_white(
    drawing: Drawing, paint: Callable[[Drawing], Image.Image]
) -> None:
    shares = shares_of_ink(in_black_and_white(paint(drawing)), in_black_and_white(paint(without_mark(drawing))))
    assert min(shares) > 0.002


def test_the_words_stand_once_from_corner_to_corner() -> None:
    middle = [mark for mark in marks() if (mark.x, mark.y) == (WIDTH / 2, HEIGHT / 2)]
    assert len(middle) == 1
    assert WORDS == "SAMPLE — NOT POSTAGE — DO NOT MAIL"
    assert {mark.text for mark in marks()} == {WORDS}
    assert 45 < middle[0].angle < 60


def test_a_mark_that_leaves_a_band_out_is_noticed(drawing: Drawing) -> None:
    bare = without_mark(drawing)
    one_short = replace(drawing, primitives=(*bare.primitives, *marks()[3:]))
    assert min(shares_of_ink(of_png(one_short), of_png(bare))) < 0.02
