"""What a client may say of itself when it comes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.errors import ProtocolError
from shipanion.protocol.frames import Hello
from shipanion.protocol.handshake import asked_position, check_hello, hello_of_query, joined
from shipanion.protocol.position import MAX_OFFSET, Position, valid_epoch

WHOLE = {"session_id": "s-1", "epoch": "e1", "offset": "5", "device": "d-1", "client": "c-1", "new": "k-1"}


def test_every_field_of_the_query() -> None:
    assert hello_of_query(WHOLE) == Hello(session_id="s-1", epoch="e1", offset=5, device="d-1", client="c-1", new="k-1")


def test_other_fields_and_empty_ones_count_as_not_given() -> None:
    assert hello_of_query({"page": "2", "session_id": "", "epoch": "", "device": "", "new": ""}) == Hello()


def test_the_token_of_the_query_is_the_endpoints_business() -> None:
    assert hello_of_query({"token": "t", "requestId": "r"}) == Hello()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("offset", ""),
        ("offset", "x"),
        ("offset", "-1"),
        ("offset", "+1"),
        ("offset", "1.0"),
        ("offset", " 1"),
        ("offset", "1e3"),
        ("offset", "\u0661"),
        ("offset", "²"),
        ("offset", "0x1"),
        ("offset", "1_000"),
        ("offset", str(MAX_OFFSET + 1)),
        ("offset", "9" * 5000),
        ("epoch", "e 1"),
        ("epoch", "é"),
        ("epoch", "e" * 65),
        ("epoch", "e\n"),
        ("device", "d" * 65),
        ("device", "d\n"),
        ("client", "c" * 65),
        ("client", "c\x00"),
        ("new", "k" * 129),
        ("new", "k\ud800"),
        ("new", "k\u202e"),
    ],
)
def test_what_is_refused(field: str, value: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        hello_of_query(WHOLE | {field: value})
    assert caught.value.code == "invalid"
    assert field in caught.value.message


def test_the_largest_of_everything() -> None:
    hello = hello_of_query(
        {"epoch": "e" * 64, "offset": str(MAX_OFFSET), "device": "d" * 64, "client": "ç" * 64, "new": "k" * 128}
    )
    assert asked_position(hello) == Position("e" * 64, MAX_OFFSET)


@given(st.dictionaries(st.sampled_from([*WHOLE, "token", "page"]), st.text(max_size=140)))
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    try:
        hello = hello_of_query(query)
    except ProtocolError:
        return
    assert hello.epoch is None or valid_epoch(hello.epoch)
    assert hello.offset is None or 0 <= hello.offset <= MAX_OFFSET


@pytest.mark.parametrize(
    "fields", [{"epoch": "e 1"}, {"epoch": ""}, {"device": "d\n"}, {"client": "c\t"}, {"new": "k\u202e"}]
)
def test_a_hello_frame_is_held_to_the_same(fields: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=next(iter(fields))):
        check_hello(Hello(token="t", **fields))


def test_a_hello_adds_to_the_query_and_counts_where_both_speak() -> None:
    query = Hello(session_id="s-1", epoch="e0", offset=3, device="d-1")
    frame = Hello(token="t", epoch="e1", offset=0, new="k-1")
    assert joined(query, frame) == Hello(session_id="s-1", token="t", epoch="e1", offset=0, device="d-1", new="k-1")


@pytest.mark.parametrize(
    ("hello", "position"),
    [
        (Hello(), None),
        (Hello(epoch="e1"), None),
        (Hello(offset=5), None),
        (Hello(epoch="e1", offset=0), Position("e1", 0)),
    ],
)
def test_an_offset_means_nothing_without_its_epoch(hello: Hello, position: Position | None) -> None:
    assert asked_position(hello) == position
