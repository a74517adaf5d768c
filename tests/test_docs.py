"""The documents say what is: nothing left out, nothing that is not there, and the examples work."""

import ast
import asyncio
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import msgspec
import pytest
import typer

from shipanion.app import schema
from shipanion.app.frames import GetRates
from shipanion.app.routes import Parts, make_router
from shipanion.app.settings import Settings
from shipanion.cli import app as commands
from shipanion.protocol.codes import CLOSES, ERRORS, Duty, duty_of
from shipanion.protocol.frames import ReconnectWindow, WireLimits
from shipanion.protocol.registry import Registry
from shipanion.shipping.refusals import CODES
from shipanion.stores.memory import MemoryStore
from tests.support.latch import Latch
from tests.support.room import Room
from tests.support.server_process import ServerProcess
from tests.support.toy_domain import ShoppingList

ROOT: Final = Path(__file__).resolve().parents[1]
DOCS: Final = ROOT / "docs"
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.rglob("*.md")),
    *sorted((ROOT / "schema").rglob("*.md")),
]
README: Final = ROOT / "README.md"
PROTOCOL: Final = DOCS / "protocol.md"
CONFIGURATION: Final = DOCS / "configuration.md"

NOT_SETTINGS: Final = {  # for builds, for working on the page, and for the suite
    "SHIPANION_BUILD_PAGE", "SHIPANION_DEV_SERVER", "SHIPANION_TEST_DATA", "SHIPANION_TRACE",
}  # fmt: skip
FENCE: Final = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WITHIN: Final = 30.0
"""Seconds that anything asked of a server here may take."""


class Block(NamedTuple):
    """One fenced block: where it is, what its fence says, and what is in it."""

    where: str
    info: str
    text: str


@cache
def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(*pages: Path) -> Iterator[Block]:
    for page in pages:
        for found in FENCE.finditer(read(page)):
            line = read(page).count("\n", 0, found.start()) + 1
            yield Block(f"{page.relative_to(ROOT)}:{line}", found.group(1).strip(), found.group(2))


def marked(*infos: str) -> list[Any]:
    return [pytest.param(block, id=block.where) for block in blocks(*PAGES) if block.info in infos]


def table(page: Path, *heading: str) -> list[list[str]]:
    """The rows of the table whose first cells are ``heading``, as cells without their blanks."""
    lines = read(page).splitlines()
    for number, line in enumerate(lines):
        if cells(line)[: len(heading)] == list(heading):
            body = lines[number + 2 :]
            end = next((index for index, line in enumerate(body) if not line.startswith("|")), len(body))
            return [cells(line) for line in body[:end]]
    raise AssertionError(f"{page.name} has no table that begins {heading}")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def in_code(text: str) -> list[str]:
    """What stands between backticks outside of fenced blocks; a span may run over the end of a line."""
    spans = re.findall(r"`((?:[^`\n]|\n(?!\s*\n))+)`", FENCE.sub("", text))
    return [" ".join(span.split()) for span in spans]


# --- nothing is left out, and nothing is there that is not --------------------------------------------------------


def test_every_setting_has_its_row() -> None:
    described = {in_code(row[0])[0] for row in table(CONFIGURATION, "variable", "option")}
    assert described == {f"SHIPANION_{name.upper()}" for name in Settings.model_fields}


