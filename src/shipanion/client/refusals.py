"""What a client raises at its caller: each says what went wrong, and what becomes of the wish.

ShipanionError
├── CommandRefused       the server decided against this one command; it will not be sent again
├── ToolFailed           the tool ran, and its result is an error
├── SignInNeeded         the credential is no good; what was said is kept until there is a better one
├── SessionEnded         the session was closed by this program
└── ConnectionRefused    the server turned this client away (see ``shipanion.errors``)
"""

from typing import Any

from shipanion.errors import ShipanionError

__all__ = ["CommandRefused", "SessionEnded", "SignInNeeded", "ToolFailed"]


class CommandRefused(ShipanionError):
    """The server refused a command or a question.

    Args:
        id: the command's id.
        code: a name from ``protocol.codes.ERRORS``, for programs.
        message: the server's sentence.
    """

    def __init__(self, id: str, code: str, message: str) -> None:
        super().__init__(message)
        self.id = id
        self.code = code


class ToolFailed(ShipanionError):
    """A tool's result is an error.

    Args:
        id: the tool call's id.
        result: what the tool answered; its ``error`` is the sentence for a person.
    """

    def __init__(self, id: str, result: Any) -> None:
        said = result.get("error") if isinstance(result, dict) else None
        super().__init__(str(said or "The tool failed."))
        self.id = id
        self.result = result


class SignInNeeded(ShipanionError):
    """The credential was refused. Commands stay in the outbox; ``Session.sign_in`` sends them on.

    Args:
        code: ``sign_in`` or ``expired``.
        message: the server's sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SessionEnded(ShipanionError):
    """The session object was closed while somebody still waited on it. What is in the outbox stays there."""
