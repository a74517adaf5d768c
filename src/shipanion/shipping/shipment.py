"""One parcel from its details to its label, as changes of the shared state: pure functions, state in, patch out.

The steps a parcel goes through, told from the state alone::

    details → quoted → chosen → asked → buying → labelled
                                          └ confirming ┘      nobody knows yet whether there is a label

While somebody is buying, or there is a label, the parcel's details stand; what is sent next is another parcel with
an id of its own. Whatever a yes was asked for is bound by a hash: when it changes, the yes must be asked for again.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from shipanion.errors import ShippingError
from shipanion.shipping.refusals import refusal

__all__ = [
    "ENDS",
    "MAX_LABELS",
    "MEASURED",
    "anchor_for",
    "binding",
    "chosen_quote",
    "find_label",
    "followed",
    "frozen",
    "is_tied",
    "label_id",
    "next_shipment_id",
    "pick",
    "quoted",
    "restarted",
    "step",
    "tied",
    "usable_quotes",
    "with_label",
]

State = Mapping[str, Any]
Json = dict[str, Any]

MAX_LABELS: Final = 100
"""Labels one session may list; the list is part of the state, which must stay small."""

MEASURED: Final = ("from", "to", "weight_lbs", "dimensions")
"""What of the details a price depends on."""

ENDS: Final = {"sender": "from", "recipient": "to"}
"""Address → the end of the route it lies at."""

_OF_A_PARCEL: Final = (
    "shipping_details", "quotes", "quotes_expire_at", "anchor", "tied", "chosen", "approval", "purchase", "refusal",
    "label",
)  # fmt: skip
_OF_QUOTES: Final = ("quotes", "quotes_expire_at", "chosen")


def step(state: State) -> int:
    """``current_step``: 0 details, 1 quotes, 2 chosen, asked or being bought, 3 labelled."""
    if state.get("label"):
        return 3
    if state.get("chosen") or state.get("purchase"):
        return 2
    return 1 if state.get("quotes") else 0


def frozen(state: State) -> ShippingError | None:
    """Why the details of this parcel stand as they are; None while they may change."""
    if state.get("purchase"):
        return refusal("being_bought", _BEING_BOUGHT, "shipping_details")
    if state.get("label"):
        return refusal("labelled", _LABELLED, "shipping_details")
    return None


_BEING_BOUGHT: Final = (
    "The label for this parcel is being bought, so it cannot change now. Wait for the carrier's answer, or begin "
    "another parcel."
)
_LABELLED: Final = (
    "This parcel has its label, so it cannot change any more. Begin another parcel, or void the label first."
)


def next_shipment_id(shipment_id: str) -> str:
    """The id of the parcel after this one: ``shipment-9f`` → ``shipment-9f-2`` → ``shipment-9f-3``."""
    base, _, number = shipment_id.removeprefix("shipment-").partition("-")
    return f"shipment-{base}-{int(number or 1) + 1}"


def restarted(state: State, *, keep_details: bool = False) -> Json:
    """The patch that begins another parcel. Labels stay listed, and a purchase under way stays known."""
    patch: Json = {key: None for key in _OF_A_PARCEL if key in state}
    if keep_details:
        patch.pop("shipping_details", None)
    purchase = state.get("purchase")
    if purchase:
        patch["labels"] = [*state.get("labels", ()), _listed_purchase(state, purchase)]
    return {**patch, "shipment_id": next_shipment_id(str(state["shipment_id"]))}


def _listed_purchase(state: State, purchase: Mapping[str, Any]) -> Json:
    details = state.get("shipping_details", {})
    ends = {end: details[end] for end in ENDS.values() if end in details}
    return {
        "label_id": label_id(str(purchase["effect_id"])), "shipment_id": state["shipment_id"],
        "carrier": purchase["carrier"], "service": purchase["service"], "cost": purchase["cost"],
        **ends, "is_sample": purchase["is_sample"], "at": purchase["at"], "status": "confirming",
    }  # fmt: skip


def label_id(effect_id: str) -> str:
    """The label that a purchase leads to: ``purchase-9f`` → ``label-9f``."""
    return f"label-{effect_id.partition('-')[2]}"


# --- quotes -------------------------------------------------------------------------------------------------------


def anchor_for(state: State, details: Json) -> str | None:
    """The carrier's own shipment that ``details`` must be priced on; None where it may make another.

    A parcel whose purchase is under way, or was read as not made, stays with the shipment it hangs on: a second one
    could be bought as well, if the first answer lands late.
    """
    if state.get("purchase"):
        return state.get("anchor")
    return state["tied"]["anchor"] if is_tied(state, details) else None


def is_tied(state: State, details: Mapping[str, Any]) -> bool:
    """Whether these details are of the parcel whose purchase was read as not made, whatever was edited meanwhile."""
    tied = state.get("tied")
    return tied is not None and all(tied["details"].get(name) == details.get(name) for name in MEASURED)


def tied(anchor: str, effect_id: str, details: Mapping[str, Any]) -> Json:
    """State ``tied``: which of the carrier's shipments a parcel belongs to, and the purchase that may yet turn up."""
    measured = {name: details[name] for name in MEASURED if name in details}
    return {"anchor": anchor, "effect_id": effect_id, "details": measured}


