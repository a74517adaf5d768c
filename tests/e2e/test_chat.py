"""``shipanion chat`` as a person and as a script use it, against a real server that is killed and started again."""

import asyncio
import json
import re
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.pseudo_terminal import PseudoTerminal, Screen
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire

QUESTION = "5 lb from 90210 to 10001"
LAST_WORDS = "22 inches."
"""How Bob's answer to the question ends."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("chat"), launch=warm.launch) as running:
        yield running


@pytest.fixture(autouse=True)
def is_running(server: ServerProcess) -> None:
    server.ensure()


def chat(server: ServerProcess, data: Path, *arguments: str, columns: int = 100, rows: int = 30) -> PseudoTerminal:
    return PseudoTerminal(
        "chat", "--url", server.url, "--data", str(data), *arguments, columns=columns, rows=rows
    )  # fmt: skip


async def piped(server: ServerProcess, data: Path, text: str | bytes, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shipanion", "chat", "--url", server.url, "--data", str(data), *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(text.encode() if isinstance(text, str) else text), 40)
    return process.returncode or 0, out.decode(), err.decode()


def kept_in(data: Path) -> Json:
    (path,) = data.glob("chat-*.json")
    kept: Json = json.loads(path.read_text())
    return kept


async def log_of(server: ServerProcess, data: Path) -> list[Json]:
    """The log of the guest's last session, read by another client."""
    kept = kept_in(data)
    (session_id,) = [id for id, name in kept["names"].items() if name == kept["last"]["guest"]["name"]]
    async with Wire.open(server.socket_url, kept["guest"]["token"], session_id=session_id) as wire:
        tail: list[Json] = wire.welcome["tail"]
        return tail


def last_line(screen: Screen) -> str:
    return (screen.lines() or [""])[-1]


def idle(screen: Screen) -> bool:
    """Everything is answered, and nothing is being typed."""
    lines = screen.lines()
    return len(lines) > 1 and lines[-1] == ">" and lines[-2] in ("* live", "* live, resumed (0 replayed)")


# --- scripts ----------------------------------------------------------------------------------------------------

Ran = tuple[int, str, str]
"""Exit code, standard output, standard error."""


