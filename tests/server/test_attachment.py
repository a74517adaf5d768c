"""Entering a session: created, recovered, a snapshot and why, or refused; and who is told of it."""

import asyncio
from typing import Any

import pytest

from shipanion.protocol.frames import WireLimits
from shipanion.server import attachment
from shipanion.server.identity import Identity
from shipanion.stores.base import SessionStore
from tests.support.moody_store import MoodyStore
from tests.support.room import Json, Peer, Room
from tests.support.until_true import until_true


async def written(room: Room, count: int) -> tuple[Peer, str, str]:
    """A session with so many events: somebody in it, its id and its epoch."""
    ann = await room.enter()
    for n in range(count):
        ann.edit(f"e{n}", milk=n % 9 + 1)
        await ann.acked(f"e{n}")
    return ann, ann.session_id, ann.welcome["position"]["epoch"]


# --- how it was entered ---------------------------------------------------------------------------------------------


async def test_a_new_session_is_created_and_described_whole(room: Room) -> None:
    ann = await room.enter(device="phone", client="tab")
    welcome = dict(ann.welcome)
    position = welcome.pop("position")
    limits, reconnect = welcome.pop("limits"), welcome.pop("reconnect")
    assert welcome == {
        "type": "welcome",
        "session_id": ann.session_id,
        "outcome": "created",
        "replayed": 0,
        "state": {"items": {}, "total": 0},
        "tail": [],
        "devices": [{"device": "phone", "name": "Ann"}],
        "heartbeat_ms": 25_000,
    }
    assert (position["offset"], limits["frame"], reconnect) == (0, 65_536, {"min_ms": 500, "max_ms": 20_000})


async def test_the_same_key_finds_the_same_session(room: Room) -> None:
    first = await room.enter(new="my-key")
    again = await room.enter(new="my-key")
    other = await room.enter("ben", new="my-key")
    assert again.session_id == first.session_id
    assert again.welcome["outcome"] == "created"  # nothing has happened there yet
    assert other.session_id != first.session_id
    first.edit("e1", milk=1)
    await first.acked("e1")
    late = await room.enter(new="my-key")
    assert (late.session_id, late.welcome["outcome"]) == (first.session_id, "snapshot")


@pytest.mark.parametrize("missed", [0, 1, 7])
async def test_who_tells_where_they_were_gets_what_they_missed(room: Room, missed: int) -> None:
    _, session_id, epoch = await written(room, 7)
    back = await room.enter(session_id=session_id, epoch=epoch, offset=7 - missed)
    welcome = back.welcome
    assert (welcome["outcome"], welcome["replayed"]) == ("recovered", missed)
    assert welcome["position"] == {"epoch": epoch, "offset": 7 - missed}
    assert not {"state", "tail", "reason"} & welcome.keys()
    if missed:
        await back.until("state_changed", offset=7)
    assert [event["offset"] for event in back.events] == list(range(8 - missed, 8))


async def test_a_fresh_page_gets_the_state_and_the_end_of_the_log(room: Room) -> None:
    ann, session_id, epoch = await written(room, 3)
    fresh = await room.enter(session_id=session_id)
    welcome = fresh.welcome
    assert (welcome["outcome"], "reason" in welcome) == ("snapshot", False)
    assert welcome["position"] == {"epoch": epoch, "offset": 3}
    assert welcome["state"] == {"items": {"milk": 3}, "total": 3}
    assert welcome["tail"] == ann.events
    assert fresh.events == []


@pytest.mark.parametrize(
    ("position", "reason"),
    [({"offset": 8}, "ahead"), ({"epoch": "another.life", "offset": 1}, "epoch"), ({"offset": 0}, "limit")],
)
async def test_who_cannot_be_caught_up_gets_a_snapshot_and_the_reason(
    store: SessionStore, position: Json, reason: str
) -> None:
    room = await Room(store, limits=WireLimits(replay=5)).start()
    _, session_id, epoch = await written(room, 7)
    back = await room.enter(**{"session_id": session_id, "epoch": epoch, **position})
    assert (back.welcome["outcome"], back.welcome["reason"]) == ("snapshot", reason)
    assert back.welcome["position"]["offset"] == 7
    assert room.node.metrics.positions_ahead == (reason == "ahead")
    assert room.node.metrics.snapshots == {reason: 1}
    back.edit("e9", tea=1)
    await back.until("state_changed", offset=8)
    await room.node.stop(window=0)


