"""Line by line: what a script gets where, and a reader that holds nothing up."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from shipanion.cli.chat.lines import LineFace, LineReader
from shipanion.cli.chat.transcript import Entry


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        try:
            os.close(end)
        except OSError:
            pass


async def test_lines_whatever_pieces_they_come_in(pipe: tuple[int, int]) -> None:
    read, write = pipe
    reader = LineReader(read, "utf-8")
    for piece in (b"one\ntw", b"o\r\n\n\xc3", b"\xbc \xff\nlast"):
        os.write(write, piece)
    os.close(write)
    lines = [await reader.line() for _ in range(6)]
    assert lines == ["one", "two", "", "ü \ufffd", "last", None]
    assert await reader.line() is None, "the end stays the end"


async def test_many_lines_wait_for_whoever_reads(pipe: tuple[int, int]) -> None:
    read, write = pipe
    reader = LineReader(read, "ascii")
    text = b"".join(b"%d\n" % number for number in range(3_000))
    writing = asyncio.create_task(asyncio.to_thread(os.write, write, text))
    assert [await reader.line() for _ in range(3_000)] == [str(number) for number in range(3_000)]
    await writing


async def test_an_end_from_outside(pipe: tuple[int, int]) -> None:
    reader = LineReader(pipe[0], "utf-8")
    asyncio.get_running_loop().call_later(0.05, reader.end)
    async with asyncio.timeout(5):
        assert await reader.line() is None


async def test_a_script_gets_the_answers_to_what_it_said(
    pipe: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    face = LineFace(piped=True, reader=LineReader(pipe[0], "utf-8"))
    face.said("mine")
    await face.show(
        [
            Entry(who="you", text="8 lb", id="another", turn_id="t0"),
            Entry(who="bob", text="not for us", turn_id="t0"),
            Entry(who="you", text="5 lb", id="mine", turn_id="t1"),
            Entry(who="event", text="Quote ready"),
            Entry(who="event", text="It is made.", id="mine"),
            Entry(who="event", text="Another one is made.", id="another"),
            Entry(who="question", id="mine", state={}),
            Entry(who="bob", text="That is $5.\x1b", turn_id="t1"),
            Entry(who="note", text="Stopped.", turn_id="t1", outcome="stopped"),
            Entry(who="note", text="a list"),
            Entry(who="warning", text="careful"),
        ]
    )
    assert capsys.readouterr() == ("It is made.\nThat is $5.\ufffd\na list\n", "Stopped.\n! careful\n")


async def test_a_person_is_shown_everything_but_the_echo(
    pipe: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    face = LineFace(piped=False, reader=LineReader(pipe[0], "utf-8"))
    face.said("mine")
    await face.show(
        [
            Entry(who="you", text="8 lb", id="another", turn_id="t0"),
            Entry(who="you", text="5 lb", id="mine", turn_id="t1"),
            Entry(who="bob", text="That is $5.", turn_id="t1"),
        ]
    )
    assert capsys.readouterr() == ("You: 8 lb\nBob: That is $5.\n", "")
