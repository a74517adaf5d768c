"""Plays inputs against the Python client machine, for tests/bothLanguages.test.ts.

Reads a list of lives as JSON, each ``{identity, kept, inputs}``; writes for each input the outputs it caused, or
``null`` where it was illegal.
"""

import json
import sys
from typing import Any

import msgspec

from shipanion.errors import MachineError
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.position import Position

Json = dict[str, Any]


def call(machine: ClientMachine, kept: Json, step: Json) -> Any:
    now, roll, connection = step["at"], step["roll"], step.get("connection")
    match step["do"]:
        case "start":
            return machine.start(now, **kept)
        case "opened":
            return machine.opened(now, connection=connection)
        case "received":
            return machine.received(now, step["text"], roll, connection=connection)
        case "closed":
            return machine.closed(
                now, step["code"], roll, connection=connection, retry_after_ms=step.get("retry_after_ms")
            )
        case "timer":
            return machine.timer(now, roll)
        case "online":
            return machine.online(now, roll)
        case "submit":
            return machine.submit(now, step["frame"])
        case "ask":
            return machine.ask(now, step["frame"])
        case "tell":
            return machine.tell(now, step["frame"])
        case "token":
            return machine.token(now, step["token"])
        case other:
            return getattr(machine, other)(now)


def live(life: Json) -> list[Any]:
    machine, kept = ClientMachine(**life["identity"]), life["kept"]
    if "position" in kept:
        kept["position"] = Position(**kept["position"])
    said: list[Any] = []
    for step in life["inputs"]:
        try:
            said.append(msgspec.to_builtins(call(machine, kept, step)))
        except MachineError:
            said.append(None)
    return said


json.dump([live(life) for life in json.load(sys.stdin)], sys.stdout)
