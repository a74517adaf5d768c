"""Direct answers: history, the state in the plain form, tool results for plain clients, the domain's own requests."""

from typing import TYPE_CHECKING, Any

import msgspec

from shipanion.errors import StoreUnavailable
from shipanion.protocol.codec import digest, envelope
from shipanion.protocol.frames import (
    ClientToolCall,
    GetSessionState,
    History,
    HistoryPage,
    Request,
    SessionStateFrame,
    ToolCall,
)
from shipanion.server.domain import Answer, NotAllowed, ToolOutcome
from shipanion.server.identity import NotAuthenticated
from shipanion.server.rights import may
from shipanion.server.sessions import LiveSession, new_id
from shipanion.server.works import CallTool
from shipanion.stores.base import StoredEvent

if TYPE_CHECKING:
    from shipanion.server.connection import Connection
    from shipanion.server.node import Node

__all__ = ["Answers", "outcome_of", "tool_answer"]

HISTORY_BYTES = 65_536


class Answers:
    """Answers what changes nothing by itself."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    async def query(self, connection: "Connection", request: Request) -> None:
        """Answer one request on this connection."""
        live = connection.session
        assert live is not None
        try:
            match request:
                case History():
                    await connection.page_out(lambda: self._history(connection, live, request))
                case GetSessionState():
                    await connection.page_out(lambda: self._state(connection, live, request))
                case _:
                    self._domain_request(connection, live, request)
        except StoreUnavailable as error:
            connection.refuse_query(request, "unavailable", str(error))
        except NotAuthenticated as error:
            connection.refuse_query(request, error.code, error.message)

    async def _history(self, connection: "Connection", live: LiveSession, request: History) -> HistoryPage:
        await connection.check()
        before = live.actor.head + 1 if request.before is None else request.before
        events = await self._node.store.events_before(
            live.session_id, before=before, max_bytes=HISTORY_BYTES, max_count=request.limit
        )
        page = [
            msgspec.Raw(envelope(live.session_id, event.offset, event.at, event.by, event.id, event.body))
            for event in events
        ]
        more = bool(events) and events[0].offset > live.actor.first
        return HistoryPage(session_id=live.session_id, id=request.id, events=page, more=more)

    async def _state(self, connection: "Connection", live: LiveSession, request: GetSessionState) -> SessionStateFrame:
        await connection.check()
        scroll = await self._node.devices.scroll(live)
        return SessionStateFrame(
            session_id=live.session_id,
            state=self._node.domain.plain_state(live.actor.state, scroll),
            timestamp=self._node.now() / 1000,
            user=connection.name,
            request_id=request.request_id,
        )

    def _domain_request(self, connection: "Connection", live: LiveSession, request: Request) -> None:
        """A request of the domain's own is a tool call whose outcome is answered in the domain's words."""
        if not may(connection.role, ClientToolCall):
            connection.refuse_query(request, "forbidden", f"That is not for the {connection.role} of a session to do.")
            return
        wait = self._node.tool_wait(connection)
        if wait:
            message = "That is more than one person may ask of the tools at once. Wait a moment, then ask again."
            connection.refuse_query(request, "rate_limited", message, retry_after_ms=wait)
            return
        try:
            asked = self._node.domain.asked(request)
        except NotAllowed as refusal:
            fields = {"code": refusal.code, "message": refusal.message, "temporary": False}
            told = fields if refusal.payload is None else {**fields, "payload": refusal.payload}
            connection.answer(live, request, Answer(type="error", fields=told))
            return
        call = ToolCall(tool_name=asked.tool_name, tool_call_id=new_id("call"), parameters=asked.parameters)
        live.actor.post(_Asked(self._node, connection, live, request, ClientToolCall(client_tool_call=call)))


class _Asked(CallTool):
    """The tool call behind a request of the domain's own."""

    def __init__(
        self,
        node: "Node",
        connection: "Connection",
        live: LiveSession,
        request: Request,
        call: ClientToolCall,
    ) -> None:
        call_id = call.client_tool_call.tool_call_id
        super().__init__(connection, call_id, digest(call), call, live.calls, node.store.boot_id)
        self._node = node
        self._connection = connection
        self._live = live
        self._request = request

    def committed(self, events: Any, head: int) -> None:
        call = self._live.calls.start(self.command_id, self.call.tool_name, self.call.parameters, role=self.asker.role)
        call.told.append(self._tell)

    def refused(self, code: str, message: str) -> None:
        self._connection.refuse_query(self._request, code, message)

    def _tell(self, outcome: ToolOutcome) -> None:
        answer = self._node.domain.answer(self._request, outcome)
        self._connection.answer(self._live, self._request, answer)


def tool_answer(call: ToolCall, outcome: ToolOutcome, context: str | None) -> Answer:
    """The ``client_tool_result`` frame that answers a plain client: never logged, told to the asker only."""
    fields: dict[str, Any] = {
        "tool_call_id": call.tool_call_id,
        "tool_name": call.tool_name,
        "result": outcome.result,
        "is_error": outcome.is_error,
    }
    if context is not None:
        fields["session_context"] = context
    return Answer(type="client_tool_result", fields=fields)


class _Result(msgspec.Struct):
    result: Any
    is_error: bool


def outcome_of(event: StoredEvent) -> ToolOutcome:
    """The outcome a stored ``client_tool_result`` tells of."""
    stored = msgspec.json.decode(event.body, type=_Result)
    return ToolOutcome(result=stored.result, is_error=stored.is_error)
