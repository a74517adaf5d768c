"""Shipping, plugged into the server's domain port: state, edits, tools, effects, plain forms."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from shipanion.app.frames import GetRates
from shipanion.app.purchases import FindEffect, Purchases
from shipanion.app.purchasing import Purchasing
from shipanion.app.tools import quotes as quoting
from shipanion.app.tools.choice import select_tool
from shipanion.app.tools.label import label_tool
from shipanion.app.tools.quotes import quotes_tool
from shipanion.app.tools.session import new_shipment_tool, session_state_tool
from shipanion.app.tools.tracking import track_tool
from shipanion.app.tools.void import void_tool
from shipanion.app.voiding import Voiding
from shipanion.errors import ShippingError
from shipanion.protocol.frames import Request
from shipanion.server.domain import Answer, Asked, NotAllowed, Resolution, Situation, Spoken, Tool, ToolOutcome
from shipanion.server.effect import Effect
from shipanion.shipping import wire
from shipanion.shipping.address import as_json, read_address
from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.consent import consent
from shipanion.shipping.digest import digest
from shipanion.shipping.label.qr import qr_png
from shipanion.shipping.language.lexicon import STATES
from shipanion.shipping.parcel import read_dimensions, read_weight
from shipanion.shipping.places import find
from shipanion.shipping.refusals import refusal
from shipanion.shipping.reminder import reminder
from shipanion.shipping.shipment import ENDS, chosen_quote, followed, frozen
from shipanion.shipping.summary import previous_conversation_summary
from shipanion.shipping.title import opened, retitled
from shipanion.shipping.zips import for_estimate

__all__ = ["LABELS_AT", "ShippingDomain"]

LABELS_AT: Final = "/api/labels"
"""Where labels are read over HTTP."""

_PLAIN: Final = (
    "shipping_details", "quotes", "chosen", "approval", "purchase", "label", "labels", "title", "shipment_id",
)  # fmt: skip

TITLE_LENGTH: Final = 120
PLACE_LENGTH: Final = 80

Json = dict[str, Any]


class ShippingDomain:
    """What Shipanion's sessions are about: parcels, from their details to their labels.

    Args:
        carrier: where quotes come from, and who sells.
        find_effect: looks into the server's ledger.
        today: the date that quotes are for.
        public_url: what goes before paths of this server that people are given; empty for nothing.
    """

    requests: tuple[type[Request], ...] = (GetRates,)

    def __init__(
        self, carrier: Carrier, find_effect: FindEffect, *, today: Callable[[], date] = date.today, public_url: str = ""
    ) -> None:
        self._today = today
        purchases = Purchases(find_effect, carrier)
        self._purchasing = Purchasing(carrier, f"{public_url}{LABELS_AT}", _qr)
        self._voiding = Voiding(carrier, purchases)
        self.effects: Mapping[str, Effect] = {effect.kind: effect for effect in (self._purchasing, self._voiding)}
        tools = (
            quotes_tool(carrier, purchases, today),
            select_tool(),
            label_tool(carrier, self._purchasing, purchases),
            void_tool(carrier, self._voiding),
            track_tool(carrier, purchases),
            new_shipment_tool(),
            session_state_tool(lambda state: self.plain_state(state, None)),
        )
        self.tools: Mapping[str, Tool] = {tool.name: tool for tool in tools}

    # --- state ----------------------------------------------------------------------------------------------------

    def new_state(self, session_id: str) -> Json:
        """An empty first shipment. Its id follows from the session's, so that the state needs no event to begin."""
        return {"shipment_id": f"shipment-{session_id.removeprefix('session-')}", "labels": [], "current_step": 0}

    def derive(self, before: Json, after: Json) -> Json:
        """The step and the title; quotes that were for another parcel, and a yes that was for something else, go."""
        return {**followed(before, after), **retitled(before, after)}

    def said(self, state: Json, text: str) -> Json:
        """The first message is kept in short: it names the session until there is a route."""
        return opened(state, text)

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
        for key in _PLAIN:
            if state.get(key):
                plain[key] = state[key]
        return plain

    def summary(self, state: Json, now: int) -> str | None:
        """``Previous conversation summary:`` and what there is; None for a session in which nothing was said."""
        if not any(state.get(key) for key in ("shipping_details", "quotes", "label", "labels", "purchase")):
            return None
        return previous_conversation_summary(state, now)

    def reminder(self, state: Json, recent: Sequence[Spoken], now: int) -> str | None:
        """What Bob must know to go on after a resume."""
        return reminder(state, recent, now)

    def digest(self, events: Sequence[tuple[str, Json]], state: Json, now: int) -> list[str]:
        """What happened while a person was away."""
        return digest(events, state, now)

    # --- yes and no -----------------------------------------------------------------------------------------------

    def consent(self, situation: Situation, text: str) -> Literal["approved", "declined"] | None:
        """Whether a message is a plain yes or no, by the closed grammar."""
        answer = consent(text, situation.state["approval"]["kind"])
        return None if answer is None else "approved" if answer == "yes" else "declined"

    def resolve(self, situation: Situation, decision: Literal["approved", "declined"]) -> Resolution:
        """A yes claims what was offered; a no leaves everything as it is.

        Raises:
            NotAllowed: what was offered is not there any more.
        """
        state, offer = situation.state, situation.state["approval"]
        if decision == "declined":
            return Resolution()
        number = str(offer["approval_id"]).removeprefix("approval-")
        if offer["kind"] == "void":
            label = next((label for label in state["labels"] if label["label_id"] == offer["label_id"]), None)
            if label is None or label["status"] != "bought":
                raise NotAllowed("no_such_approval", "That label cannot be voided any more.")
            return Resolution(claim=self._voiding.claim(state, label, number))
        quote = chosen_quote(state)
        if quote is None or state.get("purchase") or state.get("label"):
            raise NotAllowed("no_such_approval", "That offer does not stand any more. Ask for it again.")
        return Resolution(claim=self._purchasing.claim(state, quote, number, situation.now))

    # --- edits ----------------------------------------------------------------------------------------------------

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
        stands = frozen(state)
        if stands is not None:
            raise NotAllowed("not_allowed", stands.message)
        if not wanted:
            return {"shipping_details": None}
        gone = {key: None for key in known if key not in wanted}
        return {"shipping_details": {**gone, **{key: _whole(known, key, wanted[key]) for key in wanted}}}

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
        return Asked(tool_name=quoting.NAME, parameters={**named, **rest})

    def answer(self, request: Request, outcome: ToolOutcome) -> Answer:
        """``quote_ready`` with all options, or the error that says why there are none."""
        assert isinstance(request, GetRates)
        if outcome.is_error:
            message = str(outcome.result.get("error", ""))
            error = outcome.about if isinstance(outcome.about, ShippingError) else ShippingError("failed", message)
            fields = {"code": "bad_request", "message": message, "temporary": False}
            return Answer(type="error", fields={**fields, "payload": wire.rates_failure(error, request.payload)})
        return Answer(type="quote_ready", fields={"payload": wire.rates_payload(*outcome.about)})


