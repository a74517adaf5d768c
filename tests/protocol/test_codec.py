"""The codec under anything at all: designed refusals, limits, digests and envelopes."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipanion.errors import ProtocolError
from shipanion.protocol.codec import MAX_DEPTH, Codec, digest, encode, envelope
from shipanion.protocol.codes import ERRORS
from shipanion.protocol.events import StateChanged, UserMessageEvent
from shipanion.protocol.frames import Acked, AckFrame, Ping, Request, UpdateState, UserMessage, WireLimits
from shipanion.protocol.registry import Registry

CODEC = Codec(Registry(), WireLimits())
TYPES: list[Any] = [*sorted(Registry().names), "no_such_thing", "", 5, None, [], {}]
FIELDS = [
    "id", "requestId", "session_id", "text", "patch", "client_tool_call", "turn_id", "position", "token", "offset",
    "epoch", "limit", "before", "visible", "device",
]  # fmt: skip

numbers = st.integers() | st.integers(-(10**400), 10**400) | st.floats(allow_nan=True, allow_infinity=True)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
calls = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("tool_name", "tool_call_id", "parameters", "metadata"), anything)
)
nearly = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional=dict.fromkeys(FIELDS, anything) | {"client_tool_call": anything | calls},
)
# Also what no JSON text may hold, since a frame is only known to be text.
texts = st.text(st.characters(exclude_categories=()), max_size=200)


def refusal_of(text: str, codec: Codec = CODEC) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        codec.decode(text)
    return caught.value


def outcome(text: str, codec: Codec = CODEC) -> Request | ProtocolError:
    try:
        return codec.decode(text)
    except ProtocolError as error:
        return error


def read_or_refused(text: str) -> None:
    came = outcome(text)
    if isinstance(came, ProtocolError):
        assert came.code in ERRORS
        assert not ERRORS[came.code].temporary
        assert came.id is None or len(came.id) <= 128
        assert came.message == str(came)
        assert len(came.message) < 400
        msgspec.json.encode([came.id, came.request_id, came.message])
    else:
        assert isinstance(came, Request)
        assert len(digest(came)) == 32
        msgspec.json.encode(came)


# --- anything at all --------------------------------------------------------------------------------------------


@given(texts)
@example("")
@example("null")
@example('{"type":"ping"}{}')
@example('\ufeff{"type":"ping"}')
@example('{"type":"user_message","text":"\ud800"}')
@example('{"type":"user_message","text":"\\ud800"}')
@example('{"type":"user_message","type":"ping","text":"a"}')
@example('{"type":"ping","requestId":' + "9" * 5000 + "}")
@example("\ud800" * 40_000)
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


@given(nearly)
def test_any_json_is_read_or_refused(frame: dict[str, Any]) -> None:
    read_or_refused(json.dumps(frame))


@given(nearly, st.data())
def test_any_broken_json_is_read_or_refused(frame: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(frame)
    at = data.draw(st.integers(0, len(text)))
    read_or_refused(
        text[:at] + data.draw(st.sampled_from(["", '"', "}", "\\", "\x00", "[", ",", "\ud800"])) + text[at + 1 :]
    )


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 500, 950, 1100, 5000, 30_000])
@pytest.mark.parametrize(
    "frame",
    [
        '{{"type": "update_state", "id": "p", "patch": {{"a": {}}}}}',
        '{{"type": "client_tool_call", "client_tool_call": '
        '{{"tool_name": "t", "tool_call_id": "p", "parameters": {{"a": {}}}}}}}',
        '{{"type": "ping", "unknown": {}}}',
        "{}",
    ],
)
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(frame: str, left: str, right: str, depth: int) -> None:
    text = frame.format(left * depth + "1" + right * depth)
    assert refusal_of(text).code in ("invalid", "malformed", "too_large")


@pytest.mark.parametrize(("depth", "fits"), [(MAX_DEPTH - 2, True), (MAX_DEPTH - 1, False)])
def test_how_deep_a_frame_may_be(depth: int, fits: bool) -> None:
    text = f'{{"type": "update_state", "id": "p", "patch": {{"a": {"[" * depth + "]" * depth}}}}}'
    if fits:
        assert isinstance(CODEC.decode(text), UpdateState)
    else:
        error = refusal_of(text)
        assert (error.code, error.id) == ("invalid", "p")
        assert str(MAX_DEPTH) in error.message


def test_brackets_in_texts_are_not_depth() -> None:
    words = '[{\\"' * 500 + "\\\\"
    assert isinstance(CODEC.decode(f'{{"type": "user_message", "text": "{words}"}}'), UserMessage)


def test_many_brackets_side_by_side_are_not_depth() -> None:
    text = json.dumps({"type": "update_state", "id": "p", "patch": {"a": [{}] * 500}})
    assert isinstance(CODEC.decode(text), UpdateState)


# --- refusals and their ids -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "id", "request_id"),
    [
        ("{", "malformed", None, None),
        ('{"type": "ping", "id": "a", ', "malformed", None, None),
        ('{"type": "update_state", "id": "a", "patch": {"a": NaN}}', "malformed", "a", None),
        (r'{"type": "user_message", "id": "a", "text": "half \ud83d emoji", "requestId": 7}', "malformed", "a", 7),
        (
            r'{"type": "client_tool_call", "client_tool_call": {"tool_call_id": "a", "parameters": {"x": "\udc00"}}}',
            "malformed",
            "a",
            None,
        ),
        (r'{"type": "user_message", "id": "\ud83d", "text": "x", "requestId": "\ud83d"}', "malformed", None, None),
        ('{"id": ' + "[" * 30_000 + "]" * 30_000 + "}", "malformed", None, None),
        ("[]", "invalid", None, None),
        ('{"id": "a"}', "invalid", "a", None),
        ('{"type": 5, "id": "a", "requestId": 7}', "invalid", "a", 7),
        ('{"type": "x", "id": "a", "requestId": "r"}', "unknown_type", "a", "r"),
        ('{"type": "x", "id": 5, "requestId": true}', "unknown_type", None, None),
        ('{"type": "x", "id": null, "requestId": 1.5}', "unknown_type", None, None),
        ('{"type": "user_message", "id": "a"}', "invalid", "a", None),
        ('{"type": "user_message", "id": "a", "text": 5, "requestId": 0}', "invalid", "a", 0),
        ('{"type": "client_tool_call", "client_tool_call": {"tool_call_id": "a"}}', "invalid", "a", None),
        ('{"type": "client_tool_call", "client_tool_call": 5, "id": "a"}', "invalid", "a", None),
        ('{"type": "client_tool_call", "client_tool_call": {"tool_call_id": 5}}', "invalid", None, None),
        ('{"type": "update_state", "id": "a", "patch": {"n": 1e999}}', "invalid", "a", None),
        ('{"type": "update_state", "id": "a", "patch": {}, "requestId": %s}' % ("9" * 5000), "invalid", "a", None),
    ],
)  # fmt: skip
def test_the_ids_are_recovered(text: str, code: str, id: str | None, request_id: str | int | None) -> None:
    error = refusal_of(text)
    assert (error.code, error.id, error.request_id) == (code, id, request_id)
    assert type(error.request_id) is type(request_id)


def test_an_id_that_is_too_long_for_a_command_is_not_repeated() -> None:
    assert refusal_of(json.dumps({"type": "x", "id": "a" * 128})).id == "a" * 128
    assert refusal_of(json.dumps({"type": "x", "id": "a" * 129})).id is None


def test_the_message_names_the_field() -> None:
    assert "$.text" in refusal_of('{"type": "user_message", "text": 5}').message
    assert '"x"' in refusal_of('{"type": "x"}').message


# --- limits -----------------------------------------------------------------------------------------------------


def test_a_frame_is_measured_in_bytes_of_utf8() -> None:
    def frame(text: str) -> str:
        return json.dumps({"type": "user_message", "id": "a", "text": text, "requestId": "r"}, ensure_ascii=False)

    room = 200 - len(frame("").encode())
    codec = Codec(Registry(), WireLimits(frame=200))
    for letter in ("a", "é", "漢", "🚚"):
        size = len(letter.encode())
        padding = "a" * (room % size)
        fits = frame(letter * (room // size) + padding)
        assert len(fits.encode()) == 200
        assert isinstance(codec.decode(fits), UserMessage)
        error = refusal_of(frame(letter * (room // size) + padding + "a"), codec)
        assert (error.code, error.id, error.request_id) == ("too_large", "a", "r")
        assert "200 bytes" in error.message


@given(st.text(max_size=60), st.integers(1, 120))
def test_the_frame_limit_for_any_text(text: str, limit: int) -> None:
    codec = Codec(Registry(), WireLimits(frame=limit))
    came = outcome(text, codec)
    too_large = isinstance(came, ProtocolError) and came.code == "too_large"
    assert too_large == (len(text.encode()) > limit)


def test_a_text_is_measured_in_characters() -> None:
    codec = Codec(Registry(), WireLimits(text=10))
    assert isinstance(codec.decode(json.dumps({"type": "user_message", "text": "🚚" * 10})), UserMessage)
    error = refusal_of(json.dumps({"type": "user_message", "id": "a", "text": "x" * 11, "requestId": 3}), codec)
    assert (error.code, error.id, error.request_id) == ("too_large", "a", 3)
    assert "10 characters" in error.message
    assert "11" in error.message


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "update_state", "id": "a", "requestId": "r"},
        {
            "type": "client_tool_call",
            "client_tool_call": {"tool_name": "t", "tool_call_id": "a"},
            "requestId": "r",
        },
    ],
)
def test_a_patch_and_parameters_are_measured_in_bytes(frame: dict[str, Any]) -> None:
    codec = Codec(Registry(), WireLimits(patch=20))

    def text(value: str) -> str:
        if "client_tool_call" in frame:
            call = frame["client_tool_call"] | {"parameters": {"title": value}}
            return json.dumps(frame | {"client_tool_call": call}, indent=4)
        return json.dumps(frame | {"patch": {"title": value}}, indent=4)

    codec.decode(text("ab" * 4))
    codec.decode(text("é" * 4))
    for value in ("a" * 9, "é" * 5):
        error = refusal_of(text(value), codec)
        assert (error.code, error.id, error.request_id) == ("too_large", "a", "r")


# --- digests ----------------------------------------------------------------------------------------------------

COMMANDS: list[dict[str, Any]] = [
    {"type": "user_message", "id": "a", "text": "hi"},
    {"type": "user_message", "id": "a", "text": "hi "},
    {"type": "user_message", "id": "a", "text": "Hi"},
    {"type": "update_state", "id": "a", "patch": {"title": "hi"}},
    {"type": "update_state", "id": "a", "patch": {"title": None}},
    {"type": "update_state", "id": "a", "patch": {}},
    {"type": "update_state", "id": "a", "patch": {"id": "b"}},
    {"type": "update_state", "id": "a", "patch": {"metadata": {}}},
    {"type": "stop", "id": "a", "turn_id": "hi"},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "t", "tool_call_id": "a"}},
    {"type": "client_tool_call", "client_tool_call": {"tool_name": "u", "tool_call_id": "a"}},
    {
        "type": "client_tool_call",
        "client_tool_call": {"tool_name": "t", "tool_call_id": "a", "parameters": {"id": "b"}},
    },
    {
        "type": "client_tool_call",
        "client_tool_call": {"tool_name": "t", "tool_call_id": "a", "parameters": {"id": "c"}},
    },
]


def digest_of(frame: dict[str, Any], **how: Any) -> bytes:
    return digest(CODEC.decode(json.dumps(frame, **how)))


def turned(value: Any) -> Any:
    """The same value with the keys of every object in the other order."""
    if isinstance(value, dict):
        return {key: turned(inner) for key, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def with_other_ids(frame: dict[str, Any]) -> dict[str, Any]:
    other = frame | {"session_id": "s", "requestId": 5}
    if "client_tool_call" in frame:
        call = frame["client_tool_call"] | {"tool_call_id": "z", "metadata": {"session_id": "s"}, "colour": "red"}
        return other | {"client_tool_call": call, "id": "z"}
    return other | {"id": "z", "colour": "red"}


@pytest.mark.parametrize("frame", COMMANDS)
def test_the_same_command_has_the_same_digest(frame: dict[str, Any]) -> None:
    mine = digest_of(frame)
    assert digest_of(turned(frame)) == mine
    assert digest_of(frame, indent=3, separators=(" ,", " : ")) == mine
    assert digest_of(with_other_ids(frame)) == mine


def test_another_command_has_another_digest() -> None:
    assert len({digest_of(frame) for frame in COMMANDS}) == len(COMMANDS)


patches = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    max_size=4,
)


def strict(value: Any) -> str:
    """Text in which 1, 1.0 and true are three different things."""
    return json.dumps(value, sort_keys=True)


@given(patches, patches)
def test_digests_are_equal_for_equal_bodies_only(one: dict[str, Any], two: dict[str, Any]) -> None:
    first = digest_of({"type": "update_state", "id": "a", "patch": one})
    assert digest_of({"patch": turned(one), "type": "update_state", "id": "b"}) == first
    assert (digest_of({"type": "update_state", "id": "a", "patch": two}) == first) == (strict(one) == strict(two))


def test_a_digest_does_not_change_from_one_version_to_the_next() -> None:
    # Digests are kept as long as their session: computed otherwise, every repeat would be "another command".
    plain = '{"text":"hé","type":"user_message"}'
    assert digest_of({"type": "user_message", "id": "a", "text": "hé"}) == hashlib.sha256(plain.encode()).digest()


# --- envelopes --------------------------------------------------------------------------------------------------


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


ids = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)


@given(ids, st.text(max_size=60), patches, st.integers(1, 2**53 - 1), st.integers(0, 2**53 - 1), st.text(max_size=20))
@example('"', "", {}, 1, 0, '"')
@example("\\", "", {}, 1, 0, "\\")
@example("\x00\n\u2028é🚚", "", {}, 1, 0, "\x1f")
def test_an_envelope_is_json_for_any_id_and_body(
    id: str | None, text: str, patch: dict[str, Any], offset: int, at: int, name: str
) -> None:
    body = msgspec.json.encode(UserMessageEvent(text=text, patch=patch))
    by = {"role": "owner", "name": name}
    sent = envelope("s-1", offset, at, msgspec.json.encode(by), id, body)
    read = json.loads(sent.decode("utf-8"), object_pairs_hook=without_twins)
    known: dict[str, Any] = {"session_id": "s-1", "offset": offset, "at": at, "by": by}
    assert read == known | ({} if id is None else {"id": id}) | {"type": "user_message", "text": text, "patch": patch}


def test_an_envelope_around_the_smallest_body() -> None:
    sent = envelope("s-1", 1, 2, b"{}", None, msgspec.json.encode(StateChanged()))
    assert sent == b'{"session_id":"s-1","offset":1,"at":2,"by":{},"type":"state_changed"}'


def test_encode() -> None:
    acks = AckFrame(session_id="s-1", acks=[Acked(id='"é', offset=1, duplicate=False)])
    assert json.loads(encode(acks)) == {
        "type": "ack", "session_id": "s-1", "acks": [{"id": '"é', "offset": 1, "duplicate": False}],
    }  # fmt: skip


def test_decode_gives_the_request() -> None:
    assert CODEC.decode('{"type": "ping", "requestId": 3, "colour": "red"}') == Ping(request_id=3)


@pytest.mark.parametrize("length", [4_000, 4_200, 16_000])
def test_a_patch_that_grows_when_encoded_is_measured_as_encoded(length: int) -> None:
    numbers = ",".join(["9e15"] * (length // 5))
    text = '{"type":"update_state","id":"m1","patch":{"n":[' + numbers + "]}}"
    encoded = len(msgspec.json.encode({"n": [9e15] * (length // 5)}))
    codec = Codec(Registry(), WireLimits())
    if encoded <= WireLimits().patch:
        codec.decode(text)
    else:
        with pytest.raises(ProtocolError, match="bytes"):
            codec.decode(text)
