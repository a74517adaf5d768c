"""Somebody opens the page for the first time."""

from playwright.async_api import expect

from tests.support.scene import Scene


async def test_a_guest_opens_the_page(scene: Scene) -> None:
    """It loads and shows itself, without an error in the console and within its policy."""
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(tab).to_have_title("Shipanion")
    await expect(tab.locator("#page")).not_to_be_empty()
    await scene.shot(tab, "opening")
