"""What is answered directly: history, the plain state, the domain's own requests, a tool's result to a plain client."""

from typing import Any

import msgspec
import pytest

from shipanion.protocol.frames import ToolCall
from shipanion.server.answers import outcome_of, tool_answer
from shipanion.server.domain import Answer, ToolOutcome
from shipanion.stores.base import StoredEvent
from shipanion.stores.memory import MemoryStore
from tests.support.moody_store import MoodyStore
from tests.support.room import START, Json, Peer, Room
from tests.support.until_true import until_true


async def history(peer: Peer, **fields: Any) -> Json:
    peer.send("history", id="h", **fields)
    return await peer.until("history_page")


async def with_log(room: Room, count: int) -> Peer:
    ann = await room.enter()
    for n in range(count):
        ann.edit(f"e{n}", milk=n % 9 + 1)
    await ann.acked(f"e{count - 1}")
    return ann


# --- history --------------------------------------------------------------------------------------------------------


async def test_history_is_read_backwards_page_by_page(room: Room) -> None:
    ann = await with_log(room, 12)
    seen: list[Json] = []
    before: Json = {}
    pages = []
    while True:
        page = await history(ann, limit=5, **before)
        pages.append(([event["offset"] for event in page["events"]], page["more"]))
        seen = page["events"] + seen
        if not page["more"]:
            break
        before = {"before": page["events"][0]["offset"]}
    assert pages == [([8, 9, 10, 11, 12], True), ([3, 4, 5, 6, 7], True), ([1, 2], False)]
    assert seen == ann.events


@pytest.mark.parametrize("before", [0, 1])
async def test_there_is_nothing_before_the_beginning(room: Room, before: int) -> None:
    ann = await with_log(room, 2)
    page = await history(ann, before=before)
    assert (page["events"], page["more"], page["id"]) == ([], False, "h")


async def test_the_history_of_an_empty_session_is_empty(room: Room) -> None:
    page = await history(await room.enter())
    assert (page["events"], page["more"]) == ([], False)


async def test_a_page_that_ends_at_the_first_event_has_no_more(room: Room) -> None:
    ann = await with_log(room, 5)
    page = await history(ann, limit=5)
    assert (len(page["events"]), page["more"]) == (5, False)


