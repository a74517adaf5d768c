"""What is done to the server: one conversation that is left and taken up again in every way, all of it recorded.

The course judges nothing. What does not come it stops waiting for, and goes on. Its lines, by name:

    bare        plain, without a session              bare-again     plain, after a cut
    page        full, makes the session               page-again     full, back in the middle of an answer
    hello       full, credential in the first frame   back, back-again   full, after a cut and after a goodbye
    listener    plain, in the page's session          whole          full, the log from its start
    away        full, cut in the middle of an answer  fresh, ahead, other-life   full, with no or no good position
    later       full, to whom the talk goes on        …-unknown, …-foreign       sessions that one may not enter
"""

import asyncio
import secrets
from typing import Any, Final

from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.wanted import acks, event_at, of
from shipanion.cli.verify.wire import CannotConnect, Line

__all__ = ["ANSWER_SECONDS", "MOST_SECONDS", "QUESTION", "Broken", "Course"]

MOST_SECONDS: Final = 20.0
"""However slow the server is, the run ends."""

QUESTION: Final = "5 lb from 90210 to 10001"
OTHER_QUESTION: Final = "6 lb from 90210 to 60601"

ANSWER_SECONDS: Final = 8.0
"""How long one answer of Bob's is waited for."""


class Broken(Exception):
    """Without this the course cannot go on."""


