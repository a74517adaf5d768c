"""Lets golden dialogues be played by the server machine.

`given`: `full` (which dialect), `bucket {per_second, burst}`, `limits` (those that differ from the published ones).
"""

from typing import Any

import msgspec

from shipanion.protocol.bucket import TokenBucket
from shipanion.protocol.codec import Codec
from shipanion.protocol.frames import Acked, Welcome, WireLimits
from shipanion.protocol.registry import Registry
from shipanion.protocol.session import ServerMachine
from shipanion.protocol.session_outputs import Output
from tests.support.dialogues import Json, WrongDialogue, register

__all__ = ["play_welcome"]


def play_welcome(fields: Json) -> Welcome:
    """The welcome a store and a node would make, from what a dialogue says of it; the rest is always the same."""
    common: Json = {"replayed": 0, "devices": [], "heartbeat_ms": 25_000, "limits": {}, "reconnect": {}}
    return msgspec.convert({"type": "welcome"} | common | fields, Welcome)


class _Server:
    def __init__(self, given: Json) -> None:
        bucket = TokenBucket(**given["bucket"]) if "bucket" in given else None
        codec = Codec(Registry(), WireLimits(**given.get("limits", {})))
        self.machine = ServerMachine(codec, full=given["full"], bucket=bucket)

    def recv(self, at: int, frame: str, step: Json) -> list[Json]:
        return _render(self.machine.receive(at, frame))

    def timer(self, at: int, step: Json) -> list[Json]:
        return _render(self.machine.timer(at))

    def call(self, at: int, name: str, arguments: Json, step: Json) -> list[Json]:
        machine = self.machine
        match name:
            case "open":
                return _render(machine.open(at, arguments.get("query", {}), arguments.get("token")))
            case "attached":
                return _render(machine.attached(at, arguments["session_id"], play_welcome(arguments)))
            case "decided":
                return _render(machine.decided(at, [Acked(**ack) for ack in arguments["acks"]]))
            case "binary" | "identified" | "not_identified" | "not_attached" | "refused":
                return _render(getattr(machine, name)(at, **arguments))
            case "withdraw" | "end":
                return _render(getattr(machine, name)(**arguments))
            case "lost":
                machine.lost()
                return []
            case _:
                raise WrongDialogue(f"a server has no input {name!r}")

    def wake(self, output: Json) -> int | None:
        return output["at"] if output["out"] == "wake" else None


def _render(outputs: list[Output]) -> list[Json]:
    return [_without_digest(msgspec.to_builtins(output)) for output in outputs]


def _without_digest(output: Any) -> Json:
    """What a digest must be is `test_codec`'s to say; here it would be 32 bytes that nobody can read."""
    shown: Json = {key: value for key, value in output.items() if key != "digest"}
    return shown


register("server", _Server)
