"""Who asks: a bearer token decides alone, and without one the page's cookie does."""

import httpx
import pytest

from tests.support.http_house import HttpHouse, bearer, new_guest, refusal

PAGE = {"Origin": "http://localhost:8000"}
COOKIE = "shipanion-8000"


async def test_the_cookie_says_who_asks(client: httpx.AsyncClient) -> None:
    assert refusal(await client.get("/api/me")) == (401, "sign_in")
    guest = (await client.post("/api/guest", headers=PAGE)).json()
    assert (await client.get("/api/me")).json() == guest
    assert (await client.get("/api/sessions")).status_code == 200


async def test_a_bearer_token_decides_over_the_cookie(client: httpx.AsyncClient) -> None:
    by_cookie = (await client.post("/api/guest")).json()["user_id"]
    token = (await new_guest(client))["access_token"]
    assert (await client.get("/api/me", headers=bearer(token))).json()["user_id"] != by_cookie
    for rubbish in (bearer("rubbish"), {"Authorization": "Bearer"}):
        assert refusal(await client.get("/api/me", headers=rubbish)) == (401, "sign_in")
    assert (await client.get("/api/me", headers={"Authorization": "Basic eDp5"})).json()["user_id"] == by_cookie


@pytest.mark.parametrize(
    "value", ["", "rubbish", "a.b.c", "e30.e30.", "x" * 3_000, "[" * 2_000, "\xff\xfe", '"quoted"']
)
async def test_a_cookie_that_is_rubbish_is_told_so(client: httpx.AsyncClient, value: str) -> None:
    sent = {b"Cookie": f"{COOKIE}={value}".encode("latin-1")}
    assert refusal(await client.get("/api/me", headers=sent)) == (401, "sign_in")


async def test_two_cookies_of_the_name_are_none(house: HttpHouse, client: httpx.AsyncClient) -> None:
    guest = await house.accounts.new_guest()
    token, _ = house.tokens.issue(guest, house.now)
    assert (await client.get("/api/me", headers={"Cookie": f"{COOKIE}={token}"})).status_code == 200
    twice = {"Cookie": f"{COOKIE}={token}; {COOKIE}=other"}
    assert refusal(await client.get("/api/me", headers=twice)) == (401, "sign_in")


async def test_a_cookie_whose_sign_in_was_withdrawn_opens_nothing(house: HttpHouse, client: httpx.AsyncClient) -> None:
    user_id = (await client.post("/api/guest")).json()["user_id"]
    await house.store.set_disabled(user_id, True)
    await house.store.set_disabled(user_id, False)
    assert refusal(await client.get("/api/me")) == (401, "expired")


@pytest.mark.parametrize("path", ["/api/guest", "/api/sign-in"])
@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", "null"])
async def test_a_page_elsewhere_changes_nothing(client: httpx.AsyncClient, path: str, origin: str) -> None:
    await client.post("/api/guest", headers=PAGE)
    answer = await client.post(path, headers={"Origin": origin}, data={"username": "zoe", "password": "x"})
    assert refusal(answer) == (403, "origin")
    assert "set-cookie" not in answer.headers


async def test_an_allowed_page_elsewhere_does_not_act_by_cookie(house: HttpHouse) -> None:
    allowed = HttpHouse(house.store, allowed_origins=("http://localhost:5173",))
    async with allowed.client() as client:
        elsewhere, ours = {"Origin": "http://localhost:5173"}, PAGE
        first = (await client.post("/api/guest", headers=ours)).json()["user_id"]
        assert refusal(await client.get("/api/me", headers=elsewhere)) == (401, "sign_in")
        assert (await client.get("/api/me", headers=ours)).json()["user_id"] == first
    allowed.close()
