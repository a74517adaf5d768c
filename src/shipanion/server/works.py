"""What people ask for, as works: say something, edit the state, call a tool, stop a turn.

Each is one commit, named by the client's id; the connection it came by hears what became of it, if it is still there.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from shipanion.protocol.events import (
    ApprovalResolved,
    ClientToolCallEvent,
    EventBody,
    StateChanged,
    TurnEnded,
    UserMessageEvent,
)
from shipanion.protocol.frames import ClientToolCall, ResolveApproval, Stop, ToolCall, UpdateState, UserMessage
from shipanion.server.actor import Draft, View
from shipanion.server.approval import open_approval
from shipanion.server.calls import SessionCalls
from shipanion.server.domain import Domain, NotAllowed, Situation
from shipanion.server.effects import SessionEffects
from shipanion.server.hub import Appended
from shipanion.server.rights import may
from shipanion.server.turn import ending
from shipanion.server.turns import SessionTurns
from shipanion.stores.base import CallOpened, EffectClaimed, Grant, TurnEnding, TurnQueued

__all__ = ["Asker", "CallTool", "Edit", "Resolve", "Say", "StopTurn"]


class Asker(Protocol):
    """The connection a command came by."""

    participant: bytes
    """Who asks, as the encoded participant."""

    @property
    def role(self) -> str:
        """In which role they ask."""

    def grant(self) -> Grant:
        """The right this connection has, to be checked in the transaction."""

    def ack(self, command_id: str, offset: int, *, duplicate: bool) -> None:
        """The command is durable."""

    def refuse(self, command_id: str | None, code: str, message: str, *, ordered: bool = True) -> None:
        """The command is not done. ``ordered``: when that is for now, later ones must wait until it comes again."""


class _Command:
    """A command of a person's: who asked, under which id, and what the body was."""

    def __init__(self, asker: Asker, command_id: str, digest: bytes) -> None:
        self.asker = asker
        self.source: object = asker
        self.command_id = command_id
        self.digest = digest

    def committed(self, events: Sequence[Appended], head: int) -> None:
        offset = next((event.offset for event in events if event.id == self.command_id), head)
        self.asker.ack(self.command_id, offset, duplicate=False)

    def duplicate(self, offset: int, same: bool) -> None:
        if same:
            self.asker.ack(self.command_id, offset, duplicate=True)
        else:
            self.refused("id_reused", "That id was used before, for something else.")

    def refused(self, code: str, message: str) -> None:
        self.asker.refuse(self.command_id, code, message)


class Say(_Command):
    """A person's message, and the turn that will answer it."""

    def __init__(
        self, asker: Asker, command_id: str, digest: bytes, request: UserMessage,
        turns: SessionTurns, effects: SessionEffects, domain: Domain,
    ) -> None:  # fmt: skip
        super().__init__(asker, command_id, digest)
        self._text = request.text
        self._shown = request.approval_id
        self._turns = turns
        self._turn_id = turns.new_id("turn")
        self._answer = _ApprovalAnswer(effects, domain)

    def decide(self, view: View) -> Draft:
        patch, answer = self._consent(view)
        changed = {**(patch or {}), **self._answer.domain.said(view.state, self._text)}
        return Draft(
            events=(UserMessageEvent(text=self._text, turn_id=self._turn_id, patch=changed or None), *answer),
            by=self.asker.participant, id=self.command_id, digest=self.digest, grant=self.asker.grant(),
            turn=TurnQueued(turn_id=self._turn_id), effect=self._answer.claim,
        )  # fmt: skip

    def _consent(self, view: View) -> tuple[dict[str, Any] | None, tuple[EventBody, ...]]:
        """What the message means for an open approval: it answers it, or it passes it by.

        A yes counts only as the owner's next message after the question, once Bob has finished asking, if nothing else
        was asked in between, and if that question was before them when they wrote it: what was meant for something else
        must not buy anything. A no counts always: it costs nothing but a question.
        """
        self._answer.claim = None
        patch: dict[str, Any] | None = {"answering": None} if "answering" in view.state else None
        asked = open_approval(view.state)
        if asked is not None and may(self.asker.role, ResolveApproval):
            situation = view.situation(self.asker.role)
            decision = self._answer.domain.consent(situation, self._text)
            meant = view.state.get("answering") == asked and self._shown in (asked, msgspec.UNSET) and self._turns.idle
            if decision == "declined" or (decision == "approved" and meant):
                try:
                    return patch, self._answer.to(situation, decision)
                except NotAllowed:
                    pass  # Bob will say why
        return patch, ()

    def committed(self, events: Sequence[Appended], head: int) -> None:
        super().committed(events, head)
        self._answer.begin()
        self._turns.add(self._turn_id, events[0].offset)


class Resolve(_Command):
    """A person's yes or no to an open approval, given by itself."""

    def __init__(
        self, asker: Asker, command_id: str, digest: bytes, request: ResolveApproval,
        effects: SessionEffects, domain: Domain,
    ) -> None:  # fmt: skip
        super().__init__(asker, command_id, digest)
        self._request = request
        self._answer = _ApprovalAnswer(effects, domain)

    def decide(self, view: View) -> Draft:
        self._answer.claim = None
        common: dict[str, Any] = {
            "by": self.asker.participant, "id": self.command_id, "digest": self.digest, "grant": self.asker.grant(),
        }  # fmt: skip
        try:
            if open_approval(view.state) != self._request.approval_id:
                raise NotAllowed("no_such_approval", "That is not being asked any more.")
            events = self._answer.to(view.situation(self.asker.role), self._request.decision)
        except NotAllowed as refusal:
            return Draft(refusal=refusal, **common)
        return Draft(events=events, effect=self._answer.claim, **common)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        super().committed(events, head)
        self._answer.begin()


