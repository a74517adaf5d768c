"""Continuity over the full dialect against a real server that is killed, stopped and started again."""

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from tests.support.history import calls_and_results, contiguous, folded, ids_of, ids_once, turns_end_once
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Closed, Json, Wire

QUESTION = "5 lb from 90210 to 10001"
"""Bob's answer to this has a hundred words or so, one every 20 ms."""

SHORTER = "help"
"""And to this, forty."""

EARLY, LATE = 8, 80
"""Pieces heard when the server is killed: before and after it put the text so far away for the first time."""

REPLAY_LIMIT = 1_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("continuity")
    with ServerProcess(folder, rate_limits=False, launch=warm.launch) as running:
        yield running


@pytest.fixture
def token(server: ServerProcess) -> str:
    server.ensure()
    return server.guest()


def full(server: ServerProcess, token: str, **query: Any) -> AbstractAsyncContextManager[Wire]:
    return Wire.open(server.socket_url, token, **query)


def resumed(server: ServerProcess, token: str, wire: Wire, **query: Any) -> AbstractAsyncContextManager[Wire]:
    """A new connection from where ``wire`` was."""
    return Wire.open(server.socket_url, token, knowing=wire.state, **wire.place, **query)


@asynccontextmanager
async def whole_log(server: ServerProcess, token: str, wire: Wire, upto: int) -> AsyncIterator[list[Json]]:
    """The session's log from the start, replayed to a client that has nothing."""
    place = {**wire.place, "offset": 0}
    async with Wire.open(server.socket_url, token, **place) as reader:
        assert reader.welcome["outcome"] == "recovered"
        await reader.at(upto)
        yield reader.events


# --- resume -----------------------------------------------------------------------------------------------------


