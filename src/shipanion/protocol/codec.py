"""Bytes to frames and back: limits, designed refusals, envelopes, and the digest of a command."""

import hashlib
from typing import Any

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

__all__ = ["Codec", "digest", "encode", "envelope"]

_NOT_IN_DIGEST = ("id", "session_id", "requestId", "metadata", "tool_call_id")

_encoder = msgspec.json.Encoder()


class _Ids(msgspec.Struct):
    """Only what is needed to say which frame a refusal is about."""

    type: Any = None
    id: Any = None
    requestId: Any = None  # noqa: N815 - the wire's name
    client_tool_call: Any = None


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
        except (msgspec.DecodeError, RecursionError):
            raise ProtocolError(
                "malformed", 'That is not one JSON object. Every frame is a JSON object with a "type".'
            ) from None
        self._within_limits(request)
        return request

    def _within_limits(self, request: Request) -> None:
        if isinstance(request, UserMessage):
            if len(request.text) > self.limits.text:
                raise ProtocolError(
                    "too_large",
                    f"A message may have at most {self.limits.text} characters; this one has {len(request.text)}.",
                    id=request.id,
                )
        elif isinstance(request, PatchCommand):
            if len(_encoder.encode(request.patch)) > self.limits.patch:
                raise ProtocolError("too_large", f"A patch may have at most {self.limits.patch} bytes.", id=request.id)
        elif isinstance(request, ClientToolCall):
            call = request.client_tool_call
            if len(_encoder.encode(call.parameters)) > self.limits.patch:
                raise ProtocolError(
                    "too_large",
                    f"A tool's parameters may have at most {self.limits.patch} bytes.",
                    id=call.tool_call_id,
                )

    def _explain(self, text: str, error: msgspec.ValidationError) -> ProtocolError:
        kind = self._ids_of(text).type
        if not isinstance(kind, str):
            return self._refusal(text, "invalid", 'Every frame needs a "type", which is a text.')
        if kind not in self.registry.names:
            return self._refusal(text, "unknown_type", f'There is no frame of the type "{kind[:64]}".')
        return self._refusal(text, "invalid", f'The "{kind}" frame cannot be used: {error}.')

    def _refusal(self, text: str, code: str, message: str) -> ProtocolError:
        ids = self._ids_of(text)
        own = ids.id
        if own is None and isinstance(ids.client_tool_call, dict):
            own = ids.client_tool_call.get("tool_call_id")
        return ProtocolError(
            code,
            message,
            id=own if isinstance(own, str) else None,
            request_id=ids.requestId if isinstance(ids.requestId, str | int) else None,
        )

    def _ids_of(self, text: str) -> _Ids:
        try:
            return _ids.decode(text)
        except (msgspec.MsgspecError, RecursionError):
            return _Ids()


def _bytes_over(text: str, limit: int) -> bool:
    if len(text) > limit:
        return True
    return len(text) * 4 > limit and not text.isascii() and len(text.encode()) > limit
