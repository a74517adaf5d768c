"""Somebody opens the page for the first time: it shows itself without an error in the console and within its policy."""

import re

import pytest
from playwright.async_api import expect

from tests.support.scene import Scene


@pytest.mark.parametrize("path", ["/", "/new", "/sign-in", "/s/session-nowhere"])
async def test_a_guest_opens_the_page(scene: Scene, path: str) -> None:
    laptop = await scene.device()
    tab = await laptop.open(path)
    await expect(tab).to_have_title(re.compile("Shipanion"))
    await expect(tab.locator("#page")).not_to_be_empty()


async def test_a_phone_at_night_opens_it_too(scene: Scene) -> None:
    phone = await scene.device("phone", phone=True, dark=True)
    tab = await phone.open("/")
    await expect(tab.locator("#page")).not_to_be_empty()
    assert await tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"


async def test_an_address_that_is_none_leads_to_the_start(scene: Scene) -> None:
    laptop = await scene.device()
    scene.allow("status of 404")
    tab = await laptop.open("/nowhere")
    await tab.get_by_role("link", name="To the start").click()
    await expect(tab.locator("#page")).not_to_be_empty()
