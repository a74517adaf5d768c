"""Paints a ``Drawing`` as a PDF of one 4x6 inch page. The same drawing gives the same bytes."""

from io import BytesIO
from threading import Lock
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
    from reportlab.pdfgen.canvas import Canvas

__all__ = ["draw_pdf"]

# reportlab keeps its fonts in tables of the whole process and says nothing of threads.
_one_at_a_time = Lock()


def draw_pdf(drawing: Drawing) -> bytes:
    """The PDF of ``drawing``; may be called in any thread.

    Raises:
        ModuleNotFoundError: reportlab is not installed.
    """
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    with _one_at_a_time:
        _register_faces()
        # invariant: no date and no random id inside.
        canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, initialFontName=face().name)
        canvas.setTitle(drawing.title)
        canvas.setSubject(drawing.subject)
        canvas.setCreator("Shipanion")
        canvas.setAuthor("Shipanion")
        for primitive in drawing.primitives:
            _paint(canvas, primitive)
        canvas.showPage()
        canvas.save()
    return file.getvalue()


def _register_faces() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for used in (face(), face(bold=True)):
        if used.name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(used.name, str(used.path)))


def _paint(canvas: "Canvas", primitive: Primitive) -> None:
    # A PDF measures from the lower left corner, y upwards.
    match primitive:
        case Text():
            canvas.setFont(face(bold=primitive.bold).name, primitive.size)
            canvas.drawString(primitive.x, HEIGHT - primitive.y, primitive.text)
        case Line():
            canvas.setLineWidth(primitive.thickness)
            canvas.line(primitive.x1, HEIGHT - primitive.y1, primitive.x2, HEIGHT - primitive.y2)
        case Rectangle():
            canvas.setLineWidth(primitive.thickness)
            bottom = HEIGHT - primitive.y - primitive.height
            canvas.rect(primitive.x, bottom, primitive.width, primitive.height)
        case QrModules():
            _paint_qr(canvas, primitive)
        case Mark():
            _paint_mark(canvas, primitive)


def _paint_qr(canvas: "Canvas", code: QrModules) -> None:
    # One path, so that no hairlines show between neighbours.
    path = canvas.beginPath()
    for row, modules in enumerate(code.rows):
        for column, dark in enumerate(modules):
            if dark:
                x, y = code.x + column * code.module, HEIGHT - code.y - (row + 1) * code.module
                path.rect(x, y, code.module, code.module)
    canvas.drawPath(path, stroke=0, fill=1)


def _paint_mark(canvas: "Canvas", mark: Mark) -> None:
    bold = face(bold=True)
    canvas.saveState()
    canvas.translate(mark.x, HEIGHT - mark.y)
    canvas.rotate(mark.angle)
    canvas.setFillColorRGB(*FILL)
    canvas.setFillAlpha(FILL_SHARE)
    canvas.setStrokeColorRGB(*OUTLINE)
    canvas.setLineWidth(OUTLINE_WIDTH)
    text = canvas.beginText(-bold.width(mark.text, mark.size) / 2, -mark.size * CAP_HEIGHT / 2)
    text.setFont(bold.name, mark.size)
    text.setTextRenderMode(2)  # fill, then outline
    text.textOut(mark.text)
    canvas.drawText(text)
    canvas.restoreState()
