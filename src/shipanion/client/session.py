"""A session on asyncio: say something and it arrives, whatever happens to the line in between."""

import asyncio
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from shipanion.client.driver import Driver, TokenSource
from shipanion.client.feed import Feed
from shipanion.client.keeper import Keeper
from shipanion.client.outbox import FileOutbox, Kept, MemoryOutbox, device_id
from shipanion.client.refusals import CommandRefused, SessionEnded, SignInNeeded, ToolFailed
from shipanion.client.transport import Dial, dial_websocket, endpoint
from shipanion.client.waiting import Waiting
from shipanion.errors import ConnectionRefused, MachineError, ShipanionError
from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_outputs import (
    Answer,
    Banner,
    Deliver,
    Failed,
    Output,
    Refused,
    Settled,
    Snapshot,
    StateSaved,
)
from shipanion.protocol.client_states import State
from shipanion.protocol.outbox import command_id
from shipanion.protocol.position import Position

__all__ = ["Page", "Session"]

log = logging.getLogger(__name__)


class Page(NamedTuple):
    """Older events, oldest first, and whether there are more before them."""

    events: list[dict[str, Any]]
    more: bool


def _milliseconds() -> int:
    return time.monotonic_ns() // 1_000_000


def _random_id() -> str:
    return uuid.uuid4().hex


