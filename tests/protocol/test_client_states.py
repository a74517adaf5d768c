"""The table of a client's states, walked."""

import pytest

from shipanion.errors import MachineError
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_states import TRANSITIONS, State

INPUTS = {said for row in TRANSITIONS.values() for said in row}


def give(machine: ClientMachine, said: str) -> None:
    match said:
        case "start":
            machine.start(0)
        case "opened":
            machine.opened(0)
        case "received":
            machine.received(0, "{}", 0.5)
        case "closed":
            machine.closed(0, 1006, 0.5)
        case "timer" | "online":
            getattr(machine, said)(0, 0.5)
        case "submit":
            machine.submit(0, {"type": "user_message", "id": "m"})
        case "ask":
            machine.ask(0, {"type": "history", "id": "h"})
        case "tell":
            machine.tell(0, {"type": "seen"})
        case "token":
            machine.token(0, "t")
        case _:
            getattr(machine, said)(0)


def attached_in(state: State) -> ClientMachine:
    """A machine in `state` whose connection is there, so that nothing is ignored as late."""
    machine = ClientMachine()
    if state is not State.IDLE:
        machine.start(0)
    machine.status = state
    return machine


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("said", sorted(INPUTS))
def test_every_input_in_every_state(state: State, said: str) -> None:
    machine = attached_in(state)
    if said in TRANSITIONS[state]:
        give(machine, said)
        assert machine.status in TRANSITIONS[state][said]
    else:
        with pytest.raises(MachineError):
            give(machine, said)
        assert machine.status is state
        assert machine.exchange.outbox.commands() == []


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.IDLE}
    for _ in State:
        reached |= {to for state in reached for targets in TRANSITIONS[state].values() for to in targets}
    assert reached == set(State)
    assert all(any(set(to) != {state} for to in TRANSITIONS[state].values()) for state in State)
