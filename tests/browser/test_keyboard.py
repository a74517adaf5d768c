"""By keyboard alone, and for who listens: every stop can be seen, nothing holds the focus, and news are said once."""

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.support.journey import ask_prices, composer, conversations, parcel
from tests.support.scene import Scene

STOP = """() => {
    const it = document.activeElement;
    if (it === null || it === document.body) return null;
    // What is hidden behind the picture of it shows its focus on that picture.
    const drawn = [it, it.parentElement, it.closest("label"), it.nextElementSibling].filter((each) => each !== null);
    const style = (each) => {
        const {outlineStyle, outlineWidth, boxShadow, borderColor} = getComputedStyle(each);
        return [outlineStyle === "none" ? "" : outlineStyle + outlineWidth, boxShadow, borderColor].join();
    };
    const focused = drawn.map(style);
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
    it.blur();
    const plain = drawn.map(style);
    it.focus({focusVisible: true, preventScroll: true});
    const {x, y, width, height} = it.getBoundingClientRect();
    return {
        name: `${it.tagName} ${it.getAttribute("aria-label") ?? (it.name || it.textContent.slice(0, 40))}`,
        isSeen: focused.some((each, at) => each !== plain[at]),
        isThere: x + width > 0 && y + height > 0 && x < innerWidth && y < innerHeight,
    };
}"""
"""Where the focus is, and whether that shows: outline, ring or border differ from when it is elsewhere."""

