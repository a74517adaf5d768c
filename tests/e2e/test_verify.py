"""``shipanion verify`` as a person runs it: against a good server, and against one whose wire is tampered with.

All runs go on at the same time; most of each is waiting for Bob.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart

Json = dict[str, Any]
PASSWORD = b"correct horse battery\n"

Tamper = Callable[[str, Json], list[Json]]
"""Given the path of a connection and a frame of the server's: what is passed on in its place."""


def resuming(path: str) -> bool:
    return "offset=" in path and "offset=0" not in path


def drops_on_resume(path: str, frame: Json) -> list[Json]:
    return [] if resuming(path) and str(frame.get("tool_call_id")).startswith("c1-") else [frame]


def doubles_on_resume(path: str, frame: Json) -> list[Json]:
    return [frame, frame] if resuming(path) and str(frame.get("id")).startswith("u3-") else [frame]


def omits_session_id(path: str, frame: Json) -> list[Json]:
    return [{name: value for name, value in frame.items() if name != "session_id" or frame["type"] != "ack"}]


def greets_plain_clients(path: str, frame: Json) -> list[Json]:
    if frame["type"] == "pong":
        return [{"type": "session_state", "session_id": frame.get("session_id"), "state": {}}, frame]
    return [frame]


def buys_twice(path: str, frame: Json) -> list[Json]:
    if not str(frame.get("tool_call_id")).startswith("l2-") or frame["type"] != "client_tool_result":
        return [frame]
    second = {"label_id": "label-second", "tracking_number": "SAMPLE-SECOND"}
    return [{**frame, "result": {**frame["result"], **second}}]


TAMPERED: dict[str, tuple[Tamper, set[str]]] = {
    "drops an event on resume": (drops_on_resume, {"gap-free", "resume-cut"}),
    "doubles an event on resume": (doubles_on_resume, {"gap-free", "resume-close"}),
    "omits session_id": (omits_session_id, {"session-id"}),
    "buys twice": (buys_twice, {"bought-once", "same-number"}),
    "speaks first to plain clients": (greets_plain_clients, {"bare-silent", "plain-return"}),
}


@dataclass
class Ran:
    """How one ``shipanion verify`` ended."""

    code: int
    out: str
    err: str

    @property
    def failed(self) -> set[str]:
        return {check["id"] for check in json.loads(self.out)["checks"] if check["ok"] is False}


