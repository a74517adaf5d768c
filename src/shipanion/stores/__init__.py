"""Where truth is kept: ``base`` is the port and says what every store guarantees; ``memory`` and ``sqlite``
fill it."""