async def test_the_end_of_the_log_is_bounded_by_number_and_size(store: SessionStore) -> None:
    room = await Room(store, limits=WireLimits(tail=4, tail_bytes=120)).start()
    ann = await room.enter()
    for n in range(6):
        ann.send("update_state", id=f"e{n}", patch={"title": f"{n}" * (40 if n == 3 else 1)})
        await ann.acked(f"e{n}")
    fresh = await room.enter(session_id=ann.session_id)
    assert [event["offset"] for event in fresh.welcome["tail"]] == [5, 6]
    ann.send("update_state", id="e7", patch={"title": "c"})
    ann.send("update_state", id="e8", patch={"title": "d"})
    await ann.acked("e8")
    fresh = await room.enter(session_id=ann.session_id)
    assert len(fresh.welcome["tail"]) <= 4
    await room.node.stop(window=0)


# --- what happens meanwhile -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [{}, {"offset": 1}])
async def test_what_is_committed_while_somebody_enters_reaches_them_once(
    moody: tuple[Room, MoodyStore], position: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, _ = moody
    ann, session_id, epoch = await written(room, 2)
    entering, go = asyncio.Event(), asyncio.Event()
    real = room.node.devices.load

    async def slow(connection: Any) -> None:
        entering.set()
        await go.wait()
        await real(connection)

    monkeypatch.setattr(room.node.devices, "load", slow)
    late = room.peer()
    late.open("ann", session_id=session_id, **({"epoch": epoch} | position if position else {}))
    await entering.wait()
    ann.edit("during", tea=1)
    await ann.acked("during")
    assert late.frames == []
    go.set()
    await late.until("welcome")
    ann.edit("after", jam=1)
    await late.until("state_changed", id="after")
    first = position.get("offset", 2) + 1
    assert [event["offset"] for event in late.events] == list(range(first, 5))
    assert late.frames[0]["type"] == "welcome"
    if not position:
        assert late.welcome["state"] == {"items": {"milk": 2}, "total": 2}
        assert late.welcome["position"]["offset"] == 2


async def test_frames_sent_before_the_welcome_wait_their_turn(quick: Room) -> None:
    ann = quick.peer()
    ann.open("ann")
    ann.edit("e1", milk=1)
    ann.edit("e2", tea=1)
    await ann.acked("e2")
    assert ann.frames[0]["type"] == "welcome"
    assert [event["id"] for event in ann.events] == ["e1", "e2"]


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
async def test_an_unknown_session_and_somebody_elses_look_alike(room: Room, whose: str) -> None:
    bens = (await room.enter("ben")).session_id
    ann = room.peer()
    ann.open("ann", session_id="session-unknown" if whose == "nobody" else bens)
    error = await ann.until("error")
    assert {k: error[k] for k in ("code", "message", "temporary")} == {
        "code": "not_found",
        "message": "There is no such session.",
        "temporary": False,
    }
    assert "session_id" not in error
    assert await ann.over() == (4301, "not_found")


async def test_too_many_sessions_of_one_person_are_refused(store: SessionStore) -> None:
    room = await Room(store, limits=WireLimits(sessions=2)).start()
    await room.enter()
    await room.enter()
    third = room.peer()
    third.open("ann")
    assert (await third.until("error"))["code"] == "too_many_sessions"
    assert await third.over() == (4302, "policy")
    await room.enter("ben")
    await room.node.stop(window=0)


@pytest.mark.parametrize(("token", "code", "closing"), [("nonsense", "sign_in", 4200), ("late", "expired", 4201)])
async def test_a_token_that_is_no_good_is_told_its_duty(quick: Room, token: str, code: str, closing: int) -> None:
    ann = quick.peer()
    ann.open(token)
    assert (await ann.until("error"))["code"] == code
    over = await ann.over()
    assert over is not None
    assert over[0] == closing
    plain = quick.peer(full=False)
    plain.open(token)
    assert (await plain.until("error"))["code"] == code
    assert await plain.over() == (1008, "refused")


@pytest.mark.parametrize("full", [True, False])
async def test_who_is_signed_out_while_coming_in_is_not_let_in(
    room: Room, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await room.enter()
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow(token: str) -> Identity:
        identity = await room._authenticate(token)
        asked.set()
        await go.wait()
        return identity

    monkeypatch.setattr(room.node, "authenticate", slow)
    late = room.peer(full=full)
    late.open("ann", session_id=ann.session_id)
    await asked.wait()
    await room.store.withdraw("ann")
    await room.node.signed_out("ann")
    await room.node._watch.stop()  # nobody else notices
    go.set()
    assert await late.over() == ((4201, "expired") if full else (1008, "refused"))
    assert [(frame["type"], frame["code"]) for frame in late.frames] == [("error", "expired")]


async def test_without_a_token_hello_brings_it(quick: Room) -> None:
    first = await quick.enter()
    ann = quick.peer()
    ann.open(None, device="phone")
    await asyncio.sleep(0)
    assert ann.frames == []
    ann.send("hello", token="ann", session_id=first.session_id)
    assert (await ann.until("welcome"))["session_id"] == first.session_id
    assert ann.connection.device == "phone"


async def test_without_a_hello_the_door_closes(quick: Room) -> None:
    ann = quick.peer()
    ann.open(None)
    quick.now += 10_000
    ann.connection._timed_out()
    assert (await ann.until("error"))["code"] == "sign_in"
    assert await ann.over() == (4200, "sign_in")


async def test_a_node_that_stops_lets_nobody_in(quick: Room) -> None:
    quick.node.stopping = True
    ann = quick.peer()
    ann.open("ann")
    error = await ann.until("error")
    assert (error["code"], error["temporary"]) == ("starting", True)
    assert await ann.over() == (4101, "starting")


async def test_a_store_that_does_not_answer_means_come_back(moody: tuple[Room, MoodyStore]) -> None:
    room, store = moody
    session_id = (await room.enter()).session_id
    store.mute = True
    ann = room.peer()
    ann.open("ann", session_id=session_id)
    assert (await ann.until("error"))["code"] == "unavailable"
    assert await ann.over() == (4101, "starting")
    store.mute = False
    await room.enter(session_id=session_id)


# --- presence -------------------------------------------------------------------------------------------------------


async def test_comings_and_goings_are_told_together(quick: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await quick.enter(device="desk")
    await ann.until("presence")
    peers = [await quick.enter(session_id=ann.session_id, device=f"d{n}") for n in range(3)]
    peers[0].drop()
    told = await ann.until("presence")
    assert [device["device"] for device in told["devices"]] == ["desk", "d1", "d2"]
    assert len(ann.of("presence")) == 2
    assert "offset" not in told


async def test_presence_waits_a_moment_and_is_not_told_to_an_empty_room(
    quick: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < attachment.PRESENCE_SECONDS <= 1
    ann = await quick.enter(device="desk")
    live = quick.live(ann.session_id)
    due = [live.presence_due]
    ann.drop()
    assert len(quick.node.sessions) == 0
    quick.node.attachments._tell(live)  # what the timer does, with nobody left
    due.append(live.presence_due)
    quick.node.attachments.presence(live)
    due.append(live.presence_due)
    assert due == [True, False, False]


# --- plain clients --------------------------------------------------------------------------------------------------


async def test_a_plain_client_gets_nothing_at_connect_and_no_session_until_it_asks(room: Room) -> None:
    plain = await room.plain()
    assert [frame["type"] for frame in plain.frames] == ["pong"]
    assert await room.store.sessions_of("ann", limit=9) == []
    plain.send("get_session_state", requestId=7)
    state = await plain.until("session_state")
    assert (state["state"], state["requestId"]) == ({"list": {}, "scrollPosition": 0}, 7)
    assert len(await room.store.sessions_of("ann", limit=9)) == 1


async def test_a_plain_client_in_a_session_gets_its_broadcasts_though_it_never_speaks(room: Room) -> None:
    ann = await room.enter()
    plain = room.peer(full=False)
    plain.open("ann", session_id=ann.session_id)
    await until_true(lambda: len(room.live(ann.session_id).audience) == 2)
    ann.say("m1", "milk")
    await plain.until("turn_ended")
    assert [frame["type"] for frame in plain.frames] == ["user_message", "agent_message", "turn_ended"]


# --- the same client again --------------------------------------------------------------------------------------------


async def test_a_client_that_comes_back_replaces_its_own_old_line_and_nobody_elses(room: Room) -> None:
    old = await room.enter(device="phone", client="tab-1")
    beside = await room.enter(session_id=old.session_id, device="phone", client="tab-2")
    nameless = await room.enter(session_id=old.session_id)
    new = await room.enter(session_id=old.session_id, device="phone", client="tab-1")
    assert old.socket.closed == (4300, "replaced")
    for peer in (beside, nameless, new):
        assert peer.socket.closed is None


# --- while you were away --------------------------------------------------------------------------------------------


async def away(room: Room, seconds: float) -> tuple[Peer, Json]:
    """A phone that saw the first message, was gone so long while two more were said, and is back; its welcome."""
    laptop = await room.enter(device="laptop")
    phone = await room.enter(session_id=laptop.session_id, device="phone")
    laptop.say("m0", "first")
    ended = await phone.until("turn_ended")
    phone.send("seen", position={"epoch": phone.welcome["position"]["epoch"], "offset": ended["offset"]})
    await phone.answered()
    phone.drop()
    await laptop.until("turn_ended")
    for id, text in (("m1", "second"), ("m2", "third")):
        laptop.say(id, text)
        await laptop.until("turn_ended")
    room.now += round(seconds * 1000)
    back = await room.enter(session_id=laptop.session_id, device="phone")
    return laptop, back.welcome


async def test_a_device_that_was_away_is_told_what_happened_meanwhile(room: Room) -> None:
    _, welcome = await away(room, 31)
    assert welcome["digest"] == {"since": 3, "lines": ["second", "second ", "third", "third "]}


async def test_one_that_was_hardly_gone_is_not(room: Room) -> None:
    _, welcome = await away(room, 29)
    assert "digest" not in welcome


async def test_one_that_is_new_here_or_saw_it_all_is_not(room: Room) -> None:
    laptop, _ = await away(room, 31)
    tablet = await room.enter(session_id=laptop.session_id, device="tablet")
    assert "digest" not in tablet.welcome
    head = tablet.welcome["position"]
    tablet.send("seen", position=head)
    await tablet.answered()
    tablet.drop()
    room.now += 31_000
    again = await room.enter(session_id=laptop.session_id, device="tablet")
    assert "digest" not in again.welcome


async def test_what_came_to_a_hidden_tab_was_not_seen(room: Room) -> None:
    laptop, _ = await away(room, 31)
    phone = await room.enter(session_id=laptop.session_id, device="phone")
    phone.send("seen", position=phone.welcome["position"], visible=False)
    await phone.answered()
    phone.drop()
    room.now += 31_000
    back = await room.enter(session_id=laptop.session_id, device="phone")
    assert back.welcome["digest"]["since"] == 3


async def test_only_so_much_is_read_for_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.server.attachment.DIGEST_EVENTS", 3)
    _, welcome = await away(room, 31)
    assert welcome["digest"] == {"since": 3, "lines": ["third", "third "]}


async def test_a_plain_client_that_is_back_brings_bob_his_reminder(room: Room) -> None:
    ann = await room.enter()
    ann.call("c0", item="tea")
    await ann.until("client_tool_result")
    ann.say("m0", "hello")
    await ann.until("turn_ended")
    back = await room.plain(session_id=ann.session_id)
    back.call("c1", item="tea")
    first = await back.until("client_tool_result")
    assert first["session_context"] == "So far: tea\nowner: hello\nagent: hello "
    back.call("c2", item="tea")
    assert "session_context" not in await back.until("client_tool_result")
