"""The line breaks while Bob answers: the whole answer comes, once."""

from playwright.async_api import expect

from tests.support.page_steps import (
    QUESTION,
    answers,
    composer,
    items,
    log_of,
    mid_answer,
    opened,
    said_in,
    say,
    session_of,
    settled,
    status,
)
from tests.support.scene import Scene

SILENCE_MS, PONG_MS = 15_000, 5_000
"""After so long without a frame a client asks whether anybody is there, and after so long it gives up (protocol)."""
LAST_WORDS = "Which one shall it be?"


COUNT = """([box, words]) => {
    window.most = 0;
    const look = () => { window.most = Math.max(window.most, box.innerText.split(words).length - 1); };
    new MutationObserver(look).observe(box, { childList: true, characterData: true, subtree: true });
}"""
"""Counts how often some words were to be read at once, at any time."""


async def whole_answer(scene: Scene) -> None:
    """The page shows the answer as it stands in the log, once."""
    laptop = scene.devices[0]
    tab = laptop.context.pages[0]
    await settled(tab, 1)
    log = await log_of(scene, laptop, await session_of(tab))
    assert said_in(log) == [QUESTION]
    (said,) = [event["text"] for event in log if event["type"] == "agent_message"]
    shown = await answers(tab).inner_text()
    for words in ("Let me look that up.", "The cheapest is", "Estimate from USPS retail prices", LAST_WORDS):
        assert shown.count(words) == said.count(words) == 1, shown
    assert [event["outcome"] for event in log if event["type"] == "turn_ended"] == ["completed"]


async def test_cut_again_and_again_in_mid_answer(scene: Scene) -> None:
    tab = await opened(await scene.device())
    box = await tab.get_by_role("region", name="Messages").element_handle()
    await tab.evaluate(COUNT, [box, "Let me look that up."])
    await mid_answer(tab)
    for _ in range(3):
        scene.line.cut()
        await status(tab, "reconnecting")
        await status(tab, "still_working", "resumed", "live")
    await whole_answer(scene)
    assert await tab.evaluate("window.most") == 1, "it was doubled for a moment"


async def test_cut_until_the_answer_is_over(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    await mid_answer(tab)
    session_id = await session_of(tab)
    scene.line.refuse()
    scene.line.cut()
    await expect(tab.get_by_text("The rest comes when you are back.")).to_be_visible()
    while not any(event["type"] == "turn_ended" for event in await log_of(scene, laptop, session_id)):
        pass
    await expect(answers(tab)).not_to_contain_text(LAST_WORDS)
    scene.line.mend()
    await status(tab, "resumed")
    await whole_answer(scene)


async def test_cut_before_the_message_is_known_to_have_arrived(scene: Scene) -> None:
    tab = await opened(await scene.device())
    scene.line.silence()
    await say(tab, QUESTION)
    await expect(items(tab).filter(has_text="Sending")).to_be_visible()
    scene.line.cut()
    await whole_answer(scene)


async def test_a_black_hole_is_noticed_in_time_and_costs_nothing(scene: Scene) -> None:
    laptop = await scene.device()
    await laptop.context.clock.install()
    tab = await opened(laptop)
    await mid_answer(tab)
    scene.line.silence()
    await composer(tab).press_sequentially("tha")
    await laptop.context.clock.run_for(SILENCE_MS - 2_000)
    await status(tab, "live")
    await laptop.context.clock.run_for(2_000)  # the question is sent
    await status(tab, "live")
    await laptop.context.clock.run_for(PONG_MS)
    await status(tab, "reconnecting", within=2)
    await composer(tab).press_sequentially("nks")
    scene.line.mend()
    await status(tab, "resumed", "still_working", "live")
    await whole_answer(scene)
    await expect(composer(tab)).to_have_value("thanks")


async def test_a_black_hole_that_passes_is_no_cut(scene: Scene) -> None:
    tab = await opened(await scene.device())
    await mid_answer(tab)
    scene.line.silence()
    await say(tab, "thanks")
    await expect(items(tab).filter(has_text="Sending")).to_be_visible()
    scene.line.mend()
    await settled(tab, 2)
    await status(tab, "live")