@pytest.fixture(scope="module")
def scripts(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Every script, by name. They run at the same time; most of it is waiting for Bob."""
    folder = tmp_path_factory.mktemp("scripts")
    summary = "what did we have so far?\n"

    async def one_guest() -> dict[str, Ran]:
        first = await piped(server, folder / "guest", f"{QUESTION}\n\n{summary}")
        again = await piped(server, folder / "guest", summary.rstrip())
        fresh = await piped(server, folder / "guest", summary, "--new")
        label = await piped(server, folder / "guest", f"{QUESTION}\nthe cheapest\n/yes\n/label {folder}/\n", "--new")
        return {"first": first, "again": again, "fresh": fresh, "label": label}

    async def all_at_once() -> dict[str, Ran]:
        jobs = {
            "too long": piped(server, folder / "long", f"{'x' * 33_000}\nthanks\n"),
            "foreign": piped(server, folder / "foreign", "hello\n", "--session", "session-of-nobody"),
            "forged": piped(server, folder / "forged", "hello\n", "--token", "forged"),
            "bytes": piped(server, folder / "bytes", b"caf\xe9 \x00\x1b[2J \xf0\x9f\x9a\x9a\nthanks"),
        }
        guest, others = await asyncio.gather(one_guest(), asyncio.gather(*jobs.values()))
        return {**guest, **dict(zip(jobs, others, strict=True))}

    server.ensure()
    ran = asyncio.run(all_at_once())
    (path,) = (folder / "guest").glob("chat-*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return ran


def test_a_script_gets_the_answers(scripts: dict[str, Ran]) -> None:
    code, out, err = scripts["first"]
    assert (code, err) == (0, "")
    assert out.startswith("Let me look that up. For 5 lb from 90210")
    assert "\nPrevious conversation summary:\n- Shipping from 90210 to 10001\n" in out
    assert "\x1b" not in out


def test_the_answer_that_the_readme_quotes_is_his(scripts: dict[str, Ran]) -> None:
    page = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    quoted = re.search(r"Bob answers \(shortened\):\n\n```\n(.*?)\n```", page, re.DOTALL)
    assert quoted is not None
    said, place = scripts["first"][1], 0
    for piece in quoted[1].split(" … "):
        assert piece in said[place:]
        place = said.index(piece, place) + len(piece)
    assert said.startswith(quoted[1].partition("\n")[0])


def test_started_again_it_is_the_same_guest_in_the_same_session(scripts: dict[str, Ran]) -> None:
    code, out, err = scripts["again"]
    assert (code, err) == (0, "")
    assert out.startswith("Previous conversation summary:\n- Shipping from 90210 to 10001\n- Package weight: 5 lbs\n")


def test_a_new_session_knows_nothing(scripts: dict[str, Ran]) -> None:
    code, out, _ = scripts["fresh"]
    assert code == 0
    assert out.startswith("Nothing yet.")


def test_a_script_gets_a_label_and_its_file(scripts: dict[str, Ran]) -> None:
    code, out, err = scripts["label"]
    assert (code, err) == (0, "")
    *_, made, saved = out.splitlines()
    assert made.startswith("The sample label is made: ")
    assert saved.startswith("Saved the SAMPLE label ")
    path = Path(saved.partition(" as ")[2].partition(". ")[0])
    assert path.read_bytes().startswith(b"%PDF-")


def test_what_is_refused_ends_a_script_with_1_and_the_rest_is_done(scripts: dict[str, Ran]) -> None:
    code, out, err = scripts["too long"]
    assert (code, out) == (1, "You are welcome.\n")
    assert err.startswith("! ")


@pytest.mark.parametrize(("name", "way_out"), [("foreign", "--new"), ("forged", "--token")])
def test_who_may_not_come_in_is_told_in_one_sentence(scripts: dict[str, Ran], name: str, way_out: str) -> None:
    code, out, err = scripts[name]
    assert (code, out) == (2, "")
    assert err.startswith("shipanion: ")
    assert len(err.splitlines()) == 1
    assert way_out in err


def test_any_bytes_will_do(scripts: dict[str, Ran]) -> None:
    code, out, err = scripts["bytes"]
    assert code == 0, err
    assert out.endswith("You are welcome.\n")


# --- a person ---------------------------------------------------------------------------------------------------


async def test_an_answer_comes_in_while_the_next_line_is_typed(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until("Let me look")
        typed = "and what about "
        for count, character in enumerate(typed, 1):
            terminal.type(character)
            shown = f"> {typed[:count]}".rstrip()
            await terminal.until(lambda screen, shown=shown: last_line(screen) == shown)  # type: ignore[misc]
            assert LAST_WORDS not in terminal.screen.everything(), "the answer is over already: nothing was shown"
        await terminal.until(LAST_WORDS)
        await terminal.until(lambda screen: screen.lines()[-2:] == ["* live", f"> {typed}".rstrip()])
        rows = [" ".join(line.split()) for line in terminal.screen.everything().splitlines()]
        answer = next(event["text"] for event in await log_of(server, tmp_path) if event["type"] == "agent_message")
        assert " ".join(answer.split()) in " ".join(rows)
        assert rows.count(f"You {QUESTION}") == 1


async def test_killed_in_mid_answer_typed_offline_and_started_again(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until("- USPS Ground")
        server.kill9()
        await terminal.until("reconnecting (")
        terminal.type("8 lb\r")
        await terminal.until("8 lb  (sending)")
        await terminal.until("1 message not acknowledged yet")
        terminal.type("/quit\r")
        assert await terminal.ended() == 0
        assert "kept here, and sent when you start again" in terminal.screen.everything()

    async with chat(server, tmp_path) as terminal:
        await terminal.until("Start one with `make run`; this keeps")
        await terminal.until("8 lb  (sending)")
        await asyncio.to_thread(server.start)
        terminal.type("/retry\r")
        await terminal.until(lambda screen: f"You  {QUESTION}" in screen.everything(), 20)
        await terminal.until("Bob  Let me look that up. For 8 lb", 20)
        await terminal.until(LAST_WORDS)
        await terminal.until(lambda screen: "(sending)" not in "\n".join(screen.lines()))
        assert "resumed (" in terminal.screen.everything() or "* live" in terminal.screen.everything()
        assert "in the middle of this answer" in terminal.screen.everything()
        terminal.type("\x04")
        assert await terminal.ended() == 0

    said = [event["text"] for event in await log_of(server, tmp_path) if event["type"] == "user_message"]
    assert said == [QUESTION, "8 lb"]


async def test_closed_in_mid_answer_it_shows_the_rest_when_it_is_back(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until("Let me look")
        terminal.process.kill()
        await terminal.ended()
    async with chat(server, tmp_path, rows=50) as terminal:
        await terminal.until(LAST_WORDS)
        await terminal.until("USPS Ground Advantage")
        everything = terminal.screen.everything()
        assert everything.count(f"You  {QUESTION}") == 1
        assert "The shipment so far" in everything
        assert "90210 (Beverly Hills, CA)" in everything


async def test_ctrl_c_stops_the_answer_and_then_leaves(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until("Ctrl-C stops him")
        await terminal.until("Let me look")
        assert terminal.modes_now != terminal.modes_before
        terminal.type("\x03")
        await terminal.until("Stopped.")
        await terminal.until(idle)
        terminal.type("\x03")
        assert await terminal.ended() == 0
        assert terminal.modes_now == terminal.modes_before, "the terminal is left as it was"
        assert LAST_WORDS not in terminal.screen.everything()


async def test_sessions_are_listed_left_and_found_again(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path, rows=60) as terminal:
        await terminal.until("* live")
        terminal.type("thanks\r")
        await terminal.until("You are welcome.")
        await terminal.until(idle)
        terminal.type("/new\r")
        await terminal.until(lambda screen: screen.everything().count("A new session") == 2)
        terminal.type("hello\r")
        await terminal.until("Hello, I am Bob.")
        await terminal.until(idle)
        terminal.type("/sessions\r")
        await terminal.until("(you are here)")
        terminal.type("/switch 2\r")
        await terminal.until(lambda screen: screen.everything().count("You are welcome.") == 2)
        terminal.type("/switch 9\r")
        await terminal.until("There is no session 9")
        terminal.type("/switch foo\r")
        await terminal.until("There is no such session. You are still in the session that you were in")
        terminal.type("thanks\r")
        await terminal.until(lambda screen: screen.everything().count("You are welcome.") == 3)


async def test_narrow_windows_and_other_sizes(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path, columns=24, rows=8) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until("Let me")
        for columns, rows in ((10, 3), (200, 50), (1, 1), (60, 20)):
            terminal.resize(columns, rows)
            await asyncio.sleep(0.1)  # so that something is drawn at this size
        terminal.type("東京 ü")
        await terminal.until(lambda screen: last_line(screen).endswith("> 東京 ü"))
        terminal.type("\x7f" * 6 + "thanks\r")
        await terminal.until("You are welcome.")
        terminal.type("\x04")
        assert await terminal.ended() == 0


async def test_nothing_moves_with_plain_output(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path, "--plain-output") as terminal:
        await terminal.until(lambda screen: last_line(screen) == ">")
        terminal.type("thanks\r")
        await terminal.until("Bob: You are welcome.")
        await terminal.until(lambda screen: last_line(screen) == ">")
        terminal.type("\x03")
        assert await terminal.ended() == 0
        assert "You: thanks" not in terminal.screen.everything(), "what was typed stands there already"


# --- from quotes to a label -----------------------------------------------------------------------------------------

ASKS = "Bob needs your yes"


async def to_the_question(terminal: PseudoTerminal) -> None:
    """Say what it takes until Bob asks for a yes."""
    await terminal.until("* live")
    terminal.type(f"{QUESTION}\r")
    await terminal.until(LAST_WORDS)
    await terminal.until(idle)
    terminal.type("the cheapest\r")
    await terminal.until(ASKS)


def purchases(log: list[Json]) -> list[str]:
    """How the purchases in a log went."""
    return [event["status"] for event in log if event["type"] == "effect_changed" and event["kind"] == "buy"]


async def test_from_quotes_to_a_label_and_its_file(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path, columns=100, rows=60) as terminal:
        await to_the_question(terminal)
        assert "$26.05  SAMPLE: nothing is paid" in terminal.screen.everything()
        terminal.type("yes\r")
        await terminal.until("You said yes.")
        await terminal.until("/label saves it as a PDF.")
        assert terminal.screen.everything().count("The sample label is made") == 1, "Bob says it, and nobody else"
        for _ in range(2):
            terminal.type(f"/label {tmp_path}/my.pdf\r")
        await terminal.until("my-2.pdf")
        terminal.type("/state\r")
        await terminal.until("labels of this session")
        assert "(chosen)" in terminal.screen.everything()
        terminal.type("/yes\r")
        await terminal.until("Nothing is being asked just now.")
    first, second = (tmp_path / name for name in ("my.pdf", "my-2.pdf"))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"%PDF-")
    assert purchases(await log_of(server, tmp_path)) == ["claimed", "settled"]


async def test_a_yes_given_without_a_server_buys_once(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await to_the_question(terminal)
        await terminal.until(idle)
        server.kill9()
        await terminal.until("reconnecting (")
        terminal.type("/yes\r")
        await terminal.until("/yes  (sending)")
        terminal.type("/yes\r")
        await terminal.until("Your answer is on its way already.")
        await asyncio.to_thread(server.start)
        terminal.type("/retry\r")
        await terminal.until("/label saves it as a PDF.")
        await terminal.until(lambda screen: "(sending)" not in "\n".join(screen.lines()))
        assert terminal.screen.everything().count("The sample label is made") == 1
    assert purchases(await log_of(server, tmp_path)) == ["claimed", "settled"]


async def test_what_happened_while_nobody_looked_is_told_first(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path) as terminal:
        await to_the_question(terminal)
        await terminal.until(idle)
        terminal.type("\x04")
        assert await terminal.ended() == 0
    code, out, _ = await piped(server, tmp_path, "/yes\n")
    assert (code, "The sample label is made" in out) == (0, True)
    # Whoever was gone for half a minute is told; here they were gone for an hour.
    await asyncio.to_thread(server.stop)
    with closing(sqlite3.connect(server.file)) as db, db:
        db.execute("UPDATE devices SET at = at - 3600000")
    await asyncio.to_thread(server.start)
    for told in (1, 0):
        async with chat(server, tmp_path, rows=60) as terminal:
            await terminal.until("The shipment so far")
            await terminal.until(lambda screen: last_line(screen) == ">")
            everything = terminal.screen.everything()
            assert everything.count("While you were away") == told
            if told:
                assert everything.index("Label bought: USPS Ground Advantage") < everything.index(QUESTION)
            terminal.type("\x04")
            assert await terminal.ended() == 0


async def test_a_question_in_a_narrow_window(server: ServerProcess, tmp_path: Path) -> None:
    async with chat(server, tmp_path, columns=36, rows=20) as terminal:
        await terminal.until("* live")
        terminal.type(f"{QUESTION}\r")
        await terminal.until(idle)
        await terminal.until("22 inches")
        terminal.type("the cheapest\r")
        await terminal.until("$26.05  SAMPLE: nothing is paid")
        terminal.type("/no\r")
        await terminal.until("You said no.")
        assert purchases(await log_of(server, tmp_path)) == []
