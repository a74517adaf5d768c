"""Runs a client machine on asyncio: opens and closes lines, carries frames, keeps its timer. Decides nothing
itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from shipanion.client.transport import Dial, LineClosed, Wire
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_outputs import Attached, Banner, Close, Open, Output, Send, SetTimer

__all__ = ["Driver", "TokenSource"]

TokenSource = str | Callable[[], Awaitable[str]] | None
"""A token, or a function that gets one whenever a connection is opened."""

GOODBYE_SECONDS: Final = 2.0

RENEWAL_SECONDS: Final = 30.0

MOST_RENEWALS: Final = 3
"""So many refused tokens in a row, then a person is asked."""

log = logging.getLogger(__name__)


class _Line:
    """One connection: the task that reads it, and what is still to be written."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.outgoing: asyncio.Queue[str] = asyncio.Queue()
        self.goodbye = (1000, "done")
        self.task: asyncio.Task[None] | None = None


class Driver:
    """The hands of one machine.

    Args:
        machine: what decides.
        url: the WebSocket address.
        token: the credential, or where to get it.
        dial, clock, dice: see ``Session``.
        hear: is given every output that is not for the driver, in order.
        crashed: is given an exception that nobody foresaw.
    """

    def __init__(
        self,
        machine: ClientMachine,
        *,
        url: str,
        token: TokenSource,
        dial: Dial,
        clock: Callable[[], int],
        dice: Callable[[], float],
        hear: Callable[[Output], None],
        crashed: Callable[[Exception], None],
    ) -> None:
        self.machine = machine
        self.last_message = ""
        """What was said, outside of frames, when the last line ended."""
        self._url, self._token, self._dial = url, token, dial
        self._clock, self._dice = clock, dice
        self._hear, self._crashed = hear, crashed
        self.renewing = False
        """Whether a refused token is being replaced, so that nobody needs to be asked yet."""
        self._used: str | None = None
        self._fresh: str | None = None
        self._renewals = 0
        self._line: _Line | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, **kept: Any) -> None:
        """Begin with what was kept."""
        self._obey(self.machine.start(self._clock(), **kept))

    def submit(self, command: dict[str, Any]) -> None:
        """Hand in a command that is on disk."""
        self._obey(self.machine.submit(self._clock(), command))

    def ask(self, question: dict[str, Any]) -> None:
        """Ask a question."""
        self._obey(self.machine.ask(self._clock(), question))

    def tell(self, frame: dict[str, Any]) -> None:
        """Send a frame that may be lost."""
        self._obey(self.machine.tell(self._clock(), frame))

    def try_now(self) -> None:
        """Do not wait."""
        self._obey(self.machine.try_now(self._clock()))

    def sign_in(self, token: TokenSource) -> None:
        """Use another credential from now on."""
        self._token = token
        if isinstance(token, str):
            self._obey(self.machine.token(self._clock(), token))
        elif token is not None:
            self._spawn(self._renew(self.machine.banner))

    async def finish(self) -> None:
        """Say goodbye and leave nothing running."""
        self._obey(self.machine.stop(self._clock()))
        if self._timer is not None:
            self._timer.cancel()
        mine = asyncio.current_task()
        others = [task for task in self._tasks if task is not mine]
        if others:
            await asyncio.wait(others, timeout=GOODBYE_SECONDS + 1)
        for task in others:
            task.cancel()

    # --- outputs --------------------------------------------------------------------------------------------

    def _obey(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Open():
                    line = self._line = _Line(output.connection)
                    line.task = self._spawn(self._run(line, output.query))
                case Send():
                    assert self._line is not None
                    self._line.outgoing.put_nowait(output.text)
                case Close():
                    assert self._line is not None
                    assert self._line.task is not None
                    self._line.goodbye = (output.code, output.reason)
                    self._line.task.cancel()
                case SetTimer():
                    self._set_timer(output.at)
                case _:
                    self._pass_on(output)

    def _pass_on(self, output: Output) -> None:
        if isinstance(output, Attached):
            self._renewals = 0
        if isinstance(output, Banner) and output.status == "sign_in" and self._may_renew():
            self._renewals += 1
            self.renewing = True
            self._spawn(self._renew(output))
        else:
            self._hear(output)

    def _may_renew(self) -> bool:
        return callable(self._token) and self._renewals < MOST_RENEWALS

    def _set_timer(self, at: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        seconds = max(0, at - self._clock()) / 1000
        self._timer = asyncio.get_running_loop().call_later(seconds, self._fire)

    def _fire(self) -> None:
        try:
            self._obey(self.machine.timer(self._clock(), self._dice()))
        except Exception as error:
            self._crashed(error)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- lines ----------------------------------------------------------------------------------------------

    async def _run(self, line: _Line, query: dict[str, str | int]) -> None:
        wire: Wire | None = None
        writer: asyncio.Task[None] | None = None
        try:
            wire = await self._dial(self._url, query, await self._credential())
            writer = self._spawn(self._write(line, wire))
            self._obey(self.machine.opened(self._clock(), connection=line.number))
            while True:
                text = await wire.receive()
                self._obey(self.machine.received(self._clock(), text, self._dice(), connection=line.number))
        except LineClosed as closed:
            self._ended(line, closed)
        except asyncio.CancelledError:
            pass  # the machine gave this line up, and nobody waits for the task's result
        except Exception as error:
            self._crashed(error)
        finally:
            if writer is not None:
                writer.cancel()
            if wire is not None:
                await _let_go(wire, *line.goodbye)

    async def _write(self, line: _Line, wire: Wire) -> None:
        try:
            while True:
                await wire.send(await line.outgoing.get())
        except LineClosed:
            pass  # the reader finds out, with the code

    def _ended(self, line: _Line, closed: LineClosed) -> None:
        self.last_message = closed.message
        try:
            self._obey(
                self.machine.closed(
                    self._clock(),
                    closed.code,
                    self._dice(),
                    connection=line.number,
                    retry_after_ms=closed.retry_after_ms,
                )
            )
        except Exception as error:
            self._crashed(error)

    # --- credentials ----------------------------------------------------------------------------------------

    async def _credential(self) -> str | None:
        """The token for the next connection. One that cannot be had now is a connection that failed now."""
        fresh, self._fresh = self._fresh, None
        if not callable(self._token):
            self._used = self._token
        elif fresh is not None:
            self._used = fresh
        else:
            try:
                self._used = await self._token()
            except Exception as error:
                log.warning("no token could be had: %s", error)
                raise LineClosed(1006, f"No token could be had: {error}") from error
        return self._used

    async def _renew(self, refusal: Banner | None) -> None:
        """The token was refused: get another one, and say so only if there is none."""
        refused = self._used
        try:
            async with asyncio.timeout(RENEWAL_SECONDS):
                fresh = await self._credential()
        except (LineClosed, TimeoutError):
            fresh = refused
        self.renewing = False
        try:
            if fresh is not None and fresh != refused:
                self._fresh = fresh
                self._obey(self.machine.token(self._clock(), fresh))
            elif refusal is not None and self.machine.banner == refusal:
                self._hear(refusal)
        except Exception as error:
            self._crashed(error)


async def _let_go(wire: Wire, code: int, reason: str) -> None:
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await wire.close(code, reason)
    except (LineClosed, OSError, TimeoutError):
        pass  # it is gone, which is what was wanted
