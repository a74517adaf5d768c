"""Where everything stands on the 4x6 inch sample label.

Pure: a label in, a ``Drawing`` out. Every place has its width and its number of lines, and what does not fit is cut:
nothing reaches the edge, whatever was typed. Carrier and service are named in small print as what the price is an
estimate for, never as a banner, and the upper right corner, where postage would be, stays without a box.
"""

from collections.abc import Iterator
from typing import Final

from shipanion.shipping import money
from shipanion.shipping.label.font import face
from shipanion.shipping.label.lines import cut, shown, wrapped
from shipanion.shipping.label.mark import marks
from shipanion.shipping.label.primitives import HEIGHT, WIDTH, Drawing, Line, Primitive, QrModules, Rectangle, Text
from shipanion.shipping.label.qr import QUIET_ZONE, modules
from shipanion.shipping.label.sample import Party, SampleLabel

__all__ = ["lay_out"]

_LEFT: Final = 18.0
_RIGHT: Final = WIDTH - _LEFT
_FRAME: Final = 8.0
_INDENT: Final = 54.0
"""Where addresses begin, to the right of the words FROM and TO."""
_SMALL: Final = 7.5
_CAPTION: Final = 6.5
_NOTHING: Final = "not given"
_QR_SIDE: Final = 122.0
"""With its quiet zone."""

_ABOUT: Final = (
    "A practice label from Shipanion.",
    "It pays for nothing, and no",
    "carrier knows its number.",
)


def lay_out(label: SampleLabel) -> Drawing:
    """The drawing of ``label``; the mark is last, over everything.

    Raises:
        ModuleNotFoundError: reportlab or segno is not installed.
    """
    return Drawing(
        title=f"SAMPLE label {label.number}: not postage",
        subject="Sample for practice. Not postage, do not mail.",
        primitives=(
            Rectangle(_FRAME, _FRAME, WIDTH - 2 * _FRAME, HEIGHT - 2 * _FRAME, thickness=1.0),
            *_head(),
            *_rule(48),
            Text(_LEFT, 61, _CAPTION, "FROM", bold=True),
            *_party(label.sender, top=61, size=8.5, bold_town=False),
            *_rule(112),
            Text(_LEFT, 129, 9, "TO", bold=True),
            *_party(label.recipient, top=129, size=12, bold_town=True),
            *_rule(206),
            *_facts(label),
            *_rule(236),
            *_price(label),
            *_rule(288),
            *_foot(label),
            *marks(),
        ),
    )


def _head() -> Iterator[Primitive]:
    yield Text(_LEFT, 38, 24, "SAMPLE", bold=True)
    for y, line in ((28, "practice label"), (38, "not postage, do not mail")):
        yield Text(_RIGHT - face().width(line, 8), y, 8, line)


def _party(party: Party, *, top: float, size: float, bold_town: bool) -> Iterator[Primitive]:
    """At most five lines: the name, two of street, and the town, with its ZIP below if need be."""
    plain = face()
    width = _RIGHT - _INDENT
    lines = [
        (line, False)
        for text, most in ((party.name, 1), (party.street, 2))
        for line in wrapped(shown(text, plain), plain, size, width, most)
    ]
    lines += [(line, bold_town) for line in _town(party, size, width, bold=bold_town)]
    for place, (line, bold) in enumerate(lines):
        yield Text(_INDENT, top + place * size * 1.3, size, line, bold)


def _town(party: Party, size: float, width: float, *, bold: bool) -> list[str]:
    """Town and ZIP on one line, else below each other: the town may be cut, the ZIP not for the town's sake."""
    used = face(bold=bold)
    town, code = shown(party.town, used), shown(party.zip, used)
    together = f"{town} {code}".strip() or _NOTHING
    if used.width(together, size) <= width:
        return [together]
    return [cut(part, used, size, width) for part in (town, code) if part]


def _facts(label: SampleLabel) -> Iterator[Primitive]:
    columns = (
        (_LEFT, "WEIGHT", label.weight),
        (90.0, "SIZE", label.size),
        (192.0, "PRINTED", label.printed.isoformat()),
    )
    ends = (*(x for x, _, _ in columns[1:]), _RIGHT)
    for (x, caption, text), end in zip(columns, ends, strict=True):
        yield Text(x, 216, _CAPTION, caption, bold=True)
        yield Text(x, 229, 10, cut(shown(text, face()) or _NOTHING, face(), 10, end - x - 8))
    for x in ends[:-1]:
        yield Line(x - 9, 206, x - 9, 236)


def _price(label: SampleLabel) -> Iterator[Primitive]:
    width = _RIGHT - _LEFT
    bold, plain = face(bold=True), face()
    yield Text(_LEFT, 259, 19, cut(f"ESTIMATE {money.text(label.cost)}", bold, 19, width), bold=True)
    estimated = shown(f"estimate for {label.carrier} {label.service}", plain)
    yield Text(_LEFT, 271, _SMALL, cut(estimated, plain, _SMALL, width))
    dated = f"price list of {label.prices_as_of}; nothing was paid" if label.prices_as_of else "nothing was paid"
    yield Text(_LEFT, 281, _SMALL, cut(shown(dated, plain), plain, _SMALL, width))


def _foot(label: SampleLabel) -> Iterator[Primitive]:
    rows = modules(label.qr_text)
    module = _QR_SIDE / (len(rows) + 2 * QUIET_ZONE)
    top = 295.0
    yield QrModules(_LEFT - 6 + QUIET_ZONE * module, top + QUIET_ZONE * module, module, rows)
    x = _LEFT + _QR_SIDE
    yield Text(x, 318, _CAPTION, "SAMPLE NUMBER", bold=True)
    bold = face(bold=True)
    size = min(11.0, (_RIGHT - x) / bold.width(label.number, 1))
    yield Text(x, 332, size, label.number, bold=True)
    for place, line in enumerate(_ABOUT):
        yield Text(x, 352 + place * 11, _SMALL, line)


def _rule(y: float) -> Iterator[Primitive]:
    yield Line(_FRAME, y, WIDTH - _FRAME, y)
