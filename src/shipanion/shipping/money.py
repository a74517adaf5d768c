"""Money: integer cents inside, dollars only where it leaves.

Sums of cents are exact. Floats of dollars appear in one place, the JSON number on the wire.
"""

__all__ = ["Cents", "dollars", "from_dollars", "text"]

Cents = int
"""An amount of US cents."""


def dollars(cents: Cents) -> float:
    """The JSON number of dollars, at most two decimals: ``1299`` → ``12.99``."""
    # The nearest float to n/100 prints back as at most two decimals.
    return cents / 100


def from_dollars(amount: float) -> Cents:
    """Cents from a number of dollars that came off the wire: ``12.99`` → ``1299``.

    Raises:
        ValueError, OverflowError: ``amount`` is NaN or infinite.
    """
    return round(amount * 100)


def text(cents: Cents) -> str:
    """For people, always two decimals: ``1250`` → ``"$12.50"``."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}${whole}.{part:02d}"
