"""What is shown of a session, in which order, and once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shipanion.cli.chat.credential import GivenToken
from shipanion.cli.chat.follow import Follower
from shipanion.cli.chat.transcript import Transcript
from shipanion.cli.sign_in import Server
from shipanion.client import Session
from tests.cli.chat.fake_face import FakeFace
from tests.client.scripted_server import ScriptedServer, until

STATE = {"shipping_details": {"from": "90210", "to": "10001", "weight_lbs": 5}}


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer()
    async with scripted.running():
        yield scripted


@contextlib.asynccontextmanager
async def following(
    server: ScriptedServer, folder: Path, face: FakeFace, token: str = "good"
) -> AsyncIterator[Follower]:
    """A follower of the one session, in a life of its own."""
    credential = GivenToken(token)
    async with Session(server.url, token=credential.token, store_dir=folder, device="here") as session:
        follower = Follower(
            session, Transcript("here"), face, credential, Server.at(server.url), attached=lambda id: None
        )
        task = asyncio.create_task(follower.follow())
        try:
            yield follower
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_a_new_session_is_greeted_once(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace()
    async with following(server, tmp_path, face):
        await face.until(lambda: face.entries)
        server.snapshot = "epoch"
        server.drop()
        await face.until(lambda: face.texts("warning"))
        assert len([text for text in face.texts("note") if "new session" in text]) == 1


async def test_a_second_start_shows_the_past_the_shipment_and_then_what_comes(
    server: ScriptedServer, tmp_path: Path
) -> None:
    first = FakeFace()
    async with following(server, tmp_path, first):
        server.append("user_message", text="5 lb", turn_id="t1", patch=STATE)
        await first.until(lambda: first.texts("you") == ["5 lb"])
    server.append("agent_message", text="While you were away.", turn_id="t1")
    server.append("turn_ended", turn_id="t1", outcome="completed")
    face = FakeFace()
    async with following(server, tmp_path, face):
        await face.until(lambda: any(entry.who == "state" for entry in face.entries))
        server.append("user_message", text="8 lb", turn_id="t2")
        await face.until(lambda: "8 lb" in face.texts())
    assert [entry.who for entry in face.entries] == ["you", "bob", "state", "you"]
    assert face.entries[2].state == STATE
    assert server.welcomes[-1]["outcome"] == "recovered"


async def test_a_script_is_shown_nothing_of_the_past(server: ScriptedServer, tmp_path: Path) -> None:
    async with following(server, tmp_path, FakeFace()):
        server.append("user_message", text="5 lb", turn_id="t1", patch=STATE)
        await asyncio.sleep(0)
    face = FakeFace(scripted=True)
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: follower.live)
        assert "state" not in [entry.who for entry in face.entries]
        assert not [frame for frame in server.frames if frame["type"] == "history"]


async def test_the_unfinished_answer_is_taken_up(server: ScriptedServer, tmp_path: Path) -> None:
    server.turn = {"turn_id": "t1", "text": "Let me", "next_index": 2}
    face, transcript = FakeFace(), Transcript("here")
    async with Session(server.url, token="good", store_dir=tmp_path) as session:
        credential = GivenToken("good")
        follower = Follower(session, transcript, face, credential, Server.at(server.url), attached=lambda id: None)
        task = asyncio.create_task(follower.follow())
        await face.until(lambda: transcript.draft == "Let me")
        piece = {"type": "agent_delta", "session_id": "s-1", "turn_id": "t1", "index": 2, "text": " see"}
        server.tell(piece)
        await face.until(lambda: transcript.draft == "Let me see")
        task.cancel()


async def test_without_a_server_it_says_so_once_and_shows_what_it_knows(server: ScriptedServer, tmp_path: Path) -> None:
    first = FakeFace()
    async with following(server, tmp_path, first):
        server.append("user_message", text="5 lb", turn_id="t1", patch=STATE)
        await first.until(lambda: first.texts("you"))
    await server.stop()
    face = FakeFace()
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: any(entry.who == "state" for entry in face.entries))
        assert ["make run" in text for text in face.texts("warning")] == [True]
        async with asyncio.timeout(5):
            await follower.settled(60)
        await server.start()
        await face.until(lambda: follower.live)
        await face.until(lambda: face.texts("you") == ["5 lb"])
        server.drop()
        await face.until(lambda: not follower.live)
        await face.until(lambda: follower.live)
        await asyncio.sleep(0)
    assert len(face.texts("warning")) == 1
    assert len([entry for entry in face.entries if entry.who == "state"]) == 1


async def test_a_refused_credential_names_the_way_out(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace()
    async with following(server, tmp_path, face, token="bad") as follower:
        await face.until(lambda: face.texts("warning"))
        assert "Sign in again. Start again with a fresh --token." in face.texts("warning")[0]
        assert follower.given_up is not None


async def test_a_session_that_is_not_there_names_the_way_out(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace()
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: follower.live)
        server.tell({"type": "error", "code": "not_found", "message": "No such session.", "temporary": False})
        await server.close(4301, "not_found")
        await face.until(lambda: len(face.texts("warning")) == 2)
        assert face.texts("warning") == ["No such session.", "/new begins a new session, /sessions lists yours."]
        assert not follower.live


def seen(server: ScriptedServer) -> list[int]:
    return [frame["position"]["offset"] for frame in server.frames if frame["type"] == "seen"]


async def test_what_happened_while_away_comes_first_and_once(server: ScriptedServer, tmp_path: Path) -> None:
    server.append("agent_message", text="Hello.", turn_id="t0")
    server.digest = {"since": 0, "lines": ["Label bought.", "One message was written."]}
    face = FakeFace()
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: "Hello." in face.texts("bob"))
        server.drop()
        await face.until(lambda: not follower.live)
        await face.until(lambda: follower.live)
        server.digest = {"since": 1, "lines": ["Another parcel was begun."]}
        server.drop()
        await face.until(lambda: len(face.texts("away")) == 2)
    assert face.entries[0].who == "away"
    assert face.texts("away") == ["Label bought.\nOne message was written.", "Another parcel was begun."]


async def test_what_was_shown_is_told_when_it_changed(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace()
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: follower.live)
        assert seen(server) == []
        server.append("user_message", text="5 lb", turn_id="t1")
        await until(lambda: seen(server) == [1])
        server.tell({"type": "agent_delta", "session_id": "s-1", "turn_id": "t1", "index": 0, "text": "Let"})
        server.tell({"type": "presence", "session_id": "s-1", "devices": []})
        # An effect's end waits for Bob's words: until they are shown it is not.
        server.append("effect_changed", effect_id="e", kind="buy", status="settled", say="Made.")
        server.append("agent_message", text="Made.", turn_id="t1")
        await until(lambda: seen(server)[-1] == 3)
        assert seen(server) == [1, 3]


async def test_a_second_start_tells_it_even_if_nothing_came(server: ScriptedServer, tmp_path: Path) -> None:
    server.append("agent_message", text="Hello.", turn_id="t0")
    for _ in range(2):
        async with following(server, tmp_path, FakeFace()):
            await until(lambda: seen(server)[-1:] == [1])
        server.frames.clear()


async def test_a_script_has_seen_nothing(server: ScriptedServer, tmp_path: Path) -> None:
    server.digest = {"since": 0, "lines": ["Label bought."]}
    face = FakeFace(scripted=True)
    async with following(server, tmp_path, face) as follower:
        await face.until(lambda: follower.live)
        server.append("agent_message", text="Hello.", turn_id="t0")
        await face.until(lambda: face.texts("bob"))
    assert seen(server) == []
    assert face.texts("away") == []


async def test_a_question_that_came_with_what_was_skipped_is_put_again(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace()
    async with following(server, tmp_path, face):
        server.append("user_message", text="5 lb", turn_id="t1", patch=STATE)
        await face.until(lambda: face.texts("you") or any(entry.who == "state" for entry in face.entries))
        server.drop()
        approval = {"approval_id": "a1", "text": "Shall I?", "price": 5}
        server.append("approval_requested", approval_id="a1", text="Shall I?", expires_at=1, data={}, patch={
            "approval": approval})  # fmt: skip
        server.snapshot = "limit"
        await face.until(lambda: any((entry.state or {}).get("approval", entry.state) == approval for entry in
            face.entries))  # fmt: skip
