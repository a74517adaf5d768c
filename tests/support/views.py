"""Every view that the page has, one after the other, as somebody comes upon them on the way from nothing to a label.

    async for name, tab in on_a_laptop(scene, laptop): ...     # the tab stands still at the view of that name

What a view opened is closed again before the next one.
"""

import re
from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from tests.support.journey import ask_prices, buy, composer, fill, parcel, say
from tests.support.scene import Device, Scene

__all__ = ["View", "on_a_laptop", "on_a_phone", "with_a_drawer"]

View = tuple[str, Page]


async def on_a_laptop(scene: Scene, laptop: Device) -> AsyncIterator[View]:
    """All views where there is room for three panes."""
    tab = await laptop.open("/")
    await expect(tab.get_by_role("heading", name="Hello. What are we shipping?")).to_be_visible()
    await expect(tab.get_by_role("group", name="Quick replies").get_by_role("button")).to_have_count(3)
    yield "first visit", tab

    await tab.get_by_role("button", name=re.compile("^Account")).click()
    await expect(tab.get_by_role("menu")).to_be_visible()
    yield "account menu", tab
    await tab.keyboard.press("Escape")

    await tab.get_by_role("button", name=re.compile("^Open on")).click()
    await expect(tab.get_by_role("dialog", name="Devices")).to_be_visible()
    yield "devices", tab
    await tab.keyboard.press("Escape")

    await tab.get_by_role("button", name="Practice").click()
    await expect(tab.get_by_role("dialog")).to_be_visible()
    yield "practice explained", tab
    await tab.keyboard.press("Escape")

    await parcel(tab).get_by_role("button", name="Get quotes").click()
    await expect(parcel(tab).get_by_role("alert")).to_have_count(3)
    yield "form with what is needed", tab
    await fill(tab, **{"from": "9"}, weight_lbs="heavy")
    await expect(parcel(tab).locator('input[name="weight_lbs"]')).to_have_attribute("aria-invalid", "true")
    await parcel(tab).get_by_text("Sender’s address").click()
    yield "form with errors", tab
    for name in ("from", "weight_lbs"):
        await parcel(tab).locator(f'input[name="{name}"]').press("Escape")

    await ask_prices(tab)
    yield "prices", tab

    await tab.get_by_role("button", name=re.compile("^More for")).click()
    await expect(tab.get_by_role("menu")).to_be_visible()
    yield "menu of a conversation", tab
    await tab.get_by_role("menuitem", name="Rename").click()
    await expect(tab.get_by_role("textbox", name="Title")).to_be_focused()
    yield "naming a conversation", tab
    await tab.keyboard.press("Escape")

    await say(tab, "the cheapest")
    await expect(tab.get_by_role("group", name="Quick replies").get_by_role("button")).to_have_count(2)
    yield "approval", tab
    await buy(tab)
    await expect(parcel(tab).get_by_role("img", name=re.compile("sample label"))).to_be_visible()
    yield "label", tab

    await parcel(tab).get_by_role("button", name="Void").click()
    await expect(tab.get_by_role("dialog")).to_be_visible()
    yield "voiding", tab
    await tab.keyboard.press("Escape")

    await parcel(tab).get_by_role("button", name="Track", exact=True).click()
    await parcel(tab).get_by_role("button", name="See where it is").click()
    await expect(parcel(tab).get_by_role("list", name="What happened, newest first")).to_be_visible()
    yield "tracking", tab

    await tab.get_by_role("button", name=re.compile("^More for")).click()
    await tab.get_by_role("menuitem", name="Archive").click()
    await tab.get_by_text("Archived (1)").click()
    await expect(tab.get_by_role("button", name=re.compile("^Bring"))).to_be_visible()
    yield "archived", tab

    await tab.get_by_role("button", name=re.compile("^Account")).click()
    await tab.get_by_role("menuitem", name="Sign out").click()
    await expect(tab.get_by_role("dialog")).to_be_visible()
    yield "signing out", tab
    await tab.get_by_role("button", name="Make an account instead").click()
    await tab.get_by_role("button", name="Make the account").click()
    await expect(tab.get_by_role("dialog").get_by_role("alert").first).not_to_be_empty()
    yield "making an account, with errors", tab
    await tab.keyboard.press("Escape")

    await tab.get_by_role("button", name=re.compile("^Account")).click()
    await tab.get_by_role("menuitem", name="Sign in").click()
    await expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    yield "signing in", tab

    await tab.goto(f"{scene.url}/s/session-nowhere")
    await expect(tab.get_by_role("heading", name="This conversation is not here")).to_be_visible()
    yield "not here", tab

    await tab.goto(f"{scene.url}/new")
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text("Live")
    scene.line.refuse()
    scene.line.cut()
    await expect(tab.get_by_role("region", name="Connection")).to_have_attribute("data-status", "reconnecting")
    await composer(tab).fill("kept meanwhile")
    await composer(tab).press("Enter")
    yield "reconnecting", tab
    scene.line.mend()


async def with_a_drawer(scene: Scene, tablet: Device) -> AsyncIterator[View]:
    """The list of conversations where it is drawn over the panes."""
    tab = await tablet.open("/")
    await ask_prices(tab)
    yield "two panes", tab
    await tab.get_by_role("button", name="Conversations", exact=True).click()
    await expect(tab.get_by_role("navigation", name="Conversations")).to_be_visible()
    yield "drawer", tab
    await tab.keyboard.press("Escape")


async def on_a_phone(scene: Scene, phone: Device) -> AsyncIterator[View]:
    """One pane at a time."""
    tab = await phone.open("/")
    await expect(tab.get_by_role("heading", name="Hello. What are we shipping?")).to_be_visible()
    yield "phone, first visit", tab
    await ask_prices(tab)
    yield "phone, Bob", tab
    panes = tab.get_by_role("navigation", name="Panes")
    await panes.get_by_role("button", name="Conversations").click()
    await expect(tab.get_by_role("navigation", name="Conversations")).to_be_visible()
    yield "phone, sessions", tab
    await panes.get_by_role("button", name="Parcel").click()
    await expect(parcel(tab)).to_be_visible()
    yield "phone, parcel", tab
    await panes.get_by_role("button", name="Bob").click()
    await say(tab, "the cheapest")
    await expect(tab.get_by_role("button", name="Yes, make the sample").first).to_be_visible()
    yield "phone, approval", tab
    await buy(tab)
    yield "phone, label in the conversation", tab
    await panes.get_by_role("button", name="Parcel").click()
    await expect(parcel(tab).get_by_role("img", name=re.compile("sample label"))).to_be_visible()
    yield "phone, label", tab
