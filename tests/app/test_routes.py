"""All routes together: the gate before them, and the form of every refusal, asked as a client asks."""

import httpx
import pytest

from shipanion.stores.memory import MemoryStore
from tests.support.http_house import PASSWORD, HttpHouse, bearer, new_guest, refusal, sign_in

# --- who asks


@pytest.mark.parametrize("path", ["/api/me", "/api/sessions"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "sign_in"),
        ({"Authorization": "Basic eDp5"}, "sign_in"),
        (bearer("forged.to.ken"), "sign_in"),
        ({"Authorization": "Bearer"}, "sign_in"),
    ],
)
async def test_without_a_good_token_nothing_is_shown(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], code: str
) -> None:
    answer = await client.get(path, headers=headers)
    assert refusal(answer) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_query_is_no_good_here(client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    assert refusal(await client.get(f"/api/me?token={token}")) == (401, "sign_in")


async def test_a_new_password_ends_what_was_signed_in(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    await house.accounts.set_password("zoe", "another horse")
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (401, "expired")


# --- what is not there, and what goes wrong


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not_found")),
        ("POST", "/nothing", (404, "not_found")),
        ("GET", "/docs", (404, "not_found")),
        ("GET", "/openapi.json", (404, "not_found")),
        ("GET", "/token/", (404, "not_found")),
        ("GET", "/../etc/passwd", (404, "not_found")),
        ("GET", "/token", (405, "bad_request")),
        ("DELETE", "/guest", (405, "bad_request")),
    ],
)
async def test_what_is_not_there_is_said_in_json(
    client: httpx.AsyncClient, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = await client.request(method, path)
    assert refusal(answer) == expected
    assert ("allow" in answer.headers) == (expected[0] == 405)


async def test_a_bug_is_said_without_its_insides(
    house: HttpHouse, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(owner: str, limit: int) -> list[object]:
        raise RuntimeError("the insides")

    token = (await new_guest(client))["access_token"]
    monkeypatch.setattr(house.store, "sessions_of", broken)
    answer = await client.get("/api/sessions", headers=bearer(token))
    assert refusal(answer) == (500, "unavailable")
    assert "insides" not in answer.text


async def test_the_gate_is_in_front(house: HttpHouse, client: httpx.AsyncClient) -> None:
    assert refusal(await client.get("http://evil.example/healthz")) == (421, "origin")
    foreign = await client.post("/guest", headers={"Origin": "http://evil.example"})
    assert refusal(foreign) == (403, "origin")
    assert "access-control-allow-origin" not in foreign.headers


async def test_an_allowed_page_elsewhere_may_read_the_answers(store: MemoryStore) -> None:
    house = HttpHouse(store, allowed_origins=("https://app.example.net",))
    async with house.client() as client:
        page = {"Origin": "https://app.example.net"}
        answer = await client.post("/guest", headers=page)
        assert answer.headers["access-control-allow-origin"] == "https://app.example.net"
        asked = {**page, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert (await client.options("/api/me", headers=asked)).status_code == 200
        stranger = await client.options("/api/me", headers={**asked, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
    house.close()