def test_no_page_names_a_setting_that_there_is_not() -> None:
    known = {f"SHIPANION_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    named = {(page.name, name) for page in PAGES for name in re.findall(r"SHIPANION_[A-Z_]*[A-Z]", read(page))}
    assert not {(page, name) for page, name in named if name not in known}


def test_options_stand_beside_their_settings() -> None:
    described = {name for row in table(CONFIGURATION, "variable", "option") for name in in_code(row[1])}
    serve = commands_below(typer.main.get_command(commands))["shipanion serve"]
    assert described == {option for part in serve.params for option in part.opts if option != "--help"}


def commands_below(command: Any, name: str = "shipanion") -> dict[str, Any]:
    """Every command by the words that call it; groups themselves are left out."""
    children: dict[str, Any] | None = getattr(command, "commands", None)
    if children is None:
        return {name: command}
    return {
        words: below
        for word, child in children.items()
        for words, below in commands_below(child, f"{name} {word}").items()
    }


def test_every_command_has_its_row() -> None:
    described = {
        re.sub(r" [A-Z]+$", "", in_code(row[0])[0]) for row in table(CONFIGURATION, "command", "does")
    }  # fmt: skip
    there = set(commands_below(typer.main.get_command(commands)))
    assert described == there


def test_every_route_is_named() -> None:
    # The routes only close over their parts; none is called here.
    paths = {str(getattr(route, "path", "")) for route in make_router(cast(Parts, None)).routes}
    named = {word for page in (PROTOCOL, CONFIGURATION) for code in in_code(read(page)) for word in code.split()}
    assert paths <= named


def test_every_error_code_has_its_row() -> None:
    described = {in_code(row[0])[0]: row[1] for row in table(PROTOCOL, "code", "temporary")}
    assert described == {code: "yes" if error.temporary else "no" for code, error in ERRORS.items()}


WORDS_OF_DUTY: Final = {
    Duty.RESUME: "resume",
    Duty.WAIT: "come back after",
    Duty.SIGN_IN: "get a token",
    Duty.STOP: "stop",
}


def test_every_close_code_has_its_row_and_its_duty() -> None:
    found = {}
    for codes, name, duty, *_ in table(PROTOCOL, "code", "name"):
        for code in codes.split(","):
            found[int(code)] = "".join(in_code(name))
            assert WORDS_OF_DUTY[duty_of(int(code))] in duty, f"{code} says {duty!r}"
    assert {code: name for code, name in found.items() if name} == {
        close.code: close.reason for close in CLOSES.values()
    }  # fmt: skip


def test_every_refusal_of_a_parcel_is_named() -> None:
    assert set(CODES) <= set(in_code(read(PROTOCOL)))


def tag(struct: Any) -> str:
    return str(struct.__struct_config__.tag)


def test_every_event_has_its_row() -> None:
    described = {in_code(row[0])[0] for row in table(PROTOCOL, "type", "fields beside the envelope")}
    assert described == {tag(body) for body in schema.EVENTS}


@pytest.mark.parametrize("struct", schema.REQUESTS, ids=tag)
def test_every_request_has_an_example(struct: Any) -> None:
    assert tag(struct) in {json.loads(block.text)["type"] for block in blocks(PROTOCOL) if block.info == "json client"}


@pytest.mark.parametrize("struct", [*schema.SERVER_FRAMES, *schema.ANSWERS], ids=tag)
def test_every_frame_of_the_server_is_named(struct: Any) -> None:
    assert tag(struct) in in_code(read(PROTOCOL)) or any(
        json.loads(block.text)["type"] == tag(struct) for block in blocks(PROTOCOL) if block.info == "json server"
    )


@pytest.mark.parametrize("struct", [*schema.REQUESTS, *schema.EVENTS], ids=lambda struct: str(struct.__name__))
def test_every_field_is_named(struct: Any) -> None:
    names = {field.encode_name for field in msgspec.structs.fields(struct)}
    text = " ".join(in_code(read(PROTOCOL)))
    assert not {name for name in names if not re.search(rf"\b{name}\b", text)}


def test_every_limit_has_its_row_with_its_figure() -> None:
    limits = msgspec.structs.asdict(WireLimits())
    described: dict[str, int] = {}
    for row in table(PROTOCOL, "limit", "unless changed"):
        figures = [int(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*\d|\d", row[1])]
        described |= dict(zip(in_code(row[0]), figures, strict=True))
    assert described == limits


def test_the_window_of_reconnecting_is_named() -> None:
    window = ReconnectWindow()
    assert f"`reconnect.min_ms` ({window.min_ms})" in read(PROTOCOL)
    assert f"`reconnect.max_ms` ({window.max_ms})" in read(PROTOCOL)


def test_guarantees_are_numbered_without_a_gap() -> None:
    numbers = [row[0].strip("*") for row in table(DOCS / "guarantees.md", "", "promise")]
    assert numbers == [f"I{number}" for number in range(1, 14)]


def test_every_decision_is_listed() -> None:
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read(DOCS / "decisions" / "README.md")))
    assert listed == {page.name for page in (DOCS / "decisions").glob("[0-9]*.md")}


def test_nobody_is_sent_to_a_package_index() -> None:
    told = [page.name for page in PAGES if re.search(r"(?:pip|uv|pipx|uvx)[\w ]* shipanion\b", read(page))]
    assert not told, "nothing is published yet"


# --- links --------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that headings get: small letters, blanks to hyphens, everything but letters and digits gone."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", read(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if ROOT not in (file, *file.parents) or not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


# --- examples -----------------------------------------------------------------------------------------------------


def types_of(frame: dict[str, Any]) -> list[Any]:
    """The types that a frame of the server may have: an event bears an offset, an answer may have one of its own."""
    if "offset" in frame:
        return [schema.logged(body) for body in schema.EVENTS if tag(body) == frame["type"]]
    return [struct for struct in (*schema.SERVER_FRAMES, *schema.ANSWERS) if tag(struct) == frame["type"]]


def fits(text: str, struct: Any) -> bool:
    try:
        msgspec.json.decode(text, type=struct)
    except msgspec.ValidationError:
        return False
    wire = schema.wire_schema()
    return not strange(json.loads(text), wire["$defs"][struct.__name__], wire)


def strange(value: Any, described: dict[str, Any], wire: dict[str, Any], path: str = "") -> list[str]:
    """Members of an example that its description in the schema does not have."""
    if "$ref" in described:
        described = wire["$defs"][described["$ref"].removeprefix("#/$defs/")]
    if isinstance(value, list) and "items" in described:
        return [name for item in value for name in strange(item, described["items"], wire, path)]
    known = described.get("properties")
    if not isinstance(value, dict) or known is None:
        return []
    found = [f"{path}{name}" for name in value if name not in known]
    for name in set(value) & set(known):
        found += strange(value[name], known[name], wire, f"{path}{name}.")
    return found


@pytest.mark.parametrize("block", marked("json client"))
def test_frames_of_a_client_are_taken(block: Block) -> None:
    frame = Registry((GetRates,)).decoder.decode(block.text)
    wire = schema.wire_schema()
    described = wire["$defs"][type(frame).__name__]
    assert not strange(json.loads(block.text), described, wire)


@pytest.mark.parametrize("block", marked("json server"))
def test_frames_of_the_server_are_what_it_sends(block: Block) -> None:
    assert any(fits(block.text, struct) for struct in types_of(json.loads(block.text)))


@pytest.mark.parametrize("block", marked("json", "json fragment"))
def test_other_json_is_json(block: Block) -> None:
    json.loads(block.text)


def test_json_on_the_protocol_page_says_who_sends_it() -> None:
    assert not [block.where for block in blocks(PROTOCOL, README) if block.info == "json"]


@pytest.mark.parametrize("block", marked("python", "python run"))
def test_python_is_python(block: Block) -> None:
    ast.parse(block.text, block.where)


@pytest.mark.parametrize("block", marked("shell", "sh", "bash"))
def test_shell_is_shell(block: Block) -> None:
    done = subprocess.run(["sh", "-n"], input=block.text, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == 0, done.stderr


def test_every_make_target_that_is_named_exists() -> None:
    rules = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {word for page in PAGES for code in in_code(read(page)) for word in re.findall(r"^make ([a-z]+)$", code)}
    named |= {word for block in blocks(*PAGES) for word in re.findall(r"^make ([a-z]+)", block.text, re.MULTILINE)}
    assert {"run", "chat", "test"} <= named
    assert named <= rules


# --- examples that run --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("docs")) as server:
        yield server


async def test_the_minimal_client_of_the_protocol_page_survives_a_kill(server: ServerProcess) -> None:
    """What stands on the page, word for word, on a real server that is killed under it."""
    (block,) = (block for block in blocks(PROTOCOL) if block.info == "python run")
    page: dict[str, Any] = {}
    exec(compile(block.text, block.where, "exec"), page)
    heard: list[dict[str, Any]] = []
    news = asyncio.Event()

    def on_event(event: dict[str, Any]) -> None:
        heard.append(event)
        news.set()

    async def until(kind: str, count: int) -> None:
        while sum(event["type"] == kind for event in heard) < count:
            news.clear()
            await news.wait()

    token = await asyncio.to_thread(server.guest)
    client = page["MinimalClient"](server.socket_url, token, on_event)
    running = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(WITHIN):
            await client.command(type="user_message", text="5 lb from 90210 to 10001")
            await until("client_tool_call", 1)
            await asyncio.to_thread(server.kill9)
            await client.command(type="user_message", text="what did we have so far?")
            await asyncio.to_thread(server.start)
            await until("turn_ended", 2)
    finally:
        running.cancel()
    assert [event["offset"] for event in heard] == list(range(1, len(heard) + 1))
    assert [event["text"] for event in heard if event["type"] == "user_message"] == [
        "5 lb from 90210 to 10001",
        "what did we have so far?",
    ]
    assert not client.undecided
    assert client.state["shipment_id"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT RUN: curl is missing; install it with your system's tool")
def test_the_bare_client_of_the_readme(server: ServerProcess) -> None:
    """The commands as they stand, typed as they are meant to be: a session, left, and come back to."""
    come, back = (block.text for block in blocks(README) if block.info == "shell" and "-m websockets" in block.text)
    get_token, connect = come.splitlines()
    frames = [block.text for block in blocks(README) if block.info == "json client"]
    with typed(server, f'{get_token}\nprintf "%s\\n" "$TOKEN"') as got:
        token = got.until(r"\S+")
    with typed(server, f"TOKEN={token}\n{connect}", *frames) as first:
        session_id = first.until(r'"type":"session_state","session_id":"(session-\w+)"')
        first.until(r'"type":"client_tool_result".*"tool_call_id":"abc123"')
        first.until(r'"type":"turn_ended".*"completed"')
    question = '{"type": "user_message", "text": "what did we have so far?"}'
    with typed(server, f"TOKEN={token}\n{back.replace('session-…', session_id)}", question) as again:
        again.until(r'"type":"agent_message".*Previous conversation summary:.*Shipping from 90210 to 10001')


class Typed:
    """A shell block at work; what it said so far is in ``said``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""

    def until(self, pattern: str) -> str:
        """Wait for a line that holds ``pattern``; its group, or all that was found."""
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, f"it ended, or took too long, without {pattern}:\n{self.said}"
            self.said += line
        return found.group(found.re.groups)


@contextmanager
def typed(server: ServerProcess, script: str, *lines: str) -> Iterator[Typed]:
    """Run a shell block against ``server`` and type ``lines`` into it. It is killed when it takes too long."""
    script = script.replace("127.0.0.1:8000", f"{server.host}:{server.port}").replace(
        ".venv/bin/python", sys.executable
    )
    with subprocess.Popen(
        ["sh", "-c", f"{script}\n:"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(WITHIN, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            assert process.stdin is not None
            process.stdin.write("".join(line.strip() + "\n" for line in lines))
            process.stdin.flush()
            yield Typed(process)
        finally:
            watchdog.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


class Till:
    """The world outside the page about effects: takes money once per reference, and outlives the server."""

    def __init__(self) -> None:
        self.book: dict[str, int] = {}
        self.asked: list[str] = []
        self.before, self.after = Latch(closed=False), Latch(closed=False)

    async def pay(self, cents: int, *, reference: str) -> str:
        self.asked.append("pay")
        await self.before.wait()
        self.book[reference] = cents
        await self.after.wait()
        return f"receipt-{len(self.book)}"

    async def find(self, *, reference: str) -> str | None:
        self.asked.append("find")
        return "receipt-1" if reference in self.book else None


@pytest.mark.parametrize("place", [None, "before", "after"], ids=["alive", "killed in the call", "killed after it"])
async def test_the_effect_of_the_page_is_done_once(place: str | None) -> None:
    (block,) = (block for block in blocks(DOCS / "effects.md") if block.info == "python run")
    page: dict[str, Any] = {}
    exec(compile(block.text, block.where, "exec"), page)
    till, ids = Till(), itertools.count()

    def coffee() -> ShoppingList:
        domain = ShoppingList()
        tool = page["charge_tool"](lambda: f"charge-{next(ids)}")
        domain.tools = {**domain.tools, tool.name: tool}
        domain.effects = {"charge": page["Charge"](till)}
        return domain

    store = MemoryStore()
    room = await Room(store, domain=coffee()).start()
    ann = await room.enter()
    if place is not None:
        latch: Latch = getattr(till, place)
        latch.close()
        ann.call("c1", "charge")
        await latch.arrived()
        await room.crash()
        room = await Room(store, domain=coffee()).start()
        await latch.open()
        ann = await room.enter(session_id=ann.session_id)
        if "paid" not in ann.welcome["state"]:
            await ann.until("effect_changed", status="settled")
    for id in ("c2", "c3"):
        ann.call(id, "charge")
    said = [(await ann.until("client_tool_result", tool_call_id=id))["result"]["say"] for id in ("c2", "c3")]
    assert set(said) <= {"Paid, receipt receipt-1.", "Paid already, receipt receipt-1.",
                         "I am asking the till whether it was paid."}  # fmt: skip
    assert list(till.book.values()) == [350]
    assert ("find" in till.asked) is (place is not None)
    assert [row.status for row in await store.effects(statuses=["claimed", "unknown", "settled"], limit=9)] == [
        "settled"
    ]
    await room.node.stop(window=0)
