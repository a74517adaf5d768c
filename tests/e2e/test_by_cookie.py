"""The page's way in, on a real server: the cookie, the ticket, a guest who becomes an account, and signing out."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire, dial, still_works

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("by-cookie")
    with ServerProcess(folder, rate_limits=False, launch=warm.launch) as running:
        yield running


class Browser:
    """A browser at our page: it keeps the cookie, and says where it asks from."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}, trust_env=False, timeout=10)
        self._server = server

    async def post(self, path: str, **form: str) -> Json:
        answer = await self.http.post(path, data=form)
        assert answer.is_success, answer.text
        found: Json = answer.json() if answer.content else {}
        return found

    async def get(self, path: str) -> Json:
        answer = await self.http.get(path)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def open(self, **query: Any) -> AbstractAsyncContextManager[Wire]:
        """A socket of our page."""
        headers = {"Cookie": self.cookie}
        return Wire.open(self._server.socket_url, None, origin=self._server.url, headers=headers, **query)


@pytest.fixture
async def page(server: ServerProcess) -> AsyncIterator[Browser]:
    browser = Browser(server)
    yield browser
    await browser.http.aclose()


async def listed(page: Browser) -> list[str]:
    return [row["id"] for row in (await page.get("/api/sessions"))["sessions"]]


async def test_a_page_comes_in_and_talks_by_its_cookie_alone(page: Browser) -> None:
    me = await page.post("/api/guest")
    assert await page.get("/api/me") == me
    async with page.open(device="laptop") as wire:
        session_id = wire.welcome["session_id"]
        assert await listed(page) == []
        await wire.say("m1", "hello")
        await wire.acked("m1")
        (row,) = (await page.get("/api/sessions"))["sessions"]
        assert (row["id"], row["devices"]) == (session_id, 1)
        await wire.until("turn_ended")
    async with page.open(**wire.place) as again:
        assert again.welcome["outcome"] == "recovered"


async def test_the_cookie_of_a_page_opens_nothing_for_another_page(server: ServerProcess, page: Browser) -> None:
    await page.post("/api/guest")
    for origin in ("https://evil.example", f"http://localhost:{server.port}", f"http://127.0.0.1:{server.port + 1}"):
        wire = Wire(await dial(server.socket_url, None, origin=origin, headers={"Cookie": page.cookie}))
        assert (await wire.next())["code"] == "origin"
        assert (await wire.closed())[0] == 4302
        for path in ("/api/guest", "/api/sign-out", "/api/ticket", "/api/account", "/api/sessions/x/archive"):
            answer = await page.http.post(path, headers={"Origin": origin})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin")
    assert (await page.http.get("/api/me")).status_code == 200


@pytest.mark.parametrize("value", ["rubbish", "", "x" * 5_000])
async def test_a_cookie_that_is_no_good_is_refused_and_can_be_replaced(
    server: ServerProcess, page: Browser, value: str
) -> None:
    name = f"shipanion-{server.port}"
    sent = {"Cookie": f"{name}={value}"}
    wire = Wire(await dial(server.socket_url, None, origin=server.url, headers=sent))
    assert (await wire.next())["code"] == "sign_in"
    assert await wire.closed() == (4200, "sign_in")
    assert (await page.http.get("/api/me", headers=sent)).status_code == 401
    assert (await page.http.post("/api/guest", headers=sent)).status_code == 200
    assert (await page.http.get("/api/me")).status_code == 200


async def test_what_another_program_set_beside_the_cookie_costs_nobody_their_sign_in(
    server: ServerProcess, page: Browser
) -> None:
    me = await page.post("/api/guest")
    sent = {"Cookie": f"{page.cookie}; shipanion-{server.port}=theirs"}
    wire = Wire(await dial(server.socket_url, None, origin=server.url, headers=sent))
    assert (await wire.next())["code"] == "sign_in"
    assert await wire.closed() == (4200, "sign_in")
    own = page.cookie
    page.http.cookies.clear()
    for path in ("/api/guest", "/api/ticket"):
        assert (await page.http.post(path, headers=sent)).status_code == 401
    assert (await page.http.get("/api/me", headers={"Cookie": own})).json() == me
    assert (await page.http.post("/api/sign-out", headers=sent)).status_code == 204
    assert (await page.http.get("/api/me", headers={"Cookie": own})).json()["error"]["code"] == "expired"


async def test_a_ticket_is_taken_once_and_only_by_an_open_socket(server: ServerProcess, page: Browser) -> None:
    me = await page.post("/api/guest")
    ticket = (await page.post("/api/ticket"))["ticket"]
    for query in ({"token": ticket}, {"token": None, "headers": {"Authorization": f"Bearer {ticket}"}}):
        wire = Wire(await dial(server.socket_url, **query))
        assert (await wire.next())["code"] == "sign_in"
        await wire.closed()
    wire = Wire(await dial(server.socket_url, None))
    await wire.send("hello", token=ticket)
    assert (await wire.next())["code"] == "sign_in"
    await wire.closed()
    async with page.open() as wire:
        await wire.send("auth", token=ticket)
        assert (await wire.until("auth_ok"))["expires_at"] == me["expires_at"]
        await wire.send("auth", token=ticket, requestId=1)
        assert (await wire.refused())["code"] == "sign_in"
        await still_works(wire)
    for credential in (ticket, *page.http.cookies.values()):
        assert credential not in server.log()


async def test_a_ticket_of_somebody_else_changes_nothing(server: ServerProcess, page: Browser) -> None:
    other = Browser(server)
    await page.post("/api/guest")
    await other.post("/api/guest")
    async with page.open() as wire:
        await wire.send("auth", token=(await other.post("/api/ticket"))["ticket"])
        assert (await wire.refused())["code"] == "forbidden"
        await still_works(wire)
    await other.http.aclose()


