"""What is done to buy a label, asked for in every way that might buy a second one; all of it recorded.

The first call decides: only where it made a sample, which costs nothing, more labels are asked for. Elsewhere it has
asked for a person's yes, and is told no. Its lines, by name:

    page        makes the session, asks for the label and is cut off      fresh, plain   come later and look
    page-again  asks once more under the same id, then under another      other          a second device, at once
    file, file-again, file-stranger, file-nobody                          read the file over HTTP
"""

import secrets
from typing import Any, Final

from shipanion.cli.verify.course import ANSWER_SECONDS, Broken, Course
from shipanion.cli.verify.files import read_file
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.wanted import acks, answers, of
from shipanion.cli.verify.wire import CannotConnect, Line

__all__ = ["LabelCourse"]

WISH: Final = "the cheapest"

ENDS: Final = {
    "sender": {"name": "Vera Fye", "street": "1 Main St"},
    "recipient": {"name": "Otto Proof", "street": "2 Elm St"},
}


class LabelCourse(Course):
    """One run, in a session of its own.

    Args:
        files: the address under which the server answers HTTP. Otherwise as ``Course``.
    """

    def __init__(self, url: str, token: str, stranger: str | None, history: History, *, files: str) -> None:
        super().__init__(url, token, stranger, history)
        self._files = files

    async def run(self) -> History:
        """As ``Course.run``, but raises nothing: what cannot be reached is written down."""
        try:
            return await super().run()
        except CannotConnect as error:
            self._history.ended = str(error)
            return self._history

    async def _go(self) -> None:
        result = await self._first_label()
        other = self._lines["other"] = await self._open("other", session_id=self._session, device="other")
        await other.until(of("welcome"), "welcome")
        if result.get("status") == "bought" and result.get("is_sample") is True:
            await self._ask_again()
            await self._look(str(result.get("label_url")))
            await self._next_parcel()
        if result.get("status") in ("bought", "needs_approval"):
            await self._answer_twice()

    async def _first_label(self) -> Json:
        """Asked for, cut off in the same breath, and asked for again: nobody can know whether the first one arrived."""
        page = await self._open("page", new=f"verify-{secrets.token_hex(8)}", device=f"verify-{self._history.mark}")
        welcome = await page.until(of("welcome"), "welcome")
        if welcome is None or not isinstance(welcome.get("session_id"), str):
            raise Broken("there was no welcome with a session_id, so there is no session to buy a label in")
        self._session = welcome["session_id"]
        await self._done(page, self._call("q1", weight=5, to_zip="10001"))
        wish = self._tool("create_label", "l1", quote="cheapest", **ENDS)
        await page.send("client_tool_call", client_tool_call=wish)
        await page.cut()
        again = await self._resume("page-again", page)
        await again.until(of("welcome"), "welcome")
        result = await self._done(again, wish)
        await again.until(acks(wish["tool_call_id"]), "ack of create_label")
        return result

    async def _ask_again(self) -> None:
        """Under other ids, from two devices at once."""
        wishes = {"page-again": self._tool("create_label", "l2"), "other": self._tool("create_label", "l3")}
        for line, wish in wishes.items():
            await self._lines[line].send("client_tool_call", client_tool_call=wish)
        for line, wish in wishes.items():
            await self._result(self._lines[line], wish)

    async def _look(self, label_url: str) -> None:
        fresh = await self._open("fresh", session_id=self._session)
        await fresh.until(of("welcome"), "welcome")
        plain = await self._open("plain", full=False, session_id=self._session)
        await plain.send("get_session_state", requestId="plain-1")
        await plain.until(of("session_state"), "session_state")
        readers = [("file", self._token), ("file-again", self._token), ("file-nobody", None)]
        if self._stranger is not None:
            readers.append(("file-stranger", self._stranger))
        for line, token in readers:
            await read_file(self._history, line, self._files, label_url, token)

    async def _next_parcel(self) -> None:
        """Another parcel for the same session, whose label Bob is asked for: he asks back."""
        again = self._lines["page-again"]
        await self._done(again, self._tool("new_shipment", "n1"))
        await self._done(again, self._call("q2", weight=2, to_zip="60601"))
        await again.send("user_message", id=self._history.id("m1"), text=WISH)
        turn = await self._said(again, "m1")
        await again.until(of("turn_ended", turn_id=turn), "turn_ended", ANSWER_SECONDS)

    async def _answer_twice(self) -> None:
        """The open question, answered on two connections at once: yes to a sample, no to all that costs money."""
        again, other = self._lines["page-again"], self._lines["other"]
        asked = [frame for frame in again.frames if frame.get("type") == "approval_requested"]
        if not asked:
            return
        data = asked[-1].get("data")
        sample = isinstance(data, dict) and data.get("is_sample") is True and data.get("kind") == "buy"
        answer = {"approval_id": asked[-1].get("approval_id"), "decision": "approved" if sample else "declined"}
        for line, id in ((again, "r1"), (other, "r2")):
            await line.send("resolve_approval", id=self._history.id(id), **answer)
        for line, id in ((again, "r1"), (other, "r2")):
            await line.until(answers(self._history.id(id)), f"the answer to {self._history.id(id)}")
        over = await again.until(of("approval_resolved", approval_id=answer["approval_id"]), "approval_resolved")
        if sample and over is not None:
            last = int(over.get("offset", 0))
            await again.until(_settled_after(last), "effect_changed: settled", ANSWER_SECONDS)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _done(self, line: Line, call: Json) -> Json:
        """Call a tool; what it gave back."""
        await line.send("client_tool_call", client_tool_call=call)
        return await self._result(line, call)

    async def _result(self, line: Line, call: Json) -> Json:
        wanted = of("client_tool_result", tool_call_id=call["tool_call_id"])
        frame = await line.until(wanted, f"the result of {call['tool_name']}", ANSWER_SECONDS)
        result = (frame or {}).get("result")
        return result if isinstance(result, dict) else {}


def _settled_after(offset: int) -> Any:
    settled = of("effect_changed", kind="buy", status="settled")
    return lambda frame: settled(frame) and frame.get("offset", 0) > offset
