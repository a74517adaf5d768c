"""A person, a face and a server: follows one session after the other, and does what is typed."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Literal

from shipanion.cli.chat.banner import banner_line
from shipanion.cli.chat.credential import Credential
from shipanion.cli.chat.face import Face, View
from shipanion.cli.chat.figures import mapping
from shipanion.cli.chat.follow import Follower
from shipanion.cli.chat.labels import wanted
from shipanion.cli.chat.notebook import Conversation, Notebook
from shipanion.cli.chat.orders import HELP, Line, read_line
from shipanion.cli.chat.saving import save_label, saved_words
from shipanion.cli.chat.sessions import session_lines, why_not
from shipanion.cli.chat.transcript import Entry, Transcript
from shipanion.cli.sign_in import Server
from shipanion.client import Banner, CommandRefused, ConnectionRefused, Session, SessionEnded, SignInNeeded
from shipanion.errors import ShipanionError

__all__ = ["Chat", "NoAnswer", "milliseconds", "no_server"]

RENEWAL_SECONDS: Final = 3_600.0

NEVER_ANSWERED: Final = 5.0
"""How long (s) a script waits for a server at the start."""
LOST_SECONDS: Final = 30.0
"""How long (s) a script waits for a server that it had."""

SETTLED_SECONDS: Final = 3.0
"""How long (s) the first prompt waits for what was there before, on a terminal where nothing may move."""


class NoAnswer(ShipanionError):
    """There is no server, and nobody who would wait for one."""


def milliseconds() -> int:
    """The clock of this chat's sessions."""
    return time.monotonic_ns() // 1_000_000


