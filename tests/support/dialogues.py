"""Plays golden dialogues: files that say, input by input, what a machine without I/O must put out.

The format is described in `schema/scenarios/README.md`. A machine takes part by an adapter, registered under
the name that its files give as `machine`; inputs, times and outputs are plain JSON, so that the same files
can be played by a program in another language.
"""

import importlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from shipanion.errors import MachineError
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_outputs import Output
from shipanion.protocol.position import Position

__all__ = ["SCENARIOS", "Adapter", "Json", "WrongDialogue", "load", "play", "register", "registered"]

Json = dict[str, Any]

SCENARIOS = Path(__file__).resolve().parents[2] / "schema" / "scenarios"

DEFAULT_ROLL = 0.5

_INPUTS = ("recv", "recv_text", "call", "timer")
_WORDS = {*_INPUTS, "at_ms", "with", "roll", "connection", "send", "expect", "raises", "note"}


class WrongDialogue(AssertionError):
    """The machine did something else than the file says, or the file tells something impossible."""


class Adapter(Protocol):
    """One machine under test. Every method returns the outputs as JSON objects, in order.

    `at` is the step's time in ms; `step` is the whole step, for what only this machine needs (a roll, a
    connection).
    """

    def recv(self, at: int, frame: str, step: Json) -> list[Json]:
        """One text frame arrives."""

    def call(self, at: int, name: str, arguments: Json, step: Json) -> list[Json]:
        """Any other input, by its name."""

    def timer(self, at: int, step: Json) -> list[Json]:
        """The time asked for has come."""

    def wake(self, output: Json) -> int | None:
        """When `output` asks for the timer: the time it asks for."""


_adapters: dict[str, Callable[[Json], Adapter]] = {}


def register(machine: str, make: Callable[[Json], Adapter]) -> None:
    """Let files with this `machine` be played; `make` gets what the file calls `given`."""
    _adapters[machine] = make


def registered() -> frozenset[str]:
    """The machines that can be played. The server's adapter lives in a module of its own."""
    if "server" not in _adapters and importlib.util.find_spec("tests.support.server_dialogues") is not None:
        importlib.import_module("tests.support.server_dialogues")
    return frozenset(_adapters)


def load(path: Path) -> Json:
    """One dialogue, with its name checked against the file's."""
    dialogue: Json = json.loads(path.read_text(encoding="utf-8"))
    unknown = set(dialogue) - {"name", "about", "machine", "given", "steps"}
    if dialogue.get("name") != path.stem or unknown:
        raise WrongDialogue(f"{path.name}: the name must be the file's; these keys mean nothing: {unknown}")
    return dialogue


def play(dialogue: Json) -> int:
    """Play one dialogue and return how many outputs were compared.

    Raises:
        WrongDialogue: an output is missing, wrong, unlisted or in the wrong place; time runs backwards or
        past a timer
            that was not fired; a step says nothing or something unknown.
    """
    return _Play(dialogue).run()


