"""Where people's commands become works of the right session."""

from typing import TYPE_CHECKING, Any

from shipanion.errors import StoreUnavailable
from shipanion.protocol.codec import digest
from shipanion.protocol.frames import ClientToolCall, ResolveApproval, Stop, UpdateState, UserMessage
from shipanion.protocol.session import RETRY_IN_ORDER
from shipanion.protocol.session_outputs import Decide
from shipanion.server.domain import ToolOutcome
from shipanion.server.rights import may
from shipanion.server.sessions import LiveSession, new_id
from shipanion.server.works import CallTool, Edit, Resolve, Say, StopTurn
from shipanion.stores.base import OpenCall, StoredEvent

if TYPE_CHECKING:
    from shipanion.server.connection import Connection
    from shipanion.server.node import Node

__all__ = ["Desk", "PersonsCall"]

STOP_TRIES = 5


class Desk:
    """Takes commands in the order they come and posts them."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    def decide(self, connection: "Connection", command: Decide) -> None:
        """Post one command. Its outcome reaches the connection through ``ack`` or ``refuse``, once."""
        request = command.request
        if self._node.stopping:
            connection.refuse(command.id, "starting", "The server is stopping. Send it again when you are back.")
            return
        if command.id is not None and not connection.machine.in_order(command):
            connection.asked(command.id, command.id, request.request_id)
            connection.refuse(command.id, "retry_in_order", RETRY_IN_ORDER)
            return
        if not may(connection.role, type(request)):
            connection.refuse(command.id, "forbidden", f"That is not for the {connection.role} of a session to do.")
            return
        if isinstance(request, ClientToolCall):
            self._call(connection, request, command)
            return
        live = connection.session
        assert live is not None
        body = command.digest or b""
        command_id = command.id or new_id("plain")
        connection.asked(command_id, command.id, request.request_id)
        match request:
            case UserMessage():
                said = Say(connection, command_id, body, request, live.turns, live.effects, self._node.domain)
                live.actor.post(said)
            case UpdateState():
                live.actor.post(Edit(connection, command_id, body, request, self._node.domain))
            case ResolveApproval():
                answer = Resolve(connection, command_id, body, request, live.effects, self._node.domain)
                live.actor.post(answer)
            case Stop():
                connection.spawn(self._stop(connection, live, command_id, body, request, STOP_TRIES))
            case _:
                connection.refuse(command.id, "unknown_type", "That is not a command this server takes.")

    async def _stop(
        self,
        connection: "Connection",
        live: LiveSession,
        command_id: str,
        body: bytes,
        request: Stop,
        tries: int,
    ) -> None:
        """Stop a turn wherever it is: running here, waiting, or over."""
        try:
            found = await self._node.store.turn(live.session_id, request.turn_id)
        except StoreUnavailable as error:
            connection.refuse(command_id, "unavailable", str(error), ordered=False)
            return
        if found is None or tries == 0:
            connection.refuse(command_id, "no_such_turn", "There is no such turn in this session.", ordered=False)
            return
        status, ended_at = found

        def again() -> None:
            connection.spawn(self._stop(connection, live, command_id, body, request, tries - 1))

        live.actor.post(
            StopTurn(
                connection, command_id, body, request, live.turns,
                ended_at=ended_at if status == "ended" else None, again=again,
            )
        )  # fmt: skip

    def _call(self, connection: "Connection", request: ClientToolCall, command: Decide) -> None:
        call_id = request.client_tool_call.tool_call_id
        connection.asked(call_id, call_id, request.request_id)
        wait = self._node.tool_wait(connection)
        if wait:
            message = "That is more than one person may ask of the tools at once. Wait a moment, then ask again."
            connection.refuse(request.client_tool_call.tool_call_id, "rate_limited", message, retry_after_ms=wait)
            return
        metadata = request.client_tool_call.metadata
        elsewhere = metadata.session_id if metadata is not None else None
        live = connection.session
        if live is not None and elsewhere in (None, live.session_id):
            self.post_call(connection, live, request, command.digest or digest(request))
        else:
            connection.spawn(self._call_elsewhere(connection, str(elsewhere), request, command))

    async def _call_elsewhere(
        self, connection: "Connection", session_id: str, request: ClientToolCall, command: Decide
    ) -> None:
        """A call for another session of the same person: it runs there, only the answer comes back here."""
        identity = connection.identity
        assert identity is not None
        try:
            live = await self._node.sessions.open(session_id)
        except StoreUnavailable as error:
            connection.refuse(command.id, "unavailable", str(error))
            return
        if live is None:
            connection.refuse(command.id, "not_found", "There is no such session.")
            return
        try:
            if live.actor.owner != identity.user_id:
                connection.refuse(command.id, "not_found", "There is no such session.")
            else:
                await connection.meet(live, away=True)
                self.post_call(connection, live, request, command.digest or digest(request), away=True)
        finally:
            self._node.sessions.release(live)

    def post_call(
        self, connection: "Connection", live: LiveSession, request: ClientToolCall, body: bytes,
        *, away: bool = False,
    ) -> None:  # fmt: skip
        """Post a tool call; a plain caller (or one from another session) is told the result directly."""
        call_id = request.client_tool_call.tool_call_id
        live.actor.post(PersonsCall(self._node, connection, live, request, call_id, body, away=away))


class PersonsCall(CallTool):
    """A tool call from a connection, with what becomes of a repeat."""

    def __init__(
        self, node: "Node", connection: "Connection", live: LiveSession, request: ClientToolCall,
        call_id: str, body: bytes, *, away: bool,
    ) -> None:  # fmt: skip
        super().__init__(connection, call_id, body, request, live.calls, node.store.boot_id)
        self._node = node
        self._connection = connection
        self._live = live
        self._request = request
        self._direct = away or not connection.full
        self._context = connection.reminder(live)

    def accepted(self, told: list[Any]) -> None:
        if self._direct:
            told.append(self._tell)

    def duplicate(self, offset: int, same: bool) -> None:
        if not same and not self._connection.full:
            # The guide's own example repeats a tool_call_id; for a plain client that is a new call.
            call_id = new_id("call")
            self._connection.asked(call_id, self.command_id, self._request.request_id)
            again = PersonsCall(
                self._node, self._connection, self._live, self._request, call_id, self.digest, away=True
            )
            self._live.actor.post(again)
            return
        super().duplicate(offset, same)
        if not same:
            return
        running = self._live.calls.running(self.command_id)
        if running is not None:
            self.accepted(running.told)
        else:
            self._connection.spawn(self._repeat())

    async def _repeat(self) -> None:
        """A repeat of a call this process does not run: its stored result, or run it again."""
        found = await self._node.store.result_of(self._live.session_id, self.command_id)
        if isinstance(found, StoredEvent):
            self._connection.stored_result(self._live, found, self._request, self._context, direct=self._direct)
        elif isinstance(found, OpenCall):
            call = self._live.calls.running(self.command_id)
            if call is None and await self._node.store.adopt_call(self._live.session_id, self.command_id):
                # Another repeat may have begun it while this one waited for the store.
                call = self._live.calls.running(self.command_id)
                call = call or self._live.calls.start(
                    self.command_id, self.call.tool_name, self.call.parameters, role=self._connection.role
                )
            if call is not None:
                self.accepted(call.told)

    def _tell(self, outcome: ToolOutcome) -> None:
        self._connection.tool_result(self._live, self._request, outcome, self._context)
