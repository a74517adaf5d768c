"""Sessions against a small real WebSocket server that does as the test says."""

import asyncio
import gc
import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipanion.client import (
    Banner,
    CommandRefused,
    ConnectionRefused,
    Deliver,
    Delta,
    Recovered,
    Session,
    SessionEnded,
    SignInNeeded,
    Snapshot,
    ToolFailed,
    TurnText,
    connect,
)
from shipanion.client.transport import Wire, dial_websocket
from shipanion.errors import ConfigurationError, MachineError, StoreUnavailable
from tests.client.scripted_server import Json, ScriptedServer, until


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer().running() as running:
        yield running


@pytest.fixture(autouse=True)
async def bounded() -> AsyncIterator[None]:
    """No test leaves a task behind, and none waits for ever."""
    before = asyncio.all_tasks()
    yield
    gc.collect()
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    # The server's own connection handlers end by themselves once their peer is gone.
    assert [task for task in left if "shipanion" in repr(task.get_coro())] == []


def session(server: ScriptedServer, **options: Any) -> Session:
    return Session(server.url, **{"token": "good", "dice": lambda: 0.1, **options})


async def read(one: Session, *, until: type | tuple[type, ...], count: int = 1) -> list[Any]:
    """What comes out of `events` up to the `count`th item of a kind."""
    items = []
    async with asyncio.timeout(5):
        async for item in one.events():
            items.append(item)
            count -= isinstance(item, until)
            if not count:
                break
    return items


def texts(server: ScriptedServer) -> list[str]:
    return [event["text"] for event in server.log if event["type"] == "user_message"]


def files(folder: Path, suffix: str) -> int:
    return len(list(folder.glob(f"*.{suffix}")))


def ids_on_disk(folder: Path) -> list[str]:
    """What is in the outbox file, read from a copy because the file is locked."""
    (file,) = folder.glob("*.db")
    copy = folder / "copy"
    copy.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        ids = [row[0] for row in db.execute("SELECT id FROM outbox")]
    copy.unlink()
    return ids


# --- saying and hearing -------------------------------------------------------------------------------------


async def test_say_returns_when_it_is_committed(server: ScriptedServer) -> None:
    async with session(server) as one:
        settled = await one.say("hello")
        assert (settled.offset, settled.duplicate) == (1, False)
        assert texts(server) == ["hello"]
        assert one.session_id == "s-1"
        assert one.unsent == []


async def test_a_message_bears_the_question_that_was_open_where_it_was_written(server: ScriptedServer) -> None:
    async with session(server) as one:
        await one.say("hello")
        server.append("approval_requested", approval_id="a1", patch={"approval": {"approval_id": "a1"}})
        await until(lambda: (one.state or {}).get("approval") is not None)
        await one.say("yes")
    said = [frame["approval_id"] for frame in server.frames if frame["type"] == "user_message"]
    assert said == [None, "a1"]


async def test_the_token_goes_into_a_header_and_never_into_the_address(server: ScriptedServer) -> None:
    async with connect(server.url, token="good", device="d 1"):
        request = server.requests[0]
        assert request.headers["Authorization"] == "Bearer good"
        assert request.headers["Sec-WebSocket-Protocol"] == "shipanion.v1"
        assert request.path.startswith("/ws?new=")
        assert "device=d+1" in request.path
        assert "good" not in request.path


async def test_events_come_once_and_in_order_over_many_drops(server: ScriptedServer) -> None:
    async with session(server) as one:
        await one.ready()
        for number in range(60):
            server.append("note", number=number)
            if number % 10 == 9:
                await until(lambda: bool(server.live))
                server.drop()
        items = await read(one, until=Deliver, count=60)
        heard = [item.event["number"] for item in items if isinstance(item, Deliver)]
        assert heard == list(range(60))
        assert sum(item.count for item in items if isinstance(item, Recovered)) > 0


async def test_state_follows_the_events(server: ScriptedServer) -> None:
    server.append("state_changed", patch={"title": "Shoes"})
    async with connect(server.url, token="good") as one:
        assert one.state == {"title": "Shoes"}
        await one.update({"title": "Boots"})
        await until(lambda: one.state == {"title": "Boots"}, "the new title")


async def test_pieces_of_a_turn_and_its_text_after_a_drop(server: ScriptedServer) -> None:
    async with connect(server.url, token="good", dice=lambda: 0.1) as one:
        delta = {"type": "agent_delta", "session_id": "s-1", "turn_id": "t"}
        server.tell({**delta, "index": 0, "text": "Five "})
        server.turn = {"turn_id": "t", "text": "Five pounds", "next_index": 3}
        await read(one, until=Delta)
        server.drop()
        items = await read(one, until=TurnText)
        assert items[-1] == TurnText(turn_id="t", text="Five pounds")
        server.tell({**delta, "index": 3, "text": " from"})
        (last,) = [item for item in await read(one, until=Delta) if isinstance(item, Delta)]
        assert last.text == "Five pounds from"
        assert one.banner == Banner(status="still_working", turn_id="t")