def quoted(state: State, details: Json, quotes: list[Json], *, expire_at: int, anchor: str | None) -> Json:
    """The patch that puts details and their quotes into the state.

    A parcel that has its label is left as it is: these quotes begin another one.

    Raises:
        ShippingError: ``being_bought``, the quotes are for another parcel than the one that is being bought, or for
            another shipment of the carrier's.
    """
    known: Mapping[str, Any] = state.get("shipping_details", {})
    same = _same(state, details)
    held = anchor_for(state, details)
    if (state.get("purchase") and not same) or (held is not None and held != anchor):
        raise refusal("being_bought", _BEING_BOUGHT, "shipping_details")
    anew = bool(state.get("label")) or (bool(state.get("tied")) and not is_tied(state, details))
    kept = () if anew else [name for name in ENDS if name in known and _stays(known, details, name)]
    gone = {name: None for name in known if name not in details and name not in kept}
    return {
        **(restarted(state) if anew else {}),
        "shipping_details": {**gone, **details}, "quotes": quotes, "quotes_expire_at": expire_at, "anchor": anchor,
        "chosen": None, "refusal": None,
    }  # fmt: skip


def _same(state: State, details: Mapping[str, Any]) -> bool:
    """Whether these details are those of the parcel, as far as prices go."""
    known = state.get("shipping_details", {})
    return all(known.get(name) == details.get(name) for name in MEASURED)


def _stays(known: Mapping[str, Any], details: Mapping[str, Any], name: str) -> bool:
    """Whether an address still lies at its end of the route."""
    end = ENDS[name]
    return bool(known.get(end) == details.get(end))


def pick(state: State, wanted: object, *, now: int) -> Json:
    """The quote that ``wanted`` names: its id, its service, ``"cheapest"`` or ``"fastest"``.

    Raises:
        ShippingError: ``no_quotes``, ``quotes_expired``, ``no_such_quote``.
    """
    quotes: list[Json] = usable_quotes(state, now=now)
    name = str(wanted).strip().casefold() if isinstance(wanted, str) else ""
    if name == "cheapest":
        return min(quotes, key=lambda quote: (quote["cost"], quote["transit_days"]))
    if name == "fastest":
        return min(quotes, key=lambda quote: (quote["transit_days"], quote["cost"]))
    for quote in quotes:
        both = f"{quote['carrier']} {quote['service']}".casefold()
        if name and name in (str(quote["id"]).casefold(), str(quote["service"]).casefold(), both):
            return quote
    offered = ", ".join(f"{quote['carrier']} {quote['service']}" for quote in quotes)
    raise refusal("no_such_quote", f"That is none of the quotes. There are: {offered}.", "quote")


