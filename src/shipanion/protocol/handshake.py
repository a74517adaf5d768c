"""The fields of the handshake: read from the query of ``/ws``, from a ``hello``, or from both, and checked.

What a client says of itself is kept for as long as its session lives, so it is bounded here.
"""

from typing import Final

import msgspec

from shipanion.errors import ProtocolError
from shipanion.protocol.frames import AuthFrame, ClientToolCall, Hello, Ping, Request, Seen
from shipanion.protocol.position import MAX_OFFSET, Position, valid_epoch

__all__ = ["asked_position", "check_hello", "hello_of_query", "joined", "needs_session"]

_LONGEST: Final = {"device": 64, "client": 64, "new": 128, "user": 128}


def hello_of_query(query: dict[str, str]) -> Hello:
    """The handshake as the query gives it. A field without a value counts as not given; others are ignored.

    Raises:
        ProtocolError: ``invalid``, naming the field and what it may be.
    """
    offset: int | None = None
    if "offset" in query:
        text = query["offset"]
        if not (text.isascii() and text.isdigit() and len(text) <= 16):
            raise ProtocolError("invalid", "The offset in the query must be a whole number from 0.")
        offset = int(text)
    known = {k: query[k] for k in ("session_id", "epoch", "device", "client", "new", "user") if query.get(k)}
    hello = Hello(offset=offset, **known)
    check_hello(hello)
    return hello


def check_hello(hello: Hello) -> None:
    """Refuse what no honest client would say.

    Raises:
        ProtocolError: ``invalid``, naming the field and what it may be.
    """
    if hello.offset is not None and hello.offset > MAX_OFFSET:
        raise ProtocolError("invalid", "The offset is larger than any log can be.")
    if hello.epoch is not None and not valid_epoch(hello.epoch):
        raise ProtocolError("invalid", "The epoch is not one this server could have given.")
    for name, longest in _LONGEST.items():
        value: str | None = getattr(hello, name)
        if value is not None and (len(value) > longest or not value.isprintable()):
            raise ProtocolError("invalid", f"The field {name} must be at most {longest} printable characters.")


def joined(query: Hello, frame: Hello) -> Hello:
    """Both together; where both say something, the frame counts."""
    said = {name: value for name, value in msgspec.structs.asdict(frame).items() if value is not None}
    return msgspec.structs.replace(query, **said)


def asked_position(hello: Hello) -> Position | None:
    """Where the client wants to go on. An offset means nothing without its epoch."""
    if hello.epoch is None or hello.offset is None:
        return None
    return Position(hello.epoch, hello.offset)


def needs_session(request: Request) -> bool:
    """Whether a plain connection that has no session yet is attached now: to the one named, else to a new one."""
    if isinstance(request, Hello):
        return False
    if request.session_id is not None:
        return True
    if isinstance(request, ClientToolCall):
        # It runs in the session its metadata names; minting one beside that would leave an empty session behind.
        metadata = request.client_tool_call.metadata
        return metadata is None or metadata.session_id is None
    return not isinstance(request, Ping | AuthFrame | Seen)