async def verify(*arguments: str, typed: str = "") -> Ran:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shipanion", "verify", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(typed.encode())
    return Ran(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def tampering(server: ServerProcess, tamper: Tamper) -> AsyncIterator[str]:
    """A server in front of the server: HTTP passes through, frames of ``/ws`` through ``tamper``."""

    async def pass_frames(peer: ServerConnection) -> None:
        assert peer.request is not None
        token = {name: value for name, value in peer.request.headers.raw_items() if name == "Authorization"}
        spoken = [peer.subprotocol] if peer.subprotocol else None
        url = f"ws://127.0.0.1:{server.port}{peer.request.path}"
        async with connect(url, subprotocols=spoken, additional_headers=token, compression=None) as onward:

            async def forward() -> None:
                try:
                    async for text in peer:
                        await onward.send(text)
                    await onward.close()
                except ConnectionClosed:
                    onward.transport.abort()

            forwarding = asyncio.create_task(forward())
            try:
                async for text in onward:
                    for frame in tamper(peer.request.path, json.loads(text)):
                        await peer.send(json.dumps(frame))
                await peer.close(onward.close_code or 1000, onward.close_reason or "")
            except ConnectionClosed as closed:
                if closed.rcvd is not None and onward.close_code is not None:
                    await peer.close(closed.rcvd.code, closed.rcvd.reason)
            finally:
                await asyncio.gather(forwarding, return_exceptions=True)

    async def pass_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start = await reader.readuntil(b"\r\n")
        port = inner if b" /ws" in start else server.port
        back, onward = await asyncio.open_connection("127.0.0.1", port)
        onward.write(start)
        await asyncio.gather(pump(reader, onward), pump(back, writer))

    def choose(peer: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return offered[0] if offered else None

    async with serve(pass_frames, "127.0.0.1", 0, select_subprotocol=choose, compression=None) as frames:
        inner = next(iter(frames.sockets)).getsockname()[1]
        door = await asyncio.start_server(pass_bytes, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{door.sockets[0].getsockname()[1]}"
        finally:
            door.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    except OSError:
        writer.transport.abort()
    writer.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("verify"), launch=warm.launch) as running:
        yield running


@pytest.fixture(scope="module")
def closed_server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    """Takes no guests, and has one account."""
    folder, environment = tmp_path_factory.mktemp("closed"), {"SHIPANION_GUESTS": "off"}
    with ServerProcess(folder, environment=environment, launch=warm.launch) as running:
        command = [sys.executable, "-m", "shipanion", "users", "add", "ana", "--password-stdin"]
        store = f"sqlite:///{running.file}"
        subprocess.run([*command, "--store", store], input=PASSWORD, check=True, capture_output=True, timeout=30)
        yield running


@pytest.fixture(scope="module")
def runs(server: ServerProcess, closed_server: ServerProcess) -> dict[str, Ran]:
    """Every run, by name."""

    async def tampered(tamper: Tamper) -> Ran:
        async with tampering(server, tamper) as url:
            return await verify(url, "--json")

    async def all_at_once() -> dict[str, Ran]:
        jobs = {"table": verify(server.url), "json": verify(server.url, "--json")}
        jobs |= {name: tampered(tamper) for name, (tamper, _) in TAMPERED.items()}
        jobs["no guests"] = verify(closed_server.url)
        jobs["an account"] = verify(closed_server.url, "--user", "ana", "--password-stdin", typed=PASSWORD.decode())
        jobs["nothing changed"] = tampered(lambda path, frame: [frame])
        return dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))

    return asyncio.run(all_at_once())


def test_a_good_server(runs: dict[str, Ran]) -> None:
    ran = runs["table"]
    assert (ran.code, ran.err) == (0, ""), ran.out
    for step in ("1  Connects", "2  Sends", "3  Disconnects", "4  The session state", "5  Bob continues"):
        assert step in ran.out
    assert "+  A label is bought once" in ran.out
    assert "session continuity holds, and a label is bought once" in " ".join(ran.out.split())
    assert "FAILED" not in ran.out


def test_for_programs(runs: dict[str, Ran]) -> None:
    ran = runs["json"]
    report = json.loads(ran.out)
    assert (ran.code, report["ok"], ran.failed) == (0, True, set())
    assert {check["ok"] for check in report["checks"]} == {True}
    assert report["seconds"] < 25


def test_the_door_in_front_changes_nothing_by_itself(runs: dict[str, Ran]) -> None:
    ran = runs["nothing changed"]
    assert (ran.code, ran.failed) == (0, set()), ran.out


@pytest.mark.parametrize("fault", TAMPERED)
def test_a_faulty_server_is_found_out(runs: dict[str, Ran], fault: str) -> None:
    ran = runs[fault]
    assert ran.code == 1
    assert ran.failed == TAMPERED[fault][1], ran.out
    assert any(check["evidence"] for check in json.loads(ran.out)["checks"] if check["ok"] is False)


def test_guests_that_are_not_taken(runs: dict[str, Ran]) -> None:
    ran = runs["no guests"]
    assert (ran.code, ran.out) == (2, "")
    assert "--user" in ran.err


def test_an_account_where_guests_are_not_taken(runs: dict[str, Ran]) -> None:
    ran = runs["an account"]
    assert (ran.code, ran.err) == (0, ""), ran.out
    assert "second person" in ran.out
    assert "2 not tried" in " ".join(ran.out.splitlines()[-2:])
