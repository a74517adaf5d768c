"""Who somebody is changes while work is under way: nothing that waits is lost, and who left has left everywhere."""

import re

import httpx
from playwright.async_api import Page, WebSocket, WebSocketRoute, expect

from tests.support.page_steps import (
    PASSWORD,
    begun,
    composer,
    items,
    log_of,
    make_account,
    opened,
    said_in,
    say,
    settled,
    status,
)
from tests.support.scene import Scene

KEPT = """async () => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const kept = Object.keys(localStorage).filter((name) => name.startsWith("shipanion.place:"));
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const rows = await done(database.transaction(store).objectStore(store).getAll());
            kept.push(...rows.map((row) => JSON.stringify(row)));
        }
        database.close();
    }
    return kept;
}"""
"""What this browser keeps of a person's conversations."""


async def conversation(scene: Scene) -> tuple[Page, str]:
    """A guest's tab with a conversation, and its id."""
    tab = await opened(await scene.device())
    return tab, await begun(tab, "hello")


async def test_a_renewed_cookie_takes_what_waits_along(scene: Scene) -> None:
    """A line that lets only sockets down, as many a proxy does: the cookie is changed while messages wait."""
    laptop = await scene.device()
    lets_sockets_through = True

    async def pass_on(route: WebSocketRoute) -> None:
        if lets_sockets_through:
            route.connect_to_server()
        else:
            await route.close(code=1011)

    await laptop.context.route_web_socket("**/ws*", pass_on)
    tab = await opened(laptop)
    session_id = await begun(tab, "hello")
    lets_sockets_through = False
    scene.line.cut()
    await status(tab, "reconnecting")
    await say(tab, "number 1 of two", "number 2 of two")
    before = await laptop.token()
    await make_account(tab)
    assert await laptop.token() != before
    lets_sockets_through = True
    await settled(tab, 3)
    await expect(tab.get_by_role("button", name="Account: ana")).to_be_visible()
    assert said_in(await log_of(scene, laptop, session_id)) == ["hello", "number 1 of two", "number 2 of two"]


async def test_an_open_line_stays_when_the_guest_becomes_an_account(scene: Scene) -> None:
    tab, session_id = await conversation(scene)
    other = await opened(scene.devices[0], f"/s/{session_id}")
    new_lines: list[WebSocket] = []
    for each in (tab, other):
        each.on("websocket", lambda line: new_lines.append(line))
    await make_account(tab)
    await say(tab, "thanks")
    await settled(tab, 2)
    # The other tab of the browser has the account's cookie too, and its line goes on by a ticket.
    await expect(other.get_by_role("button", name="Account: ana")).to_be_visible()
    await say(other, "bye")
    await settled(other, 3)
    assert said_in(await log_of(scene, scene.devices[0], session_id)) == ["hello", "thanks", "bye"]
    assert new_lines == []


async def test_a_sign_in_that_ended_elsewhere_while_messages_wait(scene: Scene) -> None:
    scene.allow("status of 401")
    tab, session_id = await conversation(scene)
    laptop = scene.devices[0]
    scene.line.refuse()
    scene.line.cut()
    await status(tab, "reconnecting")
    await say(tab, "number 1 of two", "number 2 of two")
    async with httpx.AsyncClient(base_url=scene.server.url, trust_env=False) as phone:
        head = {"Authorization": f"Bearer {await laptop.token()}"}
        made = await phone.post("/api/account", data={"username": "ana", "password": PASSWORD}, headers=head)
        assert made.status_code == 200
    scene.line.mend()
    await status(tab, "sign_in")
    strip = tab.get_by_role("region", name="This guest's visit has ended")
    await expect(items(tab).filter(has_text="Kept here, goes out after you sign in")).to_have_count(2)
    await strip.get_by_role("textbox", name="Name").fill("ana")
    await strip.get_by_role("textbox", name="Password").fill(PASSWORD)
    await strip.get_by_role("button", name="Sign in", exact=True).click()
    await settled(tab, 3)
    assert said_in(await log_of(scene, laptop, session_id)) == ["hello", "number 1 of two", "number 2 of two"]
    await expect(strip).to_be_hidden()


async def test_signing_out_in_one_tab_reaches_the_other(scene: Scene) -> None:
    scene.allow("status of 401")
    tab, session_id = await conversation(scene)
    laptop = scene.devices[0]
    await make_account(tab)
    other = await opened(laptop, f"/s/{session_id}")
    await expect(items(other).filter(has_text="You said: hello")).to_be_visible()
    await composer(other).fill("half a word")
    assert len(await other.evaluate(KEPT)) > 1
    await tab.get_by_role("button", name=re.compile("^Account")).click()
    await tab.get_by_role("menuitem", name="Sign out").click()
    await tab.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    for each in (tab, other):
        await expect(each.get_by_role("textbox", name="Password")).to_be_visible()
        await expect(each.get_by_text("You said")).to_have_count(0)
    assert await laptop.context.cookies(scene.url) == []
    assert await other.evaluate(KEPT) == []
    # Back at the same address there is nothing of it either.
    await other.goto(f"{scene.url}/s/{session_id}")
    await expect(other.get_by_role("textbox", name="Password")).to_be_visible()
    await expect(items(other)).to_have_count(0)
    assert await other.evaluate(KEPT) == []
