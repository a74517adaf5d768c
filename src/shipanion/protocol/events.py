"""Every generic event of a session's log, as tagged structs.

An event is stored as its body: the JSON object without the envelope (``session_id``, ``offset``, ``at``, ``by``,
``id``), which is put in front when the event is sent. So a body is encoded once, however many read it.
"""

from typing import Any, Literal

from shipanion.protocol.frames import Frame, ToolCall

__all__ = [
    "AgentMessage",
    "ApprovalDecision",
    "ApprovalRequested",
    "ApprovalResolved",
    "ClientToolCallEvent",
    "ClientToolResult",
    "ContextualUpdate",
    "EffectChanged",
    "EffectStatus",
    "EventBody",
    "StateChanged",
    "TurnEnded",
    "TurnOutcome",
    "UserMessageEvent",
]

TurnOutcome = Literal["completed", "stopped", "interrupted", "failed"]
ApprovalDecision = Literal["approved", "declined", "expired", "cancelled"]
EffectStatus = Literal["claimed", "settled", "failed", "unknown"]


class EventBody(Frame, kw_only=True, frozen=True):
    """An entry of the log, without its envelope. ``patch`` is what it changes in the shared state (RFC 7396)."""

    patch: dict[str, Any] | None = None


class UserMessageEvent(EventBody, tag="user_message", kw_only=True, frozen=True):
    """The person said ``text``; ``turn_id`` names the turn that will answer."""

    text: str
    turn_id: str | None = None


class AgentMessage(EventBody, tag="agent_message", kw_only=True, frozen=True):
    """What Bob said in one turn. ``partial``: the turn did not complete, this is as far as it came."""

    turn_id: str
    text: str
    partial: bool = False


class TurnEnded(EventBody, tag="turn_ended", kw_only=True, frozen=True):
    """The turn is over. Every turn has exactly one of these."""

    turn_id: str
    outcome: TurnOutcome


class StateChanged(EventBody, tag="state_changed", kw_only=True, frozen=True):
    """The shared state changed by ``patch``."""


class ClientToolCallEvent(EventBody, tag="client_tool_call", kw_only=True, frozen=True):
    """A tool was called; the result follows as an event of its own."""

    client_tool_call: ToolCall


class ClientToolResult(EventBody, tag="client_tool_result", kw_only=True, frozen=True):
    """How a tool call ended. With ``is_error``, ``result`` is ``{error, original_request}``."""

    tool_call_id: str
    tool_name: str
    result: Any
    is_error: bool


class ContextualUpdate(EventBody, tag="contextual_update", kw_only=True, frozen=True):
    """Something the page (``quote_ready``, …) or Bob (``<tool_name>_result``) should know."""

    text: str
    data: dict[str, Any]


class ApprovalRequested(EventBody, tag="approval_requested", kw_only=True, frozen=True):
    """A person is asked for their yes, until ``expires_at`` (ms). ``text`` is the question, ``data`` what it is about
    in the domain's words. Every approval has exactly one ``approval_resolved``."""

    approval_id: str
    text: str
    expires_at: int
    data: dict[str, Any]


class ApprovalResolved(EventBody, tag="approval_resolved", kw_only=True, frozen=True):
    """The approval is over. ``cancelled``: what it was about has changed, so it must be asked anew."""

    approval_id: str
    decision: ApprovalDecision


class EffectChanged(EventBody, tag="effect_changed", kw_only=True, frozen=True):
    """Something done outside: it is being done (``claimed``), was (``settled``), surely was not (``failed``), or nobody
    knows yet (``unknown``). ``say`` is a sentence for a person, ``data`` the domain's words about it."""

    effect_id: str
    kind: str
    status: EffectStatus
    say: str | None = None
    data: dict[str, Any] | None = None
