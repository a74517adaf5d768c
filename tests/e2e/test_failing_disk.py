"""A real server whose disk is full, or whose syncs fail: it refuses for now, loses nothing, and goes on afterwards."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.fsync_shim import fsync_shim
from tests.support.history import contiguous, ids_of, ids_once, turns_end_once
from tests.support.server_process import ServerProcess, StartFailed
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire


class Disk:
    """How to break what the server writes to, and mend it."""

    def __init__(
        self, server: ServerProcess, fail: Callable[[], None], mend: Callable[[], None], *, log_survives: bool
    ) -> None:
        self.log_survives = log_survives
        self.server = server
        self.fail = fail
        self.mend = mend


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WarmStart, dict[str, str], Path]]:
    """Starts servers whose syncs fail while a file is there; with the environment they need, and that file."""
    folder = tmp_path_factory.mktemp("syncs")
    flag = folder / "syncs-fail"
    environment = fsync_shim(folder, flag)
    with WarmStart(environment) as starter:
        yield starter, environment, flag


@pytest.fixture(params=["full", "failing syncs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    if request.param == "full":
        warm: WarmStart = request.getfixturevalue("warm")
        server = ServerProcess(tmp_path, launch=warm.launch)
        return Disk(server, lambda: server.limit_file_size(0), lambda: server.limit_file_size(None), log_survives=False)
    starter, environment, flag = request.getfixturevalue("unsound")
    server = ServerProcess(tmp_path, environment=environment, launch=starter.launch)
    return Disk(server, flag.touch, flag.unlink, log_survives=True)


async def refusals(wire: Wire, ids: list[str]) -> list[Json]:
    """Send an edit under each id; the refusal of each."""
    for id in ids:
        await wire.send("update_state", id=id, patch={"title": f"Parcel {id}"})
    return [await wire.refused(id) for id in ids]


async def test_refused_for_now_and_nothing_lost(disk: Disk) -> None:
    with disk.server as server:
        token = server.guest()
        async with (
            Wire.open(server.socket_url, token, new="s") as wire,
            Wire.open(server.socket_url, token, new="s") as tab,
            Wire.open(server.socket_url, token, full=False, session_id=wire.welcome["session_id"]) as bare,
        ):
            await wire.say("m1", "help")
            await wire.send("update_state", id="u1", patch={"title": "Parcel u1"})
            await wire.acked("u1")
            await wire.until("agent_delta", index=8)

            disk.fail()
            refused = await refusals(wire, ["u2", "u3", "u4"])
            assert refused[0]["code"] == "unavailable"
            assert {frame["code"] for frame in refused} <= {"unavailable", "retry_in_order"}
            assert all(frame["temporary"] for frame in refused)
            assert not [frame for frame in refused if "sqlite" in frame["message"]], "where files are is no stranger's"
            assert [frame["code"] for frame in await refusals(wire, ["u2"])] == ["unavailable"]
            call = {"tool_name": "get_shipping_quotes", "tool_call_id": "abc123", "parameters": {}}
            await bare.send("client_tool_call", client_tool_call=call)
            told = await bare.until("error")
            assert (told["code"], told["temporary"]) == ("unavailable", True)
            assert "sqlite" not in told["message"]
            async with httpx.AsyncClient(trust_env=False) as http:
                assert (await http.post(f"{server.url}/guest")).status_code == 503
            # What was acknowledged is still read out.
            async with Wire.open(server.socket_url, token, **{**wire.place, "offset": 0}) as reader:
                await reader.at(wire.offset)
                assert ids_of(reader.events, "user_message") == ["m1"]

            if disk.log_survives:
                assert "shipanion.sqlite3" in server.log(), "whoever runs it is not told what is wrong"
            disk.mend()
            for id in ("u2", "u3", "u4"):
                await wire.send("update_state", id=id, patch={"title": f"Parcel {id}"})
            await wire.acked_all(["u2", "u3", "u4"])
            while not [event for event in wire.events if event["type"] == "turn_ended"]:
                await wire.next()
            assert turns_end_once(wire.events) == {"completed": 1}, "a turn did not live through it"
            await tab.at(wire.offset)
            await wire.at(tab.offset)
            contiguous(wire.events, after=0)
            ids_once(wire.events)
            assert [id for id in ids_of(wire.events, "state_changed") if id in ("u2", "u3", "u4")] == ["u2", "u3", "u4"]
            assert tab.events == wire.events
            before = wire.events
        await asyncio.to_thread(server.restart)
        async with Wire.open(server.socket_url, token, **{**wire.place, "offset": 0}) as reader:
            await reader.at(wire.offset)
            assert reader.events == before


async def test_no_start_on_a_disk_that_does_not_sync(
    tmp_path: Path, unsound: tuple[WarmStart, dict[str, str], Path]
) -> None:
    """What a failed sync left in the log may look committed; it must be on disk before anybody is told of it."""
    starter, environment, flag = unsound
    with ServerProcess(tmp_path, environment=environment, launch=starter.launch) as server:
        token = server.guest()
        async with Wire.open(server.socket_url, token, new="s") as wire:
            await wire.send("update_state", id="u1", patch={"title": "One"})
            await wire.acked("u1")
            flag.touch()
            assert [frame["code"] for frame in await refusals(wire, ["u2"])] == ["unavailable"]
            server.kill9()
        server.forget_log()
        with pytest.raises(StartFailed):
            await asyncio.to_thread(server.start)
        assert server.last_exit == 2
        assert len(server.log().splitlines()) == 1
        flag.unlink()
        await asyncio.to_thread(server.start)
        async with Wire.open(server.socket_url, token, new="s") as wire:
            assert wire.state["title"] in ("One", "Parcel u2"), "the refused one may be there: nobody was told of it"
            await wire.send("update_state", id="u2", patch={"title": "Parcel u2"})
            await wire.acked("u2")
            await wire.send("history", id="h")
            events = (await wire.until("history_page"))["events"]
            assert ids_of(events, "state_changed") == ["u1", "u2"]
