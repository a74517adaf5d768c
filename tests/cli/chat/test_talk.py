"""What is typed, against a real WebSocket server that does as a test says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from shipanion.cli.chat.credential import GivenToken
from shipanion.cli.chat.notebook import Notebook
from shipanion.cli.chat.talk import Chat, NoAnswer
from shipanion.cli.sign_in import Server
from shipanion.client import ConnectionRefused, SignInNeeded
from tests.cli.chat.fake_face import FakeFace
from tests.client.scripted_server import Json, ScriptedServer


class Sessions(ScriptedServer):
    """One that also knows which sessions there are not."""

    def __init__(self) -> None:
        super().__init__()
        self.absent: set[str] = set()

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        if not any(f"session_id={id}" in connection.request.path for id in self.absent):
            await super()._serve(connection)
            return
        refusal = {"type": "error", "code": "not_found", "message": "There is no such session.", "temporary": False}
        await connection.send(json.dumps(refusal))
        await connection.close(4301, "not_found")


@pytest.fixture
async def server() -> AsyncIterator[Sessions]:
    scripted = Sessions()
    async with scripted.running():
        yield scripted


def chat_with(server: ScriptedServer | str, tmp_path: Path, token: str = "good") -> Chat:
    where = Server.at(server if isinstance(server, str) else server.url)
    return Chat(where, GivenToken(token), Notebook(tmp_path, where.http), tmp_path, "here")


@contextlib.asynccontextmanager
async def talking(chat: Chat, face: FakeFace) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(chat.run(face, {"name": "a"}))
    try:
        yield task
    finally:
        face.type(None)
        async with asyncio.timeout(5):
            await task


async def test_a_message_is_pending_until_it_is_acknowledged(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    said: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    def hold(command: Json) -> str:
        said.set_result(command)
        return "ignore"

    server.on_command = hold
    async with talking(chat, face):
        face.type("5 lb from 90210 to 10001")
        command = await asyncio.wait_for(said, 5)
        assert chat.view().unsent == ["5 lb from 90210 to 10001"]
        assert "1 message not acknowledged" in chat.view().banner.text
        assert face.texts("you") == []
        server.append("user_message", id=command["id"], text=command["text"], turn_id="t1")
        await face.until(lambda: face.texts("you") == ["5 lb from 90210 to 10001"])
        assert chat.view().unsent == []
        assert "Bob is answering" in chat.view().banner.text


async def test_an_interrupt_stops_the_answer_once(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        assert not chat.interrupt(), "there is nothing to stop"
        server.append("user_message", text="x", turn_id="t1")
        await face.until(lambda: face.texts("you"))
        assert chat.interrupt()
        assert not chat.interrupt(), "the second one leaves"
        server.append("turn_ended", turn_id="t1", outcome="stopped")
        await face.until(lambda: "Stopped." in face.texts())
        face.type("/stop")
        await face.until(lambda: "There is no answer to stop." in face.texts())
    assert [frame["turn_id"] for frame in server.frames if frame["type"] == "stop"] == ["t1"]


async def test_what_was_not_sent_is_said_when_leaving(server: ScriptedServer, tmp_path: Path) -> None:
    server.on_command = lambda command: "ignore"
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        face.type("one", "two")
        await face.until(lambda: len(chat.view().unsent) == 2)
    assert "2 messages are not acknowledged yet" in face.texts("warning")[-1]
    server.on_command = lambda command: "take"
    again, other = FakeFace(), chat_with(server, tmp_path)
    async with talking(other, again):
        await again.until(lambda: again.texts("you") == ["one", "two"])
    assert [event["text"] for event in server.log] == ["one", "two"]


async def test_a_refused_message_is_shown_again(server: ScriptedServer, tmp_path: Path) -> None:
    server.on_command = lambda command: {"code": "too_large", "message": "Too large.", "temporary": False}
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        face.type("a long story")
        await face.until(lambda: "Too large. This was not sent: a long story" in face.texts("warning"))
        assert chat.view().unsent == []


async def test_a_script_that_was_refused_goes_on_and_ends_with_1(server: ScriptedServer, tmp_path: Path) -> None:
    server.on_command = lambda command: {"code": "too_large", "message": "No.", "temporary": False}
    face, chat = FakeFace(one_at_a_time=True, scripted=True), chat_with(server, tmp_path)
    face.type("one", "two", None)
    await asyncio.wait_for(chat.run(face, {"name": "a"}), 5)
    assert chat.code == 1
    assert len(face.texts("warning")) == 2


@pytest.mark.parametrize(("outcome", "code"), [("completed", 0), ("interrupted", 1), ("failed", 1)])
async def test_a_script_waits_for_each_answer(server: ScriptedServer, tmp_path: Path, outcome: str, code: int) -> None:
    def answer(command: Json) -> str:
        turn = f"t{len(server.log)}"
        server.append("user_message", id=command["id"], text=command["text"], turn_id=turn)

        def end() -> None:
            server.append("agent_message", turn_id=turn, text=f"answer to {command['text']}")
            server.append("turn_ended", turn_id=turn, outcome=outcome)

        asyncio.get_running_loop().call_later(0.05, end)
        return "ignore"

    server.on_command = answer
    face, chat = FakeFace(one_at_a_time=True, scripted=True), chat_with(server, tmp_path)
    face.type("one", "two", None)
    await asyncio.wait_for(chat.run(face, {"name": "a"}), 5)
    conversation = [entry.text for entry in face.entries if entry.who in ("you", "bob")]
    assert conversation == ["one", "answer to one", "two", "answer to two"]
    assert chat.code == code


async def test_a_script_does_not_wait_for_ever(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipanion.cli.chat.talk.NEVER_ANSWERED", 0.2)
    monkeypatch.setattr("shipanion.cli.chat.talk.LOST_SECONDS", 0.2)
    face = FakeFace(one_at_a_time=True, scripted=True)
    with pytest.raises(NoAnswer, match="make run"):
        await chat_with("http://127.0.0.1:1", tmp_path).run(face, {"name": "a"})
    gone = asyncio.Event()

    def go(command: Json) -> str:
        gone.set()
        return "ignore"

    server.on_command = go
    face.type("one")
    running = asyncio.create_task(chat_with(server, tmp_path).run(face, {"name": "b"}))
    await asyncio.wait_for(gone.wait(), 5)
    await server.stop()
    with pytest.raises(NoAnswer, match="does not answer any more"):
        await asyncio.wait_for(running, 5)
    await server.start()


async def test_a_script_is_told_that_it_may_not_come_in(server: ScriptedServer, tmp_path: Path) -> None:
    face = FakeFace(one_at_a_time=True, scripted=True)
    with pytest.raises(SignInNeeded, match="--token"):
        await asyncio.wait_for(chat_with(server, tmp_path, "bad").run(face, {"name": "a"}), 5)
    running = asyncio.create_task(chat_with(server, tmp_path).run(face, {"name": "b"}))
    await face.until(lambda: server.live)
    await server.close(4301, "not_found")
    face.type("hello")
    with pytest.raises(ConnectionRefused, match="--new begins a new one"):
        await asyncio.wait_for(running, 5)


async def test_orders(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        face.type("/help", "/swim", "/state", "/sessions", "/switch 7", "/sign-in", "/retry", "")
        await face.until(lambda: any("There is no session 7" in text for text in face.texts("warning")))
        assert any("/switch" in text for text in face.texts("note"))
        (state,) = (entry for entry in face.entries if entry.who == "state")
        assert state.text == "s-1 at 0"
        assert any("/swim is no order" in text for text in face.texts("warning"))


def ask(server: ScriptedServer, id: str = "a1") -> None:
    """Put a question, as far as the chat can tell."""
    approval = {"approval_id": id, "text": "Shall I?", "kind": "buy", "price": 5, "expires_at": 1}
    server.append("approval_requested", approval_id=id, text="Shall I?", expires_at=1, data={}, patch={
        "approval": approval})  # fmt: skip


def answers(server: ScriptedServer) -> list[tuple[str, str]]:
    return [(event["approval_id"], event["decision"]) for event in server.log if event["type"] == "approval_resolved"]


@pytest.mark.parametrize(("typed", "decision"), [("/yes", "approved"), ("/no", "declined")])
async def test_the_open_question_is_answered(server: ScriptedServer, tmp_path: Path, typed: str, decision: str) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        face.type(typed)
        await face.until(lambda: "Nothing is being asked just now." in face.texts("note"))
        await face.until(lambda: chat.view().banner.text == "live")
        ask(server)
        await face.until(lambda: any(entry.who == "question" for entry in face.entries))
        face.type(typed)
        await face.until(lambda: f"You said {typed[1:]}." in face.texts("event"))
    assert answers(server) == [("a1", decision)]
    assert chat.code == 0


async def test_an_answer_that_is_refused_is_told(server: ScriptedServer, tmp_path: Path) -> None:
    refusal = {"code": "no_such_approval", "message": "That is not being asked any more.", "temporary": False}
    server.on_command = lambda command: refusal
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        ask(server)
        await face.until(lambda: any(entry.who == "question" for entry in face.entries))
        face.type("/yes")
        await face.until(lambda: "That is not being asked any more." in face.texts("warning"))


async def test_a_yes_without_a_server_waits_and_goes_out_once(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        ask(server)
        await face.until(lambda: any(entry.who == "question" for entry in face.entries))
        await server.stop()
        await face.until(lambda: chat.view().banner.text.startswith("reconnecting"))
        face.type("/yes", "/yes", "/no")
        await face.until(lambda: face.texts("note").count("Your answer is on its way already.") == 2)
        assert chat.view().unsent == ["/yes"]
        assert "1 message not acknowledged" in chat.view().banner.text
    assert "1 message is not acknowledged yet" in face.texts("warning")[-1]
    await server.start()
    again, other = FakeFace(), chat_with(server, tmp_path)
    async with talking(other, again):
        await again.until(lambda: "You said yes." in again.texts("event"))
        assert other.view().unsent == []
    assert answers(server) == [("a1", "approved")]


@pytest.mark.parametrize(("status", "code"), [("settled", 0), ("unknown", 0), ("failed", 1)])
async def test_a_script_is_told_what_its_yes_led_to(
    server: ScriptedServer, tmp_path: Path, status: str, code: int
) -> None:
    effect = {"effect_id": "e1", "kind": "buy"}

    def buy(command: Json) -> str:
        server.append("approval_resolved", id=command["id"], approval_id="a1", decision="approved",
            patch={"approval": None})  # fmt: skip
        server.append("effect_changed", **effect, status="claimed")
        end = {"status": status, "say": "That is that."}
        asyncio.get_running_loop().call_later(0.05, lambda: server.append("effect_changed", **effect, **end))
        server.ids[command["id"]] = len(server.log) - 1
        return "take"

    server.on_command = buy
    ask(server)
    face, chat = FakeFace(one_at_a_time=True, scripted=True), chat_with(server, tmp_path)
    face.type("/yes", "/state", None)
    await asyncio.wait_for(chat.run(face, {"name": "a"}), 5)
    told = [entry.text if entry.who == "event" else entry.who for entry in face.entries]
    assert "That is that." in told, "the next line waits for the outcome"
    assert told.index("That is that.") < told.index("state")
    assert next(entry.id for entry in face.entries if entry.text == "That is that.") == "a1"
    assert chat.code == code


async def test_a_label_that_is_not_there_is_told(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(one_at_a_time=True, scripted=True), chat_with(server, tmp_path)
    face.type("/label", None)
    await asyncio.wait_for(chat.run(face, {"name": "a"}), 5)
    assert face.texts("warning") == ["There is no label in this session yet."]
    assert chat.code == 1


async def test_a_new_session_and_back(server: ScriptedServer, tmp_path: Path) -> None:
    face, chat = FakeFace(), chat_with(server, tmp_path)
    notebook = Notebook(tmp_path, server.url)
    async with talking(chat, face):
        await face.until(lambda: len(server.welcomes) == 1)
        face.type("/new")
        await face.until(lambda: len(server.welcomes) == 2)
        assert "new=" in server.requests[1].path
        began = notebook.last(GivenToken("good").who)
        assert began is not None
        assert "name" in began
        face.type("/switch s-9")
        await face.until(lambda: "session_id=s-9" in server.requests[-1].path)
        assert notebook.last(GivenToken("good").who) == began, "one that may not be there is not come back to"
        face.type("/switch s-1")
        await face.until(lambda: notebook.last(GivenToken("good").who) == notebook.conversation("s-1"))


@pytest.mark.parametrize("one_at_a_time", [False, True])
async def test_whoever_switches_to_no_session_stays_where_they_are(
    server: Sessions, tmp_path: Path, one_at_a_time: bool
) -> None:
    server.absent.add("foo")
    face, chat = FakeFace(one_at_a_time=one_at_a_time), chat_with(server, tmp_path)
    server.on_command = lambda command: answer_at_once(server, command)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        face.type("/switch foo", "are you there?", "/state")
        await face.until(lambda: any(entry.who == "state" for entry in face.entries) and face.texts("you"))
        assert chat.view().banner.text == "live"
    (warning,) = face.texts("warning")
    assert warning.startswith("There is no such session. You are still in the session that you were in")
    assert face.texts("you") == ["are you there?"]
    assert [len(server.requests), len(server.welcomes)] == [2, 1], "it was asked for once, and nothing else was left"
    assert "s-1" in next(entry.text for entry in face.entries if entry.who == "state")


def answer_at_once(server: ScriptedServer, command: Json) -> str:
    server.append("user_message", id=command["id"], text=command["text"], turn_id="t1")
    server.append("turn_ended", turn_id="t1", outcome="completed")
    return "ignore"


async def test_a_script_does_not_go_on_where_it_was_when_there_is_no_such_session(
    server: Sessions, tmp_path: Path
) -> None:
    server.absent.add("foo")
    face = FakeFace(one_at_a_time=True, scripted=True)
    face.type("/switch foo", "yes", None)
    with pytest.raises(ConnectionRefused, match="--new begins a new one"):
        await asyncio.wait_for(chat_with(server, tmp_path).run(face, {"name": "a"}), 5)
    assert server.log == []


@pytest.mark.parametrize("one_at_a_time", [False, True])
async def test_what_is_typed_into_a_stopped_session_is_said_to_be_not_sent(
    server: Sessions, tmp_path: Path, one_at_a_time: bool
) -> None:
    face, chat = FakeFace(one_at_a_time=one_at_a_time), chat_with(server, tmp_path)
    async with talking(chat, face):
        await face.until(lambda: chat.view().banner.text == "live")
        ask(server)
        await face.until(lambda: any(entry.who == "question" for entry in face.entries))
        await server.close(4301, "not_found")
        await face.until(lambda: chat.view().banner.text.startswith("stopped"))
        face.type("hello?", "/yes", "/retry")
        await face.until(lambda: any("nothing to try again" in text for text in face.texts("warning")))
        assert [text.partition(" (")[0] for text in face.texts("warning")[-3:-1]] == [
            "This was not sent, because the session is stopped: hello?",
            "This was not sent, because the session is stopped: /yes",
        ]
        assert "It is kept, and sent when the server is back." not in face.texts("note")
        assert chat.view().unsent == []


async def test_a_session_that_never_was_has_no_state(server: Sessions, tmp_path: Path) -> None:
    server.absent.add("foo")
    face, chat = FakeFace(), chat_with(server, tmp_path)
    running = asyncio.create_task(chat.run(face, {"session_id": "foo"}))
    await face.until(lambda: chat.view().banner.text.startswith("stopped"))
    face.type("hello?", "/state", None)
    await asyncio.wait_for(running, 5)
    assert any("This was not sent, because the session is stopped: hello?" in text for text in face.texts("warning"))
    assert any("Nothing is known of this session" in text for text in face.texts("warning"))
    assert not [entry for entry in face.entries if entry.who == "state"]


async def test_what_was_on_its_way_when_the_session_stopped_is_not_called_unsent(
    server: ScriptedServer, tmp_path: Path
) -> None:
    said = asyncio.Event()

    def hold(command: Json) -> str:
        said.set()
        return "ignore"

    server.on_command = hold
    face, chat = FakeFace(), chat_with(server, tmp_path)
    async with talking(chat, face):
        face.type("hello?")
        await asyncio.wait_for(said.wait(), 5)
        await server.close(4301, "not_found")
        await face.until(lambda: any("not known whether this arrived" in text for text in face.texts("warning")))