# --- trouble ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["drop", "take and drop"])
async def test_a_command_arrives_once_though_the_line_drops(server: ScriptedServer, trouble: str) -> None:
    verdicts = [trouble]
    server.on_command = lambda command: verdicts.pop() if verdicts else "take"
    async with session(server) as one, asyncio.timeout(5):
        settled = await one.say("hello")
        assert settled.offset == 1
        assert texts(server) == ["hello"]
        assert len(server.requests) == 2


async def test_an_answer_is_given_once_though_the_line_drops(server: ScriptedServer) -> None:
    server.append("approval_requested", approval_id="a-1", text="Shall I?", expires_at=1, data={})
    verdicts = ["take and drop"]
    server.on_command = lambda command: verdicts.pop() if verdicts else "take"
    async with session(server) as one, asyncio.timeout(5):
        assert (await one.resolve("a-1", "approved", id="yes")).offset == 2
    answer = {name: server.log[1][name] for name in ("type", "id", "approval_id", "decision")}
    assert answer == {"type": "approval_resolved", "id": "yes", "approval_id": "a-1", "decision": "approved"}
    assert len(server.log) == 2


async def test_an_answer_that_comes_too_late_is_refused(server: ScriptedServer) -> None:
    server.on_command = lambda command: {"code": "no_such_approval", "message": "Not any more.", "temporary": False}
    async with session(server) as one, asyncio.timeout(5):
        with pytest.raises(CommandRefused, match="Not any more") as refused:
            await one.resolve("a-1", "declined")
        assert refused.value.code == "no_such_approval"
        assert one.unsent == []


async def test_a_server_that_is_restarted_is_found_again(server: ScriptedServer) -> None:
    async with session(server) as one:
        await one.say("one")
        await server.stop()
        saying = asyncio.create_task(one.say("two"))
        await until(lambda: one.banner.status == "reconnecting", "the banner")
        await server.start()
        async with asyncio.timeout(5):
            assert (await saying).offset == 2
        assert server.welcomes[-1]["outcome"] == "recovered"


async def test_refused_for_now_is_sent_again(server: ScriptedServer) -> None:
    refusal = {"code": "rate_limited", "message": "Too fast.", "temporary": True, "retry_after_ms": 5}
    verdicts: list[str | Json] = [refusal]
    server.on_command = lambda command: verdicts.pop() if verdicts else "take"
    async with session(server) as one, asyncio.timeout(5):
        await one.say("hello")
        assert texts(server) == ["hello"]


async def test_refused_for_good_is_raised(server: ScriptedServer) -> None:
    server.on_command = lambda command: {"code": "id_reused", "message": "Used before.", "temporary": False}
    async with session(server) as one:
        with pytest.raises(CommandRefused, match="Used before") as refusal:
            await one.say("hello", id="m-1")
        assert (refusal.value.code, refusal.value.id) == ("id_reused", "m-1")
        assert one.unsent == []


async def test_giving_up_the_wait_does_not_take_the_words_back(server: ScriptedServer) -> None:
    server.on_command = lambda command: "ignore"
    async with session(server) as one:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await one.say("hello")
        assert [command["text"] for command in one.unsent] == ["hello"]
        server.on_command = lambda command: "take"
        server.drop()
        await until(lambda: texts(server) == ["hello"], "the message")


async def test_leaving_wakes_whoever_waits(server: ScriptedServer) -> None:
    server.on_command = lambda command: "ignore"
    async with session(server) as one:
        waiting = [asyncio.create_task(one.say("hello")), asyncio.create_task(one.call_tool("t", {}))]
        reading = asyncio.create_task(read(one, until=ToolFailed))
        await until(lambda: len(server.frames) == 2, "both commands")
    assert [type(error) for error in await asyncio.gather(*waiting, return_exceptions=True)] == [SessionEnded] * 2
    assert (await reading)[-1] == Banner(status="stopped", reason="done")
    with pytest.raises(SessionEnded):
        await one.say("too late")


async def test_a_server_that_says_no_for_good(server: ScriptedServer) -> None:
    async with session(server) as one:
        await one.ready()
        server.on_command = lambda command: "ignore"
        saying = asyncio.create_task(one.say("hello"))
        await until(lambda: len(server.frames) == 1, "the command")
        await server.close(4300, "replaced")
        with pytest.raises(ConnectionRefused) as refusal:
            await saying
        assert (refusal.value.code, refusal.value.reason) == (4300, "replaced")
        with pytest.raises(ConnectionRefused):
            await one.ready()
        with pytest.raises(ConnectionRefused):
            await read(one, until=Delta)