async def test_signing_out_cuts_what_is_open_and_ends_what_is_kept(server: ServerProcess, page: Browser) -> None:
    await page.post("/api/guest")
    async with page.open() as one, page.open() as other, Wire.open(server.socket_url, server.guest()) as stranger:
        await one.say("m1", "hello")
        await one.acked("m1")
        kept, ticket = page.cookie, (await page.post("/api/ticket"))["ticket"]
        await page.post("/api/sign-out")
        began = time.monotonic()
        assert await one.closed() == await other.closed() == (4201, "expired")
        assert time.monotonic() - began < 2
        await still_works(stranger)
    assert page.cookie == ""
    for path in ("/api/me", "/api/sessions"):
        answer = await page.http.get(path, headers={"Cookie": kept})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "expired")
    wire = Wire(await dial(server.socket_url, None, origin=server.url, headers={"Cookie": kept}))
    assert (await wire.next())["code"] == "expired"
    assert await wire.closed() == (4201, "expired")
    await page.post("/api/guest")
    async with page.open() as wire:
        await wire.send("auth", token=ticket)
        assert (await wire.refused())["code"] == "expired"


async def test_a_guest_becomes_an_account_in_the_middle_of_a_conversation(server: ServerProcess, page: Browser) -> None:
    guest = await page.post("/api/guest")
    async with page.open() as wire, page.open() as idle:
        await wire.say("m1", "hello")
        await wire.until("turn_ended")
        before, old = await listed(page), page.cookie
        me = await page.post("/api/account", username="Zoë", password=PASSWORD)
        assert (me["user_id"], me["name"], me["kind"]) == (guest["user_id"], "Zoë", "account")
        assert await listed(page) == before == [wire.welcome["session_id"]]
        await wire.send("auth", token=(await page.post("/api/ticket"))["ticket"])
        assert (await wire.until("auth_ok"))["expires_at"] == me["expires_at"]
        await wire.say("m2", "hello again")
        assert (await wire.until("user_message", id="m2"))["by"]["name"] == "Zoë"
        await still_works(wire)
        # A connection that shows nothing new may stay for a moment: it is told nothing, and does nothing.
        await idle.say("m1", "may I?")
        told = await idle.up_to("error")
        assert told[-1]["code"] == "expired"
        assert [frame for frame in told if frame.get("id") == "m2"] == []
        assert await idle.closed() == (4201, "expired")
    answer = await page.http.get("/api/me", headers={"Cookie": old})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "expired")
    phone = Browser(server)
    there_too = await phone.post("/api/sign-in", username="ZOË", password=PASSWORD)
    assert {**there_too, "expires_at": 0} == {**me, "expires_at": 0}  # a second may have passed
    async with phone.open(session_id=wire.welcome["session_id"]) as there:
        assert there.welcome["outcome"] == "snapshot"
    await phone.http.aclose()


async def test_a_guests_connection_that_shows_no_ticket_is_cut_in_the_end(page: Browser) -> None:
    await page.post("/api/guest")
    async with page.open() as wire:
        await page.post("/api/account", username="Yan", password=PASSWORD)
        await wire.in_step()
        assert await wire.closed(within=20) == (4201, "expired")


async def test_a_session_put_away_comes_back_when_its_person_goes_on_with_it(page: Browser) -> None:
    await page.post("/api/guest")
    async with page.open() as wire:
        session_id = wire.welcome["session_id"]
        await wire.say("m1", "hello")
        await wire.until("turn_ended")
        await page.post(f"/api/sessions/{session_id}/archive")
        assert await listed(page) == []
        await wire.send("update_state", id="e1", patch={"title": "Mugs"})
        await wire.acked("e1")
        (row,) = (await page.get("/api/sessions?archived=true"))["sessions"]
        assert (row["title"], row["archived"]) == ("Mugs", True)
        await wire.say("m2", "hello again")
        await wire.acked("m2")
        assert await listed(page) == [session_id]


async def test_a_session_is_listed_by_how_it_began_and_then_by_its_route(page: Browser) -> None:
    async def titles() -> list[str]:
        return [row["title"] for row in (await page.get("/api/sessions"))["sessions"]]

    await page.post("/api/guest")
    async with page.open() as wire:
        await wire.say("m1", "hello")
        await wire.until("turn_ended")
        assert await titles() == ["hello"]
        await wire.say("m2", "5 lb from 90210 to 10001")
        await wire.until("turn_ended")
        assert await titles() == [wire.state["title"]] == ["Beverly Hills, CA → New York, NY"]
        await wire.send("update_state", id="e1", patch={"title": "Mugs"})
        await wire.acked("e1")
        await wire.say("m3", "6 lb from 90210 to 97201")
        await wire.until("turn_ended")
        assert await titles() == ["Mugs"]


async def test_two_servers_on_one_host_do_not_sign_each_other_out(
    server: ServerProcess, page: Browser, tmp_path: Any, warm: WarmStart
) -> None:
    me = await page.post("/api/guest")
    with ServerProcess(tmp_path, launch=warm.launch) as second:
        async with httpx.AsyncClient(trust_env=False, cookies=page.http.cookies) as browser:
            other = await browser.post(f"{second.url}/api/guest")
            assert other.json()["user_id"] != me["user_id"]
            assert (await browser.get(f"{server.url}/api/me")).json() == me
            assert (await browser.get(f"{second.url}/api/me")).json() == other.json()


async def test_what_the_server_is_is_told_before_anybody_signs_in(page: Browser) -> None:
    about = await page.get("/api/about")
    assert (about["guests"], about["sign_up"], about["carrier"]) == (True, True, {"name": "ratecard", "real": False})
