"""The frames a program understands: the generic ones plus those its domain adds."""

from typing import Any, Union

import msgspec

from shipanion.protocol import frames
from shipanion.protocol.frames import Request

__all__ = ["GENERIC_REQUESTS", "Registry"]

GENERIC_REQUESTS: tuple[type[Request], ...] = (
    frames.Hello,
    frames.UserMessage,
    frames.UpdateState,
    frames.ClientToolCall,
    frames.Stop,
    frames.ResolveApproval,
    frames.DeviceState,
    frames.GetSessionState,
    frames.History,
    frames.Seen,
    frames.AuthFrame,
    frames.Ping,
)


class Registry:
    """Which frames may come in, and one decoder for all of them.

    Args:
        domain: further request types of the program's domain, each a tagged ``Request``.
    """

    def __init__(self, domain: tuple[type[Request], ...] = ()) -> None:
        self.domain = domain
        types = (*GENERIC_REQUESTS, *domain)
        self.names: frozenset[str] = frozenset(str(t.__struct_config__.tag) for t in types)
        self.decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Union[types])  # noqa: UP007 - built at run time
