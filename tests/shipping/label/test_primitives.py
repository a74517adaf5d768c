from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from shipanion.shipping.label import primitives
from shipanion.shipping.label.primitives import HEIGHT, WIDTH, Line, Primitive


def test_a_label_is_four_by_six_inches() -> None:
    assert (WIDTH / 72, HEIGHT / 72) == (4, 6)


def test_there_is_no_primitive_for_a_barcode_a_picture_or_a_filled_box() -> None:
    assert {kind.__name__ for kind in get_args(Primitive)} == {"Line", "Mark", "QrModules", "Rectangle", "Text"}
    assert set(primitives.__all__) - {kind.__name__ for kind in get_args(Primitive)} == {
        "HEIGHT",
        "WIDTH",
        "Drawing",
        "Primitive",
    }


def test_what_is_drawn_does_not_change() -> None:
    line = Line(0, 0, 10, 10)
    with pytest.raises(FrozenInstanceError):
        line.x1 = 5  # type: ignore[misc]
