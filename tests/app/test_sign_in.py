"""Coming in over HTTP, as a program and as the page, on a real store."""

from typing import Any

import httpx
import pytest

from shipanion.app.accounts import TooBusy
from shipanion.app.throttle import RULES, Rule
from shipanion.app.tickets import TICKET_SECONDS
from shipanion.app.tokens import ACCOUNT_SECONDS, GUEST_SECONDS, Role
from shipanion.stores.memory import MemoryStore
from tests.support.http_house import PASSWORD, START, HttpHouse, bearer, begun, new_guest, refusal, sign_in

# --- accounts


async def test_an_account_gets_a_token_that_says_who_it_is(house: HttpHouse, client: httpx.AsyncClient) -> None:
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


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(
    house: HttpHouse, client: httpx.AsyncClient
) -> None:
    await house.accounts.add("zoe", PASSWORD)
    wrong, unknown = await sign_in(client, "zoe", "wrong horse"), await sign_in(client, "nobody")
    assert refusal(wrong) == (401, "sign_in")
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert wrong.content == unknown.content
    assert wrong.headers == unknown.headers


async def test_a_disabled_account_is_told_so(house: HttpHouse, client: httpx.AsyncClient) -> None:
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


async def test_the_longest_password_fits_percent_encoded(house: HttpHouse, client: httpx.AsyncClient) -> None:
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


async def test_a_guest_with_a_valid_token_stays_the_same_guest(house: HttpHouse, client: httpx.AsyncClient) -> None:
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
    house: HttpHouse, client: httpx.AsyncClient
) -> None:
    old = (await new_guest(client))["access_token"]
    house.now += GUEST_SECONDS * 1000
    assert refusal(await client.post("/guest", headers=bearer(old))) == (401, "expired")
    assert refusal(await client.post("/guest", headers=bearer("garbage"))) == (401, "sign_in")


