"""The list of sessions, asked as a client asks it, on a real store."""

import httpx
import pytest

from shipanion.app import session_list
from shipanion.app.session_list import Activity, activity
from shipanion.app.tokens import Role
from shipanion.stores.base import NewSession
from shipanion.stores.memory import MemoryStore
from tests.support.http_house import START, HttpHouse, bearer, begun, new_guest, refusal
from tests.support.room import Room


async def person(client: httpx.AsyncClient) -> tuple[dict[str, str], str]:
    """A new guest: the header with which they ask, and their id."""
    headers = bearer((await new_guest(client))["access_token"])
    return headers, (await client.get("/api/me", headers=headers)).json()["user_id"]


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_only_the_owners_own_token_lists_sessions(
    house: HttpHouse, client: httpx.AsyncClient, role: Role
) -> None:
    guest = await house.accounts.new_guest()
    given, own = (house.tokens.issue(guest, house.now, role=some)[0] for some in (role, "owner"))
    answer = await client.get("/api/sessions", headers=bearer(given))
    assert refusal(answer) == (403, "forbidden")
    assert "given to somebody else" in answer.json()["error"]["message"]
    assert (await client.get("/api/sessions", headers=bearer(own))).status_code == 200


async def test_one_sees_ones_own_sessions_last_used_first(house: HttpHouse, client: httpx.AsyncClient) -> None:
    (mine, user_id), (other, _) = await person(client), await person(client)
    assert (await client.get("/api/sessions", headers=mine)).json()["sessions"] == []
    await begun(house.store, user_id, "s0", title="Boston, MA → Portland, OR")
    await begun(house.store, user_id, "s1", at=START + 1)
    shown = await client.get("/api/sessions", headers=mine)
    assert shown.headers["cache-control"] == "no-store"
    at_rest = {"head": 1, "archived": False, "devices": 0, "working": False}
    assert shown.json()["sessions"] == [
        {"id": "s1", "last_at": START + 1, **at_rest},
        {"id": "s0", "title": "Boston, MA → Portland, OR", "last_at": START, **at_rest},
    ]
    assert (await client.get("/api/sessions", headers=other)).json()["sessions"] == []


async def test_a_session_in_which_nothing_was_said_is_not_listed(house: HttpHouse, client: httpx.AsyncClient) -> None:
    mine, user_id = await person(client)
    await house.store.create_session(NewSession(session_id="empty", owner=user_id, epoch="e", at=START))
    assert (await client.get("/api/sessions", headers=mine)).json()["sessions"] == []


async def test_what_goes_on_in_a_session_now_is_said(house: HttpHouse, client: httpx.AsyncClient) -> None:
    mine, user_id = await person(client)
    house.active[await begun(house.store, user_id, "s0")] = Activity(devices=2, working=True)
    (shown,) = (await client.get("/api/sessions", headers=mine)).json()["sessions"]
    assert (shown["devices"], shown["working"]) == (2, True)


async def test_activity_counts_devices_once_and_knows_a_turn(store: MemoryStore) -> None:
    assert activity(None) == Activity(0, False)
    room = Room(store)
    await room.start()
    phone = await room.enter("ann", device="phone")
    for device in ("phone", "laptop", None, None):
        await room.enter("ann", session_id=phone.session_id, device=device)
    live = room.node.sessions.get(phone.session_id)
    assert activity(live) == Activity(4, False)
    room.brain.word.close()
    phone.say("m1", "milk")
    await room.brain.word.arrived()
    assert activity(live) == Activity(4, True)
    await room.node.stop(window=0)


async def test_what_is_put_away_is_listed_apart(house: HttpHouse, client: httpx.AsyncClient) -> None:
    mine, user_id = await person(client)
    for number in range(3):
        await begun(house.store, user_id, f"s{number}", at=START + number)

    async def listed(archived: str) -> tuple[list[tuple[str, bool]], int]:
        found = (await client.get(f"/api/sessions{archived}", headers=mine)).json()
        return [(row["id"], row["archived"]) for row in found["sessions"]], found["archived"]

    answer = await client.post("/api/sessions/s1/archive", headers=mine)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
    assert await listed("") == await listed("?archived=false") == ([("s2", False), ("s0", False)], 1)
    assert await listed("?archived=true") == ([("s1", True)], 1)
    assert (await client.post("/api/sessions/s1/archive", headers=mine)).status_code == 204
    assert (await client.post("/api/sessions/s1/unarchive", headers=mine)).status_code == 204
    assert await listed("?archived=true") == ([], 0)
    assert refusal(await client.get("/api/sessions?archived=perhaps", headers=mine)) == (400, "invalid")


async def test_a_list_that_is_cut_off_says_so(
    house: HttpHouse, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_list, "SESSIONS_SHOWN", 2)
    mine, user_id = await person(client)
    for number, expected in enumerate([(["s0"], False), (["s1", "s0"], False), (["s2", "s1"], True)]):
        await begun(house.store, user_id, f"s{number}", at=START + number)
        found = (await client.get("/api/sessions", headers=mine)).json()
        assert ([row["id"] for row in found["sessions"]], found["more"]) == expected
    assert (await client.get("/api/sessions?archived=true", headers=mine)).json()["more"] is False


@pytest.mark.parametrize("what", ["archive", "unarchive"])
async def test_what_is_not_ones_own_is_not_put_away(house: HttpHouse, client: httpx.AsyncClient, what: str) -> None:
    (mine, _), (_, other_id) = await person(client), await person(client)
    await begun(house.store, other_id, "theirs")
    for session_id in ("theirs", "nowhere", "x" * 3_000):
        answer = await client.post(f"/api/sessions/{session_id}/{what}", headers=mine)
        assert refusal(answer) == (404, "not_found")
    assert refusal(await client.post(f"/api/sessions/theirs/{what}")) == (401, "sign_in")
    row = await house.store.session("theirs")
    assert row is not None
    assert row.archived is False


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_only_the_owners_own_token_puts_sessions_away(
    house: HttpHouse, client: httpx.AsyncClient, role: Role
) -> None:
    guest = await house.accounts.new_guest()
    await begun(house.store, guest.user_id, "s0")
    given, _ = house.tokens.issue(guest, house.now, role=role)
    assert refusal(await client.post("/api/sessions/s0/archive", headers=bearer(given))) == (403, "forbidden")
