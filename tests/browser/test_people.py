"""Who is here: guests and accounts come, go and follow each other in one browser, and each sees what is theirs."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.support.journey import (
    ask_prices,
    buy,
    choose_in_account,
    composer,
    conversations,
    make_account,
    parcel,
    sign_in,
)
from tests.support.scene import Device, Scene
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart

PASSWORD = "correct horse"
ROUTE = "Beverly Hills, CA → New York, NY"
OTHER_ROUTE = "Chicago, IL → San Francisco, CA"
KEPT = """async () => {
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const kept = {local: {...localStorage}, session: {...sessionStorage}};
    for (const {name} of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const rows = database.transaction(store).objectStore(store);
            kept[`${name}/${store}`] = [await done(rows.getAllKeys()), await done(rows.getAll())];
        }
        database.close();
    }
    return JSON.stringify(kept, (_, value) => value instanceof Map ? [...value] : value);
}"""
"""All that is kept in the browser for this address and can be read by its page, as one text."""


async def me(tab: Page) -> Any:
    return await tab.evaluate("fetch('/api/me').then((answer) => answer.json())")


async def in_conversation(device: Device) -> tuple[Page, str]:
    """A tab with prices in it, and the path of the conversation."""
    tab = await device.open("/")
    await ask_prices(tab)
    await tab.wait_for_url("**/s/*")
    return tab, tab.url.removeprefix(tab.url.split("/s/")[0])


async def test_a_first_visit_needs_no_account_and_asks_for_nothing(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(tab.get_by_role("button", name="Account: guest")).to_be_visible()
    await expect(composer(tab)).to_be_editable()
    await expect(conversations(tab)).to_have_count(0)
    await tab.get_by_role("button", name="Practice").click()
    await expect(tab.get_by_role("dialog", name="This is practice mode")).to_contain_text("nothing is charged")
    await tab.get_by_role("button", name="All right").click()
    await expect(tab.get_by_role("dialog")).to_have_count(0)


async def test_a_guest_who_makes_an_account_keeps_it_all_and_goes_on_elsewhere(scene: Scene) -> None:
    laptop = await scene.device()
    tab, path = await in_conversation(laptop)
    await buy(tab)
    guest = await me(tab)
    await make_account(tab, "ann", PASSWORD)
    account = await me(tab)
    assert (account["user_id"], account["kind"]) == (guest["user_id"], "account")
    await expect(tab.get_by_role("region", name="Sample label", exact=True)).to_be_visible()
    assert tab.url.endswith(path)

    other = await scene.device("desk")
    there = await other.open("/sign-in")
    await sign_in(there, "ann", PASSWORD)
    await conversations(there).get_by_role("link", name=re.compile(re.escape(ROUTE))).click()
    await expect(there.get_by_role("region", name="Sample label", exact=True)).to_be_visible()
    assert there.url.endswith(path)
    await expect(tab.get_by_role("button", name="Open on 2 devices")).to_be_visible()


async def test_a_name_that_is_taken_is_said_and_what_was_typed_stays(scene: Scene) -> None:
    scene.allow("status of 409")
    first = await scene.device("first")
    await make_account(await first.open("/"), "ann", PASSWORD)
    second = await scene.device("second")
    tab = await second.open("/")
    await choose_in_account(tab, "Make an account")
    dialog = tab.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("ann")
    await dialog.get_by_label("Password").fill("short")
    await dialog.get_by_role("button", name="Make the account").click()
    await expect(dialog.get_by_text("A password has at least 8 characters.")).to_be_visible()
    await dialog.get_by_label("Password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Make the account").click()
    await expect(dialog.get_by_role("alert").last).to_contain_text(re.compile("taken|name", re.IGNORECASE))
    await expect(dialog.get_by_label("Name")).to_have_value("ann")


async def test_a_wrong_password_is_said_where_it_was_typed(scene: Scene) -> None:
    scene.allow("status of 401")
    laptop = await scene.device()
    tab = await laptop.open("/sign-in")
    await sign_in(tab, "nobody", "wrong password")
    await expect(tab.get_by_role("alert").last).not_to_be_empty()
    await expect(tab.get_by_label("Password")).to_be_focused()
    await expect(tab.get_by_label("Name")).to_have_value("nobody")
    await tab.get_by_role("button", name="Stay a guest").click()
    await expect(composer(tab)).to_be_visible()


async def test_signing_out_ends_every_tab_and_leaves_nothing_of_the_person(scene: Scene) -> None:
    scene.allow("status of 401")  # the other tab may ask once before it hears of it
    laptop = await scene.device()
    tab, path = await in_conversation(laptop)
    await make_account(tab, "ann", PASSWORD)
    await composer(tab).fill("a secret draft")
    second = await laptop.open("/new")
    await expect(composer(second)).to_be_visible()
    person = (await me(tab))["user_id"]
    before = await tab.evaluate(KEPT)
    assert "a secret draft" in before
    assert person in before

    await choose_in_account(tab, "Sign out")
    dialog = tab.get_by_role("dialog", name="Sign out on all devices?")
    await dialog.get_by_role("button", name="Stay").click()
    assert (await me(tab))["user_id"] == person
    await choose_in_account(tab, "Sign out")
    await dialog.get_by_role("button", name="Sign out").click()
    for each in (tab, second):
        await each.wait_for_url("**/sign-in")
        await expect(each.get_by_role("heading", level=1)).to_contain_text("Sign in")
    assert await laptop.context.cookies(scene.url) == []
    after = await tab.evaluate(KEPT)
    for trace in (person, "a secret draft", "90210", "Beverly Hills", path.removeprefix("/s/")):
        assert trace not in after, after


async def test_a_guest_is_warned_that_leaving_is_for_good(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(composer(tab)).to_be_visible()
    person = (await me(tab))["user_id"]
    await choose_in_account(tab, "Sign out")
    dialog = tab.get_by_role("dialog", name="Leave for good?")
    await expect(dialog.get_by_role("button", name="Make an account instead")).to_be_visible()
    await dialog.get_by_role("button", name="Leave for good").click()
    await tab.get_by_role("button", name="Go on as a guest").click()
    await expect(composer(tab)).to_be_visible()
    assert (await me(tab))["user_id"] != person
    await expect(tab.get_by_text("Nothing here yet.")).to_be_visible()


async def test_two_people_in_one_browser_see_nothing_of_each_other(scene: Scene) -> None:
    laptop = await scene.device()
    tab, path = await in_conversation(laptop)
    await make_account(tab, "ann", PASSWORD)
    await composer(tab).fill("ann's draft")
    await choose_in_account(tab, "Sign out")
    await tab.get_by_role("button", name="Sign out", exact=True).click()
    await tab.get_by_role("button", name="Go on as a guest").click()
    await expect(tab.get_by_text("Nothing here yet.")).to_be_visible()
    await expect(composer(tab)).to_have_value("")
    await tab.goto(scene.url + path)
    await expect(tab.get_by_role("heading", name="This conversation is not here")).to_be_visible()
    await expect(tab.get_by_role("heading", level=1)).to_have_text("Not found")

    await tab.get_by_role("button", name="Begin a new one").click()
    await ask_prices(tab, "12 oz from 60601 to 94103")
    await composer(tab).fill("the guest's draft")
    await choose_in_account(tab, "Sign in")
    await sign_in(tab, "ann", PASSWORD)
    await expect(tab.get_by_role("button", name="Account: ann")).to_be_visible()
    await expect(conversations(tab).get_by_role("link", name=re.compile(re.escape(ROUTE)))).to_be_visible()
    await expect(conversations(tab)).to_have_count(1)
    await expect(composer(tab)).not_to_have_value(re.compile("guest"))


async def test_a_server_that_takes_no_guests_asks_for_an_account(scene: Scene, warm: WarmStart, tmp_path: Path) -> None:
    folder = tmp_path / "strict"
    with ServerProcess(folder, launch=warm.launch) as open_door:
        guest = {"Authorization": f"Bearer {open_door.guest()}"}
        account = {"username": "ann", "password": PASSWORD}
        made = await asyncio.to_thread(
            lambda: httpx.post(f"{open_door.url}/api/account", data=account, headers=guest, trust_env=False)
        )
        assert made.status_code == 200, made.text
    with ServerProcess(folder, launch=warm.launch, environment={"SHIPANION_GUESTS": "off"}) as server:
        laptop = await scene.device()
        tab = await laptop.context.new_page()
        await tab.goto(server.url)
        await expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(tab.get_by_role("button", name=re.compile("guest"))).to_have_count(0)
        await sign_in(tab, "ann", PASSWORD)
        await ask_prices(tab)
        await expect(tab.get_by_role("button", name="Account: ann")).to_be_visible()
        await choose_in_account(tab, "Sign out")
        await tab.get_by_role("button", name="Sign out", exact=True).click()
        await expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        await tab.close()


async def test_back_and_forward_go_through_the_conversations(scene: Scene) -> None:
    laptop = await scene.device()
    tab, first = await in_conversation(laptop)
    await tab.get_by_role("navigation", name="Conversations").get_by_role("button", name="New", exact=True).click()
    await ask_prices(tab, "12 oz from 60601 to 94103")
    await tab.wait_for_url(lambda url: "/s/" in url and not url.endswith(first))
    heading = tab.get_by_role("heading", level=1)
    await expect(heading).to_have_text(OTHER_ROUTE)
    await tab.go_back()
    await expect(heading).to_have_text(ROUTE)
    await expect(parcel(tab).get_by_text("$26.05").first).to_be_visible()
    assert tab.url.endswith(first)
    await tab.go_forward()
    await expect(heading).to_have_text(OTHER_ROUTE)
    await expect(tab.get_by_role("region", name="Messages")).not_to_contain_text("Beverly Hills")


async def test_a_conversation_is_renamed_put_away_and_brought_back(scene: Scene) -> None:
    laptop = await scene.device()
    tab, path = await in_conversation(laptop)
    row = conversations(tab).get_by_role("link")
    await row.press("F2")
    await tab.get_by_role("textbox", name="Title").fill("Grandma's birthday")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("heading", level=1)).to_have_text("Grandma's birthday")
    await expect(row).to_contain_text("Grandma's birthday")
    await expect(row).to_be_focused()

    more = tab.get_by_role("button", name="More for Grandma's birthday")
    await more.click()
    await tab.get_by_role("menuitem", name="Archive").click()
    await expect(row).to_have_count(0)
    await expect(tab.get_by_role("heading", level=1)).to_have_text("New parcel")
    await tab.get_by_role("button", name="Undo: bring Grandma's birthday back").click()
    await expect(row).to_contain_text("Grandma's birthday")

    await more.click()
    await tab.get_by_role("menuitem", name="Archive").click()
    await tab.get_by_text("Archived (1)").click()
    await tab.get_by_role("button", name="Bring Grandma's birthday back", exact=True).click()
    await row.click()
    await tab.wait_for_url(f"**{path}")
    await expect(tab.get_by_role("heading", level=1)).to_have_text("Grandma's birthday")
