"""How the page lies on screens of all widths: nothing is cut off, nothing jumps, and no frame has the wrong theme."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.support.journey import ask_prices, buy, composer, parcel
from tests.support.scene import Scene

WIDTHS = (320, 390, 768, 1024, 1280, 1920)
BEYOND = """() => {
    const found = [];
    const rolls = (it) => /auto|scroll|hidden|clip/.test(getComputedStyle(it).overflowX);
    for (const it of document.querySelectorAll("#page *")) {
        if (!it.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const {left, right, width} = it.getBoundingClientRect();
        if (width <= 1 || getComputedStyle(it).clipPath !== "none") continue;  // for screen readers only
        const name = `${it.tagName} ${it.className} "${it.textContent.slice(0, 40)}"`;
        const style = getComputedStyle(it);
        // A line that ends in an ellipsis says so, and a row of quick replies is there to be pushed along.
        const mayRoll = (each) => each !== null && (each.getAttribute("aria-label") === "Quick replies"
            || getComputedStyle(each).textOverflow === "ellipsis" || getComputedStyle(each).webkitLineClamp !== "none"
            || mayRoll(each.parentElement));
        if (mayRoll(it)) continue;
        if (right > innerWidth + 1 || left < -1) found.push(`beyond the screen: ${name} ${Math.round(right)}`);
        if (rolls(it) && it.scrollWidth > it.clientWidth + 1) found.push(`wider than its box: ${name}`);
        if (style.overflowY === "hidden" && it.scrollHeight > it.clientHeight + 2) found.push(`cut below: ${name}`);
    }
    if (document.scrollingElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    return found;
}"""
"""What does not fit: reaches beyond the screen, or would have to be scrolled sideways to be seen."""

SMALL = """(least) => [...document.querySelectorAll("a, button, input, select, textarea, summary")].flatMap((it) => {
    if (!it.checkVisibility({opacityProperty: true, visibilityProperty: true})) return [];
    if (getComputedStyle(it).display === "inline") return [];  // a link in a sentence
    const {left, top, width, height} = it.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const hits = (dx, dy) => {
        const hit = document.elementFromPoint(x + dx, y + dy);
        return hit !== null && (it.contains(hit) || (hit.closest("label")?.contains(it) ?? false));
    };
    const reach = least / 2 - 1;
    if (!hits(0, 0) || y + reach > innerHeight || y < reach) return [];  // rolled out of sight
    if (hits(-reach, 0) && hits(reach, 0) && hits(0, -reach) && hits(0, reach)) return [];
    const name = it.getAttribute("aria-label") ?? it.textContent;
    return [`${it.tagName} ${it.className} "${name}" ${Math.round(width)} × ${Math.round(height)}`];
})"""
"""What can be pressed, but not by who misses its middle by just under half of ``least`` pixels."""

WATCH_SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const {value, hadRecentInput, sources} of list.getEntries()) {
            if (hadRecentInput) continue;
            window.shifts.push([value, ...sources.map(({node}) => `${node?.nodeName} ${node?.className}`)]);
        }
    }).observe({type: "layout-shift", buffered: true});
}"""
LITTLE_SHIFT = 0.05
"""In sum. From 0.1 on, by the web's own measure, a page is not steady."""

BACKGROUNDS = """() => {
    window.seen = [];
    const look = () => {
        if (document.body !== null) {
            const color = getComputedStyle(document.documentElement).backgroundColor;
            if (window.seen.at(-1) !== color) window.seen.push(color);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Keeps every background that was painted, from the first frame on."""
LIGHT, DARK = "rgb(246, 244, 240)", "rgb(20, 19, 15)"


@pytest_asyncio.fixture(loop_scope="session")
async def labelled(scene: Scene) -> AsyncIterator[Page]:
    """A tab with a conversation that has come to its label."""
    laptop = await scene.device(reduced_motion="reduce")
    tab = await laptop.open("/")
    await ask_prices(tab)
    await buy(tab)
    await expect(parcel(tab).get_by_role("img")).to_be_visible()
    yield tab


async def panes(tab: Page) -> AsyncIterator[str]:
    """Each pane of a page that shows one at a time; else the page as it is."""
    bar = tab.get_by_role("navigation", name="Panes")
    size = tab.viewport_size
    if size is None or size["width"] >= 760:
        await expect(bar).to_have_count(0)
        yield "all"
        return
    await expect(bar).to_be_visible()
    for button in await bar.get_by_role("button").all():
        await button.click()
        yield await button.inner_text()


async def in_all_steps(tab: Page) -> list[str]:
    """What does not fit in any pane, and in any step of the parcel."""
    found: list[str] = []
    async for pane in panes(tab):
        found += [f"{pane}: {each}" for each in await tab.evaluate(BEYOND)]
        if pane not in ("all", "Parcel"):
            continue
        for step in ("Details", "Quotes", "Label", "Tracking"):
            await parcel(tab).get_by_role("button", name=step).first.click()
            found += [f"{step}: {each}" for each in await tab.evaluate(BEYOND)]
    return found


async def test_nothing_is_cut_off_at_any_width(labelled: Page) -> None:
    found: list[str] = []
    for width in WIDTHS:
        await labelled.set_viewport_size({"width": width, "height": 720})
        found += [f"{width}: {each}" for each in await in_all_steps(labelled)]
    assert not found, "\n".join(found)


async def test_nothing_is_cut_off_with_letters_of_twice_the_size(labelled: Page) -> None:
    await labelled.evaluate("document.documentElement.style.fontSize = '200%'")
    found: list[str] = []
    for width in (390, 1280):
        await labelled.set_viewport_size({"width": width, "height": 800})
        found += [f"{width}: {each}" for each in await in_all_steps(labelled)]
        await expect(labelled.get_by_role("heading", level=1)).to_be_visible()
    assert not found, "\n".join(found)


async def test_everything_can_be_hit(scene: Scene, labelled: Page) -> None:
    small: list[str] = await labelled.evaluate(SMALL, 24)
    assert not small, "\n".join(small)
    phone = await scene.device("phone", phone=True, like=scene.devices[0])
    tab = await phone.open(labelled.url.removeprefix(scene.url))
    await expect(tab.get_by_role("region", name="Sample label", exact=True)).to_be_visible()
    async for pane in panes(tab):
        await tab.evaluate("document.querySelector('[aria-label=Messages]').scrollTo(0, 1e6)")
        small += [f"{pane}: {each}" for each in await tab.evaluate(SMALL, 44)]
    assert not small, "\n".join(small)


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
async def test_nothing_jumps(scene: Scene, phone: bool) -> None:
    device = await scene.device(phone=phone)
    await device.context.add_init_script(f"({WATCH_SHIFTS})()")
    tab = await device.open("/")
    await expect(tab.get_by_role("heading", name="Hello. What are we shipping?")).to_be_visible()
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text("Live")
    await check_shifts(tab, "loading")
    await ask_prices(tab)
    await check_shifts(tab, "answering")
    scene.line.refuse()
    scene.line.cut()
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text(re.compile("try [2-9]"))
    scene.line.mend()
    await expect(tab.get_by_role("region", name="Connection")).not_to_contain_text("Reconnecting")
    await check_shifts(tab, "reconnecting")
    await tab.reload()
    await expect(tab.get_by_role("button", name="Cheapest $26.05")).to_be_visible()
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text("Live")
    await check_shifts(tab, "opening it again")


async def check_shifts(tab: Page, meanwhile: str) -> None:
    shifts: list[list[Any]] = await tab.evaluate("window.shifts.splice(0)")
    assert sum(float(shift[0]) for shift in shifts) < LITTLE_SHIFT, (meanwhile, shifts)


async def test_who_wants_no_motion_gets_none(scene: Scene) -> None:
    still = await scene.device(reduced_motion="reduce")
    tab = await still.open("/")
    await ask_prices(tab)
    scene.line.refuse()
    scene.line.cut()
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text("Reconnecting")
    running = "document.getAnimations().filter(({playState}) => playState === 'running').length"
    assert await tab.evaluate("new Promise((look) => setTimeout(look, 50)).then(() => " + running + ")") == 0


async def test_the_theme_is_the_systems_or_the_chosen_one_from_the_first_frame(scene: Scene) -> None:
    system, other = DARK, LIGHT
    laptop = await scene.device(dark=True)
    await laptop.context.add_init_script(f"({BACKGROUNDS})()")
    tab = await laptop.open("/")
    await expect(composer(tab)).to_be_visible()
    assert await tab.evaluate("window.seen") == [system]
    await tab.get_by_role("button", name="Account: guest").click()
    await tab.get_by_role("menuitemradio", name="Light").click()
    await tab.keyboard.press("Escape")
    second = await laptop.open("/new")
    await expect(composer(second)).to_be_visible()
    await tab.reload()
    await expect(composer(tab)).to_be_visible()
    for each in (tab, second):
        assert await each.evaluate("window.seen") == [other]
    await tab.get_by_role("button", name="Account: guest").click()
    await tab.get_by_role("menuitemradio", name="As the system").click()
    for each in (tab, second):  # the choice holds for this browser, not for this tab
        await each.wait_for_function(f"() => window.seen.at(-1) === '{system}'")
