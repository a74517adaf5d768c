"""The course against a real server: it meets what the checks look at, in bounded time, and tells no secret."""

import asyncio

import pytest
import websockets

from shipanion.cli.verify.course import MOST_SECONDS, Course
from shipanion.cli.verify.history import History
from shipanion.cli.verify.wire import CannotConnect
from tests.cli.verify.tampering import failures
from tests.support.server_process import ServerProcess


def test_a_good_server_passes_everything(recorded: tuple[History, float]) -> None:
    history, seconds = recorded
    assert failures(history) == set()
    assert not history.ended
    assert [str(entry) for entry in history.entries if entry.what == "missed"] == []
    assert seconds < MOST_SECONDS


def test_it_is_cut_in_the_middle_of_answers(history: History) -> None:
    for line in ("away", "page"):
        assert history.of(line, "cut")
        turn = history.events(line)[-1].get("turn_id") or history.got(line, "agent_delta")[-1]["turn_id"]
        assert len(list(history.find(line, "agent_delta", turn_id=turn))) >= 3
        assert not list(history.find(line, "turn_ended", turn_id=turn))
    assert history.of("back", "closed")[0].frame["code"] == 1000


def test_no_token_is_written_down(history: History) -> None:
    hello = history.sent("hello")[0]
    assert hello["token"] == "…"
    assert "eyJ" not in "".join(str(entry.frame) for entry in history.entries)


async def test_a_refused_token_ends_it_soon(verified_server: ServerProcess) -> None:
    async with asyncio.timeout(10):
        history = await Course(verified_server.socket_url, "no-token", None, History()).run()
    assert history.got("bare")[0]["code"] == "sign_in"
    assert "no welcome" in history.ended


async def test_nothing_there_to_connect_to() -> None:
    with pytest.raises(CannotConnect):
        await Course("ws://127.0.0.1:1/ws", "token", None, History()).run()


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(connection: websockets.ServerConnection) -> None:
        await connection.wait_closed()

    monkeypatch.setattr("shipanion.cli.verify.course.MOST_SECONDS", 0.3)
    async with websockets.serve(silent, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        history = await Course(f"ws://127.0.0.1:{port}/ws", "token", None, History()).run()
    assert "0.3 seconds" in history.ended
    assert len(failures(history)) > 25, "what was not seen does not hold"
