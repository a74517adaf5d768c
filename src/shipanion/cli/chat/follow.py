"""Follows one session: everything that happens in it goes to the face, once, and what was there before first."""

import asyncio
from collections.abc import Callable
from typing import Final

from shipanion.cli.chat.credential import Credential
from shipanion.cli.chat.face import Face
from shipanion.cli.chat.shipment import has_shipment
from shipanion.cli.chat.transcript import Entry, Transcript
from shipanion.cli.sign_in import Server
from shipanion.client import (
    Attached,
    Banner,
    CommandRefused,
    ConnectionRefused,
    Position,
    Refused,
    Session,
    SessionEnded,
    SignInNeeded,
    Snapshot,
)
from shipanion.errors import ShipanionError
from shipanion.protocol.client_outputs import Output

__all__ = ["Follower"]

PAST_EVENTS: Final = 50
"""How many events of a session's past are shown at the start."""

GREETING: Final = (
    'A new session. Tell Bob what you want to send, for example "5 lb from 90210 to 10001". '
    "/help lists what else there is."
)


class Follower:
    """One session's way to the face.

    Args:
        session: the session, entered.
        transcript: what is shown of it.
        face: who shows it.
        credential: asked for the reason when no token can be had.
        server: asked whether it is there at all.
        attached: told the session's id whenever a connection stands.

    Attributes:
        live: whether a connection stands.
        given_up: why the server will not have us, once it said so.
    """

    def __init__(
        self, session: Session, transcript: Transcript, face: Face, credential: Credential, server: Server,
        *, attached: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.live = False
        self.given_up: ShipanionError | None = None
        self._session, self._transcript, self._face = session, transcript, face
        self._credential, self._server, self._attached = credential, server, attached
        self._changed = asyncio.Event()
        self._past_is_shown = False
        self._is_caught_up = False
        self._state_is_shown = False
        self._greeted = False
        self._told_since: int | None = None
        self._seen: Position | None = None
        self._refused = ""
        self._troubles: set[str] = set()

    async def something(self, within: float) -> bool:
        """Wait until something happened, ``within`` seconds at most; whether it did."""
        self._changed.clear()
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def settled(self, within: float) -> None:
        """Wait until what was there before is shown, or it is said why it is not; ``within`` seconds at most."""
        try:
            async with asyncio.timeout(within):
                while not (self._is_caught_up or self._troubles or self.given_up):
                    await self.something(within)
        except TimeoutError:
            pass

    async def follow(self) -> None:
        """Until the session ends, or the server will not have us."""
        try:
            async for output in self._session.events():
                await self._take(output)
                self._see()
                self._tell()
        except ConnectionRefused as refusal:
            self.live, self.given_up = False, refusal
            words = "/new begins a new session, /sessions lists yours." if refusal.reason == "not_found" else ""
            if not self._face.scripted:  # a script is told at the end, once
                said = "" if str(refusal) == self._refused else str(refusal)
                await self._warn(f"{said} {words}".strip())
        except SessionEnded:
            pass
        finally:
            self._tell()

    async def _take(self, output: Output) -> None:
        if isinstance(output, Attached):
            self.live = True
            self._attached(output.session_id)
            self._troubles.clear()
            await self._show_digest(output)
        elif isinstance(output, Banner):
            await self._take_banner(output)
        elif self.live and not self._past_is_shown:
            await self._show_past(output)
            self._is_caught_up = True
        if isinstance(output, Refused) and output.id is None:
            self._refused = output.message
        entries = self._transcript.take(output)
        if entries:
            await self._face.show(entries)
        if isinstance(output, Snapshot):
            if self._state_is_shown:
                await self._show_question()
            await self._show_state()
            if not self._face.scripted and not self._greeted and not output.tail:
                await self._face.show([Entry(who="note", text=GREETING)])
            self._greeted = True

    async def _take_banner(self, banner: Banner) -> None:
        if banner.status in ("connecting", "reconnecting", "offline", "sign_in", "stopped"):
            self.live = False
        if banner.status == "sign_in":
            message = banner.message or "The server does not accept the credential."
            self.given_up = SignInNeeded(banner.reason or "sign_in", f"{message} {self._credential.way_out}")
            if not self._face.scripted:
                await self._warn(str(self.given_up))
        elif banner.status == "reconnecting" and not self._past_is_shown:
            if not self._face.scripted:
                await self._say_once(self._credential.trouble or await self._why())
            await self._show_state()
        elif banner.status == "reconnecting":
            await self._say_once(self._credential.trouble)

    async def _show_digest(self, attached: Attached) -> None:
        """What happened since this device last looked, before any of it is shown."""
        digest = attached.digest
        self._seen = None  # the server may not have heard it on the line before
        if digest is not None and digest.since != self._told_since and not self._face.scripted:
            self._told_since = digest.since
            await self._face.show([Entry(who="away", text="\n".join(digest.lines))])

    def _see(self) -> None:
        """Tell the server how far this device's person was shown things, when that changed."""
        shown = self._transcript.shown
        if shown is None or not shown.offset or shown == self._seen or self._face.scripted or not self.live:
            return
        if shown == self._session.position:  # else more is on its way to the face
            self._seen = shown
            self._session.seen()

    async def _show_past(self, first: Output) -> None:
        """What happened before this start. A snapshot brings it along; else it is read, and what comes now waits."""
        self._past_is_shown = True
        if isinstance(first, Snapshot) or self._face.scripted:
            return
        try:
            page = await self._session.history(limit=PAST_EVENTS)
        except (CommandRefused, SessionEnded):
            return  # without the past the present is still right
        entries = self._transcript.past(page.events, self._session.position)
        if page.more:
            entries.insert(0, Entry(who="note", text="… (there is more before this)"))
        await self._face.show(entries)
        await self._show_state()

    async def _show_state(self) -> None:
        """The shipment, once, at the start."""
        if not self._state_is_shown and not self._face.scripted and has_shipment(self._session.state):
            self._state_is_shown = True
            await self._face.show([Entry(who="state", state=self._session.state)])

    async def _show_question(self) -> None:
        """The question that is still open, where it came with what was skipped."""
        approval = (self._session.state or {}).get("approval")
        if isinstance(approval, dict) and not self._face.scripted:
            await self._face.show([Entry(who="question", id=str(approval.get("approval_id")), state=approval)])

    async def _say_once(self, trouble: str) -> None:
        if trouble and trouble not in self._troubles:
            self._troubles.add(trouble)
            await self._warn(trouble)

    async def _warn(self, text: str) -> None:
        await self._face.show([Entry(who="warning", text=text)])

    async def _why(self) -> str:
        if self._troubles:
            return ""  # said already
        if await self._server.answers():
            return f"The server at {self._server.http} cannot let us in just now; this keeps trying."
        return f"No server answers at {self._server.http}. Start one with `make run`; this keeps trying."

    def _tell(self) -> None:
        self._changed.set()
        self._face.refresh()
