"""Label files: who gets them, how a link opens one, and what ends it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

import argon2
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from shipanion.app.accounts import Accounts
from shipanion.app.labels import LINK_SECONDS, link_signature
from shipanion.app.origins import Origins
from shipanion.app.routes import Parts, Readiness, make_app
from shipanion.app.throttle import Throttle
from shipanion.app.tokens import Role, Tokens
from shipanion.protocol.codes import ERRORS
from shipanion.stores.base import Committed, SessionStore, Step
from shipanion.stores.memory import MemoryStore
from shipanion.stores.sqlite import SqliteStore
from tests.support.server_process import ServerProcess
from tests.support.store_steps import account, document, make_session, one

START = 1_800_000_000_000
PDF = bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LABEL = "/api/labels/label-9f.pdf"
CODE = "/api/labels/label-9f-qr.png"


class House:
    """A whole HTTP side over one store; Ann and Bo have a session with label files each."""

    def __init__(self, store: MemoryStore, *, guests: bool = True, public_url: str | None = None) -> None:
        self.store = store
        self.now = START
        self.tokens = Tokens(b"k" * 32)
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts(store, self.tokens, lambda: self.now, guests=guests, hasher=cheap)
        parts = Parts(
            accounts=self.accounts,
            tokens=self.tokens,
            throttle=Throttle(clock=lambda: self.now / 1000),
            store=store,
            node=cast(Readiness, None),
            registry=CollectorRegistry(),
            now=lambda: self.now,
            public_url=public_url,
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(parts, Origins.of("127.0.0.1", public_url, ()))),
            base_url="http://localhost:8000",
        )

    async def token(self, user_id: str = "ann", role: Role = "owner") -> dict[str, str]:
        """The header with which a person of the store comes, as of now."""
        user = await self.store.user(user_id)
        assert user is not None
        return {"Authorization": f"Bearer {self.tokens.issue(user, self.now, role=role)[0]}"}

    async def link(self, path: str = LABEL, user_id: str = "ann") -> str:
        """A fresh link."""
        answer = await self.client.post(f"{path}/link", headers=await self.token(user_id))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers)


async def furnish(store: SessionStore) -> None:
    for user_id, number, kind in (("ann", "9f", "account"), ("bo", "bb", "account"), ("guest", "cc", "guest")):
        await store.add_user(account(user_id, user_id, kind=kind))
        await make_session(store, f"s-{user_id}", owner=user_id)
        files = (
            document(f"label-{number}.pdf", PDF, name=f"label-{number}.pdf"),
            document(f"label-{number}-qr.png", PNG, media_type="image/png", name="qr.png"),
            document(f"label-{number}.zpl", b"^XA^XZ", media_type="application/zpl", name="label.zpl"),
            document(f"label-{number}-odd", b"<p>", media_type="text/html", name='../a"b\r\n\u202e;c.html'),
            document(f"label-{number}-none", b"", name="..."),
        )
        assert isinstance(await one(store, Step(session_id=f"s-{user_id}", documents=files)), Committed)


@pytest.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.open()
    await furnish(store)
    yield store
    await store.close()


@pytest.fixture
def house(store: MemoryStore) -> Iterator[House]:
    house = House(store)
    yield house
    house.accounts.close()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] in ERRORS
    assert error["message"].endswith(".")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, error["code"]


# --- the file


async def test_the_owner_gets_the_file_as_it_is_kept_every_time(house: House) -> None:
    for _ in range(2):
        answer = await house.get(LABEL, await house.token())
        assert answer.status_code == 200
        assert answer.content == PDF
        assert dict(answer.headers) == {
            "content-type": "application/pdf",
            "content-length": str(len(PDF)),
            "content-disposition": 'inline; filename="label-9f.pdf"',
            "cache-control": "private, no-store",
            "content-security-policy": "default-src 'none'; frame-ancestors 'self'; object-src 'self'; "
            "style-src 'unsafe-inline'",
            "referrer-policy": "no-referrer",
            # Of every answer.
            "cross-origin-resource-policy": "same-origin",
            "x-content-type-options": "nosniff",
        }
    picture = await house.get(CODE, await house.token())
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    assert picture.headers["content-security-policy"].startswith("sandbox; default-src 'none'; frame-ancestors 'self'")
    assert picture.headers["content-disposition"] == 'inline; filename="qr.png"'


async def test_head_says_what_get_would_and_sends_nothing(house: House) -> None:
    got = await house.get(LABEL, await house.token())
    head = await house.client.head(LABEL, headers=await house.token())
    assert (head.status_code, head.content, head.headers) == (200, b"", got.headers)
    assert (await house.client.head(LABEL)).status_code == 401


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{LABEL}?download=1", 'attachment; filename="label-9f.pdf"'),
        (f"{LABEL}?download=0", 'inline; filename="label-9f.pdf"'),
        ("/api/labels/label-9f.zpl", 'attachment; filename="label.zpl"'),
        ("/api/labels/label-9f-odd", 'attachment; filename="_a_b_c.html"'),
        ("/api/labels/label-9f-none", 'inline; filename="label"'),
    ],
)
async def test_what_a_browser_is_to_do_with_it(house: House, path: str, expected: str) -> None:
    answer = await house.get(path, await house.token())
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == expected


async def test_what_is_neither_pdf_nor_picture_may_do_nothing(house: House) -> None:
    answer = await house.get("/api/labels/label-9f-odd", await house.token())
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'self'"


# --- who gets it


async def test_without_any_credential_one_is_told_to_sign_in(house: House) -> None:
    for path in (LABEL, f"{LABEL}?expires=1800000600", "/api/labels/nothing"):
        answer = await house.get(path)
        assert refusal(answer) == (401, "sign_in")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert refusal(await house.client.post(f"{LABEL}/link")) == (401, "sign_in")


async def test_all_that_one_may_not_have_looks_alike(house: House) -> None:
    link = await house.link()
    unknown = await house.get("/api/labels/label-00.pdf", await house.token())
    assert refusal(unknown) == (404, "not_found")
    assert "run out" in unknown.json()["error"]["message"]
    assert "/link" in unknown.json()["error"]["message"]
    alike = [
        await house.get(LABEL, await house.token("bo")),
        await house.get(link, await house.token("bo")),  # a token that is there decides
        await house.get(link[:-1] + ("A" if link[-1] != "A" else "B")),
        await house.get(link.replace("9f.pdf", "00.pdf")),
        await house.client.post("/api/labels/label-00.pdf/link", headers=await house.token()),
        await house.client.post(f"{LABEL}/link", headers=await house.token("bo")),
    ]
    house.now += LINK_SECONDS * 1000
    alike.append(await house.get(link))
    for answer in alike:
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert answer.headers == unknown.headers


async def test_a_token_that_holds_no_more_is_told_so_and_no_link_mends_it(house: House) -> None:
    link, token = await house.link(), await house.token()
    await house.store.set_password("ann", "hash")
    for path in (LABEL, link):
        assert refusal(await house.get(path, token)) == (401, "expired")
    assert refusal(await house.client.post(f"{LABEL}/link", headers=token)) == (401, "expired")


@pytest.mark.parametrize("role", ["editor", "viewer", "agent"])
async def test_who_is_not_the_owner_gets_neither_file_nor_link(house: House, role: Role) -> None:
    token = await house.token(role=role)
    assert (await house.client.get("/api/me", headers=token)).status_code == 200
    assert refusal(await house.get(LABEL, token)) == (403, "forbidden")
    assert refusal(await house.get(await house.link(), token)) == (403, "forbidden")
    assert refusal(await house.client.post(f"{LABEL}/link", headers=token)) == (403, "forbidden")


async def test_a_page_from_elsewhere_makes_no_link(house: House) -> None:
    headers = {**await house.token(), "Origin": "https://evil.example"}
    assert refusal(await house.client.post(f"{LABEL}/link", headers=headers)) == (403, "origin")
    own = {**await house.token(), "Origin": "http://localhost:8000"}
    assert (await house.client.post(f"{LABEL}/link", headers=own)).status_code == 200
    rebound = {**await house.token(), "Host": "evil.example"}
    assert refusal(await house.get(LABEL, rebound)) == (421, "origin")


# --- links


async def test_a_link_opens_its_file_without_a_token_until_it_runs_out(house: House) -> None:
    answer = await house.client.post(f"{LABEL}/link", headers=await house.token())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"url", "expires_in"}
    assert answer.json()["expires_in"] == 600
    link = answer.json()["url"]
    assert link.startswith(f"{LABEL}?expires={START // 1000 + 600}&signature=")
    opened = await house.get(link)
    assert (opened.status_code, opened.content) == (200, PDF)
    assert (await house.get(f"{link}&download=1")).headers["content-disposition"].startswith("attachment")
    assert (await house.client.head(link)).status_code == 200
    assert (await house.get(link, await house.token())).content == PDF
    house.now += 600_000 - 1
    assert (await house.get(link)).status_code == 200
    house.now += 1
    assert refusal(await house.get(link)) == (404, "not_found")


async def test_a_link_ends_with_the_sign_in_that_made_it(house: House) -> None:
    token = await house.token()
    signed_in = house.tokens.read(token["Authorization"].removeprefix("Bearer "), START)
    house.now = signed_in.expires_at - 2_000
    answer = await house.client.post(f"{LABEL}/link", headers=token)
    assert answer.json()["expires_in"] == 2
    assert (await house.get(answer.json()["url"])).status_code == 200
    house.now += 2_000
    assert (await house.get(answer.json()["url"])).status_code == 404


async def cookie(house: House, user_id: str = "ann") -> dict[str, str]:
    """The header that a browser sends by itself."""
    return {"Cookie": f"shipanion-8000={(await house.token(user_id))['Authorization'].removeprefix('Bearer ')}"}


@pytest.mark.parametrize("more", [{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"}, {}])
async def test_the_owners_page_shows_and_saves_the_file_by_its_cookie(house: House, more: dict[str, str]) -> None:
    shown = await house.get(LABEL, {**await cookie(house), **more})
    assert (shown.status_code, shown.content) == (200, PDF)
    saved = await house.get(f"{LABEL}?download=1", {**await cookie(house), **more})
    assert saved.headers["content-disposition"].startswith("attachment;")
    answer = await house.client.post(
        f"{LABEL}/link", headers={**await cookie(house), "Origin": "http://localhost:8000"}
    )
    assert answer.json().keys() == {"url", "expires_in"}


async def test_a_cookie_opens_no_file_of_somebody_else_and_none_in_another_page(house: House) -> None:
    assert (await house.get(LABEL, await cookie(house, "bo"))).status_code == 404
    for more in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}):
        assert (await house.get(LABEL, {**await cookie(house), **more})).status_code == 401


async def test_a_link_opens_in_whoevers_browser_it_is(house: House) -> None:
    link = await house.link()
    for kept in (await cookie(house, "bo"), {"Cookie": "shipanion-8000=rubbish"}):
        assert (await house.get(link, kept)).content == PDF


async def test_a_link_bears_the_public_address(store: MemoryStore) -> None:
    house = House(store, public_url="https://ship.example")
    link = await house.link()
    house.accounts.close()
    assert link.startswith(f"https://ship.example{LABEL}?expires=")
    assert (await house.get(link.removeprefix("https://ship.example"))).status_code == 200


async def test_a_link_opens_no_other_file_and_lasts_no_longer_than_it_says(house: House) -> None:
    link = await house.link()
    query = urlsplit(link).query
    proof = parse_qs(query)["signature"][0]
    expires = START // 1000 + LINK_SECONDS
    for path in (CODE, "/api/labels/label-bb.pdf", "/api/labels/label-9f.zpl"):
        assert refusal(await house.get(f"{path}?{query}")) == (404, "not_found")
    for changed in (expires + 1, expires - 1, f"{expires}0", f"-{expires}", f"{expires}.0", "", "٣" * 10, "9" * 5_000):
        assert refusal(await house.get(f"{LABEL}?expires={changed}&signature={proof}")) == (404, "not_found")
    assert refusal(await house.get(f"{LABEL}?signature={proof}")) == (404, "not_found")
    for wrong in ("", proof[:-1], f"{proof}=", proof.lower(), "%ff", "%00", "é", "x" * 5_000):
        assert refusal(await house.get(f"{LABEL}?expires={expires}&signature={wrong}")) == (404, "not_found")


async def test_what_withdraws_the_owners_tokens_ends_their_links_at_once(house: House) -> None:
    async def changed() -> None:
        assert await house.store.set_password("ann", "another hash")

    async def disabled() -> None:
        assert await house.store.set_disabled("ann", True)

    async def enabled() -> None:
        assert await house.store.set_disabled("ann", False)

    other = await house.link(path="/api/labels/label-bb.pdf", user_id="bo")
    links = [await house.link()]
    for withdraw in (changed, disabled, enabled):
        await withdraw()
        for link in links:
            assert refusal(await house.get(link)) == (404, "not_found")
        if withdraw is changed:
            links.append(await house.link())
            assert (await house.get(links[-1])).status_code == 200
    assert (await house.get(other)).status_code == 200  # it was not their sign-in


async def test_a_guests_link_ends_where_guests_are_taken_no_more(house: House) -> None:
    link = await house.link("/api/labels/label-cc.pdf", "guest")
    assert (await house.get(link)).status_code == 200
    closed = House(house.store, guests=False)
    closed.accounts.close()
    assert refusal(await closed.get(link)) == (404, "not_found")


async def test_the_files_of_somebody_who_is_gone_open_by_no_link(house: House) -> None:
    await make_session(house.store, "s-gone", owner="gone")
    await one(house.store, Step(session_id="s-gone", documents=(document("label-dd.pdf"),)))
    expires = START // 1000 + 60
    proof = link_signature(house.tokens.subkey("label links"), "label-dd.pdf", expires, "gone", 1)
    answer = await house.get(f"/api/labels/label-dd.pdf?expires={expires}&signature={proof}")
    assert refusal(answer) == (404, "not_found")


VALUES = st.tuples(st.text(max_size=8), st.integers(0, 10**6), st.text(max_size=8), st.integers(0, 99))


@given(VALUES, VALUES)
def test_no_two_things_are_signed_alike(first: tuple[str, int, str, int], second: tuple[str, int, str, int]) -> None:
    one_of, other = link_signature(b"k" * 32, *first), link_signature(b"k" * 32, *second)
    assert (one_of == other) == (first == second)
    assert len(base64.urlsafe_b64decode(one_of + "=")) == 32
    assert link_signature(b"K" * 32, *first) != one_of


# --- over a real port


def test_a_real_server_serves_a_link_and_keeps_it_out_of_its_log(tmp_path: Path) -> None:
    async def keep(user_id: str) -> None:
        store = SqliteStore(server.file, serve=False)
        await store.open()
        await make_session(store, owner=user_id)
        await one(store, Step(session_id="s1", documents=(document("label-9f.pdf", PDF),)))
        await store.close()

    with ServerProcess(tmp_path) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=10) as client:
        headers = {"Authorization": f"Bearer {server.guest()}"}
        asyncio.run(keep(client.get("/api/me", headers=headers).json()["user_id"]))
        link = client.post(f"{LABEL}/link", headers=headers).json()["url"]
        assert client.get(link).content == PDF
        head = client.head(link)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PDF)))
        assert client.get(f"{link}x").status_code == 404
        assert server.stop() == 0
    log = server.log()
    assert log.count(f"{LABEL}?...") == 3
    proof = parse_qs(urlsplit(link).query)["signature"][0]
    assert proof not in log
    assert "signature" not in log
