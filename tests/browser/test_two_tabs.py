"""Two tabs of one browser, and two devices of one person, in step with each other."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.buyer import Buyer
from tests.support.easypost_double import EasyPostDouble
from tests.support.page_steps import (
    begun,
    composer,
    items,
    labels_in,
    log_of,
    opened,
    said_in,
    say,
    settled,
    status,
)
from tests.support.scene import Scene


def field(tab: Page, name: str) -> Locator:
    return tab.get_by_role("region", name="Parcel", exact=True).get_by_role("textbox", name=name)


async def two_places(scene: Scene, *, tabs: bool) -> tuple[Page, Page, str]:
    """The same conversation in two tabs of a laptop, or on a laptop and a phone that is as wide; its id."""
    laptop = await scene.device("laptop")
    one = await opened(laptop)
    session_id = await begun(one, "hello")
    other = laptop if tabs else await scene.device("other", like=laptop)
    return one, await opened(other, f"/s/{session_id}"), session_id


async def test_an_edit_in_one_shows_in_the_other(scene: Scene) -> None:
    one, other, _ = await two_places(scene, tabs=False)
    await expect(one.get_by_role("button", name="Open on 2 devices")).to_be_visible()
    await field(one, "From ZIP").fill("90210")
    await field(one, "From ZIP").press("Enter")
    await expect(field(other, "From ZIP")).to_have_value("90210")
    await field(other, "Weight").fill("3")
    await field(other, "Weight").press("Tab")
    await expect(field(one, "Weight")).to_have_value("3")
    # What is being typed is not written over, and what the other said of it is told.
    await field(one, "To ZIP").fill("100")
    await field(other, "To ZIP").fill("94103")
    await field(other, "To ZIP").press("Enter")
    await expect(one.get_by_text("it is 94103")).to_be_visible()
    await expect(field(one, "To ZIP")).to_have_value("100")
    await one.get_by_role("button", name="Use that").click()
    await expect(field(one, "To ZIP")).to_have_value("94103")
    await say(other, "thanks")
    await settled(one, 2)
    await expect(items(one).filter(has_text="You said: thanks")).to_have_count(1)


async def test_a_draft_stays_on_its_device(scene: Scene) -> None:
    one, other, _ = await two_places(scene, tabs=False)
    await composer(one).fill("what about Friday")
    await composer(other).fill("and by air?")
    await say(other, "thanks")
    await settled(one, 2)
    await expect(composer(one)).to_have_value("what about Friday")
    await other.reload()
    await status(other, "live", "resumed", "snapshot")
    await expect(composer(other)).to_have_value("")
    await one.reload()
    await status(one, "live", "resumed", "snapshot")
    await expect(composer(one)).to_have_value("what about Friday")


@pytest.mark.parametrize("tabs", [pytest.param(True, id="in two tabs"), pytest.param(False, id="on two devices")])
async def test_a_yes_in_both_at_once_buys_one_label(shop_scene: Scene, double: EasyPostDouble, tabs: bool) -> None:
    scene = shop_scene
    laptop = await scene.device("laptop")
    await opened(laptop)
    program = await Buyer(scene.server.socket_url, await laptop.token()).come()
    await program.offered()
    await program.leave()
    places = [laptop, laptop if tabs else await scene.device("other", like=laptop)]
    both = [await opened(device, f"/s/{program.session_id}") for device in places]
    yes = [tab.get_by_role("button", name=re.compile("^Yes, (pay|buy)")) for tab in both]
    await expect(yes[0].first).to_be_enabled()
    await expect(yes[1].last).to_be_enabled()
    # Both are pressed, in the parcel and in the conversation, before either has heard of the other.
    scene.line.silence()
    await asyncio.gather(yes[0].first.click(), yes[1].last.click())
    scene.line.mend()
    for tab in both:
        await expect(items(tab).filter(has_text="Your label is bought")).to_have_count(1)
        await expect(tab.get_by_role("button", name="Track", exact=True)).to_be_visible()
    assert len(double.labels()) == len(labels_in(await log_of(scene, laptop, program.session_id))) == 1
    for number, tab in enumerate(both, 1):
        await say(tab, "hello")
        await settled(tab, number)
    assert len(double.labels()) == 1


async def test_closing_one_tab_does_not_disturb_the_other(scene: Scene) -> None:
    one, other, session_id = await two_places(scene, tabs=True)
    await composer(other).fill("thanks")
    await one.close()
    await expect(other.get_by_role("button", name=re.compile("^Open on 1 device"))).to_be_visible()
    await status(other, "live", "resumed", "snapshot")
    await expect(composer(other)).to_have_value("thanks")
    await composer(other).press("Enter")
    await settled(other, 2)
    assert said_in(await log_of(scene, scene.devices[0], session_id)) == ["hello", "thanks"]


async def test_what_a_closed_tab_could_not_send_the_other_one_sends(scene: Scene) -> None:
    one, other, session_id = await two_places(scene, tabs=True)
    scene.line.refuse()
    scene.line.cut()
    await say(one, "thanks")
    await say(other, "bye")
    await expect(items(one).filter(has_text="Kept here")).to_have_count(1)
    await one.close()
    scene.line.mend()
    await expect(items(other).filter(has_text="You said: thanks")).to_have_count(1)
    await settled(other, 3)
    assert sorted(said_in(await log_of(scene, scene.devices[0], session_id))) == ["bye", "hello", "thanks"]
