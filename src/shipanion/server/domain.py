"""The port through which a program tells the server what its sessions are about.

The server knows logs, turns and tool calls. What the shared state holds, which tools there are and what Bob says is
the domain's. Shared state is a JSON object; it changes by JSON merge patches (RFC 7396) only.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec

from shipanion.protocol.frames import Request

__all__ = [
    "Answer",
    "Asked",
    "Domain",
    "NotAllowed",
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


class ToolRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool is asked: its parameters as sent (not validated), and the shared state of the session."""

    session_id: str
    parameters: dict[str, Any]
    state: dict[str, Any]


class ToolOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a tool call ended: its result, what it changes in the shared state, and what it tells page and Bob.

    ``patch`` is given the state as it is when the result is committed. ``about`` is the domain's own note for
    ``Domain.answer``; it goes nowhere else.
    """

    result: Any
    is_error: bool = False
    patch: Callable[[dict[str, Any]], Patch] | None = None
    updates: tuple[Update, ...] = ()
    about: Any = None


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool: name, sentence, JSON schema of its parameters, and the function.

    ``read_only`` tools may be run again after a crash; the others answer from a ledger. ``run`` turns every foreseen
    failure into an outcome with ``is_error``; an exception is a bug and is answered as one.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    read_only: bool
    run: Callable[[ToolRequest], Awaitable[ToolOutcome]]


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

    def new_state(self, session_id: str) -> dict[str, Any]:
        """The state before the first event. Always the same for the same session."""

    def derive(self, before: dict[str, Any], after: dict[str, Any]) -> Patch:
        """What follows from a change of the state (a step that is computed, say), as a patch on ``after``."""

    def edit(self, state: dict[str, Any], patch: Patch) -> Patch:
        """What a person's edit really changes; raises ``NotAllowed``. An edit that changes nothing gives ``{}``."""

    def plain_state(self, state: dict[str, Any], scroll: float | None) -> dict[str, Any]:
        """The state in the plain form."""

    def summary(self, state: dict[str, Any]) -> str | None:
        """What happened so far, for Bob after a resume; None when there is nothing to tell."""

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