async def test_an_accounts_token_is_not_renewed_as_a_guests(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    assert refusal(await client.post("/guest", headers=bearer(token))) == (403, "forbidden")


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_a_token_given_to_somebody_else_is_not_renewed(
    house: HttpHouse, client: httpx.AsyncClient, role: Role
) -> None:
    user_id = (await client.get("/api/me", headers=bearer((await new_guest(client))["access_token"]))).json()["user_id"]
    guest = await house.store.user(user_id)
    assert guest is not None
    given, own = (house.tokens.issue(guest, house.now, role=some)[0] for some in (role, "owner"))
    assert refusal(await client.post("/guest", headers=bearer(given))) == (403, "forbidden")
    assert (await client.post("/guest", headers=bearer(own))).status_code == 200


async def test_where_no_guests_are_taken_they_are_told_so(store: MemoryStore) -> None:
    house = HttpHouse(store, guests=False)
    async with house.client() as client:
        answer = await client.post("/guest")
    house.close()
    assert refusal(answer) == (403, "forbidden")
    assert "takes no guests" in answer.json()["error"]["message"]


# --- limits


async def test_an_address_that_tries_too_often_waits(house: HttpHouse, client: httpx.AsyncClient) -> None:
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


async def test_a_name_is_guarded_from_many_addresses_and_success_clears_it(house: HttpHouse) -> None:
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
    house = HttpHouse(store, rules={**RULES, "guest": Rule("2 per 1 minute", "")})
    async with house.client() as client:
        token = (await new_guest(client))["access_token"]
        await new_guest(client)
        assert refusal(await client.post("/guest")) == (429, "rate_limited")
        assert (await client.post("/guest", headers=bearer(token))).status_code == 200
        assert len(await store.users()) == 0  # guests are no accounts
    house.close()


async def test_when_too_many_sign_in_at_once_they_are_told_when_to_come_again(
    house: HttpHouse, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.accounts._places, "acquire", lambda blocking: False)
    answer = await sign_in(client, "zoe")
    assert refusal(answer) == (429, "rate_limited")
    assert answer.json()["error"]["retry_after_ms"] == TooBusy.retry_after_ms


# --- the page


async def test_the_page_is_told_who_it_is_and_given_a_cookie(house: HttpHouse, client: httpx.AsyncClient) -> None:
    made = await house.accounts.add("Zoë", PASSWORD)
    answer = await client.post("/api/sign-in", data={"username": "zoë", "password": PASSWORD})
    ends = START + ACCOUNT_SECONDS * 1000
    assert answer.json() == {"user_id": made.user_id, "name": "Zoë", "kind": "account", "expires_at": ends}
    assert answer.headers["cache-control"] == "no-store"
    (kept,) = answer.headers.get_list("set-cookie")
    name, _, flags = kept.partition(";")
    assert name.startswith("shipanion-8000=ey")
    assert flags == f" Max-Age={ACCOUNT_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
    assert (await client.get("/api/me")).json() == answer.json()


async def test_over_https_the_cookie_is_for_this_host_alone(house: HttpHouse) -> None:
    async with house.client(base_url="https://localhost:8443") as client:
        answer = await client.post("/api/guest")
        kept = answer.headers["set-cookie"]
        assert kept.startswith("__Host-shipanion-8443=ey")
        assert kept.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
        assert (await client.get("/api/me")).json() == answer.json()


async def test_a_wrong_password_leaves_the_cookie_that_is_there(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    guest = (await client.post("/api/guest")).json()
    wrong = await client.post("/api/sign-in", data={"username": "zoe", "password": "wrong horse"})
    assert refusal(wrong) == (401, "sign_in")
    assert "set-cookie" not in wrong.headers
    assert (await client.get("/api/me")).json() == guest
    right = await client.post("/api/sign-in", data={"username": "zoe", "password": PASSWORD})
    assert (await client.get("/api/me")).json() == right.json() != guest


async def test_a_guests_good_cookie_is_renewed_and_stays_the_same_guest(
    house: HttpHouse, client: httpx.AsyncClient
) -> None:
    before = (await client.post("/api/guest")).json()
    house.now += 20 * 24 * 3600 * 1000
    after = (await client.post("/api/guest")).json()
    assert after == {**before, "expires_at": house.now + GUEST_SECONDS * 1000}
    assert (await client.get("/api/me")).json() == after


async def test_a_cookie_that_is_no_good_does_not_keep_a_guest_out(house: HttpHouse, client: httpx.AsyncClient) -> None:
    before = (await client.post("/api/guest")).json()
    house.now += GUEST_SECONDS * 1000
    after = (await client.post("/api/guest")).json()
    assert after["user_id"] != before["user_id"]
    assert (await client.get("/api/me")).json() == after


async def test_an_accounts_cookie_is_not_replaced_by_a_guests(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    await client.post("/api/sign-in", data={"username": "zoe", "password": PASSWORD})
    answer = await client.post("/api/guest")
    assert refusal(answer) == (403, "forbidden")
    assert "set-cookie" not in answer.headers


async def test_a_bearer_token_that_is_no_good_makes_no_guest(client: httpx.AsyncClient) -> None:
    assert refusal(await client.post("/api/guest", headers=bearer("rubbish"))) == (401, "sign_in")


async def test_the_page_is_held_to_the_limits_of_everybody(store: MemoryStore) -> None:
    rules = {**RULES, "guest": Rule("2 per 1 minute", ""), "sign_in_address": Rule("2 per 1 minute", "")}
    house = HttpHouse(store, rules=rules)
    async with house.client() as first, house.client() as second:
        form = {"username": "zoe", "password": "wrong horse"}
        for client in (first, second):
            assert (await client.post("/api/guest")).status_code == 200
            assert refusal(await client.post("/api/sign-in", data=form)) == (401, "sign_in")
        assert (await first.post("/api/guest")).status_code == 200  # renewed, not made
        assert refusal(await first.post("/token", data=form)) == (429, "rate_limited")
        first.cookies.clear()
        assert refusal(await first.post("/api/guest")) == (429, "rate_limited")
        assert refusal(await first.post("/api/sign-in", data=form)) == (429, "rate_limited")
    house.close()


async def test_where_no_guests_are_taken_the_page_is_told_so(store: MemoryStore) -> None:
    house = HttpHouse(store, guests=False)
    async with house.client() as client:
        assert refusal(await client.post("/api/guest")) == (403, "forbidden")
    house.close()


# --- a guest becomes an account


async def become(client: httpx.AsyncClient, name: str = "Zoë", password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await client.post("/api/account", data={"username": name, "password": password}, **more)


async def test_a_guest_becomes_an_account_and_keeps_what_they_have(house: HttpHouse, client: httpx.AsyncClient) -> None:
    guest = (await client.post("/api/guest")).json()
    before = dict(client.cookies)
    await begun(house.store, guest["user_id"], "s0")
    sessions = (await client.get("/api/sessions")).json()
    ends = START + ACCOUNT_SECONDS * 1000
    answer = await become(client)
    assert answer.json() == {"user_id": guest["user_id"], "name": "Zoë", "kind": "account", "expires_at": ends}
    assert house.held == [(guest["user_id"], 2)]
    assert answer.headers["cache-control"] == "no-store"
    assert (await client.get("/api/me")).json() == answer.json()
    assert (await client.get("/api/sessions")).json() == sessions
    async with house.client() as elsewhere:
        stolen = {"Cookie": "; ".join(f"{name}={value}" for name, value in before.items())}
        assert refusal(await elsewhere.get("/api/me", headers=stolen)) == (401, "expired")
        signed_in = await elsewhere.post("/api/sign-in", data={"username": "ZOË", "password": PASSWORD})
        assert signed_in.json() == answer.json()


async def test_who_lost_the_answer_is_told_how_to_go_on(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await client.post("/api/guest")
    before = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    assert (await become(client)).status_code == 200
    client.cookies.clear()
    again = await become(client, headers=before)
    assert refusal(again) == (401, "expired")
    assert again.json()["error"]["message"].endswith("If you have just made an account, sign in with it.")


async def test_by_a_guests_bearer_token_too(house: HttpHouse, client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    assert (await become(client, headers=bearer(token))).status_code == 200
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (401, "expired")


async def test_a_name_that_is_taken_is_told_and_nothing_is_changed(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoë", PASSWORD)
    guest = (await client.post("/api/guest")).json()
    answer = await become(client, "ZOË")
    assert refusal(answer) == (409, "bad_request")
    assert "set-cookie" not in answer.headers
    assert (await client.get("/api/me")).json() == guest


@pytest.mark.parametrize(
    ("name", "password"),
    [("zoe", "short"), ("zoe", "x" * 1025), ("zoe", "tab\tin it"), (" ", PASSWORD), ("x" * 65, PASSWORD)],
)
async def test_a_rule_that_is_broken_is_told_and_costs_no_attempt(store: MemoryStore, name: str, password: str) -> None:
    house = HttpHouse(store, rules={**RULES, "account": Rule("1 per 1 minute", "")})
    async with house.client() as client:
        guest = (await client.post("/api/guest")).json()
        for _ in range(3):
            assert refusal(await become(client, name, password)) == (400, "bad_request")
        assert (await client.get("/api/me")).json() == guest
        assert (await become(client)).status_code == 200
    house.close()


@pytest.mark.parametrize(
    ("form", "field"), [({}, "username"), ({"username": "zoe"}, "password"), ({"password": "x"}, "username")]
)
@pytest.mark.parametrize("path", ["/api/account", "/api/sign-in"])
async def test_a_field_that_is_missing_is_named(
    client: httpx.AsyncClient, path: str, form: dict[str, str], field: str
) -> None:
    await client.post("/api/guest")
    answer = await client.post(path, data=form)
    assert refusal(answer) == (400, "missing_field")
    assert field in answer.json()["error"]["message"]


async def test_an_account_does_not_become_another_one(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await client.post("/api/guest")
    me = (await become(client)).json()
    answer = await become(client, "Zoe Two")
    assert refusal(answer) == (403, "forbidden")
    assert "set-cookie" not in answer.headers
    assert (await client.get("/api/me")).json() == me
    assert [user.name for user in await house.store.users()] == ["Zoë"]


async def test_nobody_in_particular_becomes_no_account(client: httpx.AsyncClient) -> None:
    assert refusal(await become(client)) == (401, "sign_in")
    assert refusal(await become(client, headers=bearer("rubbish"))) == (401, "sign_in")


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
@pytest.mark.parametrize("path", ["/api/account", "/api/ticket", "/api/sign-out", "/api/guest"])
async def test_a_token_given_to_somebody_else_is_not_for_this(
    house: HttpHouse, client: httpx.AsyncClient, role: Role, path: str
) -> None:
    guest = await house.accounts.new_guest()
    token, _ = house.tokens.issue(guest, house.now, role=role)
    form = {"username": "zoe", "password": PASSWORD}
    assert refusal(await client.post(path, data=form, headers=bearer(token))) == (403, "forbidden")
    assert await house.store.user(guest.user_id) == guest


async def test_without_guests_nobody_signs_up(store: MemoryStore) -> None:
    house = HttpHouse(store, guests=False)
    async with house.client() as client:
        assert refusal(await become(client)) == (403, "forbidden")
    house.close()


async def test_accounts_are_counted_by_address(store: MemoryStore) -> None:
    house = HttpHouse(store, rules={**RULES, "account": Rule("2 per 1 minute", "")})
    await house.accounts.add("zoe", PASSWORD)
    async with house.client() as client:
        await client.post("/api/guest")
        for _ in range(2):
            assert refusal(await become(client, "zoe")) == (409, "bad_request")
        assert refusal(await become(client, "zoe")) == (429, "rate_limited")
        house.now += 60_000
        assert (await become(client)).status_code == 200
    house.close()


# --- going


async def test_signing_out_ends_every_token_of_that_person(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await house.accounts.add("zoe", PASSWORD)
    token = (await sign_in(client, "zoe")).json()["access_token"]
    form = {"username": "zoe", "password": PASSWORD}
    async with house.client() as other, house.client() as guest:
        for page in (client, other):
            assert (await page.post("/api/sign-in", data=form)).status_code == 200
        await guest.post("/api/guest")
        kept = dict(client.cookies)
        answer = await client.post("/api/sign-out")
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
        assert answer.headers["set-cookie"] == "shipanion-8000=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        zoe = await house.store.user_named("zoe")
        assert zoe is not None
        assert house.cut == [zoe.user_id]
        assert dict(client.cookies) == {}
        assert refusal(await client.get("/api/me")) == (401, "sign_in")
        again = {"Cookie": f"shipanion-8000={kept['shipanion-8000']}"}
        assert refusal(await client.get("/api/sessions", headers=again)) == (401, "expired")
        assert refusal(await other.get("/api/me")) == (401, "expired")
        assert refusal(await other.get("/api/me", headers=bearer(token))) == (401, "expired")
        assert (await guest.get("/api/me")).status_code == 200
        assert (await client.post("/api/sign-in", data=form)).status_code == 200


async def test_who_is_out_already_may_sign_out_again(house: HttpHouse, client: httpx.AsyncClient) -> None:
    for cookie in ("", "rubbish"):
        answer = await client.post("/api/sign-out", headers={"Cookie": f"shipanion-8000={cookie}"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (204, True)
    assert house.cut == []


async def test_a_program_signs_out_by_its_token(house: HttpHouse, client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    answer = await client.post("/api/sign-out", headers=bearer(token))
    assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)
    assert refusal(await client.post("/api/sign-out", headers=bearer(token))) == (401, "expired")


@pytest.mark.parametrize("path", ["/api/account", "/api/sign-out", "/api/ticket", "/api/sessions/s0/archive"])
async def test_a_page_elsewhere_does_none_of_this(house: HttpHouse, client: httpx.AsyncClient, path: str) -> None:
    me = (await client.post("/api/guest")).json()
    form = {"username": "zoe", "password": PASSWORD}
    answer = await client.post(path, data=form, headers={"Origin": "http://localhost:3000"})
    assert refusal(answer) == (403, "origin")
    assert "set-cookie" not in answer.headers
    assert (await client.get("/api/me")).json() == me


# --- somebody else's page, and somebody else's cookie

ALLOWED = "https://app.example.net"


@pytest.mark.parametrize("path", ["/api/sign-in", "/api/guest", "/api/account", "/api/sign-out", "/api/ticket"])
async def test_an_allowed_page_never_has_the_cookie_set(store: MemoryStore, path: str) -> None:
    house = HttpHouse(store, allowed_origins=(ALLOWED,))
    await house.accounts.add("zoe", PASSWORD)
    async with house.client() as client:
        me = (await client.post("/api/guest")).json()
        form = {"username": "zoe", "password": PASSWORD}
        answer = await client.post(path, data=form, headers={"Origin": ALLOWED})
        assert refusal(answer) == (403, "origin")
        assert "set-cookie" not in answer.headers
        assert (await client.get("/api/me")).json() == me
        assert (await client.post("/api/ticket", headers={"Origin": "http://localhost:8000"})).status_code == 200
    house.close()


async def test_an_allowed_page_acts_by_a_token(store: MemoryStore) -> None:
    house = HttpHouse(store, allowed_origins=(ALLOWED,))
    async with house.client() as client:
        come = await client.post("/guest", headers={"Origin": ALLOWED})
        headers = {"Origin": ALLOWED, **bearer(come.json()["access_token"])}
        assert (await client.post("/api/ticket", headers=headers)).status_code == 200
        for path in ("/api/guest", "/api/account"):  # a cookie would come of it
            assert refusal(await client.post(path, data={"username": "z", "password": PASSWORD}, headers=headers)) == (
                403,
                "origin",
            )
        gone = await client.post("/api/sign-out", headers=headers)
        assert (gone.status_code, "set-cookie" in gone.headers) == (204, False)
        assert refusal(await client.post("/api/sign-out", headers=headers)) == (401, "expired")
    house.close()


async def two_cookies(client: httpx.AsyncClient, other: str) -> dict[str, str]:
    """The header of a browser in which another program set a cookie of our name."""
    (kept,) = client.cookies.values()
    client.cookies.clear()
    return {"Cookie": f"shipanion-8000={other}; shipanion-8000={kept}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("GET", "/api/sessions"),
        ("GET", "/api/labels/label-1.pdf"),
        ("POST", "/api/sign-in"),
        ("POST", "/api/guest"),
        ("POST", "/api/account"),
        ("POST", "/api/ticket"),
    ],
)
async def test_with_two_cookies_one_is_told_so_and_loses_none(
    house: HttpHouse, client: httpx.AsyncClient, method: str, path: str
) -> None:
    await house.accounts.add("zoe", PASSWORD)
    await client.post("/api/guest")
    sent = await two_cookies(client, "evil")
    form = {"username": "zoe", "password": PASSWORD} if method == "POST" else None
    answer = await client.request(method, path, headers=sent, data=form)
    assert refusal(answer) == (401, "sign_in")
    assert "set a cookie of the same name" in answer.json()["error"]["message"]
    assert "set-cookie" not in answer.headers


async def test_with_two_cookies_signing_out_ends_whichever_is_good(house: HttpHouse, client: httpx.AsyncClient) -> None:
    await client.post("/api/guest")
    guest = await house.accounts.new_guest()
    for other in ("evil", house.tokens.issue(guest, house.now)[0], house.tokens.issue(guest, house.now, "viewer")[0]):
        client.cookies.clear()
        await client.post("/api/guest")
        sent = await two_cookies(client, other)
        own = {"Cookie": sent["Cookie"].rpartition(" ")[2]}
        assert (await client.get("/api/me", headers=own)).status_code == 200
        gone = await client.post("/api/sign-out", headers=sent)
        assert (gone.status_code, "set-cookie" in gone.headers) == (204, True)
        assert refusal(await client.get("/api/me", headers=own)) == (401, "expired")
    assert len(house.cut) == 4


async def test_with_two_cookies_and_none_good_nobody_says_that_one_is_out(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/sign-out", headers={"Cookie": "shipanion-8000=a; shipanion-8000=b"})
    assert refusal(answer) == (401, "sign_in")
    assert "set a cookie of the same name" in answer.json()["error"]["message"]


# --- staying


async def test_a_ticket_stands_for_the_sign_in_it_was_asked_with(house: HttpHouse, client: httpx.AsyncClient) -> None:
    me = (await client.post("/api/guest")).json()
    answer = await client.post("/api/ticket")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"ticket": answer.json()["ticket"], "expires_in": TICKET_SECONDS}
    assert "set-cookie" not in answer.headers
    identity = house.parts.tickets.take(answer.json()["ticket"], house.now)
    assert (identity.user_id, identity.kind, identity.expires_at) == (me["user_id"], "guest", me["expires_at"])
    assert refusal(await client.post("/api/ticket", headers=bearer("rubbish"))) == (401, "sign_in")
    client.cookies.clear()
    assert refusal(await client.post("/api/ticket")) == (401, "sign_in")


@pytest.mark.parametrize(("age", "renewed"), [(1 / 3 - 0.01, False), (1 / 3 + 0.01, True)])
async def test_asking_for_a_ticket_renews_a_cookie_that_is_a_third_over(
    house: HttpHouse, client: httpx.AsyncClient, age: float, renewed: bool
) -> None:
    await house.accounts.add("zoe", PASSWORD)
    before = (await client.post("/api/sign-in", data={"username": "zoe", "password": PASSWORD})).json()
    house.now += int(ACCOUNT_SECONDS * age) * 1000
    answer = await client.post("/api/ticket")
    assert ("set-cookie" in answer.headers) == renewed
    ends = house.now + ACCOUNT_SECONDS * 1000 if renewed else before["expires_at"]
    assert house.parts.tickets.take(answer.json()["ticket"], house.now).expires_at == ends
    assert (await client.get("/api/me")).json() == {**before, "expires_at": ends}


async def test_a_bearer_token_is_not_renewed_by_a_ticket(house: HttpHouse, client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    ends = house.now + GUEST_SECONDS * 1000
    house.now += GUEST_SECONDS * 500
    answer = await client.post("/api/ticket", headers=bearer(token))
    assert "set-cookie" not in answer.headers
    assert house.parts.tickets.take(answer.json()["ticket"], house.now).expires_at == ends


async def test_a_ticket_opens_nothing_over_http(client: httpx.AsyncClient) -> None:
    await client.post("/api/guest")
    ticket = (await client.post("/api/ticket")).json()["ticket"]
    assert refusal(await client.get("/api/me", headers=bearer(ticket))) == (401, "sign_in")
    client.cookies.clear()
    sent = {"Cookie": f"shipanion-8000={ticket}"}
    assert refusal(await client.get("/api/me", headers=sent)) == (401, "sign_in")


async def test_tickets_are_counted_by_person(store: MemoryStore) -> None:
    house = HttpHouse(store, rules={**RULES, "ticket": Rule("2 per 1 minute", "")})
    async with house.client() as client, house.client() as other:
        for page in (client, other):
            await page.post("/api/guest")
            assert [(await page.post("/api/ticket")).status_code for _ in range(3)] == [200, 200, 429]
    house.close()
