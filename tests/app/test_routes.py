"""The HTTP side, asked as a client asks it, on a real store."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import argon2
import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from shipanion.app import routes as routes_module
from shipanion.app.accounts import Accounts, TooBusy
from shipanion.app.origins import Origins
from shipanion.app.routes import Parts, make_app
from shipanion.app.throttle import RULES, Rule, Throttle
from shipanion.app.tokens import ACCOUNT_SECONDS, GUEST_SECONDS, Role, Tokens
from shipanion.errors import StoreUnavailable
from shipanion.protocol.codes import ERRORS
from shipanion.stores.base import NewSession, UserRow
from shipanion.stores.memory import MemoryStore

START = 1_800_000_000_000
PASSWORD = "correct horse"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Node:
    ready: bool = True


@dataclass
class House:
    """A whole HTTP side, and the clocks it goes by."""

    store: MemoryStore
    guests: bool = True
    rules: dict[str, Rule] = field(default_factory=lambda: dict(RULES))
    allowed_origins: tuple[str, ...] = ()
    node: Node = field(default_factory=Node)
    now: int = START

    def __post_init__(self) -> None:
        self.tokens = Tokens(b"k" * 32)
        self.accounts = Accounts(self.store, self.tokens, lambda: self.now, guests=self.guests, hasher=CHEAP)
        self.registry = CollectorRegistry()
        parts = Parts(
            accounts=self.accounts,
            tokens=self.tokens,
            throttle=Throttle(clock=lambda: self.now / 1000, rules=self.rules),
            store=self.store,
            node=self.node,
            registry=self.registry,
            now=lambda: self.now,
        )
        origins = Origins.of("127.0.0.1", None, self.allowed_origins)
        self.app = make_app(parts, origins, allowed_origins=self.allowed_origins)

    def client(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")


@pytest.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def house(store: MemoryStore) -> Iterator[House]:
    house = House(store)
    yield house
    house.accounts.close()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client() as client:
        yield client


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/token", data={"username": name, "password": password})


async def new_guest(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/guest")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert answer.json().keys() == {"error"}
    assert error.keys() - {"retry_after_ms"} == {"code", "message"}
    assert error["code"] in ERRORS
    assert error["message"].endswith(".")
    assert ("retry_after_ms" in error) == ("retry-after" in answer.headers)
    return answer.status_code, error["code"]


# --- accounts


async def test_an_account_gets_a_token_that_says_who_it_is(house: House, client: httpx.AsyncClient) -> None:
    made = await house.accounts.add("Zoë", PASSWORD)
    answer = await sign_in(client, "zoë")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found.keys() == {"access_token", "token_type", "expires_in"}
    assert (found["token_type"], found["expires_in"]) == ("bearer", ACCOUNT_SECONDS)
    me = await client.get("/api/me", headers=bearer(found["access_token"]))
    assert me.json() == {
        "user_id": made.user_id,
        "name": "Zoë",
        "kind": "account",
        "expires_at": START + ACCOUNT_SECONDS * 1000,
    }


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(house: House, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    wrong, unknown = await sign_in(client, "zoe", "wrong horse"), await sign_in(client, "nobody")
    assert refusal(wrong) == (401, "sign_in")
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert wrong.content == unknown.content
    assert wrong.headers == unknown.headers


async def test_a_disabled_account_is_told_so(house: House, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    await house.accounts.set_disabled("zoe", True)
    assert refusal(await sign_in(client, "zoe")) == (403, "forbidden")
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (403, "forbidden")
    assert refusal(await sign_in(client, "zoe", "wrong horse")) == (401, "sign_in")


@pytest.mark.parametrize(
    ("form", "code", "field_name"),
    [
        ({}, "missing_field", "username"),
        ({"username": "zoe"}, "missing_field", "password"),
        ({"password": "x"}, "missing_field", "username"),
    ],
)
async def test_a_form_without_a_field_is_told_which(
    client: httpx.AsyncClient, form: dict[str, str], code: str, field_name: str
) -> None:
    answer = await client.post("/token", data=form)
    assert refusal(answer) == (400, code)
    assert f"Missing required field: {field_name}." in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"username": "zoe", "password": "x"}', "application/json"),
        (b"username=zoe&password=x", "text/plain"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\nzoe\r\n'
            b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nx\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_what_is_no_form_is_refused(client: httpx.AsyncClient, content: bytes, kind: str) -> None:
    answer = await client.post("/token", content=content, headers={"Content-Type": kind})
    status, code = refusal(answer)
    assert status == 400
    assert code in ("missing_field", "invalid", "bad_request")


async def test_bytes_that_are_no_text_are_only_a_wrong_password(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/token",
        content=b"username=%ff%fe%00&password=%ed%a0%80",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert refusal(answer) == (401, "sign_in")


async def test_a_large_form_is_refused(client: httpx.AsyncClient) -> None:
    assert refusal(await sign_in(client, "zoe", "x" * 20_000)) == (413, "too_large")


async def test_the_longest_password_fits_percent_encoded(house: House, client: httpx.AsyncClient) -> None:
    password = "🔑" * 1_024
    await house.accounts.add("zoe", password)
    assert (await sign_in(client, "zoe", password)).status_code == 200


# --- guests


async def test_a_guest_comes_in_and_is_somebody(client: httpx.AsyncClient) -> None:
    first, second = await new_guest(client), await new_guest(client)
    assert (first["token_type"], first["expires_in"]) == ("bearer", GUEST_SECONDS)
    people = [(await client.get("/api/me", headers=bearer(guest["access_token"]))).json() for guest in (first, second)]
    assert people[0]["kind"] == "guest"
    assert people[0]["user_id"] != people[1]["user_id"]


async def test_a_guest_with_a_valid_token_stays_the_same_guest(house: House, client: httpx.AsyncClient) -> None:
    old = (await new_guest(client))["access_token"]
    before = (await client.get("/api/me", headers=bearer(old))).json()
    house.now += 20 * 24 * 3600 * 1000
    answer = await client.post("/guest", headers=bearer(old))
    new = answer.json()["access_token"]
    house.now += 20 * 24 * 3600 * 1000
    after = (await client.get("/api/me", headers=bearer(new))).json()
    assert after["user_id"] == before["user_id"]
    assert after["expires_at"] > before["expires_at"]
    assert refusal(await client.get("/api/me", headers=bearer(old))) == (401, "expired")


async def test_a_guest_whose_token_ended_is_told_rather_than_made_somebody_else(
    house: House, client: httpx.AsyncClient
) -> None:
    old = (await new_guest(client))["access_token"]
    house.now += GUEST_SECONDS * 1000
    assert refusal(await client.post("/guest", headers=bearer(old))) == (401, "expired")
    assert refusal(await client.post("/guest", headers=bearer("garbage"))) == (401, "sign_in")


async def test_an_accounts_token_is_not_renewed_as_a_guests(house: House, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    assert refusal(await client.post("/guest", headers=bearer(token))) == (403, "forbidden")


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_a_token_given_to_somebody_else_is_not_renewed(
    house: House, client: httpx.AsyncClient, role: Role
) -> None:
    user_id = (await client.get("/api/me", headers=bearer((await new_guest(client))["access_token"]))).json()["user_id"]
    guest = await house.store.user(user_id)
    assert guest is not None
    given, own = (house.tokens.issue(guest, house.now, role=some)[0] for some in (role, "owner"))
    assert refusal(await client.post("/guest", headers=bearer(given))) == (403, "forbidden")
    assert (await client.post("/guest", headers=bearer(own))).status_code == 200


async def test_where_no_guests_are_taken_they_are_told_so(store: MemoryStore) -> None:
    house = House(store, guests=False)
    async with house.client() as client:
        answer = await client.post("/guest")
    house.accounts.close()
    assert refusal(answer) == (403, "forbidden")
    assert "takes no guests" in answer.json()["error"]["message"]


# --- limits


async def test_an_address_that_tries_too_often_waits(house: House, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    allowed = int(RULES["sign_in_address"].limit.split()[0])
    for number in range(allowed):
        assert refusal(await sign_in(client, f"name-{number}")) == (401, "sign_in")
    house.now += 100_000
    answer = await sign_in(client, "zoe")
    assert refusal(answer) == (429, "rate_limited")
    assert answer.json()["error"]["retry_after_ms"] == 200_000
    assert answer.headers["retry-after"] == "200"
    async with house.client("192.0.2.2") as other:
        assert (await sign_in(other, "zoe")).status_code == 200
    house.now += 200_000
    assert (await sign_in(client, "zoe")).status_code == 200


async def test_a_name_is_guarded_from_many_addresses_and_success_clears_it(house: House) -> None:
    await house.accounts.add("Zoe", PASSWORD)
    allowed = int(RULES["sign_in_name"].limit.split()[0])

    async def attempt(number: int, name: str, password: str) -> httpx.Response:
        async with house.client(f"198.51.100.{number}") as client:
            return await sign_in(client, name, password)

    for number in range(allowed - 1):
        assert refusal(await attempt(number, "zoe", "wrong horse")) == (401, "sign_in")
    assert (await attempt(100, "ZOE", PASSWORD)).status_code == 200
    for number in range(allowed):
        assert refusal(await attempt(number, "zOe", "wrong horse")) == (401, "sign_in")
    assert refusal(await attempt(101, "zoe", PASSWORD)) == (429, "rate_limited")


async def test_guests_are_counted_by_address_and_renewals_are_not(store: MemoryStore) -> None:
    house = House(store, rules={**RULES, "guest": Rule("2 per 1 minute", "")})
    async with house.client() as client:
        token = (await new_guest(client))["access_token"]
        await new_guest(client)
        assert refusal(await client.post("/guest")) == (429, "rate_limited")
        assert (await client.post("/guest", headers=bearer(token))).status_code == 200
        assert len(await store.users()) == 0  # guests are no accounts
    house.accounts.close()


async def test_when_too_many_sign_in_at_once_they_are_told_when_to_come_again(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.accounts._places, "acquire", lambda blocking: False)
    answer = await sign_in(client, "zoe")
    assert refusal(answer) == (429, "rate_limited")
    assert answer.json()["error"]["retry_after_ms"] == TooBusy.retry_after_ms


# --- one's own


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_only_the_owners_own_token_lists_sessions(house: House, client: httpx.AsyncClient, role: Role) -> None:
    guest = await house.accounts.new_guest()
    given, own = (house.tokens.issue(guest, house.now, role=some)[0] for some in (role, "owner"))
    answer = await client.get("/api/sessions", headers=bearer(given))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert (await client.get("/api/sessions", headers=bearer(own))).status_code == 200


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


async def test_a_new_password_ends_what_was_signed_in(house: House, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    await house.accounts.set_password("zoe", "another horse")
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (401, "expired")


async def test_one_sees_ones_own_sessions_only(house: House, client: httpx.AsyncClient) -> None:
    mine, other = (await new_guest(client))["access_token"], (await new_guest(client))["access_token"]
    user_id = (await client.get("/api/me", headers=bearer(mine))).json()["user_id"]
    assert (await client.get("/api/sessions", headers=bearer(mine))).json() == {"sessions": []}
    for number in range(2):
        new = NewSession(session_id=f"s{number}", owner=user_id, epoch="e", at=START + number)
        await house.store.create_session(new)
    shown = await client.get("/api/sessions", headers=bearer(mine))
    assert shown.headers["cache-control"] == "no-store"
    assert shown.json() == {
        "sessions": [
            {"id": "s1", "last_at": START + 1, "head": 0},
            {"id": "s0", "last_at": START, "head": 0},
        ]
    }
    assert (await client.get("/api/sessions", headers=bearer(other))).json() == {"sessions": []}


# --- health


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    for path in ("/healthz", "/readyz"):
        assert (await client.head(path)).status_code == 200


async def test_a_node_on_its_way_out_is_healthy_and_not_ready(house: House, client: httpx.AsyncClient) -> None:
    house.node.ready = False
    assert (await client.get("/healthz")).status_code == 200
    assert refusal(await client.get("/readyz")) == (503, "starting")


async def test_a_store_that_does_not_answer_is_told_everywhere(house: House, client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    await house.store.close()
    assert refusal(await client.get("/readyz")) == (503, "unavailable")
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (503, "unavailable")
    assert refusal(await sign_in(client, "zoe")) == (503, "unavailable")
    assert refusal(await client.post("/guest")) == (503, "unavailable")
    assert (await client.get("/healthz")).status_code == 200


async def test_a_store_that_hangs_is_not_waited_for(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(user_id: str) -> UserRow | None:
        await asyncio.Event().wait()
        raise StoreUnavailable

    monkeypatch.setattr(house.store, "user", hang)
    monkeypatch.setattr(routes_module, "STORE_SECONDS", 0.01)
    assert refusal(await client.get("/readyz")) == (503, "unavailable")


async def test_metrics_are_those_of_the_registry_given(house: House, client: httpx.AsyncClient) -> None:
    Counter("parcels", "Parcels.", registry=house.registry).inc(3)
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "parcels_total 3.0" in answer.text


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
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(owner: str, limit: int) -> list[object]:
        raise RuntimeError("the insides")

    token = (await new_guest(client))["access_token"]
    monkeypatch.setattr(house.store, "sessions_of", broken)
    answer = await client.get("/api/sessions", headers=bearer(token))
    assert refusal(answer) == (500, "unavailable")
    assert "insides" not in answer.text


async def test_the_gate_is_in_front(house: House, client: httpx.AsyncClient) -> None:
    assert refusal(await client.get("http://evil.example/healthz")) == (421, "origin")
    foreign = await client.post("/guest", headers={"Origin": "http://evil.example"})
    assert refusal(foreign) == (403, "origin")
    assert "access-control-allow-origin" not in foreign.headers


async def test_an_allowed_page_elsewhere_may_read_the_answers(store: MemoryStore) -> None:
    house = House(store, allowed_origins=("https://app.example.net",))
    async with house.client() as client:
        page = {"Origin": "https://app.example.net"}
        answer = await client.post("/guest", headers=page)
        assert answer.headers["access-control-allow-origin"] == "https://app.example.net"
        asked = {**page, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert (await client.options("/api/me", headers=asked)).status_code == 200
        stranger = await client.options("/api/me", headers={**asked, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
    house.accounts.close()
