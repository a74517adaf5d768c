"""The client machine against a model server over a line that drops, repeats and delays.

What single stories can tell is in the golden dialogues (`schema/scenarios/client-*.json`); here chance tells them.
"""

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shipanion.protocol.client import ClientMachine
from shipanion.protocol.client_outputs import (
    Close,
    Deliver,
    Failed,
    Open,
    Output,
    Send,
    SetTimer,
    Settled,
    Snapshot,
    StateSaved,
)
from shipanion.protocol.client_states import State
from shipanion.protocol.merge_patch import apply_patch
from shipanion.protocol.position import Outcome, Position, answer_resume

REPLAY_LIMIT = 6

Json = dict[str, Any]


class ModelServer:
    """The protocol's promises in a few lines: one log, ids, one cursor for each connection, refusals in order."""

    def __init__(self) -> None:
        self.epoch = "e0"
        self.log: list[Json] = []
        self.ids: dict[str, int] = {}
        self.down: list[Json] = []
        self.cursor: int | None = None
        self.refuse_next: str | None = None
        self.blocked_by: str | None = None

    def state(self, offset: int) -> Any:
        state: Any = {}
        for event in self.log[:offset]:
            state = apply_patch(state, event["patch"])
        return state

    def append(self, id: str | None = None) -> int:
        offset = len(self.log) + 1
        patch = {f"k{offset % 5}": None if offset % 4 == 0 else offset}
        event = {"type": f"kind{offset % 3}", "session_id": "s", "offset": offset, "patch": patch}
        self.log.append(event if id is None else event | {"id": id})
        return offset

    def attach(self, query: Json) -> None:
        asked = Position(query["epoch"], query["offset"]) if "epoch" in query else None
        head = Position(self.epoch, len(self.log))
        resume = answer_resume(asked, head, first=1, limit=REPLAY_LIMIT)
        frame: Json = {
            "type": "welcome",
            "session_id": "s",
            "outcome": resume.outcome.value,
            "position": {"epoch": self.epoch, "offset": resume.position.offset},
            "replayed": resume.replayed,
            "devices": [],
            "heartbeat_ms": 25_000,
            "limits": {},
            "reconnect": {"min_ms": 10, "max_ms": 100},
        }
        if resume.outcome is not Outcome.RECOVERED:
            frame["state"] = self.state(resume.position.offset)
            frame["tail"] = self.log[-3:]
        if resume.reason is not None:
            frame["reason"] = resume.reason
        self.down, self.cursor, self.blocked_by = [frame], resume.position.offset, None

    def feed(self) -> None:
        assert self.cursor is not None
        self.down += self.log[self.cursor :]
        self.cursor = len(self.log)

    def receive(self, frame: Json) -> None:
        id = frame.get("id")
        if id is None:
            self.down.append({"type": "pong", "session_id": "s"})
        elif self.blocked_by not in (None, id):
            self.refuse(id, "retry_in_order")
        elif self.refuse_next is not None:
            code, self.refuse_next, self.blocked_by = self.refuse_next, None, id
            self.refuse(id, code)
        else:
            self.blocked_by = None
            duplicate = id in self.ids
            if not duplicate:
                self.ids[id] = self.append(id)
            self.down.append({"type": "ack", "acks": [{"id": id, "offset": self.ids[id], "duplicate": duplicate}]})

    def refuse(self, id: str, code: str) -> None:
        self.down.append({"type": "error", "code": code, "message": "Wait.", "temporary": True, "id": id})


