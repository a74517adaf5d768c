"""The cookie in a real Chromium: it is kept as it should be, serves our page, and no other page on the same host."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.support.scene import Scene

FIRST_FRAME = """(url) => new Promise((resolve) => {
    const socket = new WebSocket(url, "shipanion.v1");
    socket.onmessage = (message) => { resolve(JSON.parse(message.data)); socket.close(); };
})"""
TICKET = """(url) => new Promise((resolve) => {
    const socket = new WebSocket(url, "shipanion.v1");
    socket.onmessage = async (message) => {
        const frame = JSON.parse(message.data);
        if (frame.type === "welcome") {
            const {ticket} = await (await fetch("/api/ticket", {method: "POST"})).json();
            socket.send(JSON.stringify({type: "auth", token: ticket}));
        } else if (frame.type !== "presence") {
            resolve(frame);
            socket.close();
        }
    };
})"""


@asynccontextmanager
async def another_program() -> AsyncIterator[str]:
    """The page of another program on this machine. It is the same site, so the browser sends our cookie along."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def me(tab: Page) -> Any:
    return await tab.evaluate("fetch('/api/me').then((answer) => answer.json())")


async def test_it_is_kept_from_scripts_and_under_a_name_of_its_own(scene: Scene, bare_tab: Page) -> None:
    (cookie,) = await bare_tab.context.cookies(scene.url)
    assert cookie.get("name") == f"shipanion-{urlsplit(scene.url).port}"
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("path")) == (True, "Lax", "/")
    assert await bare_tab.evaluate("document.cookie") == ""


async def test_our_page_has_its_line_by_it_and_stays_by_a_ticket(scene: Scene, bare_tab: Page) -> None:
    socket = scene.url.replace("http", "ws") + "/ws"
    assert (await bare_tab.evaluate(FIRST_FRAME, socket))["type"] == "welcome"
    stayed = await bare_tab.evaluate(TICKET, socket)
    assert (stayed["type"], stayed["expires_at"]) == ("auth_ok", (await me(bare_tab))["expires_at"])


async def test_a_page_on_another_port_gets_nothing_by_it(scene: Scene, bare_tab: Page) -> None:
    scene.allow("status of 40")
    scene.allow("CORS policy")
    scene.allow("net::ERR_FAILED")
    scene.allow("net::ERR_BLOCKED_BY_RESPONSE")
    person, kept = await me(bare_tab), await bare_tab.context.cookies(scene.url)
    other = await bare_tab.context.new_page()
    async with another_program() as elsewhere:
        await other.goto(elsewhere)
    no_answer = "(a) => a.status, () => 'kept from it'"
    for path in ("/api/sign-out", "/api/guest", "/api/account", "/api/ticket", "/api/sign-in"):
        ask = f"(url) => fetch(url, {{method: 'POST', mode: 'no-cors', credentials: 'include'}}).then({no_answer})"
        assert await other.evaluate(ask, scene.url + path) == "kept from it"
    assert await bare_tab.context.cookies(scene.url) == kept
    read = f"(url) => fetch(url, {{credentials: 'include'}}).then({no_answer})"
    assert await other.evaluate(read, f"{scene.url}/api/me") == "kept from it"
    first = await other.evaluate(FIRST_FRAME, scene.url.replace("http", "ws") + "/ws")
    assert (first["type"], first["code"]) == ("error", "origin")
    assert await me(bare_tab) == person


async def test_signing_out_takes_it_away(scene: Scene, bare_tab: Page) -> None:
    scene.allow("status of 401")  # the refusal that is asked for below
    assert await bare_tab.evaluate("fetch('/api/sign-out', {method: 'POST'}).then((answer) => answer.status)") == 204
    assert await bare_tab.context.cookies(scene.url) == []
    assert (await me(bare_tab))["error"]["code"] == "sign_in"
