"""What each device keeps for itself: written at most once a second and on leaving, told to that device only."""

import asyncio
from typing import Any

import msgspec
import pytest

from shipanion.server.devices import MAX_BYTES, SAVE_SECONDS
from shipanion.stores.base import DeviceRow
from shipanion.stores.memory import MemoryStore
from tests.support.room import Json, Peer, Room
from tests.support.until_true import until_true


@pytest.fixture
def saved(quick: Room, monkeypatch: pytest.MonkeyPatch) -> list[DeviceRow]:
    """Every write of a device's row."""
    rows: list[DeviceRow] = []
    store = quick.store
    real = store.save_device

    def watched(session_id: str, row: DeviceRow) -> None:
        rows.append(row)
        real(session_id, row)

    monkeypatch.setattr(store, "save_device", watched)
    return rows


def timer(peer: Peer) -> asyncio.TimerHandle:
    handle = peer.connection.place.saving
    assert handle is not None
    return handle


def place_of(peer: Peer) -> Any:
    return peer.welcome.get("device_state")


async def back(room: Room, peer: Peer, device: str = "phone") -> Peer:
    """The device drops its line and comes again."""
    session_id = peer.session_id
    peer.drop()
    return await room.enter(session_id=session_id, device=device)


async def test_many_changes_are_one_write_a_second_later(quick: Room, saved: list[DeviceRow]) -> None:
    ann = await quick.enter(device="phone")
    ann.send("device_state", patch={"scrollPosition": 0})
    handle = timer(ann)
    for n in range(50):
        ann.send("device_state", patch={"scrollPosition": n, "draft": "d" * n})
    assert timer(ann) is handle, "a busy device puts its write off and off"
    assert 0 < handle.when() - asyncio.get_running_loop().time() <= SAVE_SECONDS
    assert saved == []
    quick.node.devices.flush(ann.connection)  # what the timer does
    assert [msgspec.json.decode(row.state or b"") for row in saved] == [{"scrollPosition": 49, "draft": "d" * 49}]
    assert handle.cancelled()
    quick.node.devices.flush(ann.connection)
    assert len(saved) == 1
    ann.send("device_state", patch={"scrollPosition": 1})
    assert timer(ann) is not handle


async def test_leaving_writes_what_waits(quick: Room, saved: list[DeviceRow]) -> None:
    ann = await quick.enter(device="phone")
    ann.send("device_state", patch={"step": 2})
    again = await back(quick, ann)
    assert len(saved) == 1
    assert place_of(again) == {"step": 2}


async def test_a_device_is_shown_its_own_place_only(room: Room) -> None:
    ann = await room.enter(device="phone")
    ann.send("device_state", patch={"step": 2, "draft": "hel"})
    other = await room.enter(session_id=ann.session_id, device="desk")
    assert place_of(other) is None
    ann.send("device_state", patch={"draft": None})
    await ann.answered()
    assert [frame["type"] for frame in other.frames if frame["type"] not in ("welcome", "presence")] == []
    session_id = ann.session_id
    ann.drop()

    async def kept() -> Any:
        return place_of(await room.enter(session_id=session_id, device="phone"))

    found = await until_true(kept)
    assert found == {"step": 2}
    assert await room.log(session_id) == []


async def test_a_place_that_was_emptied_stays_empty(quick: Room) -> None:
    ann = await quick.enter(device="phone")
    ann.send("device_state", patch={"draft": "hello"})
    ann = await back(quick, ann)
    assert place_of(ann) == {"draft": "hello"}
    ann.send("device_state", patch={"draft": None})
    ann = await back(quick, ann)
    assert place_of(ann) is None


async def test_a_device_may_not_keep_any_amount(quick: Room) -> None:
    ann = await quick.enter(device="phone")
    ann.send("device_state", patch={"draft": "d" * (MAX_BYTES - 20)})
    ann.send("device_state", patch={"more": "d" * 20})
    assert (await ann.until("error"))["code"] == "too_large"
    ann = await back(quick, ann)
    assert list(place_of(ann)) == ["draft"]


def seen(peer: Peer, offset: int, **position: Any) -> None:
    epoch = peer.welcome["position"]["epoch"]
    peer.send("seen", position={"epoch": epoch, "offset": offset, **position}, visible=True)


async def test_what_was_shown_is_kept_and_never_goes_back(quick: Room, saved: list[DeviceRow]) -> None:
    ann = await quick.enter(device="phone")
    for n in range(5):
        ann.edit(f"e{n}", milk=n + 1)
    await ann.acked("e4")
    for offset in (3, 2, 99):
        seen(ann, offset)
    seen(ann, 5, epoch="another.life")
    quick.node.devices.flush(ann.connection)
    assert [(row.seen_offset, row.state) for row in saved] == [(3, None)]
    again = await back(quick, ann)
    seen(again, 2)
    quick.node.devices.flush(again.connection)
    assert len(saved) == 1
    seen(again, 4)
    quick.node.devices.flush(again.connection)
    (row,) = await quick.store.devices(again.session_id)
    assert (row.seen_offset, row.seen_epoch) == (4, again.welcome["position"]["epoch"])


async def test_seeing_something_leaves_the_place_as_it_was(quick: Room) -> None:
    ann = await quick.enter(device="phone")
    ann.send("device_state", patch={"step": 1})
    ann.edit("e1", milk=1)
    await ann.acked("e1")
    ann = await back(quick, ann)
    seen(ann, 1)
    ann = await back(quick, ann)
    assert place_of(ann) == {"step": 1}


@pytest.mark.parametrize("value", [True, "far", None, [1], {}])
async def test_a_scroll_position_that_is_no_number_is_not_shown_as_one(value: Any) -> None:
    room = await Room(MemoryStore()).start()
    plain = await room.plain()
    shown: Json = {}
    for patch in ({"scrollPosition": value}, {"other": 1}):
        plain.send("device_state", patch=patch)
        plain.send("get_session_state")
        shown = (await plain.until("session_state"))["state"]
    assert shown["scrollPosition"] == 0
    await room.node.stop(window=0)
