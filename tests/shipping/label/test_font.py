from pathlib import Path

import pytest

from shipanion.shipping.label.font import CAP_HEIGHT, face


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_that_the_file_says(bold: bool) -> None:
    from PIL import ImageFont

    used = face(bold=bold)
    # At 2048 pixels, the units of the file, nothing is rounded.
    font = ImageFont.truetype(str(used.path), 2048, layout_engine=ImageFont.Layout.BASIC)
    for letter in "AMil.…—é$1":
        assert used.width(letter, 2048) == pytest.approx(font.getlength(letter), abs=1)
    assert -font.getbbox("H", anchor="ls")[1] == pytest.approx(2048 * CAP_HEIGHT, abs=8)


def test_the_file_comes_with_reportlab_and_not_from_the_machine() -> None:
    assert Path(face().path).parts[-3:] == ("reportlab", "fonts", "Vera.ttf")
    assert face().path != face(bold=True).path


def test_what_the_face_has_not_has_no_width() -> None:
    assert "é" in face().advances
    for absent in ("\n", "\0", "￿", "名"):
        with pytest.raises(KeyError):
            face().width(absent, 10)
