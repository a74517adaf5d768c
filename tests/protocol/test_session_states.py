"""The table of the server's half, walked: every input in every state."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from shipanion.errors import MachineError
from shipanion.protocol.codec import Codec
from shipanion.protocol.frames import Acked, ReconnectWindow, Welcome, WireLimits
from shipanion.protocol.position import Position
from shipanion.protocol.registry import Registry
from shipanion.protocol.session import ServerMachine
from shipanion.protocol.session_outputs import Output
from shipanion.protocol.session_states import ALLOWED, State

CODEC = Codec(Registry(), WireLimits())
WELCOME = Welcome(
    session_id="s-1", outcome="snapshot", position=Position("e1", 7), replayed=0, state={}, devices=[],
    heartbeat_ms=25_000, limits=WireLimits(), reconnect=ReconnectWindow(),
)  # fmt: skip

GIVE: dict[str, tuple[str, Callable[[ServerMachine], list[Output]]]] = {
    # input -> (its row in the table, how it is given)
    "open": ("open", lambda m: m.open(50, {"session_id": "s-1"}, "t")),
    "identified": ("identified", lambda m: m.identified(50, "u-ada", 9000)),
    "not_identified": ("identified", lambda m: m.not_identified(50, "expired", "It ran out.")),
    "attached": ("attached", lambda m: m.attached(50, "s-1", WELCOME)),
    "not_attached": ("attached", lambda m: m.not_attached(50, "not_found", "There is none.")),
    "receive": ("receive", lambda m: m.receive(50, '{"type": "ping"}')),
    "binary": ("receive", lambda m: m.binary(50)),
    "decided": ("decided", lambda m: m.decided(50, [Acked(id="m", offset=8, duplicate=False)])),
    "refused": ("decided", lambda m: m.refused(50, "m", "unavailable", "The disk is full.")),
    "timer": ("timer", lambda m: m.timer(50)),
}
ANYWHERE: dict[str, Callable[[ServerMachine], list[Output] | None]] = {
    "withdraw": lambda m: m.withdraw("You signed out."),
    "end": lambda m: m.end("resume_now"),
    "lost": lambda m: m.lost(),
}


def machine_in(state: State, *, full: bool = True, refreshing: bool = False) -> ServerMachine:
    """A machine that came to `state` the way every connection does."""
    machine = ServerMachine(CODEC, full=full)
    if state is State.NEW:
        return machine
    machine.open(0, {"session_id": "s-1"} if full else {}, None if state is State.GREETING else "t")
    if state in (State.IDLE, State.ATTACHING, State.LIVE):
        machine.identified(1, "u-ada", 8000)
    if not full and state in (State.ATTACHING, State.LIVE):
        if refreshing and state is State.ATTACHING:
            machine.receive(1, '{"type": "auth", "token": "t2"}')
        machine.receive(2, '{"type": "get_session_state"}')
    if state is State.LIVE:
        machine.attached(3, "s-1", WELCOME)
    if refreshing and state is not State.ATTACHING:
        machine.receive(4, '{"type": "auth", "token": "t2"}')
    if state is State.CLOSED:
        machine.end("done")
    assert machine.state is state
    return machine


def insides(machine: ServerMachine) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in vars(machine).items() if name != "_codec"}


# A full connection is never idle: it is attached as soon as it is known whose it is.
PLACES = [
    pytest.param(state, full, id=f"{state.value}-{'full' if full else 'plain'}")
    for state in State
    for full in (True, False)
    if not (full and state is State.IDLE)
]


@pytest.mark.parametrize(("state", "full"), PLACES)
@pytest.mark.parametrize("name", GIVE)
def test_every_input_in_every_state(name: str, state: State, full: bool) -> None:
    row, give = GIVE[name]
    machine = machine_in(state, full=full)
    # Nobody asked whose token it is once somebody is known.
    answers_nothing = row == "identified" and state in (State.IDLE, State.ATTACHING, State.LIVE)
    if state in ALLOWED[row] and not answers_nothing:
        give(machine)
    else:
        before = insides(machine)
        with pytest.raises(MachineError, match=state.value):
            give(machine)
        assert insides(machine) == before


@pytest.mark.parametrize("state", [State.IDLE, State.ATTACHING, State.LIVE])
@pytest.mark.parametrize("name", ["identified", "not_identified"])
def test_a_fresh_token_may_be_looked_at_in_any_state_after_the_first(name: str, state: State) -> None:
    machine = machine_in(state, full=False, refreshing=True)
    outputs = GIVE[name][1](machine)
    assert outputs
    assert machine.state is state


@pytest.mark.parametrize("name", [*GIVE, *ANYWHERE])
def test_after_the_end_nothing_is_said_any_more(name: str) -> None:
    give = ANYWHERE.get(name) or GIVE[name][1]
    for full in (True, False):
        machine = machine_in(State.CLOSED, full=full)
        if name == "open":
            with pytest.raises(MachineError):
                give(machine)
        else:
            assert not give(machine)
        assert machine.state is State.CLOSED


@pytest.mark.parametrize(("state", "full"), PLACES)
@pytest.mark.parametrize("name", ANYWHERE)
def test_a_connection_can_end_in_every_state(name: str, state: State, full: bool) -> None:
    machine = machine_in(state, full=full)
    ANYWHERE[name](machine)
    assert machine.state is State.CLOSED


def test_the_table_is_whole() -> None:
    assert {row for row, _ in GIVE.values()} == set(ALLOWED)
    assert all(State.CLOSED in states for row, states in ALLOWED.items() if row != "open")


@pytest.mark.parametrize(
    "give",
    [
        lambda m: m.refused(50, "m", "no_such_code", "?"),
        lambda m: m.end("no_such_closing"),
        lambda m: m.not_attached(50, "no_such_code", "?"),
    ],
)
def test_a_code_that_is_not_in_the_tables_changes_nothing(give: Callable[[ServerMachine], object]) -> None:
    for state in (State.ATTACHING, State.LIVE):
        machine = machine_in(state)
        before = insides(machine)
        with pytest.raises((KeyError, MachineError)):
            give(machine)
        assert insides(machine) == before
