"""The server machine under chance. Single stories are told by the dialogues (`schema/scenarios/server-*.json`)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shipanion.protocol.bucket import TokenBucket
from shipanion.protocol.codec import Codec, digest
from shipanion.protocol.codes import CLOSES, ERRORS
from shipanion.protocol.command_order import CommandOrder
from shipanion.protocol.frames import (
    Acked,
    AckFrame,
    AuthOk,
    ErrorFrame,
    ReconnectWindow,
    Welcome,
    WireLimits,
)
from shipanion.protocol.position import Position
from shipanion.protocol.registry import Registry
from shipanion.protocol.session import HELLO_MS, ServerMachine, State
from shipanion.protocol.session_outputs import (
    Attach,
    Authenticate,
    CloseNow,
    Decide,
    Output,
    Query,
    SaveDevice,
    Send,
    ShowSeen,
    Wake,
)

CODEC = Codec(Registry(), WireLimits())
WELCOME = Welcome(
    session_id="s-1", outcome="snapshot", position=Position("e1", 7), replayed=0, state={}, devices=[],
    heartbeat_ms=25_000, limits=WireLimits(), reconnect=ReconnectWindow(),
)  # fmt: skip
ENDS = 3_600_000


def live(*, full: bool = True, bucket: TokenBucket | None = None) -> ServerMachine:
    machine = ServerMachine(CODEC, full=full, bucket=bucket)
    machine.open(0, {"session_id": "s-1", "device": "d-1", "client": "c-1"}, "t")
    machine.identified(1, "u-ada", ENDS)
    machine.attached(2, "s-1", WELCOME)
    return machine


def give(machine: ServerMachine, now: int = 10, **frame: Any) -> list[Output]:
    return machine.receive(now, json.dumps(frame))


def errors(outputs: list[Output]) -> list[ErrorFrame]:
    return [out.frame for out in outputs if isinstance(out, Send) and isinstance(out.frame, ErrorFrame)]


# --- who and when -----------------------------------------------------------------------------------------------


def test_the_machine_knows_who_is_there() -> None:
    machine = live()
    assert (machine.device, machine.client, machine.user_id) == ("d-1", "c-1", "u-ada")
    assert (machine.session_id, machine.epoch) == ("s-1", "e1")


def test_a_hello_says_who_is_there_too() -> None:
    machine = ServerMachine(CODEC, full=True)
    machine.open(0, {"device": "d-0"}, None)
    give(machine, type="hello", token="t", device="d-2", client="c-2")
    machine.identified(1, "u-ada", ENDS)
    assert (machine.device, machine.client) == ("d-2", "c-2")


@pytest.mark.parametrize("early", [1, HELLO_MS - 1])
def test_a_timer_that_comes_too_early_is_set_again(early: int) -> None:
    machine = ServerMachine(CODEC, full=True)
    machine.open(0, {}, None)
    assert machine.timer(early) == [Wake(HELLO_MS)]
    assert machine.state is State.GREETING


def test_the_time_for_a_hello_is_over_with_the_hello() -> None:
    machine = ServerMachine(CODEC, full=True)
    machine.open(0, {}, None)
    give(machine, type="hello", token="t")
    assert machine.timer(HELLO_MS) == []
    machine.identified(HELLO_MS + 1, "u-ada", ENDS)
    assert machine.timer(HELLO_MS + 2) == [Wake(ENDS)]


def test_the_old_end_means_nothing_after_a_refresh() -> None:
    machine = live()
    give(machine, type="auth", token="t-2")
    machine.identified(20, "u-ada", 2 * ENDS)
    assert machine.timer(ENDS) == [Wake(2 * ENDS)]
    assert machine.state is State.LIVE


def test_a_token_may_be_refreshed_with_one_that_ends_sooner() -> None:
    machine = live()
    give(machine, type="auth", token="t-2")
    machine.identified(20, "u-ada", 1000)
    assert isinstance(machine.timer(1000)[-1], CloseNow)


def test_a_token_that_ends_while_attaching_ends_the_connection() -> None:
    machine = ServerMachine(CODEC, full=True)
    machine.open(0, {}, "t")
    machine.identified(1, "u-ada", 50)
    assert errors(machine.timer(50))[0].code == "expired"
    assert machine.attached(60, "s-1", WELCOME) == []


@given(st.lists(st.sampled_from(["mine", "theirs", "none"]), min_size=1, max_size=6))
def test_every_fresh_token_is_looked_at_once_and_answered_in_order(answers: list[str]) -> None:
    machine = live()
    asked = [out for i, _ in enumerate(answers) for out in give(machine, type="auth", token=f"t-{i}", requestId=i)]
    assert asked == [Authenticate("t-0")]
    told: list[Any] = []
    for i, answer in enumerate(answers):
        if answer == "none":
            outputs = machine.not_identified(20 + i, "expired", "It ran out.")
        else:
            outputs = machine.identified(20 + i, "u-ada" if answer == "mine" else "u-bob", ENDS + i)
        told += [out.frame for out in outputs if isinstance(out, Send)]
        after = [Authenticate(f"t-{i + 1}")] if i + 1 < len(answers) else []
        assert [out for out in outputs if isinstance(out, Authenticate)] == after
    assert [frame.request_id for frame in told] == list(range(len(answers)))
    assert [isinstance(frame, AuthOk) for frame in told] == [answer == "mine" for answer in answers]
    assert machine.state is State.LIVE
    assert machine.user_id == "u-ada"


# --- the two dialects -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closing", CLOSES)
def test_a_plain_client_is_closed_with_a_code_its_library_knows_or_may_come_back_after(closing: str) -> None:
    [full] = live().end(closing)
    [plain] = live(full=False).end(closing)
    assert full == CloseNow(*CLOSES[closing])
    assert plain == (CloseNow(1008, "refused") if CLOSES[closing].code >= 4200 else full)


def test_a_plain_client_gets_no_welcome_and_no_acks() -> None:
    machine = ServerMachine(CODEC, full=False)
    machine.open(0, {"session_id": "s-1"}, "t")
    machine.identified(1, "u-ada", ENDS)
    assert machine.attached(2, "s-1", WELCOME) == []
    assert machine.decided(3, [Acked(id="m", offset=8, duplicate=False)]) == []


def test_a_plain_client_resumes_nothing_though_it_names_a_position() -> None:
    machine = ServerMachine(CODEC, full=False)
    machine.open(0, {"session_id": "s-1", "epoch": "e1", "offset": "5"}, "t")
    assert machine.identified(1, "u-ada", ENDS) == [Wake(ENDS), Attach("s-1")]


def test_a_plain_client_is_never_told_to_keep_an_order() -> None:
    machine = live(full=False)
    machine.refused(10, "m-1", "unavailable", "The disk is full.")
    assert isinstance(give(machine, type="user_message", id="m-2", text="two")[0], Decide)


def test_no_acks_no_frame() -> None:
    assert live().decided(10, []) == []
    [sent] = live().decided(10, [Acked(id="m", offset=8, duplicate=False)])
    assert isinstance(sent, Send)
    assert isinstance(sent.frame, AckFrame)


def test_a_command_is_handed_on_with_its_digest() -> None:
    text = json.dumps({"type": "update_state", "id": "p", "patch": {"title": "Boots"}, "colour": "red"})
    request = CODEC.decode(text)
    assert live().receive(10, text) == [Decide(request, "p", digest(request))]


# --- commands in order ------------------------------------------------------------------------------------------


class Order(RuleBasedStateMachine):
    """Commands 0, 1, 2, … of a client that may come in any order: held back exactly as ``CommandOrder`` says, which is
    told of nothing but what came and what became of it."""

    bucket: TokenBucket | None = None

    @initialize(limited=st.booleans())
    def begin(self, limited: bool) -> None:
        self.now = 10
        bucket = TokenBucket(per_second=10, burst=3) if limited else None
        self.machine = live(bucket=bucket)
        self.under_way: list[str] = []
        self.order = CommandOrder()

    def came(self, number: int, **frame: Any) -> None:
        id = f"c-{number}"
        [out] = give(self.machine, self.now, id=id, **frame)
        if isinstance(out, Decide):
            assert self.order.admit(id)
            assert out.id == id
            self.under_way.append(id)
            return
        [error] = errors([out])
        assert error.id == id
        if error.code == "rate_limited":
            assert error.retry_after_ms
            self.order.too_fast(id)
        elif error.code == "retry_in_order":
            assert not self.order.admit(id)
        else:
            assert not error.temporary
            self.order.decided(id)

    @rule(number=st.integers(0, 4))
    def message(self, number: int) -> None:
        self.came(number, type="user_message", text="hello")

    @rule(number=st.integers(0, 4))
    def call(self, number: int) -> None:
        call = {"tool_name": "t", "tool_call_id": f"c-{number}"}
        self.came(number, type="client_tool_call", client_tool_call=call)

    @rule(number=st.integers(0, 4), frame=st.sampled_from([{"text": ""}, {"text": "hi", "session_id": "s-2"}]))
    def refused_at_once(self, number: int, frame: dict[str, Any]) -> None:
        self.came(number, type="user_message", **frame)

    @rule(ms=st.integers(0, 400))
    def wait(self, ms: int) -> None:
        self.now += ms

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), code=st.sampled_from(sorted(ERRORS)))
    def refused(self, data: st.DataObject, code: str) -> None:
        id = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove(id)
        [error] = errors(self.machine.refused(self.now, id, code, "No."))
        assert (error.id, error.code, error.temporary) == (id, code, ERRORS[code].temporary)
        if error.temporary:
            self.order.refused(id)
        else:
            self.order.decided(id)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def decided(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove(id)
        assert self.machine.decided(self.now, [Acked(id=id, offset=8, duplicate=False)])
        self.order.decided(id)

    @rule(number=st.integers(0, 4))
    def happened(self, number: int) -> None:
        self.machine.happened(f"c-{number}")
        self.order.happened(f"c-{number}")

    @rule(frame=st.sampled_from(["ping", "history", "get_session_state", "stop", "seen", "device_state", "auth"]))
    def what_is_never_held_back(self, frame: str) -> None:
        more: dict[str, dict[str, Any]] = {
            "stop": {"id": "x", "turn_id": "t"},
            "seen": {"position": {"epoch": "e1", "offset": 3}},
            "device_state": {"patch": {}},
            "auth": {"token": "t"},
        }
        outputs = give(self.machine, self.now, type=frame, **more.get(frame, {}))
        assert all(error.code == "rate_limited" for error in errors(outputs))
        if any(isinstance(out, Authenticate) for out in outputs):
            self.machine.identified(self.now, "u-ada", ENDS)

    def teardown(self) -> None:
        # However it came to be held, a client that sends everything again, oldest first, gets through.
        if hasattr(self, "machine"):
            for number in range(5):
                self.now += 10_000
                self.came(number, type="user_message", text="hello")
            self.now += 10_000
            assert isinstance(give(self.machine, self.now, type="user_message", id="last", text="x")[0], Decide)


TestOrder = Order.TestCase
TestOrder.settings = settings(max_examples=150, stateful_step_count=30)


# --- anything at all --------------------------------------------------------------------------------------------

FRAMES: list[dict[str, Any]] = [
    {"type": "hello", "token": "t"},
    {"type": "hello", "token": "t", "epoch": "e 1"},
    {"type": "hello", "session_id": "s-1"},
    {"type": "user_message", "id": "m-1", "text": "one"},
    {"type": "user_message", "text": "one", "session_id": "s-2", "requestId": "r"},
    {"type": "user_message", "id": "m-2", "text": 5, "requestId": 3},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "t", "tool_call_id": "a"}},
    {
        "type": "client_tool_call",
        "client_tool_call": {"tool_name": "t", "tool_call_id": "a", "metadata": {"session_id": "s-2"}},
    },
    {"type": "stop", "id": "x-1", "turn_id": "t-1"},
    {"type": "get_session_state"},
    {"type": "get_session_state", "session_id": "s-1"},
    {"type": "history", "id": "h-1"},
    {"type": "seen", "position": {"epoch": "e1", "offset": 3}},
    {"type": "seen", "position": {"epoch": "e0", "offset": 3}},
    {"type": "device_state", "patch": {"draft": "x"}},
    {"type": "auth", "token": "t-2"},
    {"type": "ping", "session_id": "s-1"},
    {"type": "ping", "requestId": 3},
    {"type": "no_such_thing"},
]
step = st.one_of(
    st.sampled_from(FRAMES).map(json.dumps),
    st.text(max_size=10),
    st.sampled_from(["binary", "timer", "late", "answer", "answer no", "answer bob", "decided", "refused"]),
)


class Shell:
    """Obeys the machine as a shell would: asks one thing at a time, and answers what was asked."""

    def __init__(self, full: bool, query: dict[str, str], token: str | None) -> None:
        self.machine = ServerMachine(CODEC, full=full, bucket=TokenBucket(per_second=5, burst=4))
        self.now = 0
        self.asked: list[Authenticate | Attach] = []
        self.commands: list[Decide] = []
        self.closed = False
        self.sent: list[Any] = []
        self.obey(self.machine.open(0, query, token))

    def obey(self, outputs: list[Output]) -> None:
        assert not (self.closed and outputs)
        for number, output in enumerate(outputs):
            match output:
                case Send(frame=frame):
                    assert frame.session_id == self.machine.session_id
                    self.sent.append(frame)
                case CloseNow():
                    assert number == len(outputs) - 1
                    self.closed = True
                case Authenticate() | Attach():
                    self.asked.append(output)
                case Decide():
                    assert self.machine.state in (State.LIVE, State.IDLE)
                    self.commands.append(output)
                case Wake(at=at):
                    assert at > 0
                case Query() | SaveDevice() | ShowSeen():
                    assert isinstance(output, ShowSeen) or self.machine.session_id == "s-1"

    def step(self, what: str) -> None:
        machine, self.now = self.machine, self.now + 37
        match what:
            case "binary":
                self.obey(machine.binary(self.now))
            case "timer":
                self.obey(machine.timer(self.now))
            case "late":
                self.now += HELLO_MS
                self.obey(machine.timer(self.now))
            case "answer" | "answer no" | "answer bob":
                self.answer(what)
            case "decided" | "refused" if self.commands:
                command = self.commands.pop(0)
                if what == "decided":
                    self.obey(machine.decided(self.now, [Acked(id=command.id or "made", offset=8, duplicate=False)]))
                else:
                    self.obey(machine.refused(self.now, command.id, "unavailable", "The disk is full."))
            case "decided" | "refused":
                pass
            case _:
                self.obey(machine.receive(self.now, what))

    def answer(self, what: str) -> None:
        if not self.asked:
            return
        asked = self.asked.pop(0)
        if isinstance(asked, Attach):
            if what == "answer no":
                self.obey(self.machine.not_attached(self.now, "not_found", "There is none."))
            else:
                self.obey(self.machine.attached(self.now, "s-1", WELCOME))
        elif what == "answer no":
            self.obey(self.machine.not_identified(self.now, "sign_in", "No."))
        else:
            self.obey(self.machine.identified(self.now, "u-bob" if what == "answer bob" else "u-ada", ENDS))


@given(
    st.booleans(),
    st.dictionaries(st.sampled_from(["session_id", "new", "epoch", "offset"]), st.sampled_from(["s-1", "5", "e 1"])),
    st.sampled_from([None, "t"]),
    st.lists(step, max_size=25),
)
def test_whatever_comes_every_frame_and_every_answer_is_in_its_place(
    full: bool, query: dict[str, str], token: str | None, steps: list[str]
) -> None:
    shell = Shell(full, query, token)
    for what in steps:
        shell.step(what)
    kinds = [type(frame) for frame in shell.sent]
    assert kinds.count(Welcome) <= int(full)
    if not full:
        assert AckFrame not in kinds
    elif Welcome in kinds:
        assert set(kinds[: kinds.index(Welcome)]) <= {ErrorFrame}
    assert shell.closed == (shell.machine.state is State.CLOSED)


@given(st.lists(st.sampled_from(FRAMES), max_size=12))
def test_what_comes_before_the_welcome_is_answered_as_if_it_came_after(frames: list[dict[str, Any]]) -> None:
    early = ServerMachine(CODEC, full=True)
    early.open(0, {"session_id": "s-1"}, "t")
    half = len(frames) // 2
    for frame in frames[:half]:
        assert give(early, **frame) == []
    early.identified(10, "u-ada", ENDS)
    for frame in frames[half:]:
        assert give(early, **frame) == []
    late = live()
    after = [out for frame in frames for out in give(late, **frame)]
    assert early.attached(10, "s-1", WELCOME) == [Send(WELCOME), *after]


def test_what_happened_by_another_way_holds_nothing_back() -> None:
    machine = live()
    give(machine, type="update_state", id="a", patch={"title": "A"})
    machine.refused(11, "a", "unavailable", "not now")
    assert [error.code for error in errors(give(machine, type="update_state", id="b", patch={}))] == ["retry_in_order"]
    machine.happened("b")
    assert [error.code for error in errors(give(machine, type="update_state", id="b", patch={}))] == ["retry_in_order"]
    machine.happened("a")
    assert [type(out) for out in give(machine, type="update_state", id="b", patch={})] == [Decide]
