"""Shipping, plugged into the server's domain port: state, edits, tools, plain forms."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from shipanion.app.frames import GetRates
from shipanion.errors import ShippingError
from shipanion.protocol.frames import Request
from shipanion.server.domain import Answer, Asked, NotAllowed, Tool, ToolOutcome, ToolRequest, Update, failure
from shipanion.shipping import wire
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.language.lexicon import STATES
from shipanion.shipping.parcel import read_dimensions, read_weight
from shipanion.shipping.places import find
from shipanion.shipping.summary import previous_conversation_summary
from shipanion.shipping.zips import for_estimate

__all__ = ["QUOTES_TOOL", "ShippingDomain"]

QUOTES_TOOL: Final = "get_shipping_quotes"

TITLE_LENGTH: Final = 120
PLACE_LENGTH: Final = 80

Json = dict[str, Any]

_ZIP = {"type": "string", "description": "A US ZIP code: five digits, or nine with a hyphen."}

PARAMETERS: Final[Json] = {
    "type": "object",
    "required": ["from_zip", "to_zip", "weight"],
    "properties": {
        "from_zip": _ZIP,
        "to_zip": _ZIP,
        "weight": {"type": "number", "description": "Pounds, more than 0 and at most 70."},
        "dimensions": {
            "description": 'Inches: "12x10x8", or an object with length, width and height.',
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["length", "width", "height"],
                    "properties": {side: {"type": "number"} for side in ("length", "width", "height")},
                },
            ],
        },
        "pickup_requested": {"type": "boolean", "description": "Pick-ups are not offered; the answer says so."},
    },
}


class ShippingDomain:
    """What Shipanion's sessions are about: one parcel, its details and its quotes.

    Args:
        carrier: where quotes come from.
        today: the date that quotes are for.
    """

    requests: tuple[type[Request], ...] = (GetRates,)

    def __init__(self, carrier: Carrier, today: Callable[[], date] = date.today) -> None:
        self._carrier = carrier
        self._today = today
        quotes = Tool(
            name=QUOTES_TOOL,
            description="Quotes for sending a parcel within the United States, from published prices.",
            parameters=PARAMETERS,
            read_only=True,
            run=self._quotes,
        )
        self.tools: Mapping[str, Tool] = {quotes.name: quotes}

    # --- state ----------------------------------------------------------------------------------------------------

    def new_state(self, session_id: str) -> Json:
        """An empty first shipment. Its id follows from the session's, so that the state needs no event to begin."""
        return {"shipment_id": f"shipment-{session_id.removeprefix('session-')}", "labels": [], "current_step": 0}

    def derive(self, before: Json, after: Json) -> Json:
        """``current_step``: 0 details, 1 quotes, 2 one is chosen, 3 there is a label."""
        return {} if after.get("current_step") == (step := _step(after)) else {"current_step": step}

    def edit(self, state: Json, patch: Json) -> Json:
        """What an edit of ``title`` or ``shipping_details`` changes. New details drop the quotes they were not for.

        Raises:
            NotAllowed: another part of the state, or a value that no parcel can have.
        """
        changed: Json = {}
        for key, value in patch.items():
            if key == "title":
                changed |= _title(state, value)
            elif key == "shipping_details":
                changed |= self._details(state, value)
            else:
                raise NotAllowed("not_allowed", f"{key[:64]} cannot be edited; title and shipping_details can.")
        return changed

    def plain_state(self, state: Json, scroll: float | None) -> Json:
        """The state in the plain form: ``currentStep``, ``scrollPosition`` and what there is of the rest."""
        plain: Json = {"currentStep": state.get("current_step", 0), "scrollPosition": scroll or 0}
        for key in ("shipping_details", "quotes", "label", "title", "shipment_id"):
            if key in state:
                plain[key] = state[key]
        return plain

    def summary(self, state: Json) -> str | None:
        """``Previous conversation summary:`` and what there is; None for a session in which nothing was said."""
        if not any(state.get(key) for key in ("shipping_details", "quotes", "label")):
            return None
        return previous_conversation_summary(state)

    def _details(self, state: Json, patch: Any) -> Json:
        known: Json = state.get("shipping_details", {})
        if patch is None:
            wanted: Json | None = None
        elif isinstance(patch, dict):
            try:
                wanted = _edited(known, patch)
            except ShippingError as error:
                raise NotAllowed("bad_request", error.message) from None
        else:
            raise NotAllowed("bad_request", "shipping_details is an object with from, to, weight_lbs and dimensions.")
        if (wanted or {}) == known:
            return {}
        gone = {key: None for key in known if key not in (wanted or {})}
        return {"shipping_details": {**gone, **wanted} if wanted else None, "quotes": None, "chosen": None}

    # --- tools ----------------------------------------------------------------------------------------------------

    async def _quotes(self, request: ToolRequest) -> ToolOutcome:
        try:
            asked = wire.read_tool_call(request.parameters, ship_date=self._today())
            quotation = await self._carrier.quote(asked)
            result = wire.tool_result(asked, quotation)
        except ShippingError as error:
            failed = failure(QUOTES_TOOL, request.parameters, error.message)
            return ToolOutcome(
                result=wire.tool_failure(error, request.parameters), is_error=True, updates=failed.updates, about=error
            )
        told = {"message": result["message"], "tool_name": QUOTES_TOOL, "is_error": False}
        return ToolOutcome(
            result=result,
            patch=lambda state: _quoted(state, wire.shipping_details(asked), wire.quotes_state(quotation)),
            updates=(
                Update("quote_ready", wire.quote_ready(asked, quotation)),
                Update(f"{QUOTES_TOOL}_result", told),
            ),
            about=(asked, quotation),
        )

    # --- get_rates ------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Asked:
        """The tool call behind ``get_rates``.

        Raises:
            NotAllowed: ``missing_field`` or ``bad_request``, with the payload the frame's failure has.
        """
        assert isinstance(request, GetRates)
        payload = request.payload
        try:
            wire.read_get_rates(payload, ship_date=self._today())
        except ShippingError as error:
            code = "missing_field" if error.code == "missing_field" else "bad_request"
            raise NotAllowed(code, error.message, wire.rates_failure(error, payload)) from None
        named: Json = {
            "from_zip": payload["origin_zip"],
            "to_zip": payload["destination_zip"],
            "weight": payload["weight"],
        }
        rest: Json = {key: payload[key] for key in ("dimensions", "pickup_requested") if key in payload}
        return Asked(tool_name=QUOTES_TOOL, parameters={**named, **rest})

    def answer(self, request: Request, outcome: ToolOutcome) -> Answer:
        """``quote_ready`` with all options, or the error that says why there are none."""
        assert isinstance(request, GetRates)
        if outcome.is_error:
            message = str(outcome.result.get("error", ""))
            error = outcome.about if isinstance(outcome.about, ShippingError) else ShippingError("failed", message)
            fields = {"code": "bad_request", "message": message, "temporary": False}
            return Answer(type="error", fields={**fields, "payload": wire.rates_failure(error, request.payload)})
        return Answer(type="quote_ready", fields={"payload": wire.rates_payload(*outcome.about)})


