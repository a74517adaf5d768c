"""The chat line by line: for scripts, pipes, and terminals on which nothing should move."""

import asyncio
import codecs
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console

from shipanion.cli.chat.paint import plain_text
from shipanion.cli.chat.transcript import Entry
from shipanion.cli.console import console, printable

__all__ = ["LineFace", "LineReader"]

PIECE: Final = 65_536
MOST_WAITING: Final = 1_000


class LineReader:
    """Reads lines in a thread of its own, so that nothing waits for a person.

    It reads the descriptor itself: a thread that waits inside ``sys.stdin`` would hold the interpreter up at its end.
    A line that is there before anybody wants it waits, and so does whoever writes more than ``MOST_WAITING``.
    """

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(MOST_WAITING)
        self._thread: threading.Thread | None = None

    async def line(self) -> str | None:
        """The next line without its end; None after the last one, or after ``end``."""
        if self._thread is None:
            give = asyncio.get_running_loop().call_soon_threadsafe
            self._thread = threading.Thread(target=self._read, args=(give,), daemon=True)
            self._thread.start()
        line = await self._lines.get()
        self._room.release()
        if line is None:
            self._lines.put_nowait(None)
        return line

    def end(self) -> None:
        """No more lines are wanted."""
        self._lines.put_nowait(None)

    def _read(self, give: Callable[..., object]) -> None:
        rest = ""
        try:
            while piece := os.read(self._descriptor, PIECE):
                *lines, rest = (rest + self._decoder.decode(piece)).split("\n")
                for line in lines:
                    self._room.acquire()
                    give(self._lines.put_nowait, line.removesuffix("\r"))
            rest += self._decoder.decode(b"", final=True)
        except OSError:
            pass  # the terminal is gone, which is an end of input
        try:
            if rest:
                give(self._lines.put_nowait, rest)
            give(self._lines.put_nowait, None)
        except RuntimeError:
            pass  # the loop is closed: nobody reads any more


class LineFace:
    """One message at a time: its answer is awaited, and printed when it is complete.

    Args:
        piped: a script speaks. Then only the answers to what it says go to standard output, everything else to standard
            error, and a server that does not answer is an error. Otherwise everything is shown, with names.
        reader: where lines come from.
    """

    one_at_a_time = True

    def __init__(self, *, piped: bool, reader: LineReader | None = None) -> None:
        self.scripted = piped
        self._reader = reader or LineReader(sys.stdin.fileno(), sys.stdin.encoding or "utf-8")
        self._out, self._err = console(), console(stderr=True)
        self._ids: set[str | None] = set()
        self._turns: set[str | None] = set()

    async def line(self) -> str | None:
        if not self.scripted:
            self._out.file.write("> ")
            self._out.file.flush()
        return await self._reader.line()

    def end(self) -> None:
        """Leave."""
        self._reader.end()

    async def show(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if not self.scripted:
                if entry.who != "you" or entry.id not in self._ids:  # what was just typed stands there already
                    _print(self._out, plain_text(entry))
            else:
                self._show_script(entry)

    def said(self, id: str) -> None:
        self._ids.add(id)

    def refresh(self) -> None:
        pass

    async def secret(self, prompt: str) -> str | None:
        return None

    def _show_script(self, entry: Entry) -> None:
        match entry.who:
            case "you" if entry.id in self._ids:
                self._turns.add(entry.turn_id)
            case "bob" if entry.turn_id in self._turns:
                _print(self._out, printable(entry.text))
            case "state":
                _print(self._out, plain_text(entry))
            case "event" if entry.id in self._ids:  # what came of a yes that was given by /yes
                _print(self._out, printable(entry.text))
            case "note" if entry.outcome is None:
                _print(self._out, plain_text(entry))
            case "note" if entry.turn_id in self._turns:
                _print(self._err, plain_text(entry))
            case "warning":
                _print(self._err, plain_text(entry))


def _print(to: Console, text: str) -> None:
    to.file.write(f"{text}\n")
    to.file.flush()
