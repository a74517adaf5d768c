"""The server is killed (``kill -9``) with the page open, and comes back: so does the page, by itself.

What dies in the middle of a purchase is in test_bought_label.py.
"""

from playwright.async_api import expect

from tests.support.page_steps import (
    QUESTION,
    answers,
    composer,
    items,
    labels_in,
    log_of,
    mid_answer,
    opened,
    said_in,
    say,
    session_of,
    settled,
    status,
    until_asked,
)
from tests.support.scene import Scene


async def test_in_mid_answer(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    await mid_answer(tab)
    await expect(answers(tab)).to_contain_text("the fastest is USPS")  # so that some of it was put away
    await scene.kill_server()
    await status(tab, "reconnecting")
    await composer(tab).fill("thanks")
    await composer(tab).press("Enter")
    await expect(items(tab).filter(has_text="Kept here, goes out when you are back")).to_be_visible()
    await scene.start_server()
    await status(tab, "resumed", "still_working", "live")
    cut_off = answers(tab).first
    await expect(cut_off).to_contain_text("The server was interrupted in the middle of this answer.")
    await scene.shot(tab, "killed-in-mid-answer")
    await settled(tab, 2)
    log = await log_of(scene, laptop, await session_of(tab))
    assert said_in(log) == [QUESTION, "thanks"]
    first, second = [event for event in log if event["type"] == "agent_message"]
    assert [event.get("partial", False) for event in (first, second)] == [True, False]
    assert (await cut_off.inner_text()).count("Let me look that up.") == 1
    await expect(items(tab).filter(has_text="Prices for")).to_have_count(1)


async def test_before_the_yes_has_left(scene: Scene) -> None:
    laptop = await scene.device()
    tab = await opened(laptop)
    yes = await until_asked(tab)
    await scene.kill_server()
    await status(tab, "reconnecting")
    await yes.click()
    await expect(tab.get_by_text("Your yes is kept, and goes out when the line is back.")).to_be_visible()
    session_id = await session_of(tab)
    await tab.close()
    await scene.start_server()
    tab = await opened(laptop, f"/s/{session_id}")
    await status(tab, "live", "resumed", "still_working")
    await expect(items(tab).filter(has_text="Your sample label is made")).to_have_count(1)
    await expect(tab.get_by_role("button", name="Track", exact=True)).to_be_visible()
    (number,) = labels_in(await log_of(scene, laptop, session_id))
    await expect(tab.get_by_role("region", name="Parcel", exact=True)).to_contain_text(number)
    await say(tab, "yes")  # once more: there is nothing left to say yes to
    await settled(tab, 3)
    assert labels_in(await log_of(scene, laptop, session_id)) == [number]
    await expect(items(tab).filter(has_text="Your sample label is made")).to_have_count(1)
