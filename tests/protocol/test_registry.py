"""The registry: the generic requests, and those a domain adds."""

import msgspec
import pytest

from shipanion.protocol.frames import Request
from shipanion.protocol.registry import GENERIC_REQUESTS, Registry


class Weigh(Request, tag="weigh", kw_only=True, frozen=True):
    """A request of some domain."""

    grams: int


class Pingy(Request, tag="ping", kw_only=True, frozen=True):
    """A request whose type is taken."""


def test_the_names_a_client_may_use() -> None:
    assert Registry().names == {
        "hello", "user_message", "update_state", "client_tool_call", "stop", "resolve_approval", "device_state",
        "get_session_state", "history", "seen", "auth", "ping",
    }  # fmt: skip


def test_no_request_is_forgotten() -> None:
    tagged, todo = set(), [Request]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            if kind.__module__ == "shipanion.protocol.frames" and kind.__struct_config__.tag is not None:
                tagged.add(kind)
    assert tagged - set(GENERIC_REQUESTS) == {kind for kind in tagged if kind.__subclasses__()}


def test_a_domain_adds_its_own() -> None:
    registry = Registry((Weigh,))
    assert registry.names == Registry().names | {"weigh"}
    assert registry.decoder.decode('{"type": "weigh", "grams": 5}') == Weigh(grams=5)
    with pytest.raises(msgspec.ValidationError):
        Registry().decoder.decode('{"type": "weigh", "grams": 5}')


def test_a_domain_cannot_take_a_type_that_is_taken() -> None:
    with pytest.raises(TypeError):
        Registry((Pingy,))
