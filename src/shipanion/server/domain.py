"""The port through which a program tells the server what its sessions are about.

The server knows logs, turns and tool calls. What the shared state holds, which tools there are and what Bob says is
the domain's. Shared state is a JSON object; it changes by JSON merge patches (RFC 7396) only.

Two members of the state are the server's to understand. ``approval`` is an object with ``approval_id`` and
``expires_at`` (ms) while a person is being asked for their yes, else absent. Whoever puts it there asks, whoever takes
it away ends it; a patch that takes it away without saying how cancels it, in the same commit. ``answering`` is the
server's own: the first approval that was asked for since the person's last message, and so the only one that their next
words can be meant for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from shipanion.protocol.events import EventBody
from shipanion.protocol.frames import Request

if TYPE_CHECKING:
    from shipanion.server.effect import Effect

__all__ = [
    "Answer",
    "Asked",
    "Claim",
    "Domain",
    "NotAllowed",
    "Patch",
    "Proposal",
    "Resolution",
    "Situation",
    "Spoken",
    "Tool",
    "ToolOutcome",
    "ToolRequest",
    "Update",
    "failure",
]

Patch = dict[str, Any]


class NotAllowed(Exception):
    """A command the domain refuses for good. ``code`` is from ``protocol.codes.ERRORS``.

    ``payload`` goes into the error frame, where the domain's protocol has one.
    """

    def __init__(self, code: str, message: str, payload: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.payload = payload


class Update(msgspec.Struct, frozen=True):
    """One ``contextual_update`` a tool call causes."""

    text: str
    data: dict[str, Any]


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What something is decided on: the shared state as it will be then, the time (ms), and the role of who asks.

    ``role`` is ``owner`` for a person on their own connection, ``agent`` for Bob and for outside brains.
    """

    session_id: str
    state: dict[str, Any]
    now: int
    role: str


class ToolRequest(Situation, frozen=True, kw_only=True):
    """What a tool is asked: its parameters as sent (not validated), in the situation when it was asked."""

    parameters: dict[str, Any]


class ToolOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a tool call ended: its result, what it changes in the shared state, and what it tells page and Bob.

    ``patch`` is given the state as it is when the result is committed. ``events`` go into the log before the result.
    ``about`` is the domain's own note for ``Domain.answer``; it goes nowhere else.
    """

    result: Any
    is_error: bool = False
    patch: Callable[[dict[str, Any]], Patch] | None = None
    events: tuple[EventBody, ...] = ()
    updates: tuple[Update, ...] = ()
    about: Any = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The wish to do something outside, once. The server writes it into the ledger, does it and settles it.

    ``kind`` is one of ``Domain.effects``; ``intent`` is what may be done once; ``effect_id`` is unique; ``request`` is
    JSON and all that the effect needs to know. ``say`` and ``data`` go into the event, ``patch`` into the state.
    """

    kind: str
    intent: str
    effect_id: str
    request: dict[str, Any]
    patch: Patch
    say: str | None = None
    data: dict[str, Any] | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call whose end must be decided on the state as it is when that is committed.

    ``decide`` is pure and may be called again on a later state: it gives the outcome, or the claim on which an outcome
    will follow. ``waits_for`` names an effect that is under way: its end is waited for first.
    """

    decide: Callable[[Situation], ToolOutcome | Claim]
    waits_for: str | None = None


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What a person's answer to an approval leads to: a change of the state, and what is to be done outside."""

    patch: Patch = msgspec.field(default_factory=dict)
    claim: Claim | None = None


class Spoken(msgspec.Struct, frozen=True):
    """A message of the log, as a reminder shows it: whose, and what was said."""

    role: str
    text: str


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool: name, sentence, JSON schema of its parameters, and the function.

    ``read_only`` tools do nothing outside and may be run again after a crash; what the others do outside they propose
    as a claim. ``run`` turns every foreseen failure into an outcome with ``is_error``; an exception is a bug and is
    answered as one.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    read_only: bool
    run: Callable[[ToolRequest], Awaitable[ToolOutcome | Proposal]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the domain's own, turned into a tool call."""

    tool_name: str
    parameters: dict[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The direct answer to a request of the domain's own: a frame of the given type, or an error.

    ``fields`` are the members of the frame, without the envelope.
    """

    type: str
    fields: dict[str, Any]


class Domain(Protocol):
    """What the sessions are about."""

    requests: tuple[type[Request], ...]
    """Further request frames, each answered directly by way of a tool call."""

    tools: Mapping[str, Tool]

    effects: Mapping[str, "Effect"]
    """What may be done outside, by kind."""

    def new_state(self, session_id: str) -> dict[str, Any]:
        """The state before the first event. Always the same for the same session."""

    def derive(self, before: dict[str, Any], after: dict[str, Any]) -> Patch:
        """What follows from a change of the state (a step that is computed, say), as a patch on ``after``."""

    def said(self, state: dict[str, Any], text: str) -> Patch:
        """What a person's message changes by itself, as a patch; mostly nothing."""

    def edit(self, state: dict[str, Any], patch: Patch) -> Patch:
        """What a person's edit really changes; raises ``NotAllowed``. An edit that changes nothing gives ``{}``."""

    def consent(self, situation: Situation, text: str) -> Literal["approved", "declined"] | None:
        """Whether what a person said answers the open approval, and nothing else. When in doubt: None."""

    def resolve(self, situation: Situation, decision: Literal["approved", "declined"]) -> Resolution:
        """What follows from a person's answer to the open approval; raises ``NotAllowed``."""

    def plain_state(self, state: dict[str, Any], scroll: float | None) -> dict[str, Any]:
        """The state in the plain form."""

    def summary(self, state: dict[str, Any], now: int) -> str | None:
        """What happened so far, for a person at ``now`` (ms); None when there is nothing to tell."""

    def reminder(self, state: dict[str, Any], recent: Sequence[Spoken], now: int) -> str | None:
        """What Bob must know to go on after a resume, with the last messages; None when nothing happened yet."""

    def digest(self, events: Sequence[tuple[str, dict[str, Any]]], state: dict[str, Any], now: int) -> list[str]:
        """What ``events`` (type and body, oldest first) amount to, in sentences, for a person who was away."""

    def asked(self, request: Request) -> Asked:
        """The tool call behind a request of the domain's own; raises ``NotAllowed``."""

    def answer(self, request: Request, outcome: ToolOutcome) -> Answer:
        """The direct answer to such a request."""


def failure(tool_name: str, parameters: dict[str, Any], message: str) -> ToolOutcome:
    """The outcome of a tool call that failed, with a sentence a person understands."""
    return ToolOutcome(
        result={"error": message, "original_request": parameters},
        is_error=True,
        updates=(Update(f"{tool_name}_result", {"message": message, "tool_name": tool_name, "is_error": True}),),
    )