class Chat:
    """One run of the chat.

    Args:
        server: where.
        credential: who.
        notebook: what is remembered of this server.
        folder: where positions and unsent messages are kept.
        device: this device's id.
    """

    def __init__(
        self, server: Server, credential: Credential, notebook: Notebook, folder: Path, device: str
    ) -> None:  # fmt: skip
        self.code = 0
        """The exit code: 1 once a message was refused or its answer did not come to its end."""
        self._server, self._credential, self._notebook = server, credential, notebook
        self._folder, self._device = folder, device
        self._face: Face
        self._session: Session | None = None
        self._transcript = Transcript(device)
        self._follower: Follower | None = None
        self._tasks: set[asyncio.Task[bool]] = set()
        self._stopping: set[str] = set()
        self._listed: list[str] = []
        self._next: Conversation | None = None
        self._banner: tuple[Banner, int] = (Banner(status="connecting"), 0)

    async def run(self, face: Face, conversation: Conversation) -> None:
        """Talk until the person leaves.

        Raises:
            NoAnswer, ConnectionRefused, SignInNeeded: only where a script speaks.
            ConfigurationError: the folder cannot be used.
        """
        self._face = face
        renewing = asyncio.create_task(self._renew())
        self._next = conversation
        try:
            while self._next is not None:
                conversation, self._next = self._next, None
                if "name" in conversation:  # one begun elsewhere may turn out not to be there
                    self._notebook.keep_last(self._credential.who, conversation)
                await self._converse(conversation)
        finally:
            renewing.cancel()

    # --- for the face ----------------------------------------------------------------------------------------------

    def view(self) -> View:
        """What is true now."""
        if self._session is None:
            return View("", (), banner_line(Banner(status="connecting"), 0))
        banner, now = self._session.banner, milliseconds()
        if banner != self._banner[0]:
            self._banner = (banner, now)
        unsent = [words for command in self._session.unsent if (words := _typed(command))]
        answering = self._transcript.running is not None
        age = now - self._banner[1]
        return View(
            self._transcript.draft,
            unsent,
            banner_line(banner, now, age=age, unsent=len(unsent), answering=answering),
        )

    def interrupt(self) -> bool:
        """Stop the answer being given; whether there was one that was not being stopped already."""
        turn = self._transcript.running
        if self._session is None or turn is None or turn in self._stopping:
            return False
        self._stopping.add(turn)
        self._spawn(self._session.stop(turn))
        return True

    # --- one session ------------------------------------------------------------------------------------------------

    async def _converse(self, conversation: Conversation) -> None:
        self._transcript = Transcript(self._device)
        session = Session(
            self._server.http,
            token=self._credential.token,
            session_id=conversation.get("session_id"),
            name=conversation.get("name", "main"),
            store_dir=self._folder,
            device=self._device,
            clock=milliseconds,
        )
        async with session:
            self._session = session
            for command in session.unsent:
                if command.get("type") == "user_message":
                    self._transcript.texts[command["id"]] = str(command["text"])
            self._follower = Follower(
                session, self._transcript, self._face, self._credential, self._server,
                attached=lambda id: self._attached(conversation, id),
            )  # fmt: skip
            following = asyncio.create_task(self._follower.follow())
            try:
                if self._face.scripted:
                    await self._get_through(NEVER_ANSWERED)
                elif self._face.one_at_a_time:
                    await self._follower.settled(SETTLED_SECONDS)
                await self._read_lines(following)
            finally:
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
                await self._farewell(session)
        self._session = None

    def _attached(self, conversation: Conversation, session_id: str) -> None:
        if "name" in conversation:
            self._notebook.keep_name(session_id, conversation["name"])
        else:
            self._notebook.keep_last(self._credential.who, conversation)

    async def _read_lines(self, following: asyncio.Task[None]) -> None:
        while self._next is None:
            typed = await self._face.line()
            if following.done() and (crash := following.exception()) is not None:
                raise crash
            if typed is None or not await self._obey(read_line(typed)):
                return

    async def _farewell(self, session: Session) -> None:
        count = len(session.unsent)
        if count and self._next is None:
            words = "1 message is" if count == 1 else f"{count} messages are"
            text = f"{words} not acknowledged yet; kept here, and sent when you start again."
            await self._warn(text)

    # --- what is typed ----------------------------------------------------------------------------------------------

    async def _obey(self, line: Line) -> bool:
        """Do what a line asks for; whether to go on."""
        assert self._session is not None
        match line.order:
            case "say":
                await self._say(line.text)
            case "quit":
                return False
            case "new":
                self._next = {"name": secrets.token_hex(8)}
            case "sessions":
                await self._list()
            case "switch":
                await self._switch(line.text)
            case "state" if self._session.banner.status == "stopped" and self._session.state is None:
                await self._warn(f"Nothing is known of this session, and it is stopped. {WAYS_ON}")
            case "state":
                where = self._session.session_id or "a session that is not made yet"
                position = self._session.position
                where += f" at {position.offset}" if position is not None else ""
                await self._face.show([Entry(who="state", text=where, state=self._session.state or {})])
            case "yes":
                await self._answer("approved")
            case "no":
                await self._answer("declined")
            case "label":
                await self._save(line.text)
            case "stop":
                if not self.interrupt():
                    await self._note("There is no answer to stop.")
            case "retry" if self._session.banner.status == "stopped":
                await self._warn(f"There is nothing to try again: this session is stopped. {WAYS_ON}")
            case "retry":
                self._session.try_now()
            case "sign-in":
                await self._sign_in()
            case "help":
                await self._note(HELP)
            case "wrong":
                await self._warn(line.text)
        self._face.refresh()
        return True

    async def _say(self, text: str) -> None:
        assert self._session is not None
        id = secrets.token_hex(16)
        self._transcript.texts[id] = text
        self._face.said(id)
        saying = self._spawn(self._session.say(text, id=id), id, text)
        await asyncio.sleep(0)  # lets it into the outbox, so that it is shown as pending at once
        if self._face.one_at_a_time:
            await self._answer_to(id, saying)

    async def _answer_to(self, id: str, saying: asyncio.Task[bool]) -> None:
        """Wait until a message is answered, or refused."""

        def ended() -> str | None:
            return self._transcript.ended.get(self._transcript.turn_of.get(id, ""))

        def refused() -> bool:
            return saying.done() and id not in self._transcript.turn_of and id not in self._transcript.texts

        if await self._until(lambda: ended() is not None or refused()) and ended() != "completed":
            self._failed()

    async def _until(self, done: Callable[[], bool]) -> bool:
        """Wait until it is so. False where a person need not wait, because the server is away."""
        assert self._follower is not None
        lost_at: float | None = None
        while True:
            self._raise_if_given_up()
            if done():
                return True
            if self._session is None or self._session.banner.status == "stopped":
                return False
            if not self._face.scripted and not self._follower.live:
                await self._note("It is kept, and sent when the server is back.")
                return False
            now = time.monotonic()
            lost_at = None if self._follower.live else lost_at or now
            if lost_at is not None and now - lost_at >= LOST_SECONDS:
                raise NoAnswer(f"{self._server.http} does not answer any more. {KEPT}")
            await self._follower.something(LOST_SECONDS if lost_at is None else lost_at + LOST_SECONDS - now)

    def _failed(self) -> None:
        """Something that a script asked for was not done."""
        if self._face.scripted:
            self.code = 1

    # --- questions and labels -------------------------------------------------------------------------------------

    async def _answer(self, decision: Literal["approved", "declined"]) -> None:
        """Answer the question that is open, by a command of its own."""
        assert self._session is not None
        id = mapping(mapping(self._session.state).get("approval")).get("approval_id")
        if not isinstance(id, str):
            await self._note("Nothing is being asked just now.")
            self._failed()
        elif any(command.get("approval_id") == id for command in self._session.unsent):
            await self._note("Your answer is on its way already.")
        else:
            self._face.said(id)
            command_id = secrets.token_hex(16)
            typed = _typed({"type": "resolve_approval", "decision": decision})
            answering = self._spawn(self._session.resolve(id, decision, id=command_id), command_id, typed)
            await asyncio.sleep(0)  # lets it into the outbox, so that it is shown as pending at once
            if self._face.one_at_a_time:
                await self._outcome_of(id, command_id, answering)

    async def _outcome_of(self, approval_id: str, command_id: str, answering: asyncio.Task[bool]) -> None:
        """Wait until an answer is taken or refused, and for what a yes leads to."""
        transcript = self._transcript

        def refused() -> bool:
            return command_id in transcript.refused or (answering.done() and not answering.result())

        def over() -> bool:
            taken = answering.done() and approval_id in transcript.answers
            return refused() or (taken and transcript.outcomes.get(approval_id) != "claimed")

        if await self._until(over) and (refused() or transcript.outcomes.get(approval_id) == "failed"):
            self._failed()

    async def _save(self, typed: str) -> None:
        assert self._session is not None
        try:
            label, file = wanted(self._session.state or {}, typed)
            path = await save_label(self._server, await self._credential.token(), label, file)
        except ShipanionError as error:
            await self._warn(str(error))
            self._failed()
        else:
            await self._note(saved_words(label, path))

    async def _get_through(self, within: float) -> None:
        """Wait for the first welcome."""
        assert self._follower is not None
        try:
            async with asyncio.timeout(within):
                while not self._follower.live:
                    self._raise_if_given_up()
                    await self._follower.something(within)
        except TimeoutError:
            raise NoAnswer(self._credential.trouble or no_server(self._server.http)) from None

    def _raise_if_given_up(self) -> None:
        assert self._follower is not None
        reason = self._follower.given_up if self._face.scripted else None
        if isinstance(reason, ConnectionRefused) and reason.reason == "not_found":
            raise ConnectionRefused(reason.code, reason.reason, f"{reason} --new begins a new one.")
        if reason is not None:
            raise reason

    async def _list(self) -> None:
        assert self._session is not None
        try:
            rows = await self._server.sessions(await self._credential.token())
        except ShipanionError as error:
            await self._warn(str(error))
            return
        self._listed = [row["id"] for row in rows]
        lines = session_lines(rows, self._session.session_id, time.time())
        await self._note("\n".join(lines) if lines else "You have no sessions yet.")

    async def _switch(self, wanted: str) -> None:
        if wanted.isdecimal():
            if not self._listed:
                await self._list()
            number = int(wanted)
            if not 1 <= number <= len(self._listed):
                await self._warn(f"There is no session {wanted} in the list. /sessions shows it.")
                return
            wanted = self._listed[number - 1]
        # A script must not go on in another session than the one it named, so it ends where there is none.
        elif not self._face.scripted and (
            why := await why_not(self._server.http, self._credential.token, wanted, self._device)
        ):
            await self._warn(f"{why} You are still in the session that you were in; /sessions lists yours.")
            return
        self._next = self._notebook.conversation(wanted)

    async def _sign_in(self) -> None:
        assert self._session is not None
        password = await self._face.secret("Password: ")
        if password is None:
            return
        try:
            await self._credential.sign_in(password)
        except ShipanionError as error:
            await self._warn(str(error))
            return
        self._session.sign_in(self._credential.token)

    async def _renew(self) -> None:
        """A chat that is left open for weeks stays signed in."""
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            with contextlib.suppress(ShipanionError):
                if await self._credential.renewed() and self._session is not None:
                    self._session.sign_in(self._credential.token)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[Any, Any, object], id: str = "", typed: str = "") -> asyncio.Task[bool]:
        """Do it meanwhile; the task's result is False where it was not even kept.

        ``id`` and ``typed`` are those of a command that somebody gave, who is told when the session has stopped under
        it: nobody else would.
        """

        async def run() -> bool:
            try:
                await work
            except ConnectionRefused:
                if typed and not self._face.scripted:  # a script is told at the end, once
                    await self._lost(id, typed)
            except (CommandRefused, SessionEnded, SignInNeeded):
                pass  # said by the follower, which hears of every command and every ending
            except ShipanionError as error:
                await self._warn(str(error))
                return False
            return True

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _lost(self, id: str, typed: str) -> None:
        """A session that is stopped takes nothing; what was on its way then may have arrived."""
        assert self._session is not None
        self._transcript.texts.pop(id, None)
        sent = self._session.position is not None and any(command.get("id") == id for command in self._session.unsent)
        what = "It is not known whether this arrived" if sent else "This was not sent"
        await self._warn(f"{what}, because the session is stopped: {typed} {WAYS_ON}")

    async def _note(self, text: str) -> None:
        await self._face.show([Entry(who="note", text=text)])

    async def _warn(self, text: str) -> None:
        await self._face.show([Entry(who="warning", text=text)])


def _typed(command: dict[str, Any]) -> str:
    """How a person gave a command that waits to be sent; empty for one that nobody typed."""
    match command:
        case {"type": "user_message", "text": str(text)}:
            return text
        case {"type": "resolve_approval", "decision": decision}:
            return "/yes" if decision == "approved" else "/no"
    return ""


WAYS_ON: Final = "(/new begins a new session, /sessions lists yours.)"

KEPT: Final = "What you said is kept here, and sent when you start again."


def no_server(url: str) -> str:
    """The sentence for an address where nobody answers."""
    return f"No server answers at {url}. Start one with `make run`, or name another with --url."