async def test_what_does_not_speak_the_protocol_is_not_tried_again() -> None:
    plain = ScriptedServer()
    plain.subprotocols = []
    async with plain.running(), session(plain) as one:
        with pytest.raises(ConnectionRefused, match="does not speak"):
            await one.ready()
        assert len(plain.requests) == 1


async def test_no_server_at_all_can_be_left_at_any_time() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Session(f"ws://127.0.0.1:{port}/ws", dice=lambda: 1.0) as one:
        await until(lambda: one.banner.status == "reconnecting", "the banner")


async def test_a_defect_is_not_swallowed(server: ScriptedServer) -> None:
    async def broken(url: str, query: Mapping[str, str | int], token: str | None) -> Wire:
        raise ZeroDivisionError

    async with session(server, dial=broken) as one:
        with pytest.raises(ZeroDivisionError):
            await read(one, until=Delta)
        with pytest.raises(ZeroDivisionError):
            await one.ready()


# --- credentials --------------------------------------------------------------------------------------------


async def test_signing_in_again_sends_what_was_said_meanwhile(server: ScriptedServer) -> None:
    async with session(server, token="old") as one:
        with pytest.raises(SignInNeeded) as needed:
            await one.ready()
        assert needed.value.code == "expired"
        with pytest.raises(SignInNeeded, match="kept"):
            await one.say("hello")
        assert len(server.requests) == 1
        one.sign_in("good")
        await until(lambda: texts(server) == ["hello"], "the message")


async def test_a_token_function_is_asked_again_when_its_token_is_refused(server: ScriptedServer) -> None:
    tokens = ["older", "old", "good"]

    async def token() -> str:
        return tokens.pop(0) if len(tokens) > 1 else tokens[0]

    async with session(server, token=token) as one, asyncio.timeout(5):
        await one.say("hello")
        assert texts(server) == ["hello"]


async def test_a_token_function_that_fails_once_does_not_wedge(server: ScriptedServer) -> None:
    failures = [OSError("no network"), RuntimeError("no luck")]

    async def token() -> str:
        if failures:
            raise failures.pop()
        return "good"

    async with session(server, token=token) as one, asyncio.timeout(5):
        await one.say("hello")


async def test_a_token_that_stays_bad_is_not_tried_for_ever(server: ScriptedServer) -> None:
    async def token() -> str:
        return "bad"

    async with session(server, token=token) as one:
        with pytest.raises(SignInNeeded):
            await one.ready()
        await asyncio.sleep(0)
        assert len(server.requests) == 1
        assert one.banner.status == "sign_in"


async def test_a_fresh_token_goes_over_the_open_line(server: ScriptedServer) -> None:
    async with connect(server.url, token="good") as one:
        one.sign_in("better")
        await until(lambda: {"type": "auth", "token": "better"} in server.frames, "the auth frame")
        assert len(server.requests) == 1


# --- tools, questions ---------------------------------------------------------------------------------------


async def test_a_tool_call_returns_its_result(server: ScriptedServer) -> None:
    async with session(server) as one:
        assert await one.call_tool("quotes", {"weight": 5}) == {"weight": 5}


async def test_a_failed_tool_says_why(server: ScriptedServer) -> None:
    server.tool = lambda call: ({"error": "That ZIP does not exist.", "original_request": {}}, True)
    async with session(server) as one:
        with pytest.raises(ToolFailed, match="That ZIP does not exist"):
            await one.call_tool("quotes", {})


async def test_a_result_that_was_committed_during_a_drop_is_replayed(server: ScriptedServer) -> None:
    server.tool = lambda call: None
    async with session(server) as one, asyncio.timeout(5):
        calling = asyncio.create_task(one.call_tool("quotes", {}, id="c-1"))
        await until(lambda: "c-1" in server.ids, "the call")
        server.drop()
        server.finish_tool("c-1", {"price": 1})
        assert await calling == {"price": 1}


@pytest.mark.parametrize("acked_before", [True, False])
async def test_a_result_that_a_snapshot_skipped_is_found(server: ScriptedServer, acked_before: bool) -> None:
    server.tool = lambda call: None
    if not acked_before:
        verdicts = ["take and drop"]
        server.on_command = lambda command: verdicts.pop() if verdicts else "take"
        server.snapshot = None
    async with session(server) as one, asyncio.timeout(5):
        await one.ready()
        calling = asyncio.create_task(one.call_tool("quotes", {}, id="c-1"))
        server.snapshot = "limit"
        await until(lambda: "c-1" in server.ids, "the call")
        if acked_before:
            await until(lambda: one.unsent == [], "the ack")
        server.drop()
        server.finish_tool("c-1", {"price": 1})
        for number in range(450):
            server.append("note", number=number)
        assert await calling == {"price": 1}
        assert len([frame for frame in server.frames if frame["type"] == "history"]) == 3


