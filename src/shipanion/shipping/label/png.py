"""Paints a ``Drawing`` as a PNG for label printers: 812x1218 at 203 dots an inch.

The same drawing gives the same bytes, as long as Pillow stays the same: another version may smooth in another way.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from shipanion.shipping.label.font import CAP_HEIGHT, face
from shipanion.shipping.label.mark import FILL, FILL_SHARE, OUTLINE, OUTLINE_WIDTH
from shipanion.shipping.label.primitives import (
    HEIGHT,
    WIDTH,
    Drawing,
    Line,
    Mark,
    Primitive,
    QrModules,
    Rectangle,
    Text,
)

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

__all__ = ["DPI", "draw_png"]

DPI = 203

_BLACK = (0, 0, 0)
_WHITE = (255, 255, 255)
_COLOURS = 32
_FINER = 2
"""The mark is turned this many times larger than it is shown, so that its outlines stay sharp."""


def draw_png(drawing: Drawing) -> bytes:
    """The PNG of ``drawing``; may be called in any thread.

    Raises:
        ModuleNotFoundError: Pillow is not installed, or reportlab, which has the typeface.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (round(_dots(WIDTH)), round(_dots(HEIGHT))), _WHITE)
    pen = ImageDraw.Draw(image)
    stamps: dict[tuple[str, float, float], _Stamp] = {}
    for primitive in drawing.primitives:
        if isinstance(primitive, Mark):
            key = (primitive.text, primitive.size, primitive.angle)
            stamps[key] = stamp = stamps.get(key) or _stamp(primitive)
            _press(image, stamp, primitive)
        else:
            _paint(pen, primitive)
    file = BytesIO()
    # A palette of a few colours makes the file a third as large.
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", dpi=(DPI, DPI), optimize=False)
    return file.getvalue()


def _paint(pen: "ImageDraw", primitive: Primitive) -> None:
    match primitive:
        case Text():
            _set(pen, primitive.text, _dots(primitive.x), _dots(primitive.y), _dots(primitive.size), primitive.bold)
        case Line(x1, y1, x2, y2, thickness):
            pen.line([round(_dots(end)) for end in (x1, y1, x2, y2)], _BLACK, _thickness(thickness))
        case Rectangle(x, y, width, height, thickness):
            sides = [round(_dots(side)) for side in (x, y, x + width, y + height)]
            pen.rectangle(sides, outline=_BLACK, width=_thickness(thickness))
        case QrModules():
            for row, modules in enumerate(primitive.rows):
                for column, dark in enumerate(modules):
                    if dark:
                        pen.rectangle(_module(primitive, row, column), _BLACK)


def _module(code: QrModules, row: int, column: int) -> tuple[int, int, int, int]:
    left, right = (round(_dots(code.x + place * code.module)) for place in (column, column + 1))
    upper, lower = (round(_dots(code.y + place * code.module)) for place in (row, row + 1))
    return left, upper, right - 1, lower - 1


def _set(
    pen: "ImageDraw",
    text: str,
    x: float,
    y: float,
    size: float,
    bold: bool,
    ink: tuple[int, ...] | int = _BLACK,
    outline: float = 0,
) -> None:
    """Sets ``text`` from ``x`` on the baseline ``y``, all in dots, letter by letter at the face's own widths."""
    from PIL import ImageFont

    used = face(bold=bold)
    font = ImageFont.truetype(str(used.path), size, layout_engine=ImageFont.Layout.BASIC)
    for letter in text:
        pen.text((x, y), letter, ink, font, anchor="ls", stroke_width=outline)
        x += used.width(letter, size)


class _Stamp:
    """A mark turned by its angle, as two masks of the same size: the inside of its letters, and their outlines."""

    def __init__(self, inside: "Image", outline: "Image") -> None:
        self.inside = inside
        self.outline = outline


def _stamp(mark: Mark) -> _Stamp:
    from PIL import Image, ImageChops, ImageDraw

    size, thick = (_FINER * _dots(length) for length in (mark.size, OUTLINE_WIDTH))
    length = face(bold=True).width(mark.text, size)
    masks = []
    for outline in (0.0, thick):
        mask = Image.new("L", (round(length + size), round(2 * size)))
        _set(
            ImageDraw.Draw(mask),
            mark.text,
            (mask.width - length) / 2,
            (mask.height + CAP_HEIGHT * size) / 2,
            size,
            bold=True,
            ink=255,
            outline=outline,
        )
        turned = mask.rotate(mark.angle, Image.Resampling.BICUBIC, expand=True)
        masks.append(turned.resize((turned.width // _FINER, turned.height // _FINER), Image.Resampling.BOX))
    inside, both = masks
    return _Stamp(inside.point(lambda share: round(share * FILL_SHARE)), ImageChops.subtract(both, inside))


def _press(image: "Image", stamp: _Stamp, mark: Mark) -> None:
    corner = (
        round(_dots(mark.x) - stamp.inside.width / 2),
        round(_dots(mark.y) - stamp.inside.height / 2),
    )
    for colour, mask in ((FILL, stamp.inside), (OUTLINE, stamp.outline)):
        ink = tuple(round(255 * share) for share in colour)
        image.paste(ink, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)


def _dots(points: float) -> float:
    return points * DPI / 72


def _thickness(points: float) -> int:
    return max(1, round(_dots(points)))
