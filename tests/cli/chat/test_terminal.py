"""Keys and lines of the moving terminal, without a terminal. What it looks like is an end-to-end test."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.history import History, InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from shipanion.cli.chat.banner import BannerLine
from shipanion.cli.chat.face import View
from shipanion.cli.chat.terminal import TerminalFace, as_typed
from shipanion.cli.chat.transcript import Entry


def view() -> View:
    return View("so far", ["pending"], BannerLine("good", "live"))


@asynccontextmanager
async def opened(
    interrupt: bool = False, history: History | None = None
) -> AsyncIterator[tuple[TerminalFace, PipeInput]]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        async with TerminalFace(view, lambda: interrupt, history) as face, asyncio.timeout(10):
            yield face, keys


async def test_lines_are_read_one_after_the_other() -> None:
    async with opened() as (face, keys):
        keys.send_text("5 lb\r8 lx\x7fb\r")
        assert [await face.line(), await face.line()] == ["5 lb", "8 lb"]


async def test_ctrl_c_stops_an_answer_or_leaves() -> None:
    async with opened(interrupt=True) as (face, keys):
        keys.send_text("half\x03 done\r")
        assert await face.line() == "half done", "what is being typed stays"
    async with opened(interrupt=False) as (face, keys):
        keys.send_text("half\x03")
        assert await face.line() is None


async def test_ctrl_d_leaves_only_an_empty_line() -> None:
    async with opened() as (face, keys):
        keys.send_text("x\x04\r\x04")
        assert [await face.line(), await face.line()] == ["x", None]


async def test_a_secret_is_no_line_and_no_history() -> None:
    history = InMemoryHistory()
    async with opened(history=history) as (face, keys):
        asking = asyncio.create_task(face.secret("Password: "))
        await asyncio.sleep(0)
        keys.send_text("hunter2\r")
        assert await asking == "hunter2"
        keys.send_text("next\r")
        assert await face.line() == "next"
        assert list(history.get_strings()) == ["next"]
        asking = asyncio.create_task(face.secret("Password: "))
        await asyncio.sleep(0)
        keys.send_text("\x03")
        assert await asking is None


async def test_a_kill_leaves_in_order() -> None:
    async with opened() as (face, _):
        os.kill(os.getpid(), signal.SIGTERM)
        assert await face.line() is None


async def test_the_end_of_the_terminal_leaves() -> None:
    async with opened() as (face, keys):
        keys.close()
        assert await face.line() is None


async def test_what_is_shown_goes_above(capsys: pytest.CaptureFixture[str]) -> None:
    async with opened() as (face, _):
        await face.show([Entry(who="you", text="5 lb"), Entry(who="bob", text="Well.")])
        await face.show([])
    assert [line.split() for line in capsys.readouterr().out.splitlines() if line] == [
        ["You", "5", "lb"],
        ["Bob", "Well."],
    ]


@pytest.mark.parametrize(
    ("read", "meant"),
    [("ü 東京", "ü 東京"), ("\udcc3\udcbc", "ü"), ("caf\udce9", "café"), ("a", "a")],
)
def test_bytes_that_were_not_understood(read: str, meant: str) -> None:
    assert as_typed(read) == meant
    as_typed(read).encode("utf-8")
