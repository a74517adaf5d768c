"""Every view of the page, in light and in dark, held to the rules of WCAG 2.2 AA that a machine can judge: axe-core."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.scene import Device, Scene
from tests.support.views import View, on_a_laptop, on_a_phone, with_a_drawer

AXE = Path(__file__).resolve().parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_OURS = {
    "region": "menus and dialogs hang outside of the landmarks: they are where the focus is, not where one looks",
    "landmark-unique": "one question may stand in the conversation and beside the parcel: it is the same one",
}
"""Advice of axe-core, no rule of WCAG, that this page does not follow, and why."""
LOOK = """async ({rules, only, notOurs}) => {
    // Colours on their way to others have contrasts that nobody is meant to read by.
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
    const {violations} = await axe.run(document, {
        runOnly: only === null ? {type: "tag", values: rules} : {type: "rule", values: [only]},
        rules: only === null ? Object.fromEntries(notOurs.map((id) => [id, {enabled: false}])) : {},
        resultTypes: ["violations"],
    });
    return violations.flatMap(({id, impact, help, nodes}) => nodes.map(({html, any}) =>
        `${id} (${impact}): ${help}: ${html.slice(0, 160)} ${any.map(({message}) => message).join("; ")}`));
}"""

Walk = Callable[[Scene, Device], AsyncIterator[View]]


async def faults(tab: Page) -> list[str]:
    """What axe-core finds, in light; in dark only what colours can do wrong, since all else is the same."""
    if not await tab.evaluate("'axe' in window"):
        # Evaluated by the browser's own tools, so the page's policy, which allows no such script, need not be bent.
        await tab.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = []
    for scheme, only in (("light", None), ("dark", "color-contrast")):
        await tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        ask = {"rules": RULES, "only": only, "notOurs": list(NOT_OURS)}
        found += [f"{scheme}: {fault}" for fault in await tab.evaluate(LOOK, ask)]
    await tab.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize(
    ("walk", "options"),
    [
        pytest.param(on_a_laptop, {}, id="laptop"),
        pytest.param(with_a_drawer, {"viewport": {"width": 800, "height": 900}}, id="tablet"),
        pytest.param(on_a_phone, {"phone": True}, id="phone"),
    ],
)
async def test_no_view_breaks_a_rule(scene: Scene, walk: Walk, options: dict[str, Any]) -> None:
    device = await scene.device(**options)
    broken: list[str] = []
    async for name, tab in walk(scene, device):
        broken += [f"{name}: {fault}" for fault in await faults(tab)]
    assert not broken, "\n".join(broken)
