"""Error codes and close codes.

An error frame tells a person (``message``) and a program (``code``, ``temporary``) why something was refused.
A close code tells a client what to do next, by its range:

    4000-4099   come back now and resume
    4100-4199   come back after ``retry_after_ms``
    4200-4299   sign in first
    4300-4399   do not come back

Of the codes RFC 6455 section 7.4.1 defines, 1001, 1005, 1006, 1011, 1012 and 1013 mean resume; all others do not.
"""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["CLOSES", "ERRORS", "Close", "Duty", "ErrorCode", "duty_of"]


class ErrorCode(NamedTuple):
    """One row of the error table: may the same request succeed later, and what went wrong."""

    temporary: bool
    meaning: str


ERRORS: Final[dict[str, ErrorCode]] = {
    # the frame itself
    "malformed": ErrorCode(False, "The frame is not valid JSON text."),
    "not_text": ErrorCode(False, "A binary frame was sent; the protocol is JSON text."),
    "unknown_type": ErrorCode(False, "The frame's type is not known here."),
    "invalid": ErrorCode(False, "A field is missing or of the wrong type."),
    "too_large": ErrorCode(False, "The frame, text or patch is larger than the published limit."),
    # the handshake and who is asking
    "sign_in": ErrorCode(False, "No usable credential was given."),
    "expired": ErrorCode(False, "The credential has expired or was withdrawn."),
    "not_found": ErrorCode(False, "There is no such session for this person."),
    "origin": ErrorCode(False, "The page this came from is not allowed to connect."),
    "forbidden": ErrorCode(False, "This participant may not do that."),
    # commands
    "id_reused": ErrorCode(False, "The id was used before for something else."),
    "not_allowed": ErrorCode(False, "That part of the state is not for clients to write."),
    "no_such_turn": ErrorCode(False, "There is no such turn in this session."),
    "no_such_approval": ErrorCode(False, "That is not being asked, or not any more."),
    "session_full": ErrorCode(False, "The session holds as many events as it may."),
    "too_many_sessions": ErrorCode(False, "This person has as many sessions as one may have."),
    "missing_field": ErrorCode(False, "A required field of a request is missing."),
    "bad_request": ErrorCode(False, "The request cannot be carried out as it stands."),
    # for now
    "rate_limited": ErrorCode(True, "Too many requests in a short time."),
    "retry_in_order": ErrorCode(True, "An earlier command must come again first."),
    "unavailable": ErrorCode(True, "The store cannot write at the moment."),
    "starting": ErrorCode(True, "The server is starting or stopping."),
}


class Duty(Enum):
    """What a close code asks of the client."""

    RESUME = "resume"
    WAIT = "wait"
    SIGN_IN = "sign_in"
    STOP = "stop"


class Close(NamedTuple):
    """A close code and its reason, as sent in the close frame."""

    code: int
    reason: str


CLOSES: Final[dict[str, Close]] = {
    "done": Close(1000, "done"),
    "going_away": Close(1001, "going_away"),
    "refused": Close(1008, "refused"),
    "resume_now": Close(4000, "resume_now"),
    "lagging": Close(4001, "lagging"),
    "too_many": Close(4100, "too_many"),
    "starting": Close(4101, "starting"),
    "sign_in": Close(4200, "sign_in"),
    "expired": Close(4201, "expired"),
    "replaced": Close(4300, "replaced"),
    "not_found": Close(4301, "not_found"),
    "policy": Close(4302, "policy"),
}

_RESUME_CODES: Final = frozenset({1001, 1005, 1006, 1011, 1012, 1013})


def duty_of(code: int) -> Duty:
    """What a client does after a close with ``code``. Codes nobody defined mean: stop."""
    if code in _RESUME_CODES or 4000 <= code <= 4099:
        return Duty.RESUME
    if 4100 <= code <= 4199:
        return Duty.WAIT
    if 4200 <= code <= 4299:
        return Duty.SIGN_IN
    return Duty.STOP
