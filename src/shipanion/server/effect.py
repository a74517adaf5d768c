"""The port for what is done outside, where doing it twice would be wrong: paying, sending, booking.

A domain declares one ``Effect`` per kind. The server keeps the ledger: a *claim* is durable before ``perform`` is
called, at most one claim holds an *intent* ("the purchase of shipment S"), and what became of it is committed before
anybody hears of it. When nobody knows what became of it, ``reconcile`` asks outside; ``perform`` is not called again
on a guess. docs/effects.md has the whole story and an example.
"""

from typing import Any, Protocol

import msgspec

from shipanion.server.domain import Patch, Situation, ToolOutcome
from shipanion.stores.base import NewDocument

__all__ = ["Claimed", "Done", "Effect", "NotDone", "Outcome", "Told", "Unsure"]


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that is held: what is to be done, and under which name. ``at`` (ms) is when it was begun.

    ``effect_id`` is the same however often this is asked about; give it to the other end as a reference.
    """

    session_id: str
    effect_id: str
    intent: str
    request: dict[str, Any]
    at: int


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """It was done. ``value`` is JSON, kept in the ledger; ``documents`` are kept beside it."""

    value: dict[str, Any]
    documents: tuple[NewDocument, ...] = ()


class NotDone(msgspec.Struct, frozen=True, kw_only=True):
    """It was not done. From ``perform``: surely, the other end refused. From ``reconcile``: not as of now."""

    code: str
    message: str


class Unsure(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody knows. ``message`` is for the log."""

    message: str


Outcome = Done | NotDone | Unsure


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What people and state are told of an outcome.

    ``say`` is a sentence for a person, ``data`` goes into the ``effect_changed`` event. ``result`` answers the tool
    call that waits for it, if one does; its updates are told in any case, its patch and events are not used.
    ``releases`` names an effect whose intent is free again because of this one.
    """

    say: str
    result: ToolOutcome
    patch: Patch | None = None
    data: dict[str, Any] | None = None
    releases: str | None = None


class Effect(Protocol):
    """One kind of thing that is done outside, at most once per intent."""

    @property
    def kind(self) -> str:
        """Its name: in claims, in the ledger, on the wire."""

    @property
    def seconds(self) -> float:
        """How long ``perform`` and ``reconcile`` may take; after that nobody knows."""

    @property
    def patience_ms(self) -> int:
        """How long after a call left "not as of now" may still turn into "done". Must exceed ``seconds``."""

    async def perform(self, claimed: Claimed) -> Outcome:
        """Do it. Whatever it raises means ``Unsure``."""

    async def reconcile(self, claimed: Claimed) -> Outcome:
        """Ask outside whether it was done; does nothing. Whatever it raises means ``Unsure``."""

    def may_resend(self, claimed: Claimed, now: int) -> bool:
        """Whether a claim whose process died, and of which the other end knows nothing, may be performed now (ms).

        True only if performing it twice has the effect of once, whatever is still on its way.
        """

    def told(self, situation: Situation, claimed: Claimed, outcome: Outcome) -> Told:
        """What an outcome means here; ``Unsure`` asks for what to say meanwhile. Pure."""
