"""QR codes: as rows of modules for the label, and as a picture of their own for a page."""

from io import BytesIO

__all__ = ["QUIET_ZONE", "modules", "qr_png"]

QUIET_ZONE = 4
"""Empty modules that a reader needs on every side (ISO/IEC 18004)."""

_PIXELS = 8


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of ``text`` as rows of modules, True is dark, without its quiet zone.

    At the highest level of error correction: what lies over the code may hide up to 30 % of it.

    Raises:
        ValueError: ``text`` is longer than a QR code can hold.
    """
    import segno

    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="h").matrix)


def qr_png(text: str) -> bytes:
    """The code of ``text`` as a black and white PNG with its quiet zone, 8 pixels a module.

    Raises:
        ValueError: ``text`` is longer than a QR code can hold.
    """
    import segno

    file = BytesIO()
    segno.make_qr(text, error="m").save(file, kind="png", scale=_PIXELS, border=QUIET_ZONE)
    return file.getvalue()