LISTEN = """() => {
    window.said = [];
    new MutationObserver((changes) => {
        const parts = changes.map(({target}) => (target.nodeType === 1 ? target : target.parentElement));
        for (const part of new Set(parts)) {
            if (part?.closest("[aria-live], [role=status]") && part.textContent) window.said.push(part.textContent);
        }
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
"""Keeps what live regions say from here on, in ``said``."""


async def stop(tab: Page) -> Any:
    return await tab.evaluate(STOP)


async def tab_to(tab: Page, name: str, role: str = "button", most: int = 40) -> None:
    """Press Tab until the focus is on the control of that name, and see the focus at every stop."""
    wanted = tab.get_by_role(role, name=re.compile(name)).first  # type: ignore[arg-type]
    for _ in range(most):
        await tab.keyboard.press("Tab")
        here = await stop(tab)
        if here is None:
            continue
        assert here["isSeen"], f"nothing shows that the focus is here: {here}"
        assert here["isThere"], f"out of sight: {here}"
        if await wanted.count() and await wanted.evaluate("(it) => it === document.activeElement"):
            return
    raise AssertionError(f"Tab never came to {name}")


async def test_the_focus_shows_at_every_stop_and_comes_around(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await ask_prices(tab)
    await tab.get_by_role("link", name="Shipanion").focus()
    seen: list[str] = []
    while len(seen) < 60:
        await tab.keyboard.press("Tab")
        here = await stop(tab)
        if here is None or here["name"].startswith("A Shipanion"):
            break
        assert here["isSeen"], here
        assert here["isThere"], here
        seen.append(here["name"])
    assert len(seen) < 60, f"it never came around: {seen}"
    for part in (
        "Practice",
        "Account",
        "More for",
        "Messages",
        "Choose USPS",
        "TEXTAREA",
        "INPUT quote",
        "Choose Ground",
    ):
        assert any(part in name for name in seen), (part, seen)


async def test_from_nothing_to_a_label_by_talking(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(composer(tab)).to_be_visible()
    await tab_to(tab, "Message to Bob", "textbox")
    await tab.keyboard.type("5 lb from 90210 to 10001")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("button", name=re.compile(r"^Cheapest \$"))).to_be_visible()
    await expect(composer(tab)).to_be_focused()
    await tab.keyboard.press("Shift+Tab")  # the last of the quick replies
    await tab.keyboard.press("Shift+Tab")
    await expect(tab.get_by_role("button", name=re.compile(r"^Cheapest \$"))).to_be_focused()
    await tab.keyboard.press("Enter")
    yes = tab.get_by_role("group", name="Quick replies").get_by_role("button", name="Yes, make the sample")
    await expect(yes).to_be_visible()
    await expect(composer(tab)).to_be_focused()  # its button went, the focus did not
    await tab.keyboard.press("Shift+Tab")
    await tab.keyboard.press("Shift+Tab")
    await expect(yes).to_be_focused()
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("region", name="Sample label", exact=True)).to_be_visible()


async def test_from_nothing_to_a_label_by_the_form(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(composer(tab)).to_be_visible()
    await tab_to(tab, "From ZIP", "textbox")
    for text in ("90210", "10001", "5"):
        await tab.keyboard.type(text)
        await tab.keyboard.press("Tab")
    await tab_to(tab, "^Get quotes")
    await tab.keyboard.press("Enter")
    first = parcel(tab).get_by_role("radio", name=re.compile("Ground Advantage"))
    await expect(first).to_be_checked()
    await tab_to(tab, "Ground Advantage", "radio")
    await tab.keyboard.press("ArrowDown")
    await expect(parcel(tab).get_by_role("radio", name=re.compile("Priority Mail USPS"))).to_be_checked()
    await tab.keyboard.press("ArrowUp")
    await tab_to(tab, "Choose Ground Advantage")
    await tab.keyboard.press("Enter")
    await expect(parcel(tab).get_by_role("button", name="Make a sample label")).to_be_enabled()
    await tab_to(tab, "Make a sample label")
    await tab.keyboard.press("Enter")
    await expect(parcel(tab).get_by_role("img", name=re.compile("sample label"))).to_be_visible()


async def test_escape_closes_and_the_focus_returns(scene: Scene) -> None:
    laptop = await scene.device(viewport={"width": 900, "height": 800})
    tab = await laptop.open("/")
    await ask_prices(tab)
    for name in ("^Practice$", "^Account", "^Open on", "^Conversations$"):
        opener = tab.get_by_role("button", name=re.compile(name))
        await opener.focus()
        await tab.keyboard.press("Enter")
        inside = tab.locator("dialog[open], [role=menu], [role=dialog]:not(dialog)")
        await expect(inside).to_be_visible()
        for _ in range(12):  # it keeps the focus inside, or lets it go on: never in a place behind it that is covered
            await tab.keyboard.press("Tab")
            if await tab.locator("dialog[open]").count():
                assert await tab.evaluate(
                    "document.activeElement === document.body || !!document.activeElement.closest('dialog[open]')"
                ), await stop(tab)
        if await inside.count():
            await tab.keyboard.press("Escape")
        await expect(inside).to_have_count(0)
        await opener.focus()
        await tab.keyboard.press("Enter")
        await expect(inside).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(inside).to_have_count(0)
        await expect(opener).to_be_focused()
    assert await tab.evaluate("document.activeElement !== document.body")

    await parcel(tab).get_by_role("button", name=re.compile("^Details")).press("Enter")
    weight = parcel(tab).locator('input[name="weight_lbs"]')
    await weight.fill("77")
    await weight.press("Escape")
    await expect(weight).to_have_value("5")
    await tab.get_by_role("button", name="Conversations", exact=True).click()
    row = conversations(tab).get_by_role("link")
    await row.press("F2")
    await tab.keyboard.type("Something else")
    await tab.keyboard.press("Escape")
    await expect(row).to_be_focused()
    await expect(row).to_contain_text("Beverly Hills")


async def test_an_answer_and_a_broken_line_are_said_once(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await laptop.open("/")
    await expect(composer(tab)).to_be_visible()
    await tab.evaluate(LISTEN)
    await ask_prices(tab)
    await tab.wait_for_function("() => window.said.some((text) => text.startsWith('Bob: '))")
    scene.line.refuse()
    scene.line.cut()
    await tab.wait_for_function("() => window.said.some((text) => text.includes('The connection is lost'))")
    await expect(tab.get_by_role("region", name="Connection")).to_contain_text(re.compile("try [3-9]"))
    scene.line.mend()
    await tab.wait_for_function("() => window.said.at(-1).startsWith('Back.') || window.said.at(-1) === 'Live again.'")
    said: list[str] = await tab.evaluate("window.said")
    answers = [text for text in said if text.startswith("Bob: ")]
    assert len(answers) == 1, said
    assert "The cheapest is USPS Ground Advantage" in answers[0]
    assert len([text for text in said if "The connection is lost" in text]) == 1, said
    assert len(said) <= 6, said