async def test_a_resume_replays_exactly_what_was_missed(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        session_id = wire.welcome["session_id"]
        assert wire.welcome["outcome"] == "created"
        async with full(server, token, session_id=session_id) as away:
            first_state = away.state
            await wire.say("m1", SHORTER)
            await wire.until("turn_ended")
            await away.until("user_message", id="m1")
            seen = list(away.events)
        await wire.send("update_state", id="u1", patch={"title": "To New York"})
        await wire.say("m2", "thanks")
        await wire.until("turn_ended")

        async with resumed(server, token, away) as back:
            assert back.welcome["outcome"] == "recovered"
            assert back.welcome["position"] == {"epoch": away.epoch, "offset": away.offset}
            assert back.welcome["replayed"] == wire.offset - away.offset > 0
            await back.at(wire.offset)
            assert seen + back.events == wire.events
            contiguous(wire.events, after=0)
            assert {frame["session_id"] for frame in wire.frames + back.frames} == {session_id}

        async with full(server, token, session_id=session_id) as fresh:
            assert fresh.welcome["outcome"] == "snapshot"
            assert "reason" not in fresh.welcome, "a fresh page is no failure"
            assert fresh.welcome["position"]["offset"] == wire.offset
            assert fresh.state == back.state == wire.state == folded(first_state, wire.events)
            assert fresh.state["title"] == "To New York"
            assert fresh.welcome["tail"] == wire.events[-50:]


async def test_a_snapshot_after_a_kill_is_the_fold_of_the_log(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        first_state = wire.state
        for number in range(20):
            await wire.send("update_state", id=f"u{number}", patch={"title": f"Parcel {number}"})
        await wire.send(
            "update_state",
            id="d",
            patch={"shipping_details": {"from": "90210", "to": "10001", "weight_lbs": 5}},
        )
        await wire.acked("d")
        await asyncio.to_thread(server.restart)
    async with full(server, token, session_id=wire.welcome["session_id"]) as fresh:
        async with whole_log(server, token, wire, fresh.offset) as events:
            assert len(events) == 21
            assert fresh.state == folded(first_state, events)
        assert fresh.state["shipping_details"]["weight_lbs"] == 5
        assert fresh.epoch == wire.epoch, "a restart is no new life of the log"


@pytest.mark.parametrize(
    ("changed", "reason"), [({"offset": 5_000}, "ahead"), ({"epoch": "another-life", "offset": 0}, "epoch")]
)
async def test_a_position_that_means_nothing_here(
    server: ServerProcess, token: str, changed: Json, reason: str
) -> None:
    async with full(server, token) as wire:
        await wire.send("update_state", id="u1", patch={"title": "One"})
        await wire.at((await wire.acked("u1"))["offset"])
        place = {**wire.place, **changed}
        async with full(server, token, **place) as lost:
            assert (lost.welcome["outcome"], lost.welcome["reason"]) == ("snapshot", reason)
            assert lost.welcome["position"] == {"epoch": wire.epoch, "offset": wire.offset}
            assert lost.state == wire.state
            await wire.send("update_state", id="u2", patch={"title": "Two"})
            assert (await lost.until("state_changed"))["offset"] == wire.offset + 1


@pytest.mark.parametrize("place", [{"epoch": "not an epoch!", "offset": 1}, {"epoch": "e", "offset": "banana"}])
async def test_a_position_that_cannot_be_read(server: ServerProcess, token: str, place: Json) -> None:
    with pytest.raises(Closed) as closed:
        async with full(server, token, **place):
            pass
    assert closed.value.code == 4302


async def test_the_replay_limit_is_exact(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        for number in range(REPLAY_LIMIT + 1):
            await wire.send("update_state", id=f"u{number}", patch={"title": f"Parcel {number}"})
        await wire.at(REPLAY_LIMIT + 1)
        epoch, session_id = wire.epoch, wire.welcome["session_id"]
    async with full(server, token, session_id=session_id, epoch=epoch, offset=1) as behind:
        assert (behind.welcome["outcome"], behind.welcome["replayed"]) == ("recovered", REPLAY_LIMIT)
        await behind.at(REPLAY_LIMIT + 1)
        contiguous(behind.events, after=1)
    async with full(server, token, session_id=session_id, epoch=epoch, offset=0) as too_far:
        assert (too_far.welcome["outcome"], too_far.welcome["reason"]) == ("snapshot", "limit")
        assert too_far.state["title"] == f"Parcel {REPLAY_LIMIT}"


async def test_the_same_key_makes_the_same_session(server: ServerProcess, token: str) -> None:
    async with full(server, token, new="page-1") as wire:
        first = wire.welcome
    assert first["outcome"] == "created"
    await asyncio.to_thread(server.restart)
    async with full(server, token, new="page-1") as again:
        assert again.welcome["session_id"] == first["session_id"]
    async with full(server, token, new="page-2") as other:
        assert other.welcome["session_id"] != first["session_id"]


# --- turns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [EARLY, LATE])
async def test_a_kill_in_mid_turn(server: ServerProcess, token: str, pieces: int) -> None:
    heard: list[tuple[float, str]] = []
    async with full(server, token) as wire:
        await wire.say("m1", QUESTION)
        await wire.say("m2", "what did we have so far?")
        await wire.say("m3", "thanks")
        await wire.acked("m3")
        running = wire.events[0]["turn_id"]
        while len(heard) < pieces:
            delta = await wire.until("agent_delta", turn_id=running)
            assert delta["index"] == len(heard)
            heard.append((time.monotonic(), delta["text"]))
        server.kill9()
        killed = time.monotonic()
        assert not [frame for frame in wire.frames if frame["type"] == "turn_ended"], "not in mid-turn"
        await asyncio.to_thread(server.start)
    text = "".join(piece for _, piece in heard)

    async with resumed(server, token, wire) as back:
        assert back.welcome["outcome"] == "recovered"
        await back.until("turn_ended", where=lambda frame: frame["turn_id"] != running)
        await back.until("turn_ended", where=lambda frame: frame["turn_id"] != running)
        async with whole_log(server, token, wire, back.offset) as events:
            assert turns_end_once(events) == {"interrupted": 1, "completed": 2}
            asked = [event["turn_id"] for event in events if event["type"] == "user_message"]
            ended = [event["turn_id"] for event in events if event["type"] == "turn_ended"]
            assert ended == asked, "queued messages are answered in order"
            answers = [event for event in events if event["type"] == "agent_message"]
            partial = [answer for answer in answers if answer["turn_id"] == running]
            old = "".join(piece for at, piece in heard if at < killed - 1.2)
            assert bool(old) == (pieces == LATE)
            if old:
                assert [answer["partial"] for answer in partial] == [True]
                assert partial[0]["text"].startswith(old), "more than a second of the answer is gone"
            for answer in partial:
                # The last pieces may have been on their way when it was killed, but the beginning is the same.
                assert answer["text"].startswith(text) or text.startswith(answer["text"])
            assert all("partial" not in answer for answer in answers if answer["turn_id"] != running)
            contiguous(events, after=0)
            ids_once(events)


async def test_a_client_that_comes_back_in_mid_turn_gets_the_text_so_far(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await wire.say("m1", SHORTER)
        await wire.until("agent_delta", index=10)
    async with resumed(server, token, wire) as back:
        turn = back.welcome["turn"]
        text, index = turn["text"], turn["next_index"]
        assert index > 10
        while (frame := await back.next())["type"] != "turn_ended":
            if frame["type"] == "agent_delta":
                assert frame["index"] == index
                text, index = text + frame["text"], index + 1
            elif frame["type"] == "agent_message":
                assert frame["text"] == text
        assert frame["outcome"] == "completed"


async def test_stop(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await wire.say("m1", SHORTER)
        await wire.say("m2", "thanks")
        await wire.acked("m2")
        running, queued = (event["turn_id"] for event in wire.events if event["type"] == "user_message")
        await wire.until("agent_delta", index=5)
        await wire.send("stop", id="s2", turn_id=queued)
        await wire.send("stop", id="s1", turn_id=running)
        ends: dict[str, Json] = {}
        acks: dict[str, int] = {}
        while len(ends) < 2 or len(acks) < 2:
            frame = await wire.next()
            if frame["type"] == "turn_ended":
                ends[frame["turn_id"]] = frame
            elif frame["type"] == "ack":
                acks |= {ack["id"]: ack["offset"] for ack in frame["acks"]}
        assert [ends[turn]["outcome"] for turn in (running, queued)] == ["stopped", "stopped"]
        assert acks == {"s1": ends[running]["offset"], "s2": ends[queued]["offset"]}
        said = "".join(frame["text"] for frame in wire.frames if frame["type"] == "agent_delta")
        partial = [event for event in wire.events if event["type"] == "agent_message"]
        assert [(event["turn_id"], event["partial"], event["text"]) for event in partial] == [(running, True, said)]

        await wire.send("stop", id="s3", turn_id=running)
        assert (await wire.acked("s3"))["offset"] == ends[running]["offset"]
        await wire.send("stop", id="s4", turn_id="turn-of-nobody")
        assert (await wire.refused("s4"))["code"] == "no_such_turn"
        await wire.say("m3", "thanks")
        await wire.until("turn_ended", outcome="completed")
        assert turns_end_once(wire.events) == {"stopped": 2, "completed": 1}


async def test_an_orderly_stop_lets_a_running_turn_end(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        await wire.say("m1", SHORTER)
        await wire.say("m2", "thanks")
        await wire.until("agent_delta", index=3)
        server.terminate()
        farewell = await wire.until("going_away")
        assert farewell["window_ms"] > 0
        assert farewell["retry_after_ms"] >= 0
        await wire.say("m3", "thanks")
        refused = await wire.refused("m3")
        assert (refused["code"], refused["temporary"]) == ("starting", True)
        ended = await wire.until("turn_ended")
        assert ended["outcome"] == "completed"
        assert await wire.closed() == (1001, "going_away")
        assert await asyncio.to_thread(server.gone) in (0, -signal.SIGTERM)
        await asyncio.to_thread(server.start)
    async with resumed(server, token, wire) as back:
        await back.say("m3", "thanks")
        assert not (await back.acked("m3"))["duplicate"]
        while len([event for event in wire.events + back.events if event["type"] == "turn_ended"]) < 3:
            await back.next()
        events = wire.events + back.events
        contiguous(events, after=0)
        assert turns_end_once(events) == {"completed": 3}
        assert ids_of(events, "user_message") == ["m1", "m2", "m3"]


# --- commands ---------------------------------------------------------------------------------------------------


async def test_a_command_sent_twice_is_done_once(server: ServerProcess, token: str) -> None:
    commands: dict[str, tuple[str, Json, Json]] = {
        "m": ("user_message", {"text": "thanks"}, {"text": "no, thanks"}),
        "u": ("update_state", {"patch": {"title": "A"}}, {"patch": {"title": "B"}}),
    }
    offsets = {}
    async with full(server, token) as wire:
        for id, (kind, body, _) in commands.items():
            await wire.send(kind, id=id, **body)
            ack = await wire.acked(id)
            assert not ack["duplicate"]
            offsets[id] = ack["offset"]
        await wire.until("turn_ended")
        await again(wire, commands, offsets)
        head = wire.offset
    async with resumed(server, token, wire) as back:
        await again(back, commands, offsets)
    await asyncio.to_thread(server.restart)
    async with resumed(server, token, wire) as after:
        await again(after, commands, offsets)
        await after.in_step()
        assert after.offset == head, "a repeat made an event"
        assert after.state["title"] == "A"


async def again(wire: Wire, commands: dict[str, tuple[str, Json, Json]], offsets: dict[str, int]) -> None:
    for id, (kind, body, other) in commands.items():
        await wire.send(kind, id=id, unknown="ignored", **body)
        assert await wire.acked(id) == {"id": id, "offset": offsets[id], "duplicate": True}
        await wire.send(kind, id=id, **other)
        refused = await wire.refused(id)
        assert (refused["code"], refused["temporary"]) == ("id_reused", False)


async def test_a_tool_call_open_at_the_kill_gets_its_result(server: ServerProcess, token: str) -> None:
    for attempt in range(5):
        async with full(server, token) as wire:
            for number in range(200):
                await wire.send("client_tool_call", client_tool_call=quote_call(number))
            await wire.until("ack")
            server.kill9()
            killed_ms = time.time_ns() // 1_000_000
            await asyncio.to_thread(server.start)
        async with resumed(server, token, wire) as back:
            await back.in_step()
            acked = [ack["id"] for frame in wire.frames if frame["type"] == "ack" for ack in frame["acks"]]
            # Every call that is in the log gets its result; ask again for the last to be behind all of them.
            await back.send("client_tool_call", client_tool_call=quote_call(199))
            await back.until("client_tool_result", tool_call_id="call-199")
            async with whole_log(server, token, wire, back.offset) as events:
                pairs = calls_and_results(events)
                assert set(acked) <= {pair[1]["tool_call_id"] for pair in pairs}
                assert all(not result["is_error"] for _, result in pairs)
                late = [pair for pair in pairs if pair[0]["at"] <= killed_ms < pair[1]["at"]]
        print(f"attempt {attempt}: {len(pairs)} calls in the log, {len(late)} of them open at the kill")
        if late:
            return
    pytest.fail("no tool call was open at any of the kills")


def quote_call(number: int) -> Json:
    parameters = {"from_zip": "90210", "to_zip": "10001", "weight": 1 + number % 60}
    return {"tool_name": "get_shipping_quotes", "tool_call_id": f"call-{number}", "parameters": parameters}


# --- tabs and devices -------------------------------------------------------------------------------------------


async def test_two_tabs_stay_in_step(server: ServerProcess, token: str) -> None:
    async with (
        full(server, token, device="laptop", new="both") as one,
        full(server, token, device="laptop", new="both") as two,
    ):
        for number, wire in zip(range(20), itertools.cycle((one, two)), strict=False):
            await wire.send("update_state", id=f"u{number}", patch={"title": f"Parcel {number}"})
        await one.say("m", "thanks")
        await one.until("turn_ended")
        await two.until("turn_ended")
        assert one.events == two.events
        assert one.state == two.state
        order = [int(id[1:]) for id in ids_of(one.events, "state_changed")]
        assert sorted(order) == list(range(20))
        for parity in (0, 1):
            sent = [number for number in order if number % 2 == parity]
            assert sent == sorted(sent), "one tab's commands changed places"
        contiguous(one.events, after=0)
        assert [f for f in one.frames if f["type"] == "agent_delta"] == [
            f for f in two.frames if f["type"] == "agent_delta"
        ]


async def test_every_device_finds_its_own_place_again(server: ServerProcess, token: str) -> None:
    async with full(server, token, device="phone") as phone:
        session_id = phone.welcome["session_id"]
        async with full(server, token, device="laptop", session_id=session_id) as laptop:
            await phone.send("device_state", patch={"step": 2, "draft": "Hello B"})
            await phone.send("device_state", patch={"draft": "Hello Bob"})
            await laptop.send("device_state", patch={"scrollPosition": 120})
            await phone.in_step()
            await laptop.in_step()
            head = phone.offset
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    async with (
        full(server, token, device="phone", session_id=session_id) as phone,
        full(server, token, device="laptop", session_id=session_id) as laptop,
        full(server, token, device="tablet", session_id=session_id) as tablet,
        Wire.open(server.socket_url, token, full=False, session_id=session_id) as bare,
    ):
        assert phone.welcome["device_state"] == {"step": 2, "draft": "Hello Bob"}
        assert laptop.welcome["device_state"] == {"scrollPosition": 120}
        assert "device_state" not in tablet.welcome
        assert phone.offset == head, "a device's place is no event of the log"
        await bare.send("get_session_state")
        assert (await bare.next())["state"]["scrollPosition"] == 120


# --- history ----------------------------------------------------------------------------------------------------


async def test_history_is_read_in_pages(server: ServerProcess, token: str) -> None:
    async with full(server, token) as wire:
        for number in range(45):
            await wire.send("update_state", id=f"u{number}", patch={"title": f"Parcel {number}"})
        await wire.at(45)
        pages: list[list[Json]] = []
        before: int | None = None
        more = True
        while more:
            asked: Json = {"id": f"h{len(pages)}", "limit": 20}
            if before is not None:
                asked["before"] = before
            await wire.send("history", **asked)
            page = await wire.until("history_page", id=asked["id"])
            pages.insert(0, page["events"])
            before, more = page["events"][0]["offset"], page["more"]
        assert [len(page) for page in pages] == [5, 20, 20]
        assert [event for page in pages for event in page] == wire.events
        await wire.send("history", id="none", before=1)
        assert (await wire.until("history_page", id="none"))["events"] == []