class _Play:
    def __init__(self, dialogue: Json) -> None:
        self.name = dialogue["name"]
        self.steps: list[Json] = dialogue["steps"]
        self.adapter = _adapters[dialogue["machine"]](dialogue.get("given", {}))
        self.pending: list[Json] = []
        self.now = 0
        self.wake: int | None = None
        self.compared = 0

    def run(self) -> int:
        for number, step in enumerate(self.steps, 1):
            where = f"{self.name}, step {number}"
            try:
                self._step(step)
            except WrongDialogue as error:
                raise WrongDialogue(f"{where}: {error}\n  step: {json.dumps(step)}") from None
        self._nothing_left()
        return self.compared

    def _step(self, step: Json) -> None:
        if unknown := set(step) - _WORDS:
            raise WrongDialogue(f"unknown words {sorted(unknown)}")
        inputs = [word for word in _INPUTS if word in step]
        if len(inputs) > 1 or not (inputs or "send" in step or "expect" in step):
            raise WrongDialogue("a step has one input at most, and an input or an expectation at least")
        if inputs:
            self._nothing_left()
            self._pass_time(step["at_ms"], fires="timer" in step)
            self._input(inputs[0], step)
        sent = step.get("send", [])
        for frame in sent if isinstance(sent, list) else [sent]:
            self._next({"out": "send", "frame": frame})
        for output in step.get("expect", []):
            self._next(output)

    def _pass_time(self, at: int, *, fires: bool) -> None:
        if at < self.now:
            raise WrongDialogue(f"time runs backwards, from {self.now} to {at}")
        if fires and (self.wake is None or at < self.wake):
            raise WrongDialogue(f"no timer was asked for by then; it stands at {self.wake}")
        if not fires and self.wake is not None and at > self.wake:
            raise WrongDialogue(f"the timer at {self.wake} should have fired before")
        self.now = at

    def _input(self, word: str, step: Json) -> None:
        raises = step.get("raises")
        try:
            if word == "timer":
                self.wake = None
                outputs = self.adapter.timer(self.now, step)
            elif word == "call":
                outputs = self.adapter.call(self.now, step["call"], step.get("with", {}), step)
            else:
                text = step["recv_text"] if word == "recv_text" else json.dumps(step["recv"])
                outputs = self.adapter.recv(self.now, text, step)
        except MachineError as error:
            if raises is None:
                raise WrongDialogue(f"raised: {error}") from error
            return
        if raises is not None:
            raise WrongDialogue("nothing was raised")
        for output in outputs:
            at = self.adapter.wake(output)
            self.wake = at if at is not None else self.wake
        self.pending += outputs

    def _next(self, expected: Json) -> None:
        if not self.pending:
            raise WrongDialogue(f"nothing came, expected\n    {json.dumps(expected)}")
        came = self.pending.pop(0)
        # As text, because to Python 1, 1.0 and true are equal.
        if json.dumps(came, sort_keys=True) != json.dumps(expected, sort_keys=True):
            raise WrongDialogue(f"came\n    {json.dumps(came)}\n  expected\n    {json.dumps(expected)}")
        self.compared += 1

    def _nothing_left(self) -> None:
        if self.pending:
            lines = "\n".join(f"    {json.dumps(output)}" for output in self.pending)
            raise WrongDialogue(f"came, but is not listed:\n{lines}")


class _Client:
    """The client machine. `given`: session_id, new, device, client, hello, and what was kept (position,
    state, outbox, token); `start` hands the latter over."""

    def __init__(self, given: Json) -> None:
        kept = {"position", "state", "outbox", "token"}
        self.kept = {key: value for key, value in given.items() if key in kept}
        if "position" in self.kept:
            self.kept["position"] = Position(**self.kept["position"])
        self.machine = ClientMachine(**{key: value for key, value in given.items() if key not in kept})

    def recv(self, at: int, frame: str, step: Json) -> list[Json]:
        roll = step.get("roll", DEFAULT_ROLL)
        return _render(self.machine.received(at, frame, roll, connection=step.get("connection")))

    def timer(self, at: int, step: Json) -> list[Json]:
        return _render(self.machine.timer(at, step.get("roll", DEFAULT_ROLL)))

    def call(self, at: int, name: str, arguments: Json, step: Json) -> list[Json]:
        machine, roll, connection = self.machine, step.get("roll", DEFAULT_ROLL), step.get("connection")
        match name:
            case "start":
                return _render(machine.start(at, **self.kept))
            case "opened":
                return _render(machine.opened(at, connection=connection))
            case "closed":
                return _render(machine.closed(at, roll=roll, connection=connection, **arguments))
            case "online":
                return _render(machine.online(at, roll))
            case "submit" | "ask" | "tell" | "token" | "try_now" | "offline" | "stop":
                return _render(getattr(machine, name)(at, **arguments))
            case _:
                raise WrongDialogue(f"a client has no input {name!r}")

    def wake(self, output: Json) -> int | None:
        return output["at"] if output["out"] == "set_timer" else None


def _render(outputs: list[Output]) -> list[Json]:
    return [msgspec.to_builtins(output) for output in outputs]


register("client", _Client)
