import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp

from shipanion.shipping.label.layout import lay_out
from shipanion.shipping.label.mark import WORDS
from shipanion.shipping.label.pdf import draw_pdf
from shipanion.shipping.label.primitives import Drawing
from shipanion.shipping.label.sample import Party, SampleLabel


def test_one_page_of_four_by_six_inches(drawing: Drawing) -> None:
    document = pypdfium2.PdfDocument(draw_pdf(drawing))
    assert [page.get_size() for page in document] == [(4 * 72, 6 * 72)]
    page = document[0]
    assert page.get_mediabox() == page.get_cropbox() == (0, 0, 288, 432)


def test_title_and_text_say_that_it_is_a_sample(drawing: Drawing) -> None:
    document = pypdfium2.PdfDocument(draw_pdf(drawing))
    about = document.get_metadata_dict()
    assert about["Title"] == "SAMPLE label SAMPLE-VXCM-GNVD: not postage"
    assert about["Subject"].startswith("Sample")
    text = document[0].get_textpage().get_text_range()
    assert WORDS in text
    assert "ESTIMATE $26.05" in text
    assert "New York, NY 10001" in text


def test_the_same_drawing_has_the_same_bytes_in_every_thread(drawing: Drawing) -> None:
    once = draw_pdf(drawing)
    other = replace(drawing, primitives=drawing.primitives[::-1])
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            drawn = list(threads.map(draw_pdf, [drawing, other] * 12))
    finally:
        sys.setswitchinterval(usual)
    assert set(drawn[::2]) == {once}
    assert len(set(drawn[1::2])) == 1


@pytest.mark.parametrize("dots", [150, 203, 300])
def test_its_only_code_is_readable_under_the_mark(drawing: Drawing, label: SampleLabel, dots: int) -> None:
    image = pypdfium2.PdfDocument(draw_pdf(drawing))[0].render(scale=dots / 72).to_pil()
    codes = zxingcpp.read_barcodes(image)
    assert [(code.format, code.text) for code in codes] == [(zxingcpp.BarcodeFormat.QRCode, label.qr_text)]


def test_nothing_in_it_acts_or_hides(drawing: Drawing) -> None:
    file = draw_pdf(drawing)
    document = pypdfium2.PdfDocument(file)
    assert document.count_attachments() == 0
    assert pdfium.FPDFDoc_GetJavaScriptActionCount(document) == 0
    assert pdfium.FPDFPage_GetAnnotCount(document[0]) == 0  # links are annotations
    # Reading the bytes is enough: no object is packed away in a compressed stream of objects.
    assert b"/ObjStm" not in file
    objects = re.sub(rb"stream\r?\n.*?endstream", b"", file, flags=re.DOTALL)
    assert b"/Type /Page" in objects
    assert not re.search(rb"/(JavaScript|JS|OpenAction|AA|A|URI|Annots|EmbeddedFiles?|Launch|AcroForm)\b", objects)


def test_its_typeface_is_inside(drawing: Drawing) -> None:
    file = draw_pdf(drawing)
    assert set(re.findall(rb"/FontFile\d|/BaseFont /[\w+-]+", file)) == {
        b"/FontFile2",
        b"/BaseFont /AAAAAA+BitstreamVeraSans-Roman",
        b"/BaseFont /AAAAAA+BitstreamVeraSans-Bold",
    }


@pytest.mark.parametrize("typed", ["(\\) %s <b>&</b>", "🎁 名前", "x" * 5_000, "\0\x1b\u202e", ""])
def test_strange_text_is_drawn(label: SampleLabel, typed: str) -> None:
    party = Party(town=typed, zip=typed, name=typed, street=typed)
    document = pypdfium2.PdfDocument(draw_pdf(lay_out(replace(label, recipient=party))))
    text = document[0].get_textpage().get_text_range()
    assert all(character.isprintable() or character in "\r\n" for character in text)
    assert "ESTIMATE $26.05" in text
