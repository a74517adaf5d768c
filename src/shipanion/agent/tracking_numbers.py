"""Tracking numbers in what somebody typed: taken out of it, so that no figure of a parcel is read from them."""

import re
from typing import Final

from shipanion.shipping.label.number import is_sample_number

__all__ = ["taken_out"]

_FORMS: Final = re.compile(
    r"(?<![A-Za-z0-9-])(?:"
    r"(?P<sample>sample[ -][a-z]{4}[ -][a-z]{4})"
    r"|(?P<ups>1z[0-9a-z]{16})"
    r"|(?P<digits>[0-9]{12,34})"
    # As they are printed. A ZIP code has five digits, so three groups of four are no places.
    r"|(?P<fours>[0-9]{4}(?: [0-9]{4}){2,7}(?: [0-9]{1,4})?)"
    r")(?![A-Za-z0-9-])",
    re.ASCII | re.IGNORECASE,
)


def taken_out(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the tracking numbers in it, and these as they are written on labels, in order.

    Total. A sample's number without its hyphens counts only when its check letter is right: "sample this then" has the
    form too.
    """
    found = []

    def take(match: re.Match[str]) -> str:
        written = match[0].upper()
        number = written.replace(" ", "-" if match["sample"] else "")
        if match["sample"] and number != written and not is_sample_number(number):
            return match[0]
        found.append(number)
        return " "

    return _FORMS.sub(take, text), tuple(dict.fromkeys(found))
