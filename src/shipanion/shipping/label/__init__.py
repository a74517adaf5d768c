"""The sample label: looks like a label, and cannot pass for postage.

It bears no tracking number of any carrier, no linear or routing barcode, no indicia and no permit, and the words
"SAMPLE — NOT POSTAGE — DO NOT MAIL" lie over the whole of it.

    number      ``SAMPLE-XXXX-XXXX``, made from a purchase's reference
    sample      what a label says, as data, and how it is read from an order
    layout      where on the label it says so: a ``Drawing`` of ``primitives``
    mark        the words over everything
    lines       strange and long text made to fit; font: the one typeface that everything is set in
    qr          the QR code as data, and as a picture of its own
    pdf, png    painters of a ``Drawing``: 4x6 inches, the same bytes every time

reportlab, Pillow and segno are imported when something is drawn, not before.
"""