async def test_history_is_a_view(server: ScriptedServer) -> None:
    for number in range(5):
        server.append("note", number=number)
    async with connect(server.url, token="good") as one:
        page = await one.history(before=4, limit=2)
        assert ([event["number"] for event in page.events], page.more) == ([1, 2], True)
        server.append("note", number=5)
        items = await read(one, until=Deliver)
        assert [item.event["number"] for item in items if isinstance(item, Deliver)] == [5]


async def test_a_question_is_asked_again_after_a_drop(server: ScriptedServer) -> None:
    async with connect(server.url, token="good", dice=lambda: 0.1) as one, asyncio.timeout(5):
        server.drop()
        assert await one.history() == ([], False)


async def test_seen_and_device_state_are_told(server: ScriptedServer) -> None:
    server.append("note")
    async with connect(server.url, token="good") as one:
        one.seen(visible=False)
        one.keep_device_state({"draft": "hi"})
        await until(lambda: len(server.frames) == 2, "both frames")
    position = {"epoch": "e1", "offset": 1}
    assert server.frames == [
        {"type": "seen", "position": position, "visible": False},
        {"type": "device_state", "patch": {"draft": "hi"}},
    ]


# --- the disk -----------------------------------------------------------------------------------------------


async def test_a_new_process_goes_on_where_the_old_one_was(server: ScriptedServer, tmp_path: Path) -> None:
    async with session(server, store_dir=tmp_path) as one:
        await one.update({"title": "Shoes"})
        await until(lambda: one.position is not None and one.position.offset == 1, "the event")
    server.append("note", number=2)
    async with session(server, store_dir=tmp_path) as two:
        assert two.state == {"title": "Shoes"}
        items = await read(two, until=Recovered)
        assert [item.position.offset for item in items if isinstance(item, Deliver)] == [2]
        assert not any(isinstance(item, Snapshot) for item in items)
    devices = {request.path.partition("device=")[2].partition("&")[0] for request in server.requests}
    clients = {request.path.partition("client=")[2].partition("&")[0] for request in server.requests}
    assert (len(devices), len(clients)) == (1, 2)


async def test_what_a_dead_process_said_is_sent_by_the_next(server: ScriptedServer, tmp_path: Path) -> None:
    server.on_command = lambda command: "ignore"
    async with session(server, store_dir=tmp_path) as one:
        saying = [asyncio.create_task(one.say(text)) for text in ("one", "two")]
        await until(lambda: len(server.frames) == 2, "the commands")
    await asyncio.gather(*saying, return_exceptions=True)
    server.on_command = lambda command: "take"
    async with session(server, store_dir=tmp_path):
        await until(lambda: texts(server) == ["one", "two"], "both messages")


async def test_a_command_is_on_disk_before_it_is_sent(server: ScriptedServer, tmp_path: Path) -> None:
    at_sending: list[list[str]] = []

    class Watched:
        def __init__(self, wire: Wire) -> None:
            self.wire = wire
            self.receive, self.close = wire.receive, wire.close

        async def send(self, text: str) -> None:
            if json.loads(text)["type"] == "user_message":
                at_sending.append(ids_on_disk(tmp_path))
            await self.wire.send(text)

    async def dial(url: str, query: Mapping[str, str | int], token: str | None) -> Wire:
        return Watched(await dial_websocket(url, query, token))

    async with session(server, store_dir=tmp_path, dial=dial) as one:
        await one.say("hello", id="m-1")
    assert at_sending == [["m-1"]]


async def test_what_cannot_be_kept_is_not_sent(server: ScriptedServer, tmp_path: Path) -> None:
    async with session(server, store_dir=tmp_path) as one:
        await one.ready()
        one._kept.close()
        with pytest.raises(StoreUnavailable):
            await one.say("hello")
        assert server.frames == []


async def test_two_at_once_are_two_clients_of_the_same_session(server: ScriptedServer, tmp_path: Path) -> None:
    async with session(server, store_dir=tmp_path) as one:
        await one.say("from one")
        await until(lambda: files(tmp_path, "session") == 1, "the saved place")
        async with session(server, store_dir=tmp_path) as two, asyncio.timeout(5):
            await two.say("from two")
            await one.say("from one again")
            assert two.session_id == "s-1"
    assert texts(server) == ["from one", "from two", "from one again"]
    assert files(tmp_path, "db") == 2


async def test_a_session_that_was_not_entered_keeps_nothing(server: ScriptedServer, tmp_path: Path) -> None:
    one = session(server, store_dir=tmp_path)
    with pytest.raises(MachineError, match="async with"):
        await one.say("hello")
    async with one:
        await one.ready()
        assert (one.unsent, server.frames) == ([], [])


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://x", "http://"])
def test_what_is_no_address_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError, match="http://"):
        Session(url)
