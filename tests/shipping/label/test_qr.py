import io

import pytest
import zxingcpp
from PIL import Image

from shipanion.shipping.label.qr import QUIET_ZONE, modules, qr_png

TEXT = "SAMPLE SAMPLE-VXCM-GNVD NOT POSTAGE"


def test_the_picture_says_the_text() -> None:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr_png(TEXT))))
    assert (code.text, code.format) == (TEXT, zxingcpp.BarcodeFormat.QRCode)
    assert qr_png(TEXT) == qr_png(TEXT)


def test_the_modules_say_the_text() -> None:
    rows = modules(TEXT)
    side = len(rows) + 2 * QUIET_ZONE
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows, QUIET_ZONE):
        for x, dark in enumerate(row, QUIET_ZONE):
            image.putpixel((x, y), 0 if dark else 255)
    (code,) = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert code.text == TEXT


def test_what_is_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(ValueError):
        qr_png("x" * 5_000)
    with pytest.raises(ValueError):
        modules("x" * 5_000)
