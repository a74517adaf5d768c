"""Bytes to frames and back: limits, designed refusals, envelopes, and the digest of a command."""

import hashlib
import json
import re
from typing import Any, Final

import msgspec

from shipanion.errors import ProtocolError
from shipanion.protocol.frames import (
    ClientToolCall,
    PatchCommand,
    Request,
    ServerFrame,
    UserMessage,
    WireLimits,
)
from shipanion.protocol.registry import Registry

__all__ = ["MAX_DEPTH", "Codec", "digest", "encode", "envelope"]

MAX_DEPTH: Final = 64
"""How deep objects and arrays of a frame may be nested. What reads them later (a merge patch, a database, a client in
another language) may do so by recursion, and must not be brought down by it."""

MAX_ID: Final = 128
"""A longer id is not repeated in a refusal: it cannot be one of a command's."""

_NOT_IN_DIGEST = ("id", "session_id", "requestId", "metadata", "tool_call_id")

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET: Final = re.compile(r"[\[\]{}]")

_encoder = msgspec.json.Encoder()


_NULL: Final = msgspec.Raw(b"null")


class _Ids(msgspec.Struct):
    """Only what is needed to say which frame a refusal is about. Raw, so that one bad value hides no other."""

    type: msgspec.Raw = _NULL
    id: msgspec.Raw = _NULL
    requestId: msgspec.Raw = _NULL  # noqa: N815 - the wire's name
    client_tool_call: msgspec.Raw = _NULL


_ids = msgspec.json.Decoder(_Ids)


def encode(frame: ServerFrame) -> bytes:
    """One frame as JSON text in UTF-8."""
    return _encoder.encode(frame)


def envelope(session_id: str, offset: int, at: int, by: bytes, event_id: str | None, body: bytes) -> bytes:
    """An event as it is sent: its stored body with the envelope put in front. The body is not decoded.

    ``body`` is an encoded JSON object with at least one member (its ``type``).
    """
    identity = b"" if event_id is None else b'"id":%b,' % _encoder.encode(event_id)
    return b'{"session_id":"%b","offset":%d,"at":%d,"by":%b,%b%b' % (
        session_id.encode(),
        offset,
        at,
        by,
        identity,
        body[1:],
    )


def digest(request: Request) -> bytes:
    """SHA-256 of what a command asks for: its known fields with sorted keys, without ids and metadata.

    The same command sent twice has the same digest, whatever unknown fields, order or spacing it came with.
    """
    fields = msgspec.to_builtins(request)
    call = fields.get("client_tool_call")
    if call is not None:
        fields["client_tool_call"] = {k: v for k, v in call.items() if k not in _NOT_IN_DIGEST}
    kept = {k: v for k, v in fields.items() if k not in _NOT_IN_DIGEST}
    return hashlib.sha256(msgspec.json.encode(kept, order="sorted")).digest()


class Codec:
    """Decodes what clients send, within limits.

    Args:
        registry: the frames that may come in.
        limits: the published limits.
    """

    def __init__(self, registry: Registry, limits: WireLimits) -> None:
        self.registry = registry
        self.limits = limits
        self._short = min(limits.text, limits.patch) // 4

    def decode(self, text: str) -> Request:
        """The request in one text frame.

        Raises:
            ProtocolError: with code ``malformed``, ``unknown_type``, ``invalid`` or ``too_large``, and the ids of the
                frame where they can still be read, so that the client knows which of its commands it was.
        """
        if _bytes_over(text, self.limits.frame):
            raise self._refusal(text, "too_large", f"A frame may have at most {self.limits.frame} bytes.")
        try:
            request: Request = self.registry.decoder.decode(text)
        except msgspec.ValidationError as error:
            raise self._explain(text, error) from None
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            raise self._malformed(text) from None
        if _too_deep(text):
            raise self._refusal(text, "invalid", f"A frame may be nested at most {MAX_DEPTH} levels deep.")
        # Encoding anew (1e15 becomes 1000000000000000.0) makes a text at most four times as long.
        excess = self._excess(request) if len(text) > self._short else None
        if excess is not None:
            raise self._refusal(text, "too_large", excess)
        return request

    def _excess(self, request: Request) -> str | None:
        limits = self.limits
        if isinstance(request, UserMessage) and len(request.text) > limits.text:
            return f"A message may have at most {limits.text} characters; this one has {len(request.text)}."
        if isinstance(request, PatchCommand) and len(_encoder.encode(request.patch)) > limits.patch:
            return f"A patch may have at most {limits.patch} bytes."
        if (
            isinstance(request, ClientToolCall)
            and len(_encoder.encode(request.client_tool_call.parameters)) > limits.patch
        ):
            return f"A tool's parameters may have at most {limits.patch} bytes."
        return None

    def _explain(self, text: str, error: msgspec.ValidationError) -> ProtocolError:
        kind = _value(_ids_of(text).type)
        if not isinstance(kind, str):
            return self._refusal(text, "invalid", 'Every frame needs a "type", which is a text.')
        if kind not in self.registry.names:
            return self._refusal(text, "unknown_type", f'There is no frame of the type "{kind[:64]}".')
        return self._refusal(text, "invalid", f'The "{kind}" frame cannot be used: {error}.')

    def _refusal(self, text: str, code: str, message: str) -> ProtocolError:
        ids = _ids_of(text)
        return _about(_value(ids.id), _value(ids.requestId), _value(ids.client_tool_call), code, message)

    def _malformed(self, text: str) -> ProtocolError:
        """Half a surrogate pair or a NaN is no JSON to us, but its sender made it out of something with an id, and
        sends that for ever unless it hears that it is refused."""
        message = 'That is not one JSON object of Unicode text. Every frame is a JSON object with a "type".'
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            return ProtocolError("malformed", message)
        return _about(found.get("id"), found.get("requestId"), found.get("client_tool_call"), "malformed", message)


def _about(own: object, asked: object, call: object, code: str, message: str) -> ProtocolError:
    """A refusal with the ids that may be repeated in it."""
    if own is None and isinstance(call, dict):
        own = call.get("tool_call_id")
    return ProtocolError(
        code,
        message,
        id=own if isinstance(own, str) and len(own) <= MAX_ID and _is_unicode(own) else None,
        request_id=asked
        if isinstance(asked, str | int) and not isinstance(asked, bool) and _is_unicode(asked)
        else None,
    )


def _is_unicode(key: str | int) -> bool:
    """Not so are halves of surrogate pairs, which no answer can carry."""
    try:
        str(key).encode()
    except UnicodeEncodeError:
        return False
    return True


def _ids_of(text: str) -> _Ids:
    try:
        return _ids.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return _Ids()


def _value(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _bytes_over(text: str, limit: int) -> bool:
    if len(text) > limit:
        return True
    return len(text) * 4 > limit and not text.isascii() and len(text.encode("utf-8", "surrogatepass")) > limit


def _too_deep(text: str) -> bool:
    """Whether valid JSON is nested deeper than ``MAX_DEPTH``."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "{[" else -1
        if depth > MAX_DEPTH:
            return True
    return False