async def _qr(text: str) -> bytes:
    return await asyncio.to_thread(qr_png, text)


def _whole(known: Json, key: str, value: Any) -> Any:
    """A value as a merge patch that leaves nothing of the value before."""
    before = known.get(key)
    if not isinstance(value, dict) or not isinstance(before, dict):
        return value
    return {**dict.fromkeys(before), **value}


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
        if key in ENDS:
            continue  # below: they are checked against the route as it will be
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
    for name, end in ENDS.items():
        _address(details, patch, name, end)
    return details


def _address(details: Json, patch: Json, name: str, end: str) -> None:
    """An address as it will be: checked against its end of the route, and gone when the route leads elsewhere."""
    given = patch[name] if name in patch else details.get(name)
    details.pop(name, None)
    if given is None:
        return
    if end not in details:
        if name in patch:
            raise refusal(
                "missing_field", f"Say first which ZIP code the {name}'s address has; then the address.", name
            )
        return
    try:
        address = as_json(read_address(given, name, zip=details[end]))
    except ShippingError:
        if name in patch:
            raise
        return  # it was that of another place
    details[name] = {key: value for key, value in address.items() if value is not None}


def _town(name: Any) -> str:
    """A town or state whose ZIP is still to be said: ``"Boston, MA"``, ``"Portland"``, ``"ME"``."""
    if isinstance(name, str) and len(name) <= PLACE_LENGTH and (name in STATES.values() or find(name)):
        return name
    raise NotAllowed("bad_request", "That is no town or state that is known here. Give its ZIP code.")
