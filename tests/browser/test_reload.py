"""A reload in the middle of work: the same step, the same place, the same words half typed, and nothing done twice."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.page_steps import (
    composer,
    connection,
    items,
    labels_in,
    log_of,
    opened,
    said_in,
    say,
    session_of,
    settled,
    status,
)
from tests.support.scene import Scene
from tests.support.until_true import until_true

ROWS = """(rows) => rows.map((row) => [row.dataset.kind, row.dataset.offset, row.innerText])"""
TIME_LEFT = re.compile(r"(holds? for|Good for|holds\nfor) [\dhmin: ]+")
FIRST_IN_VIEW = """(box) => {
    const edge = box.getBoundingClientRect().top;
    for (const row of box.querySelectorAll("[data-kind]")) {
        const { top, bottom } = row.getBoundingClientRect();
        if (bottom > edge) return [row.dataset.offset, Math.round(top - edge)];
    }
}"""
IS_PLACE_KEPT = """() => Object.entries(localStorage).some(
    ([key, kept]) => key.startsWith("shipanion.place:") && JSON.parse(kept).scroll !== undefined
)"""


def parcel(tab: Page) -> Locator:
    return tab.get_by_role("region", name="Parcel", exact=True)


def step(tab: Page) -> Locator:
    """The step that is open."""
    return parcel(tab).locator("button[aria-current=step]")


def details(tab: Page, name: str) -> Locator:
    return parcel(tab).get_by_role("textbox", name=name)


def steady(text: str) -> str:
    """What is shown, without how long an offer still holds."""
    return TIME_LEFT.sub(r"\1 …", text)


async def rows_of(tab: Page) -> list[tuple[str, str, str]]:
    return [(kind, offset, steady(text)) for kind, offset, text in await items(tab).evaluate_all(ROWS)]


async def reloaded(tab: Page, count: int) -> None:
    """Reload, and wait until it is connected and shows so many rows."""
    await tab.reload()
    await status(tab, "live", "resumed", "snapshot", "still_working")
    await expect(items(tab)).to_have_count(count)


async def same_after_reload(scene: Scene, tab: Page, field: Locator, half: str, rest: str) -> None:
    """Type half a word into a field and reload: all is as it was, and the other half goes on where the first ended."""
    laptop = scene.devices[0]
    await field.focus()
    await tab.keyboard.type(half)
    await expect(connection(tab)).to_contain_text("Live")
    session_id = await session_of(tab)
    rows, log = await rows_of(tab), await log_of(scene, laptop, session_id)
    open_step, pane = await step(tab).inner_text(), steady(await parcel(tab).inner_text())
    await reloaded(tab, len(rows))
    await expect(step(tab)).to_have_text(open_step, use_inner_text=True)
    await expect(field).to_be_focused()
    await expect(field).to_have_value(half)

    async def is_as_it_was() -> bool:
        return steady(await parcel(tab).inner_text()) == pane

    await until_true(is_as_it_was)
    assert await rows_of(tab) == rows
    await tab.keyboard.type(rest)
    await expect(field).to_have_value(half + rest)
    assert await log_of(scene, laptop, session_id) == log, "the reload itself did something"
    await field.fill("")


async def test_at_each_step(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    pane = parcel(tab)
    await details(tab, "Weight").fill("5")
    await details(tab, "From ZIP").fill("90210")
    await details(tab, "From ZIP").press("Enter")
    await session_of(tab)
    await same_after_reload(scene, tab, details(tab, "To ZIP"), "100", "01")

    await details(tab, "To ZIP").fill("10001")
    await pane.get_by_role("button", name="Get quotes").click()
    await expect(step(tab)).to_contain_text("Quotes")
    await expect(items(tab).filter(has_text="Prices for")).to_be_visible()
    await same_after_reload(scene, tab, composer(tab), "and a second thi", "ng")

    await pane.get_by_role("button", name="Details").click()
    await same_after_reload(scene, tab, details(tab, "Length"), "1", "2")
    await same_after_reload(scene, tab, composer(tab), "what about Fri", "day")

    await say(tab, "the cheapest")
    await settled(tab, 1)
    await pane.get_by_role("button", name="Label", exact=True).click()
    yes = pane.get_by_role("button", name="Yes, make it")
    await expect(yes).to_be_enabled()
    await same_after_reload(scene, tab, composer(tab), "hm", "m")

    await yes.click()
    await expect(pane.get_by_role("button", name="Track", exact=True)).to_be_visible()
    await same_after_reload(scene, tab, composer(tab), "prin", "t")

    await pane.get_by_role("button", name="Track", exact=True).click()
    await pane.get_by_role("button", name="See where it is").click()
    await expect(pane.get_by_role("list", name="What happened, newest first")).to_be_visible()
    await same_after_reload(scene, tab, composer(tab), "when does it co", "me")
    assert len(labels_in(await log_of(scene, laptop, await session_of(tab)))) == 1


async def test_what_was_refused_still_stands_in_its_field(scene: Scene) -> None:
    tab = await opened(await scene.device())
    await details(tab, "From ZIP").fill("1000")
    await details(tab, "From ZIP").press("Tab")
    await expect(parcel(tab).get_by_role("alert")).to_be_visible()
    await expect(details(tab, "From ZIP")).to_have_value("1000")
    await tab.reload()
    await status(tab, "live", "resumed", "snapshot")
    await expect(details(tab, "From ZIP")).to_have_value("1000")


async def test_the_place_that_is_read_is_found_again(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    session_id = await scene.long_session(laptop, 150)
    await tab.close()
    tab = await opened(laptop, f"/s/{session_id}")
    await expect(items(tab).filter(has_text="message 150")).to_be_visible()
    box = tab.get_by_role("region", name="Messages")
    await box.hover()
    await tab.mouse.wheel(0, -2_000)
    await expect(tab.get_by_role("button", name="Jump to latest")).to_be_visible()
    # A device's place is kept a moment after the scrolling ends.
    await until_true(lambda: tab.evaluate(IS_PLACE_KEPT))
    before = await box.evaluate(FIRST_IN_VIEW)
    await scene.shot(tab, "reload-before")
    await tab.reload()
    await status(tab, "live", "resumed", "snapshot")
    await expect(tab.get_by_role("button", name="Jump to latest")).to_be_visible()
    row = tab.locator(f"[data-offset='{before[0]}']")
    await expect(row).to_be_in_viewport()
    await scene.shot(tab, "reload-after")
    after = await box.evaluate(FIRST_IN_VIEW)
    assert after == [before[0], pytest.approx(before[1], abs=2)]


async def test_in_mid_answer_and_again_and_again(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    await say(tab, "5 lb from 90210 to 10001")
    await expect(items(tab).filter(has_text="Let me look")).to_be_visible()
    for _ in range(3):
        await tab.reload()
        await expect(items(tab).filter(has_text="Let me look")).to_be_visible()
    await settled(tab, 1)
    log = await log_of(scene, laptop, await session_of(tab))
    assert said_in(log) == ["5 lb from 90210 to 10001"]
    assert [event["outcome"] for event in log if event["type"] == "turn_ended"] == ["completed"]
    await expect(items(tab).filter(has_text="Which one shall it be?")).to_have_count(1)
