"""A postal address as a label needs it: read from a form or a model, checked against its ZIP code, printed as lines.

Nobody here knows whether a house is there: the ZIP is real, state and town do not contradict it, and each line can be
printed. The ZIP is that of the route, for another one would have another price.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shipanion.shipping import places, zips
from shipanion.shipping.language.lexicon import STATES
from shipanion.shipping.refusals import quoted, refusal

__all__ = ["Address", "as_json", "lines", "read_address"]

_LONGEST: Final = {"name": 60, "street": 60, "unit": 30, "city": 40, "state": 40}
_PAD: Final = " \t\r\n\u00a0"
_CODES: Final = frozenset(STATES.values())
_NINE: Final = re.compile(r"([0-9]{5})-?([0-9]{4})", re.ASCII)
_WITHOUT_NUMBER: Final = re.compile(
    r"(?:p\.?\s?o\.?\s?box|post office box|general delivery|rr|hc)\b", re.ASCII | re.IGNORECASE
)
_WIDEST: Final = 40


@dataclass(frozen=True, slots=True)
class Address:
    """One address in the United States. ``state`` is two letters, ``zip`` five digits, or nine as 90210-1234."""

    name: str
    street: str
    unit: str | None
    city: str
    state: str
    zip: str


def read_address(value: object, field: str, *, zip: str) -> Address:  # noqa: A002 - as the wire calls it
    """The address ``{name, street, unit?, city?, state?, zip?}`` at the end of a route that has this ZIP.

    Null, absent and empty are the same. Town, state and ZIP that are missing are the ZIP's own. A town that the ZIP
    does not have is kept as it was said, for USPS takes several names, unless all towns called so are in other states.

    Args:
        value: decoded JSON.
        field: how the address is called; what is wrong within it is ``field.street`` and so on.
        zip: the ZIP of this end of the route, five digits or nine.

    Raises:
        ShippingError: ``wrong_type``, ``missing_field``, ``malformed_address``, ``unknown_state``, ``malformed_zip``,
            ``unknown_zip``, ``zip_differs``, ``place_differs``.
    """
    if not isinstance(value, Mapping):
        raise refusal("wrong_type", f"{field} is an object with name and street.", field)
    name, street = _required(value, "name", field), _required(value, "street", field)
    unit, city = _text(value, "unit", field), _text(value, "city", field)
    _check_street(street, f"{field}.street")
    code = _zip(value.get("zip"), f"{field}.zip", zip)
    place = zips.lookup(code, f"{field}.zip")
    state = _state(value.get("state"), f"{field}.state", place)
    if city is not None:
        _check_city(city, f"{field}.city", place)
    return Address(name, street, unit, city or place.city, state, code)


def as_json(address: Address) -> dict[str, Any]:
    """``{name, street, unit, city, state, zip}``.

    ``unit`` is null where there is none: in a merge patch it then takes away the unit of the address before.
    """
    return {
        "name": address.name,
        "street": address.street,
        "unit": address.unit,
        "city": address.city,
        "state": address.state,
        "zip": address.zip,
    }


def lines(address: Address) -> tuple[str, ...]:
    """The address as it is printed, name first.

    A unit stands behind the street, or above it where both would be longer than 40 characters (USPS Publication 28).
    """
    last = f"{address.city}, {address.state} {address.zip}"
    if address.unit is None:
        return (address.name, address.street, last)
    both = f"{address.street} {address.unit}"
    middle = (both,) if len(both) <= _WIDEST else (address.unit, address.street)
    return (address.name, *middle, last)


def _required(value: Mapping[Any, Any], part: str, field: str) -> str:
    text = _text(value, part, field)
    if text is None:
        raise refusal("missing_field", f"Missing required field: {field}.{part}", f"{field}.{part}")
    return text


def _text(value: Mapping[Any, Any], part: str, field: str) -> str | None:
    """One line of text without spaces around it or doubled in it; None where there is none."""
    given, name = value.get(part), f"{field}.{part}"
    if given is None:
        return None
    if not isinstance(given, str):
        raise refusal("wrong_type", f"{name} is text, not {quoted(given)}.", name)
    # Anything longer by far is not gone through.
    plain = given.strip(_PAD).replace("\u00a0", " ") if len(given) <= 1000 else given
    if not plain:
        return None
    if len(plain) > _LONGEST[part]:
        message = (
            f"The {part} may have at most {_LONGEST[part]} characters, and this has {len(plain)}. Please shorten it."
        )
        raise refusal("malformed_address", message, name)
    if not plain.isprintable():
        message = f"The {part} has a line break or another sign that cannot be printed. Give it on one line."
        raise refusal("malformed_address", message, name)
    if not any(letter.isalnum() for letter in plain):
        raise refusal("malformed_address", f"{quoted(plain)} has no letter and no digit. What is the {part}?", name)
    return " ".join(plain.split())


def _check_street(street: str, field: str) -> None:
    letter = any(sign.isalpha() for sign in street)
    number = any("0" <= sign <= "9" for sign in street)
    if not (letter and (number or _WITHOUT_NUMBER.match(street))):
        message = (
            f"{quoted(street)} is no street with a house number. "
            "Give both, such as 123 Main St, or a box such as PO Box 77."
        )
        raise refusal("malformed_address", message, field)


def _zip(given: object, field: str, route: str) -> str:
    """The ZIP as it was said, which is that of the route, or the route's own."""
    wanted = zips.code_of(route, field)
    if given is None or (isinstance(given, str) and not given.strip()):
        return wanted
    code = zips.code_of(given, field)
    zips.lookup(code, field)
    if code != wanted:
        message = (
            f"The address has the ZIP code {code}, but the parcel was quoted for {wanted}. "
            "Give the address at the quoted ZIP code, or change the route and quote again."
        )
        raise refusal("zip_differs", message, field)
    nine = _NINE.fullmatch(given.strip()) if isinstance(given, str) else None
    return f"{nine[1]}-{nine[2]}" if nine else code


def _state(given: object, field: str, place: zips.Zip) -> str:
    if given is None or (isinstance(given, str) and not given.strip()):
        return place.state
    if not isinstance(given, str):
        raise refusal("wrong_type", f"{field} is text, not {quoted(given)}.", field)
    # "D.C." and "N.Y." too.
    words = tuple(given.lower().replace(".", "").split()) if len(given) <= _LONGEST["state"] else ("?",)
    state = STATES.get(words, "".join(words).upper())
    if state not in _CODES:
        message = f"{quoted(given)} is no state of the United States. Give its two letters, such as CA."
        raise refusal("unknown_state", message, field)
    if state != place.state:
        message = f"{place.code} is in {places.state_name(place.state)}, not in {' '.join(given.split())}."
        raise refusal("place_differs", message, field)
    return state


def _check_city(city: str, field: str, place: zips.Zip) -> None:
    if "," in city or any(sign.isnumeric() for sign in city):
        raise refusal("malformed_address", f"{quoted(city)} is no town. Give its name alone, without the state.", field)
    found = places.find(city)
    if found and all(town.state != place.state for town in found):
        message = (
            f"{place.code} is in {places.state_name(place.state)} ({place.name}), "
            f"and no place called {quoted(city)} is there."
        )
        raise refusal("place_differs", message, field)
