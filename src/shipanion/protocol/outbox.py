"""A client's commands that are not decided yet, in the order in which they were given.

Decided means: acknowledged, seen as an event, or refused for good. Until then a command stays here and is
sent again on every new connection. The ids make the repeats harmless (I5).
"""

from collections.abc import Iterable
from typing import Any

from shipanion.errors import MachineError

__all__ = ["Outbox", "command_id"]


def command_id(command: dict[str, Any]) -> str:
    """The id a command is known by: its ``id``, or the ``tool_call_id`` of a tool call.

    Raises:
        MachineError: it has neither, so a repeat could not be told from a second wish.
    """
    call = command.get("client_tool_call")
    id = call.get("tool_call_id") if isinstance(call, dict) else command.get("id")
    if not isinstance(id, str) or not id:
        raise MachineError(f"A command needs an id of its own; {command.get('type')!r} has none.")
    return id


class Outbox:
    """The undecided commands. What was sent on the present connection is always the front of the line."""

    def __init__(self) -> None:
        self._commands: dict[str, dict[str, Any]] = {}
        self._sent: set[str] = set()

    def __contains__(self, id: str) -> bool:
        return id in self._commands

    def __len__(self) -> int:
        return len(self._commands)

    def commands(self) -> list[dict[str, Any]]:
        """All undecided commands, oldest first."""
        return list(self._commands.values())

    def holds(self, command: dict[str, Any]) -> bool:
        """True when this very command is already here.

        Raises:
            MachineError: the id is taken by a different one.
        """
        id = command_id(command)
        held = self._commands.get(id)
        if held is not None and held != command:
            raise MachineError(f"The id {id!r} is already used by another command that is not decided yet.")
        return held is not None

    def add(self, command: dict[str, Any]) -> None:
        """Append one command that is not here yet."""
        self._commands[command_id(command)] = command

    def extend(self, commands: Iterable[dict[str, Any]]) -> None:
        """Append the commands that an earlier life of this client left behind."""
        for command in commands:
            if not self.holds(command):
                self.add(command)

    def decided(self, id: str) -> bool:
        """Take a command out; False when it was not here (a second ack, somebody else's event)."""
        self._sent.discard(id)
        return self._commands.pop(id, None) is not None

    def oldest_sent(self) -> str | None:
        """The oldest command that went out on this connection and is not decided."""
        return next((id for id in self._commands if id in self._sent), None)

    def rewind(self, id: str | None = None) -> None:
        """Send ``id`` and everything after it once more; without ``id``, everything (a new connection)."""
        order = list(self._commands)
        self._sent.difference_update(order if id is None else order[order.index(id) :])

    def take_unsent(self) -> list[dict[str, Any]]:
        """The commands to send now, oldest first; they count as sent from here on."""
        unsent = [id for id in self._commands if id not in self._sent]
        self._sent.update(unsent)
        return [self._commands[id] for id in unsent]
