"""What goes to and fro on a live connection, without the connection."""

from typing import Any

import msgspec
import pytest

from shipanion.protocol.client_outputs import Answer, Deliver, Failed, Output, Recovered, Refused, Send, Settled
from shipanion.protocol.exchange import Broken, Exchange, SignedOut, question_id
from shipanion.protocol.frames import ErrorFrame, ReconnectWindow, Welcome
from shipanion.protocol.position import Position
from shipanion.protocol.replica import Hole

WINDOW = ReconnectWindow()


def welcome(**fields: Any) -> dict[str, Any]:
    common: dict[str, Any] = {
        "type": "welcome",
        "session_id": "s",
        "position": {"epoch": "e", "offset": 4},
        "replayed": 0,
        "devices": [],
        "heartbeat_ms": 25_000,
        "limits": {},
        "reconnect": {},
    }
    return common | fields


def take_in(exchange: Exchange, asked: Position | None = None, **fields: Any) -> list[Output]:
    frame = welcome(**fields)
    return exchange.welcome(msgspec.convert(frame, Welcome), frame, asked)


def take(exchange: Exchange, **frame: Any) -> list[Output]:
    return exchange.take(msgspec.json.encode(frame).decode(), frame)


def command(id: str, text: str = "x") -> dict[str, Any]:
    return {"type": "user_message", "id": id, "text": text}


def refusal(exchange: Exchange, key: str | None, code: str, *, temporary: bool, **more: Any) -> list[Output]:
    error = ErrorFrame(code=code, message="No.", temporary=temporary, id=key, **more)
    return exchange.refused(1000, error, key, WINDOW, 1.0)


@pytest.fixture
def exchange() -> Exchange:
    """Live at (e, 4), with m1 and m2 sent."""
    made = Exchange()
    take_in(made, outcome="snapshot", state={"a": 1})
    made.outbox.extend([command("m1"), command("m2")])
    made.flush()
    return made


@pytest.mark.parametrize(
    ("fields", "asked", "reason"),
    [
        ({"outcome": "recovered"}, None, "wrong_position"),
        ({"outcome": "recovered"}, Position("e", 3), "wrong_position"),
        ({"outcome": "recovered"}, Position("f", 4), "wrong_position"),
        ({"outcome": "snapshot"}, None, "no_state"),
        ({"outcome": "created"}, None, "no_state"),
        ({"outcome": "created", "state": {}, "session_id": "other"}, None, "wrong_session"),
        ({"outcome": "created", "state": {}, "session_id": None}, None, "wrong_session"),
    ],
)
def test_a_welcome_that_answers_something_else_is_not_taken(
    fields: dict[str, Any], asked: Position | None, reason: str
) -> None:
    exchange = Exchange()
    exchange.session_id = "s"
    with pytest.raises(Broken, match=reason):
        take_in(exchange, asked, **fields)


def test_recovered_is_said_when_the_last_missed_event_is_in() -> None:
    exchange = Exchange()
    exchange.replica.replace(Position("e", 4), {})
    begun = take_in(exchange, Position("e", 4), outcome="recovered", replayed=2)
    assert not any(isinstance(out, Recovered) for out in begun)
    said = [take(exchange, type="x", offset=offset) for offset in (5, 6, 7)]
    assert [Recovered(count=2) in outputs for outputs in said] == [False, True, False]


def test_events_of_unknown_types_count(exchange: Exchange) -> None:
    outputs = take(exchange, type="hologram", offset=5, session_id="s", patch={"a": None})
    assert Deliver in map(type, outputs)
    assert (exchange.replica.position, exchange.replica.state) == (Position("e", 5), {})


def test_a_missing_event_is_a_hole(exchange: Exchange) -> None:
    with pytest.raises(Hole):
        take(exchange, type="x", offset=6)


def test_either_word_settles_a_command_and_only_once(exchange: Exchange) -> None:
    own = take(exchange, type="user_message", offset=5, id="m1", text="x")
    acks = [{"id": "m1", "offset": 5, "duplicate": False}, {"id": "m2", "offset": 6, "duplicate": True}]
    late = take(exchange, type="ack", acks=acks)
    assert Settled(id="m1", offset=5) in own
    assert late == [Settled(id="m2", offset=6, duplicate=True)]


def test_a_refusal_for_now_holds_everything_back_until_its_time(exchange: Exchange) -> None:
    assert refusal(exchange, "m1", "rate_limited", temporary=True, retry_after_ms=700) == []
    assert refusal(exchange, "m2", "retry_in_order", temporary=True) == []
    assert (exchange.hold_until, exchange.flush()) == (1700, [])
    exchange.hold_until = None
    assert exchange.flush() == [Send(frame=command("m1")), Send(frame=command("m2"))]


def test_the_longest_wait_holds(exchange: Exchange) -> None:
    refusal(exchange, "m1", "rate_limited", temporary=True, retry_after_ms=700)
    refusal(exchange, "m2", "rate_limited", temporary=True, retry_after_ms=300)
    assert exchange.hold_until == 1700


def test_refused_for_good(exchange: Exchange) -> None:
    failed = refusal(exchange, "m1", "id_reused", temporary=False)
    assert failed == [Failed(id="m1", code="id_reused", message="No.")]
    assert exchange.outbox.commands() == [command("m2")]


@pytest.mark.parametrize("code", ["sign_in", "expired"])
def test_for_want_of_a_credential_nothing_is_lost(exchange: Exchange, code: str) -> None:
    with pytest.raises(SignedOut):
        refusal(exchange, "m1", code, temporary=False)
    assert len(exchange.outbox) == 2


def test_questions_are_answered_once(exchange: Exchange) -> None:
    exchange.questions["h"] = {"type": "history", "id": "h"}
    page = {"type": "history_page", "id": "h", "events": [{"offset": 1}], "more": False}
    assert take(exchange, **page) == [Answer(id="h", frame=page)]
    assert take(exchange, **page) == []
    assert exchange.replica.position == Position("e", 4)


def test_a_refused_question_is_over(exchange: Exchange) -> None:
    exchange.questions["h"] = {"type": "history", "id": "h"}
    assert refusal(exchange, "h", "invalid", temporary=False) == [
        Refused(id="h", code="invalid", message="No.", temporary=False)
    ]
    assert exchange.questions == {}


def test_a_command_over_the_limit_does_not_cut_the_line() -> None:
    exchange = Exchange()
    take_in(exchange, outcome="created", state={}, limits={"frame": 100})
    exchange.outbox.extend([command("big", "é" * 50), command("small")])
    big, small = exchange.flush()
    assert isinstance(big, Failed)
    assert big.code == "too_large"
    assert small == Send(frame=command("small"))


@pytest.mark.parametrize(
    ("frame", "key"), [({"id": "a", "requestId": 5}, "a"), ({"requestId": 5}, "5"), ({"type": "x"}, None)]
)
def test_what_ties_an_answer_to_its_question(frame: dict[str, Any], key: str | None) -> None:
    assert question_id(frame) == key