def usable_quotes(state: State, *, now: int) -> list[Json]:
    """The quotes, if there are any that still hold at ``now`` (ms).

    Raises:
        ShippingError: ``no_quotes``, ``quotes_expired``.
    """
    quotes: list[Json] = list(state.get("quotes") or ())
    if not quotes:
        raise refusal("no_quotes", "There are no quotes for this parcel yet. Ask for them first.", "quote")
    if now >= int(state.get("quotes_expire_at") or 0):
        raise refusal(
            "quotes_expired", "These quotes have run out. Ask for them again: prices may have changed.", "quote"
        )
    return quotes


def chosen_quote(state: State) -> Json | None:
    """The quote that was chosen, or None."""
    return next((quote for quote in state.get("quotes") or () if quote["id"] == state.get("chosen")), None)


# --- what a yes is for --------------------------------------------------------------------------------------------


def binding(state: State, kind: str, label: str = "") -> str:
    """The hash of all that a yes would be for: parcel, route, addresses, quote and price; or the label to be voided."""
    if kind == "void":
        bound: Json = {"kind": kind, "label_id": label}
    else:
        quote = chosen_quote(state) or {}
        bound = {
            "kind": kind, "shipment_id": state.get("shipment_id"), "details": state.get("shipping_details"),
            "quote": [quote.get(key) for key in ("id", "carrier", "service", "cost")], "anchor": state.get("anchor"),
        }  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(bound, order="deterministic")).hexdigest()[:32]


def followed(before: State, after: State) -> Json:
    """What follows from a change: the step; quotes that were for another parcel go; a yes for something else goes."""
    patch: Json = {}
    if _measured(before) != _measured(after) and "quotes" in after and after.get("quotes") == before.get("quotes"):
        patch |= {key: None for key in (*_OF_QUOTES, "anchor") if key in after}
    changed = {**after, **patch}
    for key in [key for key, value in patch.items() if value is None]:
        changed.pop(key)
    approval = after.get("approval")
    if approval is not None and approval["digest"] != binding(changed, approval["kind"], approval.get("label_id", "")):
        patch["approval"] = None
    if "refusal" in after and before.get("refusal") == after["refusal"] and _bought_for(before) != _bought_for(changed):
        patch["refusal"] = None
    if after.get("current_step") != (now_at := step(changed)):
        patch["current_step"] = now_at
    return patch


def _measured(state: State) -> list[Any]:
    details = state.get("shipping_details", {})
    return [details.get(name) for name in MEASURED]


def _bought_for(state: State) -> list[Any]:
    return [state.get(key) for key in ("shipping_details", "quotes", "chosen", "shipment_id")]


# --- labels -------------------------------------------------------------------------------------------------------


def with_label(labels: list[Json], entry: Json) -> list[Json]:
    """The list with this label in its place, or at the end."""
    if any(label["label_id"] == entry["label_id"] for label in labels):
        return [entry if label["label_id"] == entry["label_id"] else label for label in labels]
    return [*labels, entry]


def find_label(state: State, number: object) -> Json:
    """The label somebody means: by its tracking number, or the only one, or the current parcel's.

    Raises:
        ShippingError: ``no_label``, ``which_label``, ``no_such_label``.
    """
    labels = [label for label in state.get("labels", ()) if label["status"] != "confirming"]
    if number is not None:
        wanted = str(number).strip().upper() if isinstance(number, str) else ""
        for label in labels:
            if label["tracking_number"].upper() == wanted:
                return dict(label)
        raise refusal(
            "no_such_label", "There is no label with that tracking number in this session.", "tracking_number"
        )
    current = state.get("label")
    if current:
        return dict(next(label for label in labels if label["label_id"] == current["label_id"]))
    if not labels:
        raise refusal("no_label", "There is no label in this session yet.", "tracking_number")
    if len(labels) > 1:
        numbers = ", ".join(label["tracking_number"] for label in labels[-4:])
        raise refusal("which_label", f"Which label? Say its tracking number: {numbers}.", "tracking_number")
    return dict(labels[0])