class Session:
    """One session on a server, over as many connections as it takes.

    As a context manager it connects in the background at once, reconnects and resumes by itself, and on exit
    says goodbye and saves its place. Everything runs on one event loop. To bound a wait use
    ``asyncio.timeout``: a command whose wait was given up stays in the outbox and is still sent.

    Args:
        url: the server, e.g. ``http://127.0.0.1:8000``.
        token: the credential, or an async function that gets one; it is asked whenever a connection is
            opened. session_id: the session to join; None for the one kept in ``store_dir`` under ``name``,
            else a new one. store_dir: where unsent commands and the place in the log are kept; None keeps
            them in memory only. name: tells conversations apart that begin without a ``session_id``. device:
            this device's own id; by default one is made and kept in ``store_dir``. dial, clock, dice, new_id:
            the line, milliseconds that never run backwards, numbers from 0 to 1, and fresh
            ids; given by tests.

    Raises:
        ConfigurationError: the address or the folder cannot be used.
        StoreTooNew: a newer program wrote what is in the folder.
    """

    def __init__(
        self,
        url: str,
        *,
        token: TokenSource = None,
        session_id: str | None = None,
        store_dir: Path | str | None = None,
        name: str = "main",
        device: str | None = None,
        dial: Dial = dial_websocket,
        clock: Callable[[], int] = _milliseconds,
        dice: Callable[[], float] = random.random,
        new_id: Callable[[], str] = _random_id,
    ) -> None:
        self.url = endpoint(url)
        self._new_id = new_id
        self._kept: Kept
        if store_dir is None:
            self._kept = MemoryOutbox(new_id(), session_id)
        else:
            folder = Path(store_dir).expanduser()
            conversation = f"{self.url}\n{session_id if session_id is not None else f'name:{name}'}"
            device = device if device is not None else device_id(folder, new_id)
            self._kept = FileOutbox(folder, conversation, new_id, session_id)
        self._machine = ClientMachine(
            session_id=self._kept.session_id,
            new=self._kept.new,
            device=device if device is not None else new_id(),
            client=new_id(),
        )
        self._driver = Driver(
            self._machine,
            url=self.url,
            token=token,
            dial=dial,
            clock=clock,
            dice=dice,
            hear=self._hear,
            crashed=self._crashed,
        )
        self._keeper = Keeper(self._kept)
        self._feed = Feed(self._here)
        self._settled: Waiting[Settled] = Waiting()
        self._results: Waiting[dict[str, Any]] = Waiting()
        self._answers: Waiting[dict[str, Any]] = Waiting()
        self._accepted: dict[str, int] = {}
        self._searches: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._crash: Exception | None = None
        self._ended = False

    async def __aenter__(self) -> Self:
        place = self._kept.place
        position, state = place if place is not None else (None, None)
        self._driver.start(position=position, state=state, outbox=self._kept.commands())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        for search in self._searches:
            search.cancel()
        try:
            await self._driver.finish()
        finally:
            self._keeper.save()
            self._kept.close()

    # --- what is known --------------------------------------------------------------------------------------

    @property
    def session_id(self) -> str | None:
        """The session's id, once a server told it."""
        return self._machine.exchange.session_id

    @property
    def state(self) -> dict[str, Any] | None:
        """The shared state at ``position``; None before the first welcome. Not to be changed by the caller."""
        return self._machine.exchange.replica.state

    @property
    def position(self) -> Position | None:
        """How far this client is in the log."""
        return self._machine.exchange.replica.position

    @property
    def banner(self) -> Banner:
        """The one line a person reads about the connection."""
        return self._machine.banner or Banner(status="connecting")

    @property
    def unsent(self) -> list[dict[str, Any]]:
        """The commands that are not decided yet, oldest first."""
        return self._machine.exchange.outbox.commands()

    async def ready(self) -> None:
        """Wait until the session is live.

        Raises:
            SignInNeeded: the credential was refused.
            ConnectionRefused: the server turned this client away.
        """
        while self._machine.status is not State.LIVE:
            self._raise_if_over()
            if self._signed_out():
                raise self._sign_in_needed()
            self._changed.clear()
            await self._changed.wait()

    async def events(self) -> AsyncIterator[Output]:
        """Everything that happens, in order: events, pieces of turns, snapshots, banners. For one reader.

        It begins with what came since the session was entered, and ends when the session is left. A reader
        that falls too far behind gets a ``Snapshot`` with the reason ``slow_reader`` in place of what it
        missed.

        Raises:
            ConnectionRefused: the server turned this client away; the banner before it says so too.
        """
        while True:
            while (item := self._feed.take()) is not None:
                yield item
            if self._ended:
                return
            self._raise_if_over()
            await self._feed.news()

    # --- what can be done -----------------------------------------------------------------------------------

    async def say(self, text: str, *, id: str | None = None) -> Settled:
        """Say something to Bob; returns once it is committed. See ``send`` for what is raised.

        It bears which open question was known here: a yes to one that came later, unread, buys nothing.
        """
        shown = (self.state or {}).get("approval") or {}
        command = {"type": "user_message", "id": id or self._new_id(), "text": text}
        return await self.send({**command, "approval_id": shown.get("approval_id")})

    async def update(self, patch: dict[str, Any], *, id: str | None = None) -> Settled:
        """Change the shared state by a JSON merge patch; returns once it is committed. See ``send``."""
        return await self.send({"type": "update_state", "id": id or self._new_id(), "patch": patch})

    async def stop(self, turn_id: str, *, id: str | None = None) -> Settled:
        """End a turn of Bob's; returns once that is committed. See ``send``."""
        return await self.send({"type": "stop", "id": id or self._new_id(), "turn_id": turn_id})

    async def resolve(
        self, approval_id: str, decision: Literal["approved", "declined"], *, id: str | None = None
    ) -> Settled:
        """Answer what a person's yes is asked for; returns once that is committed. What a yes leads to comes as events.

        ``send`` says what is raised: ``CommandRefused`` with the code ``no_such_approval`` when that is not asked any
        more, because it was answered, ran out or changed.
        """
        command = {"type": "resolve_approval", "id": id or self._new_id(), "approval_id": approval_id}
        return await self.send({**command, "decision": decision})

    async def send(self, command: dict[str, Any]) -> Settled:
        """Send any command, with an id of the caller's making; returns once it is committed.

        Giving the same command again is harmless: it is one command.

        Raises:
            CommandRefused: the server decided against it.
            SignInNeeded: the credential was refused; the command is kept.
            ConnectionRefused: the server turned this client away; a command it had taken in is kept.
            SessionEnded: the session was left meanwhile; the command is kept.
            StoreUnavailable: the command could not be kept, so it was not sent.
            MachineError: the id is missing, or belongs to another undecided command.
        """
        self._raise_if_over()
        id = command_id(command)
        if not self._machine.exchange.outbox.holds(command):
            self._kept.add(command)
        self._settled.expect(id)
        try:
            self._driver.submit(command)
            if self._signed_out():
                raise self._sign_in_needed()
            return await self._settled.answer(id)
        finally:
            self._settled.forget(id)

    async def call_tool(self, name: str, parameters: dict[str, Any], *, id: str | None = None) -> Any:
        """Run a tool on the server and return its result, across reconnections.

        Raises:
            ToolFailed: the result is an error.
            CommandRefused: the call itself was refused; and as ``send``.
        """
        id = id or self._new_id()
        call = {"tool_name": name, "tool_call_id": id, "parameters": parameters}
        self._results.expect(id)
        try:
            await self.send({"type": "client_tool_call", "client_tool_call": call})
            event = await self._results.answer(id)
        finally:
            self._results.forget(id)
            if id not in self._results:
                self._accepted.pop(id, None)
        if event.get("is_error"):
            raise ToolFailed(id, event.get("result"))
        return event.get("result")

    async def history(self, before: int | None = None, limit: int = 50) -> Page:
        """Up to ``limit`` events older than the offset ``before``; the newest when it is left out.

        A view: nothing in it comes out of ``events``.

        Raises:
            CommandRefused: the server refused the question. ConnectionRefused, SessionEnded: as ``send``.
        """
        question: dict[str, Any] = {"type": "history", "id": self._new_id(), "limit": limit}
        if before is not None:
            question["before"] = before
        frame = await self.ask(question)
        return Page(frame["events"], frame["more"])

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask a question, with an ``id`` or a ``requestId``, and return the frame that answers it.

        It is repeated on every new connection until it is answered, so it must do no harm when repeated. While a
        sign-in is needed it waits.

        Raises:
            CommandRefused: the server refused the question. ConnectionRefused, SessionEnded: as ``send``.
        """
        self._raise_if_over()
        key = str(question.get("id", question.get("requestId")))
        self._answers.expect(key)
        try:
            self._driver.ask(question)
            return await self._answers.answer(key)
        finally:
            self._answers.forget(key)
            self._machine.exchange.questions.pop(key, None)

    def seen(self, *, visible: bool = True) -> None:
        """Tell the server that the person was shown everything up to here. Lost when there is no connection."""
        if self.position is not None:
            position = {"epoch": self.position.epoch, "offset": self.position.offset}
            self._driver.tell({"type": "seen", "position": position, "visible": visible})

    def keep_device_state(self, patch: dict[str, Any]) -> None:
        """Tell the server where this device is on its page. Lost when there is no connection."""
        self._driver.tell({"type": "device_state", "patch": patch})

    def sign_in(self, token: TokenSource) -> None:
        """Use a fresh credential: on the open connection, and to come back if the old one was refused."""
        self._driver.sign_in(token)

    def try_now(self) -> None:
        """Do not wait for the next try; where a connection seems live, test it."""
        self._driver.try_now()

    # --- what comes in --------------------------------------------------------------------------------------

    def _hear(self, output: Output) -> None:
        match output:
            case StateSaved():
                self._keeper.keep(output)
                return
            case Answer():
                self._answers.resolve(output.id, output.frame)
                return
            case Refused() if output.id is not None and output.id in self._answers:
                self._answers.reject(output.id, CommandRefused(output.id, output.code, output.message))
                return
            case Settled():
                self._keeper.settle(output.id)
                self._settled.resolve(output.id, output)
                if output.id in self._results:
                    self._accepted[output.id] = output.offset
                    if output.duplicate:
                        self._search(output.id)
            case Failed():
                self._keeper.settle(output.id)
                self._settled.reject(output.id, CommandRefused(output.id, output.code, output.message))
            case Deliver():
                self._look_at(output.event)
            case Snapshot():
                for id in self._accepted:
                    self._search(id)
            case Banner():
                self._show(output)
        self._feed.give(output)

    def _look_at(self, event: dict[str, Any]) -> None:
        if event.get("type") == "client_tool_result":
            self._results.resolve(str(event.get("tool_call_id")), event)

    def _show(self, banner: Banner) -> None:
        if self._machine.status is State.STOPPED:
            own = banner.code is None
            self._reject_all(SessionEnded("The session was closed.") if own else self._refused())
        elif self._machine.status is State.SIGN_IN:
            self._settled.reject_all(self._sign_in_needed())
        self._changed.set()

    def _here(self) -> Snapshot | None:
        if self.position is None:
            return None
        return Snapshot(position=self.position, state=self.state or {}, reason="slow_reader")

    # --- results that were skipped --------------------------------------------------------------------------

    def _search(self, id: str) -> None:
        """The result of an accepted call may lie in what a snapshot skipped: look for it in the history."""
        task = asyncio.create_task(self._look_back(id, self._accepted[id]))
        self._searches.add(task)
        task.add_done_callback(self._searches.discard)

    async def _look_back(self, id: str, accepted: int) -> None:
        try:
            before: int | None = None
            while id in self._results:
                page = await self.history(before, 200)
                for event in page.events:
                    self._look_at(event)
                if not page.events or not page.more or page.events[0]["offset"] <= accepted:
                    return
                before = page.events[0]["offset"]
        except ShipanionError as error:
            log.info("the result of %s was not looked for to the end: %s", id, error)

    # --- endings --------------------------------------------------------------------------------------------

    def _reject_all(self, error: Exception) -> None:
        for waiting in (self._settled, self._results, self._answers):
            waiting.reject_all(error)

    def _crashed(self, error: Exception) -> None:
        self._crash = error
        log.error("the client stopped because of a defect", exc_info=error)
        self._reject_all(error)
        self._changed.set()
        self._feed.wake()

    def _raise_if_over(self) -> None:
        if self._crash is not None:
            raise self._crash
        if self._ended:
            raise SessionEnded("The session was closed.")
        if self._machine.status is State.IDLE:
            raise MachineError("Enter the session first: `async with Session(...) as session`.")
        if self._machine.status is State.STOPPED:
            raise self._refused()

    def _refused(self) -> ConnectionRefused:
        banner = self.banner
        message = banner.message or self._driver.last_message or "The server closed the session for good."
        return ConnectionRefused(banner.code or 1000, banner.reason or "done", message)

    def _signed_out(self) -> bool:
        return self._machine.status is State.SIGN_IN and not self._driver.renewing

    def _sign_in_needed(self) -> SignInNeeded:
        reason = self.banner.reason or "sign_in"
        message = self.banner.message or "The server does not accept the credential."
        return SignInNeeded(reason, f"{message} What was said is kept, and goes out after signing in.")