def _quoted(state: Json, details: Json, quotes: list[Json]) -> Json:
    """The patch that puts details and their quotes into the state, whatever was there."""
    gone = {key: None for key in state.get("shipping_details", {}) if key not in details}
    return {"shipping_details": {**gone, **details}, "quotes": quotes, "chosen": None, "label": None}


def _step(state: Json) -> int:
    if state.get("label"):
        return 3
    if state.get("chosen"):
        return 2
    return 1 if state.get("quotes") else 0


def _title(state: Json, value: Any) -> Json:
    if value is not None and not (isinstance(value, str) and 0 < len(value.strip()) <= TITLE_LENGTH):
        raise NotAllowed("bad_request", f"A title is a text of 1 to {TITLE_LENGTH} characters.")
    title = value.strip() if value is not None else None
    return {} if state.get("title") == title else {"title": title}


def _edited(known: Json, patch: Json) -> Json:
    """The details as they will be: each field checked as a quote request would check it."""
    details = dict(known)
    for key, value in patch.items():
        if key in ("from_place", "to_place"):
            continue  # below: a town whose ZIP is still to be said
        if key not in ("from", "to", "weight_lbs", "dimensions"):
            raise NotAllowed("not_allowed", f"shipping_details has no field {key[:64]} to edit.")
        details.pop(key, None)
        if key in ("from", "to"):
            details.pop(f"{key}_place", None)
        if value is None:
            continue
        if key in ("from", "to"):
            place = for_estimate(value, key)
            details[key], details[f"{key}_place"] = place.code, place.name
        elif key == "weight_lbs":
            pounds = read_weight(value, key)
            details[key] = int(pounds) if pounds.is_integer() else pounds
        else:
            details[key] = str(read_dimensions(value, key))
    for end in ("from", "to"):
        # Beside its ZIP a town's name is ours to say.
        if f"{end}_place" in patch and end not in details:
            details.pop(f"{end}_place", None)
            town = patch[f"{end}_place"]
            if town is not None:
                details[f"{end}_place"] = _town(town)
    return details


def _town(name: Any) -> str:
    """A town or state whose ZIP is still to be said: ``"Boston, MA"``, ``"Portland"``, ``"ME"``."""
    if isinstance(name, str) and len(name) <= PLACE_LENGTH and (name in STATES.values() or find(name)):
        return name
    raise NotAllowed("bad_request", "That is no town or state that is known here. Give its ZIP code.")
