"""Somebody types on while the line goes and comes back, in a short and in a very long conversation.

Measured, and printed: see ``pytest -s``. Both clocks are this machine's.
"""

import asyncio
import itertools
import time

import pytest
from playwright.async_api import Page, expect

from tests.support.long_log import prolong
from tests.support.page_steps import composer, items, log_of, opened, said_in, status
from tests.support.scene import Scene
from tests.support.until_true import until_true

WITHIN_S = 1.0
"""So soon after the network is back the composer must show what is typed."""
MISSED = 900
"""Events that come in at once when the line is back: nearly as many as are replayed."""
KEY_EVERY_S = 0.03
"""Faster than anybody types."""
WORDS = "the quick brown fox jumps over the lazy dog; "

WATCH = """() => {
    const field = document.activeElement;
    window.painted = [];
    field.addEventListener("keydown", () => {
        // The second frame begins when the first, which has the character in it, is painted.
        requestAnimationFrame(() => requestAnimationFrame((at) => {
            window.painted.push((performance.timeOrigin + at) / 1000);
        }));
    });
}"""
"""Notes when the character of each key is on the screen, in s since 1970."""


async def type_on(tab: Page, until: asyncio.Event, pressed: list[float]) -> str:
    """Press keys one after the other until told; what was typed. Notes when each was pressed. Ends with a word.

    The keys are Chromium's own: playwright's would each have the whole page photographed for the trace, which takes
    long in a long one.
    """
    chromium = await tab.context.new_cdp_session(tab)
    typed = ""
    for character in itertools.cycle(WORDS):
        if until.is_set() and character == " ":
            return typed
        pressed.append(time.time())
        await chromium.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": character, "text": character})
        await chromium.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": character})
        typed += character
        await asyncio.sleep(KEY_EVERY_S)
    raise AssertionError


@pytest.mark.parametrize("events", [100, 10_000])
async def test_no_keystroke_is_lost_and_none_is_late(far_scene: Scene, events: int) -> None:
    scene = far_scene
    laptop = await scene.device()
    tab = await opened(laptop)
    session_id = await scene.long_session(laptop, events)

    await tab.goto(f"{scene.url}/s/{session_id}", wait_until="commit")
    await composer(tab).press("k")
    await expect(composer(tab)).to_have_value("k")
    ready = await tab.evaluate("performance.now()")
    await expect(items(tab).filter(has_text=f" {events}")).to_have_count(1)
    whole = await tab.evaluate("performance.now()")
    print(
        f"\n{events} events: loaded until the composer took a key {ready:.0f} ms, until the last words {whole:.0f} ms"
    )
    await composer(tab).fill("")
    await status(tab, "live", "snapshot", "resumed")

    await composer(tab).focus()
    await tab.evaluate(WATCH)
    enough, pressed = asyncio.Event(), list[float]()
    typing = asyncio.create_task(type_on(tab, enough, pressed))
    await laptop.offline(True)
    await scene.kill_server()
    await status(tab, "offline", "reconnecting")
    await prolong(scene.server.file, session_id, events + MISSED)
    await scene.start_server()
    back = time.time()
    await laptop.offline(False)
    await status(tab, "resumed")
    connected = time.time()
    await expect(items(tab).filter(has_text=f" {events + MISSED}")).to_have_count(1)
    enough.set()
    typed = await typing
    await expect(composer(tab)).to_have_value(typed)

    painted: list[float] = await until_true(lambda: tab.evaluate(f"painted.length === {len(typed)} && painted"))
    since = [(key, at) for key, at in zip(pressed, painted, strict=True) if key >= back]
    first = since[0][1] - back
    slowest = max(at - key for key, at in since)
    print(
        f"{events} events, {MISSED} missed: back to the first character {1000 * first:.0f} ms, to the line "
        f"{1000 * (connected - back):.0f} ms; {len(typed)} keys, the slowest since {1000 * slowest:.0f} ms"
    )
    assert first < WITHIN_S
    assert slowest < WITHIN_S
    await composer(tab).press("Enter")
    await expect(items(tab).filter(has_text=typed[:100])).to_have_count(1)

    async def last() -> bool:
        return said_in(await log_of(scene, laptop, session_id))[-1] == typed.strip()

    await until_true(last)