class Course:
    """One run.

    Args:
        url: the address of ``/ws``.
        token: whose session it will be.
        stranger: the token of somebody else, if there is one.
        history: what everything is written into.
    """

    def __init__(self, url: str, token: str, stranger: str | None, history: History) -> None:
        self._url, self._token, self._stranger = url, token, stranger
        self._history = history
        self._lines: dict[str, Line] = {}
        self._session = ""

    async def run(self) -> History:
        """Go through it, within ``MOST_SECONDS``.

        Raises:
            CannotConnect: the very first connection was not to be had.
        """
        history = self._history
        history.has_stranger = self._stranger is not None
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await self._go()
        except Broken as broken:
            history.ended = str(broken)
        except CannotConnect as error:
            if not any(entry.what == "got" for entry in history.entries):
                raise
            history.ended = str(error)
        except TimeoutError:
            history.ended = f"the run was ended after {MOST_SECONDS:g} seconds"
        finally:
            for line in self._lines.values():
                line.drop()
        return history

    async def _go(self) -> None:
        await self._connect()
        await self._establish()
        await self._leave_and_return()
        await self._restore()
        await self._continue()
        await self._refusals()

    # --- 1 connects -------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        bare = await self._open("bare", full=False)
        await bare.send("get_session_state", requestId="bare-1")
        await bare.until(of("session_state"), "session_state")

        page = await self._open("page", new=f"verify-{secrets.token_hex(8)}", device=f"verify-{self._history.mark}")
        welcome = await page.until(of("welcome"), "welcome")
        if welcome is None or not isinstance(welcome.get("session_id"), str):
            raise Broken("there was no welcome with a session_id, so there is no session to come back to")
        self._session = welcome["session_id"]

        hello = await self._open("hello", hello=True)
        await hello.send("hello", token=self._token, session_id=self._session)
        await hello.until(of("welcome"), "welcome")
        await hello.close()

        listener = await self._open("listener", full=False, session_id=self._session)
        await listener.send("ping", requestId="listener-1")
        await listener.until(of("pong"), "pong")
        away = await self._open("away", session_id=self._session)
        await away.until(of("welcome"), "welcome")

    # --- 2 sends messages -------------------------------------------------------------------------------------------

    async def _establish(self) -> None:
        page, away, listener = self._lines["page"], self._lines["away"], self._lines["listener"]
        await page.send("user_message", id=self._history.id("m1"), text=QUESTION)
        turn = await self._said(page, "m1")
        await away.until(of("agent_delta", turn_id=turn, index=2), "the third piece of Bob's answer")
        await away.cut()
        await page.until(of("turn_ended", turn_id=turn), "turn_ended", ANSWER_SECONDS)

        call = self._call("c1", weight=6, to_zip="60601")
        await page.send("client_tool_call", client_tool_call=call)
        await page.until(acks(call["tool_call_id"]), "ack of the tool call")
        result = await page.until(of("client_tool_result", tool_call_id=call["tool_call_id"]), "client_tool_result")
        if result is not None:
            last = int(result.get("offset", 0)) + 2
            for line in (page, listener):
                await line.until(event_at(last), "the contextual updates of the tool call")

        payload = {"origin_zip": "90210", "destination_zip": "10001", "weight": 7, "dimensions": "12x10x8"}
        await listener.send("get_rates", requestId="rates-1", payload=payload)
        await listener.until(of("quote_ready", requestId="rates-1"), "quote_ready")
        await page.send("update_state", id=self._history.id("u1"), patch={"title": "Verified"})
        await page.until(acks(self._history.id("u1")), "ack of update_state")
        await page.until(of("state_changed", id=self._history.id("u1")), "state_changed")

    # --- 3 disconnects and reconnects -------------------------------------------------------------------------------

    async def _leave_and_return(self) -> None:
        page, away, listener = self._lines["page"], self._lines["away"], self._lines["listener"]
        back = await self._resume("back", away)
        await back.until(event_at(page.offset), f"the event at {page.offset}")

        await page.send("user_message", id=self._history.id("m2"), text=OTHER_QUESTION)
        turn = await self._said(page, "m2")
        await page.until(of("agent_delta", turn_id=turn, index=2), "the third piece of Bob's answer")
        # Sent and cut off in the same breath: nobody can know whether it arrived, so it is sent again.
        await page.send("update_state", id=self._history.id("u2"), patch={"title": "Verified twice"})
        await page.cut()
        again = await self._resume("page-again", page)
        await again.until(of("welcome"), "welcome")
        await again.send("update_state", id=self._history.id("u2"), patch={"title": "Verified twice"})
        await again.until(acks(self._history.id("u2")), "ack of the repeated command")
        await again.until(of("turn_ended", turn_id=turn), "turn_ended", ANSWER_SECONDS)

        await back.until(event_at(again.offset), f"the event at {again.offset}")
        await back.close()
        await again.send("update_state", id=self._history.id("u3"), patch={"title": "Verified three times"})
        await again.until(acks(self._history.id("u3")), "ack of update_state")
        await again.until(of("state_changed", id=self._history.id("u3")), "state_changed")
        back_again = await self._resume("back-again", back)
        await back_again.until(event_at(again.offset), f"the event at {again.offset}")

        await listener.cut()
        bare = await self._open("bare-again", full=False, session_id=self._session)
        await bare.send("ping", requestId="bare-again-1")
        await bare.until(of("pong"), "pong")

    # --- 4 the state is restored ------------------------------------------------------------------------------------

    async def _restore(self) -> None:
        again, bare = self._lines["page-again"], self._lines["bare-again"]
        await bare.send("get_session_state", requestId="bare-again-2")
        await bare.until(of("session_state"), "session_state")
        epoch, head = again.epoch, again.offset
        await self._open("whole", session_id=self._session, epoch=epoch, offset=0)
        await self._lines["whole"].until(event_at(head), f"the event at {head}")
        await self._open("fresh", session_id=self._session)
        await self._open("ahead", session_id=self._session, epoch=epoch, offset=head + 1_000)
        await self._open("other-life", session_id=self._session, epoch=f"verify-{self._history.mark}", offset=1)
        for name in ("fresh", "ahead", "other-life"):
            await self._lines[name].until(of("welcome"), "welcome")

        fresh = self._lines["fresh"]
        await fresh.send("user_message", id=self._history.id("m1"), text=QUESTION)
        await fresh.send("update_state", id=self._history.id("u1"), patch={"title": "Verified"})
        await fresh.send("client_tool_call", client_tool_call=self._call("c1", weight=6, to_zip="60601"))
        for id in ("m1", "u1", "c1"):
            await fresh.until(acks(self._history.id(id)), f"ack of the repeated {self._history.id(id)}")
        await fresh.send("update_state", id=self._history.id("u1"), patch={"title": "Something else"})
        await fresh.until(of("error", id=self._history.id("u1")), "the refusal of an id that was used before")
        await fresh.send("ping", requestId="fresh-1")
        await fresh.until(of("pong"), "pong")

    # --- 5 Bob goes on ----------------------------------------------------------------------------------------------

    async def _continue(self) -> None:
        bare, whole = self._lines["bare-again"], self._lines["whole"]
        # The guide's own call, session in the metadata.
        for id in ("guide-1", "guide-2"):
            call = self._call(id, weight=5, to_zip="10001")
            call["metadata"] = {"session_id": self._session}
            await bare.send("client_tool_call", client_tool_call=call)
            await bare.until(of("client_tool_result", tool_call_id=call["tool_call_id"]), "client_tool_result")

        later = await self._resume("later", self._lines["fresh"])
        await later.until(of("welcome"), "welcome")
        for id, text in (("m3", "8 lb"), ("m4", "what did we have so far?")):
            await later.send("user_message", id=self._history.id(id), text=text)
            turn = await self._said(later, id)
            await later.until(of("turn_ended", turn_id=turn), "turn_ended", ANSWER_SECONDS)
        await whole.until(event_at(later.offset), f"the event at {later.offset}")

    # --- what one may not enter -------------------------------------------------------------------------------------

    async def _refusals(self) -> None:
        nowhere = "session-" + secrets.token_hex(12)
        tries = [("unknown", self._token, nowhere)]
        if self._stranger is not None:
            tries = [("unknown", self._stranger, nowhere), ("foreign", self._stranger, self._session)]
        for kind, token, session_id in tries:
            for full in (True, False):
                name = f"{'full' if full else 'plain'}-{kind}"
                line = await self._open(name, full=full, who=token, session_id=session_id)
                if not full:
                    await line.send("get_session_state", requestId="refused-1")
                await line.ended()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _call(self, id: str, *, weight: float, to_zip: str) -> Json:
        return self._tool("get_shipping_quotes", id, from_zip="90210", to_zip=to_zip, weight=weight)

    def _tool(self, name: str, id: str, **parameters: Any) -> Json:
        return {"tool_name": name, "tool_call_id": self._history.id(id), "parameters": parameters}

    async def _open(
        self, name: str, *, full: bool = True, who: str | None = None, hello: bool = False, **query: str | int
    ) -> Line:
        """Connect as ``who``, by default as oneself; with ``hello`` the credential is to follow in a frame."""
        token = None if hello else who or self._token
        line = await Line.open(name, self._url, self._history, token=token, full=full, **query)
        self._lines[name] = line
        return line

    async def _resume(self, name: str, left: Line) -> Line:
        """A new connection from where another one was when it ended."""
        return await self._open(name, session_id=self._session, epoch=left.epoch, offset=left.offset)

    async def _said(self, line: Line, id: str) -> str:
        """Wait until a message is in the log and acked; the turn that will answer it."""
        await line.until(acks(self._history.id(id)), f"ack of {self._history.id(id)}")
        event = await line.until(of("user_message", id=self._history.id(id)), f"the event of {self._history.id(id)}")
        if event is None:
            raise Broken(f"the message {self._history.id(id)} did not come into the log")
        return str(event.get("turn_id"))
