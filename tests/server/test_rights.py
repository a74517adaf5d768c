"""Who may do what, as a table."""

import pytest

from shipanion.protocol.frames import ClientToolCall, Command, Request, ResolveApproval, Stop, UpdateState, UserMessage
from shipanion.protocol.registry import GENERIC_REQUESTS
from shipanion.server.rights import RIGHTS, may
from tests.support.toy_domain import GetPrice


@pytest.mark.parametrize(
    ("role", "commands"),
    [
        ("owner", {UserMessage, UpdateState, ClientToolCall, Stop, ResolveApproval}),
        ("editor", {UserMessage, UpdateState, ClientToolCall, Stop}),
        ("agent", {UpdateState, ClientToolCall}),
        ("viewer", set()),
        ("", set()),
    ],
)
def test_what_a_role_may_do(role: str, commands: set[type[Request]]) -> None:
    assert {command for command in RIGHTS if may(role, command)} == commands


def test_every_command_is_in_the_table() -> None:
    commands = {kind for kind in GENERIC_REQUESTS if issubclass(kind, Command) or kind is ClientToolCall}
    assert set(RIGHTS) == commands


def test_a_request_of_the_domains_own_is_a_tool_call() -> None:
    assert may("agent", GetPrice)
    assert not may("viewer", GetPrice)
