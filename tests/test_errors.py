"""The exception tree is drawn as it is."""

import inspect
import re

from shipanion import errors
from shipanion.errors import ConnectionRefused, ProtocolError, ShipanionError, ShippingError


def depth_in_drawing() -> dict[str, int]:
    """Each class in the docstring's drawing, and how deep it stands."""
    drawing = (errors.__doc__ or "").splitlines()
    found = {}
    for line in drawing:
        match = re.match(r"( {4}[│ ]*(?:[├└]── )?)(\w+)", line)
        if match and hasattr(errors, match[2]):
            found[match[2]] = (len(match[1]) - 4) // 4
    return found


def test_every_exception_stands_in_the_drawing_at_its_depth() -> None:
    classes = {name: getattr(errors, name) for name in errors.__all__}
    depths = {name: len(inspect.getmro(kind)) - len(inspect.getmro(ShipanionError)) for name, kind in classes.items()}
    assert depth_in_drawing() == depths


def test_errors_tell_a_person_and_a_program() -> None:
    refusal = ProtocolError("invalid", "That cannot be used.", id="m1", request_id=7)
    assert (str(refusal), refusal.code, refusal.id, refusal.request_id) == ("That cannot be used.", "invalid", "m1", 7)
    parcel = ShippingError("unknown_zip", "There is no ZIP code 99999.", field="from_zip")
    assert (str(parcel), parcel.code, parcel.field) == ("There is no ZIP code 99999.", "unknown_zip", "from_zip")
    away = ConnectionRefused(4301, "not_found", "There is no such session.")
    assert (str(away), away.code, away.reason) == ("There is no such session.", 4301, "not_found")