async def test_history_is_in_bytes_bounded_too(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.server.answers.HISTORY_BYTES", 150)
    ann = await with_log(room, 10)
    page = await history(ann, limit=200)
    assert 0 < len(page["events"]) < 10
    assert page["more"]


@pytest.mark.parametrize("limit", [0, 201, -1, "many"])
async def test_a_page_of_no_sensible_size_is_refused(quick: Room, limit: Any) -> None:
    ann = await quick.enter()
    ann.send("history", id="h", limit=limit)
    error = await ann.until("error")
    assert (error["code"], error["id"]) == ("invalid", "h")


# --- the plain state ------------------------------------------------------------------------------------------------


async def test_the_plain_state_says_who_asked_when_and_for_what(room: Room) -> None:
    ann = await with_log(room, 1)
    plain = await room.plain(session_id=ann.session_id)
    plain.send("get_session_state", requestId="r1")
    assert await plain.until("session_state") == {
        "type": "session_state",
        "session_id": ann.session_id,
        "state": {"list": {"milk": 1}, "scrollPosition": 0},
        "timestamp": START / 1000,
        "user": "Ann",
        "requestId": "r1",
    }


async def test_the_scroll_position_is_the_last_that_any_device_wrote(room: Room) -> None:
    ann = await room.enter(device="phone")
    plain = await room.plain(session_id=ann.session_id)

    async def scroll() -> Any:
        plain.send("get_session_state")
        return (await plain.until("session_state"))["state"]["scrollPosition"]

    assert await scroll() == 0
    ann.send("device_state", patch={"scrollPosition": 120})
    assert await scroll() == 120
    plain.send("device_state", patch={"scrollPosition": 7.5})
    assert await scroll() == 7.5
    session_id = ann.session_id
    for peer in (plain, ann):
        peer.drop()
    plain = await room.plain(session_id=session_id)
    await until_true(scroll)  # written on leaving, behind everything else
    assert await scroll() in (120, 7.5)


# --- the domain's own requests --------------------------------------------------------------------------------------


async def test_a_request_of_the_domains_is_answered_in_its_words(room: Room) -> None:
    plain = await room.plain()
    plain.send("get_price", payload={"item": "milk"}, requestId="r1")
    assert await plain.until("price") == {
        "type": "price",
        "session_id": plain.session_id,
        "payload": {"item": "milk", "price": 4},
        "about": "milk",
        "timestamp": START / 1000,
        "user": "Ann",
        "requestId": "r1",
    }
    kinds = [event.type for event in await room.log(plain.session_id)]
    assert kinds[:2] == ["client_tool_call", "client_tool_result"]


async def test_a_full_client_may_ask_too_and_sees_the_call_in_the_log(room: Room) -> None:
    ann = await room.enter()
    ann.send("get_price", payload={"item": "milk"})
    await ann.until("price")
    await ann.until("client_tool_result", patch={"items": {"milk": 1}, "total": 1})


async def test_a_request_that_cannot_be_is_refused_with_its_payload(quick: Room) -> None:
    plain = await quick.plain()
    plain.send("get_price", payload={"colour": "red"}, requestId="r1")
    error = await plain.until("error")
    assert (error["code"], error["message"], error["requestId"]) == (
        "missing_field",
        "Missing required field: item",
        "r1",
    )
    assert error["payload"] == {"original_request": {"colour": "red"}}
    assert await quick.log(plain.session_id) == []


@pytest.mark.usefixtures("mishaps")
@pytest.mark.parametrize("tool", ["broken", "garbled"])
async def test_a_request_whose_tool_fails_is_answered_once_by_an_error(room: Room, tool: str) -> None:
    plain = await room.plain()
    plain.send("get_price", payload={"item": "milk", "tool": tool}, requestId="r1")
    error = await plain.until("error")
    assert (error["temporary"], error["requestId"], error["user"]) == (False, "r1", "Ann")
    await plain.answered()
    assert len(plain.of("error")) == 1


async def test_a_request_the_store_could_not_take_is_refused_for_now(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    plain = await room.plain()
    plain.send("get_session_state")
    await plain.until("session_state")
    store.refuses = lambda step: True
    plain.send("get_price", payload={"item": "milk"}, requestId="r1")
    error = await plain.until("error")
    assert (error["code"], error["temporary"], error["requestId"]) == ("unavailable", True, "r1")
    store.refuses, store.mute = (lambda step: False), True
    plain.send("history", id="h", requestId="r2")
    error = await plain.until("error")
    assert (error["code"], error["id"], error["requestId"]) == ("unavailable", "h", "r2")


async def test_a_withdrawn_person_gets_no_answer(room: Room) -> None:
    plain = await room.plain()
    plain.send("get_session_state")
    await plain.until("session_state")
    await room.store.set_disabled("ann", True)
    plain.send("get_price", payload={"item": "milk"})
    assert (await plain.until("error"))["code"] == "expired"
    assert await plain.over() == (1008, "refused")
    assert room.list.ran == []


@pytest.mark.parametrize("question", ["history", "get_session_state"])
async def test_a_withdrawn_person_reads_nothing(room: Room, question: str) -> None:
    await room.node._watch.stop()  # it is the question that notices
    ann = await with_log(room, 2)
    before = len(ann.frames)
    await room.store.withdraw("ann")
    ann.send(question, id="q")
    assert await ann.over() == (4201, "expired")
    assert [frame["type"] for frame in ann.frames[before:]] == ["error"]
    assert ann.frames[-1]["code"] == "expired"


async def test_who_shows_a_new_sign_in_while_the_old_one_is_looked_at_is_answered(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await with_log(quick, 2)
    read = quick.store.withdrawn

    async def late(versions: dict[str, int]) -> set[str]:
        gone = await read(versions)
        monkeypatch.setattr(quick.store, "withdrawn", read)
        ann.send("auth", token="ann@2")
        await ann.until("auth_ok")
        return gone

    await quick.store.withdraw("ann")
    monkeypatch.setattr(quick.store, "withdrawn", late)
    page = await history(ann)
    assert [event["offset"] for event in page["events"]] == [1, 2]


async def test_too_many_requests_to_the_tools_are_told_how_long_to_wait() -> None:
    waits = [0, 1_500]
    room = await Room(MemoryStore(), tool_throttle=lambda user_id: waits.pop(0)).start()
    plain = await room.plain()
    plain.send("get_price", payload={"item": "milk"})
    await plain.until("price")
    plain.send("get_price", payload={"item": "tea"}, requestId="r2")
    error = await plain.until("error")
    assert (error["code"], error["retry_after_ms"], error["requestId"]) == ("rate_limited", 1_500, "r2")
    await room.node.stop(window=0)


# --- a tool's result ------------------------------------------------------------------------------------------------


def test_a_tool_answer_is_the_result_as_asked_for() -> None:
    call = ToolCall(tool_name="look_up", tool_call_id="c1", parameters={"a": 1})
    fields = {"tool_call_id": "c1", "tool_name": "look_up", "result": [1], "is_error": True}
    outcome = ToolOutcome(result=[1], is_error=True)
    assert tool_answer(call, outcome, None) == Answer(type="client_tool_result", fields=fields)
    with_context = tool_answer(call, outcome, "So far: milk")
    assert with_context.fields == {**fields, "session_context": "So far: milk"}


def test_a_stored_result_is_read_back() -> None:
    stored = msgspec.json.encode({"type": "client_tool_result", "result": {"x": [1, None]}, "is_error": False})
    event = StoredEvent(offset=1, type="client_tool_result", body=stored, by=b"{}", at=1, id=None)
    assert outcome_of(event) == ToolOutcome(result={"x": [1, None]}, is_error=False)


async def test_a_plain_client_is_told_what_happened_before_with_its_first_result_only(room: Room) -> None:
    plain = await room.plain()
    plain.call("c1")
    assert "session_context" not in await plain.until("client_tool_result")
    back = await room.plain(session_id=plain.session_id)
    back.call("c2", item="tea")
    assert (await back.until("client_tool_result"))["session_context"] == "So far: milk"
    back.call("c3", item="jam")
    assert "session_context" not in await back.until("client_tool_result")
    assert all(b"session_context" not in event.body for event in await room.log(plain.session_id))


async def test_a_repeat_after_a_drop_is_reminded_too(room: Room) -> None:
    plain = await room.plain()
    plain.call("c1")
    await plain.until("client_tool_result")
    back = await room.plain(session_id=plain.session_id)
    back.call("c1")
    assert (await back.until("client_tool_result"))["session_context"] == "So far: milk"
