"""The chat on a terminal: what was said scrolls up, and below it stand the answer that is coming, the banner, and the
line being typed, which nothing disturbs."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from typing import Final

from prompt_toolkit.application import Application, in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, Dimension, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import BeforeInput, ConditionalProcessor, PasswordProcessor
from prompt_toolkit.styles import Style

from shipanion.cli.chat.face import View
from shipanion.cli.chat.paint import BLOCKS, live_lines, painted
from shipanion.cli.chat.transcript import Entry
from shipanion.cli.console import console

__all__ = ["TerminalFace", "as_typed"]

STYLE: Final = Style.from_dict(
    {
        "you": "bold ansicyan",
        "bob": "bold ansigreen",
        "pending": "italic",
        "good": "ansigreen",
        "wait": "ansiyellow",
        "bad": "ansired",
    }
)

TICK_SECONDS: Final = 0.5
"""How often the banner's seconds are counted down."""

MOST_INPUT_LINES: Final = 5


class TerminalFace:
    """A person at a terminal.

    Args:
        view: what is true now.
        interrupt: Ctrl-C; whether there was something to stop.
        history: lines typed before, for the arrow keys.
    """

    one_at_a_time = False
    scripted = False

    def __init__(
        self, view: Callable[[], View], interrupt: Callable[[], bool], history: History | None = None
    ) -> None:  # fmt: skip
        self._view, self._interrupt = view, interrupt
        self._console = console()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._prompt = "> "
        self._secret: asyncio.Future[str | None] | None = None
        self._buffer = Buffer(accept_handler=self._accept, history=history or InMemoryHistory(), multiline=False)
        self._app: Application[None] = self._application()
        self._running: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> "TerminalFace":
        started = asyncio.Event()
        self._running = asyncio.create_task(self._run(started))
        await started.wait()
        # A kill must not leave the terminal without echo.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._leave)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        if self._app.is_running:
            self._app.exit()
        if self._running is not None:
            await self._running

    async def _run(self, started: asyncio.Event) -> None:
        try:
            await self._app.run_async(pre_run=started.set, handle_sigint=False)
        except (EOFError, OSError):
            pass  # the terminal is gone
        finally:
            started.set()
            self._leave()

    def _leave(self) -> None:
        self._lines.put_nowait(None)

    # --- the face ---------------------------------------------------------------------------------------------------

    async def line(self) -> str | None:
        return await self._lines.get()

    async def show(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        async with in_terminal():
            width = self._width()
            self._console.width = width
            for entry in entries:
                self._console.print(painted(entry, width))
                if entry.who == "bob" or entry.who in BLOCKS:
                    self._console.print()

    def said(self, id: str) -> None:
        pass

    def refresh(self) -> None:
        self._app.invalidate()

    async def secret(self, prompt: str) -> str | None:
        self._prompt, self._secret = prompt, asyncio.get_running_loop().create_future()
        self.refresh()
        try:
            return await self._secret
        finally:
            self._prompt, self._secret = "> ", None
            self.refresh()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _application(self) -> "Application[None]":
        typing_secret = Condition(lambda: self._secret is not None)
        line = BufferControl(
            self._buffer,
            input_processors=[
                ConditionalProcessor(PasswordProcessor(), typing_secret),
                BeforeInput(lambda: self._prompt),
            ],
        )
        above = FormattedTextControl(self._above)
        size = Dimension(min=1, max=MOST_INPUT_LINES)
        layout = HSplit(
            [
                Window(above, dont_extend_height=True),
                Window(line, wrap_lines=True, dont_extend_height=True, height=size),
            ]
        )
        return Application(
            Layout(layout, focused_element=line),
            key_bindings=self._keys(),
            style=STYLE,
            erase_when_done=True,
            refresh_interval=TICK_SECONDS,
        )

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            self._buffer.validate_and_handle()

        @keys.add("c-c")
        def _(event: KeyPressEvent) -> None:
            if self._secret is not None and not self._secret.done():
                self._secret.set_result(None)
            elif not self._interrupt():
                self._leave()

        @keys.add("c-d", filter=Condition(lambda: not self._buffer.text))
        def _(event: KeyPressEvent) -> None:
            self._leave()

        return keys

    def _accept(self, buffer: Buffer) -> bool:
        if self._secret is not None and not self._secret.done():
            self._secret.set_result(as_typed(buffer.text))
            buffer.text = ""  # before it can get into the history
        else:
            self._lines.put_nowait(as_typed(buffer.text))
        return False

    def _width(self) -> int:
        return max(10, self._app.output.get_size().columns)

    def _above(self) -> StyleAndTextTuples:
        size = self._app.output.get_size()
        lines = live_lines(self._view(), self._console, self._width(), max(1, size.rows - MOST_INPUT_LINES - 1))
        pieces: StyleAndTextTuples = []
        for number, line in enumerate(lines):
            pieces += [("", "\n"), *line] if number else line
        return pieces


def as_typed(text: str) -> str:
    """A line as the person meant it: bytes that the terminal's reader could not read are UTF-8, else Latin-1."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