class Interleavings(RuleBasedStateMachine):
    """Everything that can happen to one client, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.server = ModelServer()
        self.up: list[Json] = []
        self.old: list[tuple[int, Json]] = []
        self.connection = 0
        self.query: Json = {}
        self.wake: int | None = None
        self.delivered: set[tuple[str, int]] = set()
        self.last: Position | None = None
        self.saved: tuple[Position | None, Json | None] = (None, None)
        self.submitted: list[str] = []
        self.undecided: dict[str, Json] = {}
        self.settled: dict[str, int] = {}
        self.client = ClientMachine(session_id="s")

    # --- the shell ------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.obey(self.client.start(self.now))

    def obey(self, outputs: list[Output]) -> None:
        for out in outputs:
            match out:
                case Open():
                    self.connection, self.query = out.connection, out.query
                    self.up, self.server.down, self.server.cursor = [], [], None
                case Close():
                    self.up, self.server.down, self.server.cursor = [], [], None
                case Send():
                    self.up.append(out.frame)
                case SetTimer():
                    self.wake = out.at
                case Snapshot():
                    self.last = out.position
                    if out.reason == "epoch":
                        assert out.position.epoch == self.server.epoch
                case Deliver():
                    place = (out.position.epoch, out.position.offset)
                    assert place not in self.delivered, "delivered twice"
                    assert self.last is not None
                    assert out.position == Position(self.last.epoch, self.last.offset + 1), "a silent hole"
                    self.delivered.add(place)
                    self.last = out.position
                case StateSaved():
                    self.saved = (out.position, out.state)
                case Settled():
                    assert out.id not in self.settled, "settled twice"
                    del self.undecided[out.id]
                    self.settled[out.id] = out.offset
                case Failed():
                    raise AssertionError("nothing here is refused for good")
                case _:
                    pass

    def hear(self, frame: Json, connection: int | None = None) -> None:
        self.obey(self.client.received(self.now, json.dumps(frame), 0.5, connection=connection))

    # --- what happens ---------------------------------------------------------------------------------------

    @rule(ms=st.sampled_from([1, 40, 900, 6000]))
    def time_passes(self, ms: int) -> None:
        self.now += ms
        if self.wake is not None and self.wake <= self.now:
            self.wake = None
            self.obey(self.client.timer(self.now, 0.5))

    @precondition(lambda self: self.client.status is State.CONNECTING)
    @rule()
    def the_line_opens(self) -> None:
        self.obey(self.client.opened(self.now))
        self.server.attach(self.query)

    @rule()
    def somebody_else_writes(self) -> None:
        self.server.append()

    @rule()
    def a_person_writes(self) -> None:
        if self.client.status is not State.IDLE:
            id = f"m{len(self.submitted)}"
            command = {"type": "user_message", "id": id, "text": id}
            self.submitted.append(id)
            self.undecided[id] = command
            self.obey(self.client.submit(self.now, command))

    @precondition(lambda self: self.server.cursor is not None)
    @rule(count=st.integers(1, 4))
    def the_server_works(self, count: int) -> None:
        for frame in self.up[:count]:
            self.server.receive(frame)
        self.up = self.up[count:]
        self.server.feed()

    @precondition(lambda self: self.server.down)
    @rule(count=st.integers(1, 9))
    def frames_arrive(self, count: int) -> None:
        for _ in range(count):
            if self.server.down:
                frame = self.server.down.pop(0)
                self.old.append((self.connection, frame))
                self.hear(frame)

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def an_old_frame_arrives_again(self, data: st.DataObject) -> None:
        connection, frame = data.draw(st.sampled_from(self.old))
        if connection < self.connection or self.client.status is State.LIVE:
            self.hear(frame, connection)

    @precondition(lambda self: len(self.server.down) > 1 and "offset" in self.server.down[0])
    @rule()
    def a_frame_is_lost(self) -> None:
        self.server.down.pop(0)

    @precondition(lambda self: self.client.status in (State.CONNECTING, State.GREETING, State.LIVE))
    @rule(code=st.sampled_from([1001, 1006, 1012, 4000, 4100]))
    def the_line_drops(self, code: int) -> None:
        self.obey(self.client.closed(self.now, code, 0.5, connection=self.connection))
        self.up, self.server.down, self.server.cursor = [], [], None

    @rule(code=st.sampled_from(["rate_limited", "unavailable"]))
    def the_server_refuses_the_next(self, code: str) -> None:
        self.server.refuse_next = code

    @rule()
    def the_log_begins_a_new_life(self) -> None:
        # A backup taken now is restored: the log is the same, but no position of the old life means anything.
        self.server.epoch = f"e{int(self.server.epoch[1:]) + 1}"
        if self.server.cursor is not None:
            self.the_line_drops(4000)

    @rule()
    def the_client_is_killed(self) -> None:
        if self.client.status is State.IDLE:
            return
        position, state = self.saved
        self.client = ClientMachine(session_id="s")
        self.wake = None
        self.connection, self.old = 0, []
        # What the dead process was shown is not shown to the new one, which only takes up where the disk is.
        self.delivered, self.last = set(), position
        kept = list(self.undecided.values())
        self.obey(self.client.start(self.now, position=position, state=state, outbox=kept))

    # --- what must hold -------------------------------------------------------------------------------------

    @invariant()
    def state_is_the_fold(self) -> None:
        replica = self.client.exchange.replica
        if replica.position is not None:
            assert replica.state == self.server.state(replica.position.offset)
            assert (replica.position, replica.state) == self.saved

    @invariant()
    def commands_are_decided_once_and_in_order(self) -> None:
        decided = [event["id"] for event in self.server.log if "id" in event]
        assert decided == self.submitted[: len(decided)]

    @invariant()
    def the_outbox_is_what_is_undecided(self) -> None:
        if self.client.status is not State.IDLE:
            assert self.client.exchange.outbox.commands() == list(self.undecided.values())

    def teardown(self) -> None:
        if self.client.status is State.IDLE:
            return
        self.server.refuse_next = None
        for _ in range(60):
            if self.client.status is State.CONNECTING:
                self.the_line_opens()
            if self.server.cursor is not None:
                self.the_server_works(99)
            while self.server.down:
                self.frames_arrive(1)
            if self.wake is not None:
                self.now = max(self.now, self.wake)
                self.time_passes(0)
        assert self.client.status is State.LIVE
        assert self.undecided == {}, "a command was lost"
        assert sorted(self.settled) == sorted(self.submitted)
        assert self.last == Position(self.server.epoch, len(self.server.log)), "not at head in the end"


Interleavings.TestCase.settings = settings(max_examples=120, stateful_step_count=60)
TestInterleavings = Interleavings.TestCase


# --- single rules that need no story ------------------------------------------------------------------------

WELCOME: Json = {
    "type": "welcome",
    "session_id": "s",
    "outcome": "created",
    "position": {"epoch": "e", "offset": 0},
    "replayed": 0,
    "state": {},
    "devices": [],
    "heartbeat_ms": 25_000,
    "limits": {},
    "reconnect": {"min_ms": 500, "max_ms": 20_000},
}


def live() -> ClientMachine:
    client = ClientMachine(new="n")
    client.start(0)
    client.opened(10)
    client.received(20, json.dumps(WELCOME), 0.5)
    assert client.status is State.LIVE
    return client


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *[(code, State.WAITING) for code in (1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4100, 4101)],
        *[(code, State.SIGN_IN) for code in (4200, 4201)],
        *[(code, State.STOPPED) for code in (1000, 1002, 1003, 1007, 1008, 1009, 4300, 4301, 4302, 4999)],
    ],
)
def test_what_a_close_code_asks_for(code: int, status: State) -> None:
    client = live()
    client.closed(5000, code, 0.5)
    assert client.status is status


@pytest.mark.parametrize("text", ["[]", "5", "null", '"welcome"', "{}", '{"type":5}', '{"type":"event"}'])
def test_what_is_json_but_no_frame_means_nothing(text: str) -> None:
    client = live()
    assert client.received(100, text, 0.5) == []


@pytest.mark.parametrize(
    "text", ["", "{", '{"type":"ack","acks":5}', '{"type":"error"}', "[" * 100_000, '{"type":"agent_delta"}']
)
def test_what_cannot_be_read_ends_the_connection(text: str) -> None:
    client = live()
    assert Close(connection=1, code=4000, reason="malformed") in client.received(100, text, 0.5)
    assert client.status is State.WAITING


def test_a_server_that_closes_at_once_is_not_hammered() -> None:
    client = live()
    now, waits = 30, []
    for _ in range(6):
        client.closed(now, 4000, 1.0)
        assert client.banner is not None
        assert client.banner.at is not None
        waits.append(client.banner.at - now)
        now = client.banner.at
        client.timer(now, 1.0)
        client.opened(now)
        client.received(now, json.dumps(WELCOME | {"outcome": "snapshot"}), 0.5)
    assert waits == [500, 1000, 2000, 4000, 8000, 16_000]


def test_a_connection_that_held_begins_the_backoff_anew() -> None:
    client = live()
    for now in (5000, 15_000):
        client.closed(now, 1006, 1.0)
        assert client.banner is not None
        assert client.banner.at == now + 500
        client.timer(now + 500, 1.0)
        client.opened(now + 500)
        client.received(now + 500, json.dumps(WELCOME | {"outcome": "snapshot"}), 0.5)
