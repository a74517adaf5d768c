import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageStat

from shipanion.shipping.label.layout import lay_out
from shipanion.shipping.label.pdf import draw_pdf
from shipanion.shipping.label.png import DPI, draw_png
from shipanion.shipping.label.primitives import Drawing
from shipanion.shipping.label.sample import Party, SampleLabel


def opened(drawing: Drawing) -> Image.Image:
    return Image.open(io.BytesIO(draw_png(drawing)))


def test_four_by_six_inches_at_203_dots(drawing: Drawing) -> None:
    image = opened(drawing)
    assert (image.format, image.size) == ("PNG", (812, 1218))
    assert [round(dots) for dots in image.info["dpi"]] == [DPI, DPI]


def test_the_same_drawing_has_the_same_bytes_in_every_thread(drawing: Drawing) -> None:
    once = draw_png(drawing)
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(draw_png, [drawing] * 6)) == {once}


@pytest.mark.parametrize("reference", range(4))
def test_its_only_code_is_readable_under_the_mark(label: SampleLabel, reference: int) -> None:
    other = replace(label, number=f"SAMPLE-{'BCDF'[reference] * 4}-GNVD")
    grey = opened(lay_out(other)).convert("L")
    for seen in (
        grey,
        grey.point(lambda shade: 255 if shade > 127 else 0),  # as a thermal printer has it
        grey.resize((406, 609), Image.Resampling.BOX),
        grey.rotate(7, expand=True, fillcolor=255).filter(ImageFilter.GaussianBlur(1)),
    ):
        codes = zxingcpp.read_barcodes(seen)
        assert [(code.format, code.text) for code in codes] == [(zxingcpp.BarcodeFormat.QRCode, other.qr_text)]


def test_the_mark_is_red_and_lets_text_shine_through(drawing: Drawing) -> None:
    image = opened(drawing).convert("RGB")
    red, green, blue = (image.getchannel(channel) for channel in "RGB")
    assert ImageStat.Stat(red).mean[0] > ImageStat.Stat(green).mean[0] + 5
    assert ImageStat.Stat(red).mean[0] > ImageStat.Stat(blue).mean[0] + 5
    assert red.getextrema() == (0, 255)


def test_both_painters_draw_the_same_label(drawing: Drawing) -> None:
    page = pypdfium2.PdfDocument(draw_pdf(drawing))[0].render(scale=DPI / 72).to_pil()
    ours, theirs = (image.convert("L").resize((203, 304), Image.Resampling.BOX) for image in (opened(drawing), page))
    difference = ImageStat.Stat(ImageChops.difference(ours, theirs)).mean[0]
    moved = ImageStat.Stat(ImageChops.difference(ours, ImageChops.offset(theirs, 2, 2))).mean[0]
    assert difference < moved / 3


@pytest.mark.parametrize("typed", ["(\\) %s <b>&</b>", "🎁 名前", "x" * 5_000, "\0\x1b\u202e", ""])
def test_strange_text_is_drawn_within_the_frame(label: SampleLabel, typed: str) -> None:
    party = Party(town=typed, zip=typed, name=typed, street=typed)
    drawing = lay_out(replace(label, recipient=party, sender=party))
    bare = replace(drawing, primitives=tuple(p for p in drawing.primitives if type(p).__name__ != "Mark"))
    outside = opened(bare).convert("L")
    outside.paste(255, (20, 20, 792, 1198))
    assert outside.getextrema() == (255, 255)
