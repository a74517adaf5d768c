"""The frames that shipping adds to the generic ones."""

from typing import Any

from shipanion.protocol.frames import Request

__all__ = ["GetRates"]


class GetRates(Request, tag="get_rates", kw_only=True, frozen=True):
    """Asks for rates: ``payload`` is ``{origin_zip, destination_zip, weight, dimensions?, pickup_requested?}``.

    Answered by ``quote_ready`` to the asker; details and quotes are written to the session as the tool does.
    """

    payload: dict[str, Any]
