"""What a session is called while nobody has named it: by its route, and before there is one by how it began.

A made title is not marked as such. It is one as long as it is what would be made of the state, so that a route that
changes changes it too, and a title that a person gave stays.
"""

from collections.abc import Mapping
from typing import Any, Final

from shipanion.shipping.phrases import one_line

__all__ = ["opened", "retitled"]

State = Mapping[str, Any]
Json = dict[str, Any]

OPENING_LENGTH: Final = 60
PLACE_LENGTH: Final = 40


def opened(state: State, text: str) -> Json:
    """State ``opening``, the first words of the first message, as a patch; nothing in a session that has begun."""
    words = "" if {"opening", "title", "shipping_details"} & state.keys() else one_line(text, OPENING_LENGTH)
    return {"opening": words} if words else {}


def retitled(before: State, after: State) -> Json:
    """The title that follows from a change, as a patch; nothing where a person named the session.

    A route that is gone leaves its title: the session was about it, and the next parcel does not rename it.
    """
    title, route = after.get("title"), _route(after)
    if title is None:
        made = route or after.get("opening")
    else:
        made = route if title in (_route(before), before.get("opening")) else None
    return {} if made is None or made == title else {"title": made}


def _route(state: State) -> str | None:
    """``"Beverly Hills, CA → New York, NY"``; a ZIP where no town is known."""
    details = state.get("shipping_details") or {}
    ends = [one_line(details.get(f"{end}_place") or details.get(end), PLACE_LENGTH) for end in ("from", "to")]
    return " → ".join(ends) if all(ends) else None
