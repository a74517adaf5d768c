"""Which role may give which command. Questions are anybody's who was let in."""

from typing import Final

from shipanion.protocol.frames import ClientToolCall, Request, ResolveApproval, Stop, UpdateState, UserMessage

__all__ = ["RIGHTS", "may"]

RIGHTS: Final[dict[type[Request], frozenset[str]]] = {
    UserMessage: frozenset({"owner", "editor"}),
    UpdateState: frozenset({"owner", "editor", "agent"}),
    ClientToolCall: frozenset({"owner", "editor", "agent"}),
    Stop: frozenset({"owner", "editor"}),
    ResolveApproval: frozenset({"owner"}),
}
"""Command → the roles that may give it. A yes to what costs money is the owner's alone."""


def may(role: str, command: type[Request]) -> bool:
    """Whether somebody with this role may give this command; a request of the domain's own is a tool call."""
    return role in RIGHTS.get(command, RIGHTS[ClientToolCall])