class _ApprovalAnswer:
    """A yes or no, and the claim that goes with a yes: in one commit, so that neither is there without the other."""

    def __init__(self, effects: SessionEffects, domain: Domain) -> None:
        self.domain = domain
        self.claim: EffectClaimed | None = None
        self._effects = effects

    def to(self, situation: Situation, decision: Literal["approved", "declined"]) -> tuple[EventBody, ...]:
        """The events of an answer to the open approval; raises ``NotAllowed``."""
        asked = situation.state["approval"]
        if situation.now >= asked["expires_at"]:
            raise NotAllowed("no_such_approval", "That offer has run out. Ask for it again.")
        resolution = self.domain.resolve(situation, decision)
        patch = {**resolution.patch, "approval": None}
        resolved = ApprovalResolved(approval_id=asked["approval_id"], decision=decision, patch=patch)
        if resolution.claim is None:
            return (resolved,)
        claimed, self.claim = self._effects.claim(resolution.claim, situation.now)
        return resolved, claimed

    def begin(self) -> None:
        """The answer is committed: do what it allows."""
        if self.claim is not None:
            self._effects.begin(self.claim)


class Edit(_Command):
    """A person's edit of the shared state."""

    def __init__(self, asker: Asker, command_id: str, digest: bytes, request: UpdateState, domain: Domain) -> None:
        super().__init__(asker, command_id, digest)
        self._patch = request.patch
        self._domain = domain

    def decide(self, view: View) -> Draft:
        patch: dict[str, Any] = {}
        refusal = None
        try:
            patch = self._domain.edit(view.state, self._patch)
        except NotAllowed as not_allowed:
            refusal = not_allowed
        return Draft(
            events=(StateChanged(patch=patch),) if patch else (), by=self.asker.participant,
            id=self.command_id, digest=self.digest, grant=self.asker.grant(), refusal=refusal,
        )  # fmt: skip


class CallTool(_Command):
    """A tool call of a person's: accepted here, run afterwards."""

    def __init__(
        self, asker: Asker, command_id: str, digest: bytes, request: ClientToolCall,
        calls: SessionCalls, boot_id: str,
    ) -> None:  # fmt: skip
        super().__init__(asker, command_id, digest)
        call = request.client_tool_call
        self.call = ToolCall(tool_name=call.tool_name, tool_call_id=command_id, parameters=call.parameters)
        self._calls = calls
        self._boot_id = boot_id

    def decide(self, view: View) -> Draft:
        opened = CallOpened(call_id=self.command_id, tool_name=self.call.tool_name, owner=self._boot_id)
        return Draft(
            events=(ClientToolCallEvent(client_tool_call=self.call),), by=self.asker.participant,
            id=self.command_id, digest=self.digest, grant=self.asker.grant(), call=opened,
        )  # fmt: skip

    def committed(self, events: Sequence[Appended], head: int) -> None:
        super().committed(events, head)
        call = self._calls.start(self.command_id, self.call.tool_name, self.call.parameters, role=self.asker.role)
        self.accepted(call.told)

    def accepted(self, told: list[Any]) -> None:
        """The call runs; a subclass may want to hear its outcome."""


class StopTurn(_Command):
    """A person ends a turn.

    Args:
        ended_at: where the turn ended, when it had ended before; then the answer is that offset.
        again: called when the turn changed hands while this was decided; looks it up and asks anew.
    """

    def __init__(
        self, asker: Asker, command_id: str, digest: bytes, request: Stop, turns: SessionTurns,
        *, ended_at: int | None, again: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(asker, command_id, digest)
        self.source = None
        self.turn_id = request.turn_id
        self._turns = turns
        self._ended_at = ended_at
        self._again = again

    def decide(self, view: View) -> Draft:
        turn = self._turns.running
        common: dict[str, Any] = {
            "by": self.asker.participant, "id": self.command_id, "digest": self.digest,
            "grant": self.asker.grant(), "bounded": False,
        }  # fmt: skip
        if self._ended_at is not None:
            return Draft(answer=self._ended_at, **common)
        if turn is not None and turn.turn_id == self.turn_id:
            events = ending(turn, "stopped")
            end = TurnEnding(turn_id=self.turn_id, fence=turn.fence.fence, outcome="stopped")
            return Draft(events=events, answered_by=len(events) - 1, turn=end, **common)
        end = TurnEnding(turn_id=self.turn_id, fence=None, outcome="stopped")
        return Draft(events=(TurnEnded(turn_id=self.turn_id, outcome="stopped"),), turn=end, **common)

    def committed(self, events: Sequence[Appended], head: int) -> None:
        if self._ended_at is not None:
            self.asker.ack(self.command_id, self._ended_at, duplicate=False)
            return
        super().committed(events, head)
        turn = self._turns.running
        if turn is not None and turn.turn_id == self.turn_id:
            self._turns.ended(turn, "The turn was stopped before that was done.")
        self._turns.drop(self.turn_id)
        self._turns.kick()

    def refused(self, code: str, message: str) -> None:
        if code == "fenced":
            self._again()
        else:
            self.asker.refuse(self.command_id, code, message, ordered=False)
