"""A program on a terminal of its own, and what a person would see there.

The screen understands what this project's programs send (ECMA-48 cursor movement, erasing, wrapping at the right edge)
and nothing more; colours are dropped. Needs a Unix.
"""

import asyncio
import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Callable, Mapping
from types import TracebackType

__all__ = ["PseudoTerminal", "Screen"]

SEQUENCE = re.compile(r"\x1b\[([?>0-9;]*)([@-~])|\x1b[()][A-Za-z0-9]|\x1b[=>78A-Z]|\x1b\][^\x07]*\x07")
UNFINISHED = re.compile(r"\x1b(?:\[[?>0-9;]*|\][^\x07]*|[()]?)$")


class Screen:
    """Rows of characters and a cursor. What scrolls off the top is kept."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.gone: list[str] = []
        self.asked = 0
        """How often the program asked where the cursor is."""
        self._cells = [self._blank() for _ in range(rows)]
        self._x = self._y = 0
        self._wrap = True
        self._rest = ""

    def feed(self, text: str) -> None:
        """Take what the program wrote."""
        text = self._rest + text
        cut = UNFINISHED.search(text)
        self._rest, text = (text[cut.start() :], text[: cut.start()]) if cut else ("", text)
        place = 0
        while place < len(text):
            found = SEQUENCE.match(text, place)
            if found:
                self._obey(found.group(1) or "", found.group(2) or "")
                place = found.end()
            else:
                self._put(text[place])
                place += 1

    def lines(self) -> list[str]:
        """The rows as text, without the empty ones at the end."""
        rows = ["".join(row).rstrip() for row in self._cells]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def everything(self) -> str:
        """What has scrolled away and what is there."""
        return "\n".join([*self.gone, *self.lines()])

    def resize(self, columns: int, rows: int) -> None:
        """Another size: the last rows stay, cut to fit; nothing is wrapped anew."""
        cells = [(row + [" "] * columns)[:columns] for row in self._cells]
        above = max(0, self._y + 1 - rows)
        self.gone += ["".join(row).rstrip() for row in cells[:above]]
        self.columns, self.rows = columns, rows
        self._cells = (cells[above:] + [self._blank() for _ in range(rows)])[:rows]
        self._x, self._y = min(self._x, columns - 1), min(self._y - above, rows - 1)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 1."""
        return self._y + 1, min(self._x, self.columns - 1) + 1

    def _blank(self) -> list[str]:
        return [" "] * self.columns

    def _put(self, character: str) -> None:
        if character == "\r":
            self._x = 0
        elif character == "\n":
            self._down()
        elif character == "\b":
            self._x = max(0, self._x - 1)
        elif character >= " ":
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self._x + width > self.columns:
                if self._wrap:
                    self._x = 0
                    self._down()
                else:
                    self._x = self.columns - width
            self._cells[self._y][self._x] = character
            if width == 2:
                self._cells[self._y][self._x + 1] = ""
            self._x += width

    def _down(self) -> None:
        if self._y + 1 < self.rows:
            self._y += 1
        else:
            self.gone.append("".join(self._cells.pop(0)).rstrip())
            self._cells.append(self._blank())

    def _obey(self, parameters: str, final: str) -> None:
        numbers = [int(number) for number in re.findall(r"\d+", parameters)]
        count = max(1, numbers[0]) if numbers else 1
        match final:
            case "A":
                self._y = max(0, self._y - count)
            case "B":
                self._y = min(self.rows - 1, self._y + count)
            case "C":
                self._x = min(self.columns - 1, self._x + count)
            case "D":
                self._x = max(0, min(self._x, self.columns - 1) - count)
            case "H":
                row, column = [*numbers, 1, 1][:2] if len(numbers) != 1 else (numbers[0], 1)
                self._y, self._x = min(self.rows, row) - 1, min(self.columns, column) - 1
            case "J":
                self._erase_below(whole=bool(numbers and numbers[0] == 2))
            case "K":
                self._cells[self._y][self._x :] = [" "] * (self.columns - self._x)
            case "n" if parameters == "6":
                self.asked += 1
            case "h" | "l" if parameters == "?7":
                self._wrap = final == "h"

    def _erase_below(self, *, whole: bool) -> None:
        start = 0 if whole else self._y + 1
        for row in range(start, self.rows):
            self._cells[row] = self._blank()
        if not whole:
            self._cells[self._y][self._x :] = [" "] * (self.columns - self._x)


class PseudoTerminal:
    """``shipanion`` with some arguments, on a terminal. As a context manager it is killed on exit, if it still runs."""

    def __init__(
        self, *arguments: str, columns: int = 80, rows: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Screen(columns, rows)
        self._arguments, self._environment = arguments, environment or {}
        self._news = asyncio.Event()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    async def __aenter__(self) -> "PseudoTerminal":
        self._master, slave = pty.openpty()
        self._set_size(self.screen.columns, self.screen.rows)
        self.modes_before = termios.tcgetattr(slave)
        plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(  # noqa: ASYNC220 - it only starts
            [sys.executable, "-m", "shipanion", *self._arguments],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=_take_terminal,
            env={**plain, "TERM": "xterm-256color", **self._environment},
        )  # fmt: skip
        self._slave = slave
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        if self.process.poll() is None:
            self.process.kill()
        await asyncio.to_thread(self.process.wait, 30)
        os.close(self._master)
        os.close(self._slave)

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._master, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self.screen.resize(columns, rows)
        self._set_size(columns, rows)

    async def until(self, condition: "str | Callable[[Screen], object]", within: float = 30.0) -> None:
        """Wait until the screen shows this text, or this holds of it."""
        wanted = (lambda screen: condition in screen.everything()) if isinstance(condition, str) else condition
        try:
            async with asyncio.timeout(within):
                while not wanted(self.screen):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            shown = self.screen.everything()
            raise AssertionError(f"waited for {condition!r} in vain; the screen:\n{shown}") from None

    async def ended(self, within: float = 30.0) -> int:
        """Wait for the program's end; its exit code."""
        return await asyncio.to_thread(self.process.wait, within)

    @property
    def modes_now(self) -> object:
        """The terminal's modes: echo, line editing and so on."""
        return termios.tcgetattr(self._slave)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        try:
            piece = os.read(self._master, 65_536)
        except OSError:
            piece = b""
        asked = self.screen.asked
        self.screen.feed(self._decoder.decode(piece))
        for _ in range(self.screen.asked - asked):
            row, column = self.screen.cursor
            os.write(self._master, f"\x1b[{row};{column}R".encode())
        self._news.set()


def _take_terminal() -> None:
    """In the new process: make its standard input the terminal that Ctrl-C and new sizes come from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
