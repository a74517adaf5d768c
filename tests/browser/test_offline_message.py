"""What was written without a line is delivered exactly once, whatever becomes of the tab it was written in."""

import asyncio

from playwright.async_api import Page, WebSocketRoute, expect

from tests.support.page_steps import (
    begun,
    items,
    log_of,
    opened,
    said_in,
    say,
    sessions_of,
    settled,
    status,
)
from tests.support.scene import Device, Scene
from tests.support.until_true import until_true

SEVERAL = [f"number {n} of five" for n in range(1, 6)]


async def cut_off(scene: Scene) -> tuple[Device, Page, str]:
    """A tab with a conversation that has lost its line, and the conversation's id."""
    laptop = await scene.device()
    tab = await opened(laptop)
    session_id = await begun(tab, "hello")
    scene.line.refuse()
    scene.line.cut()
    await status(tab, "reconnecting")
    return laptop, tab, session_id


async def left_behind(scene: Scene, tab: Page, *texts: str) -> None:
    """They are written, kept, and the tab is closed; then the line is there again."""
    await say(tab, *texts)
    await expect(items(tab).filter(has_text="Kept here, goes out when you are back")).to_have_count(len(texts))
    await tab.close()
    scene.line.mend()


async def said(scene: Scene, laptop: Device, session_id: str, *texts: str) -> None:
    """The server's log comes to hold just these messages, in this order."""

    async def look() -> bool:
        return len(said_in(await log_of(scene, laptop, session_id))) >= len(texts)

    await until_true(look)
    assert said_in(await log_of(scene, laptop, session_id)) == list(texts)


async def other_than(scene: Scene, laptop: Device, session_id: str) -> str:
    """The one other conversation of the person, once there is one."""

    async def look() -> list[str]:
        return [session["id"] for session in await sessions_of(scene, laptop) if session["id"] != session_id]

    (found,) = await until_true(look)
    return str(found)


async def test_the_tab_is_closed_and_the_conversation_opened_again(scene: Scene) -> None:
    laptop, tab, session_id = await cut_off(scene)
    await left_behind(scene, tab, *SEVERAL)
    tab = await opened(laptop, f"/s/{session_id}")
    await settled(tab, 6)
    await said(scene, laptop, session_id, "hello", *SEVERAL)
    await expect(items(tab).filter(has_text="of five")).to_have_count(5)
    await expect(items(tab).filter(has_text="Kept here")).to_have_count(0)
    await tab.reload()
    await status(tab, "live", "resumed", "snapshot")
    await said(scene, laptop, session_id, "hello", *SEVERAL)


async def test_the_tab_is_closed_and_another_conversation_opened(scene: Scene) -> None:
    laptop, tab, session_id = await cut_off(scene)
    await left_behind(scene, tab, *SEVERAL)
    tab = await opened(laptop, "/new")
    await said(scene, laptop, session_id, "hello", *SEVERAL)
    await expect(tab.get_by_role("link", name="hello")).not_to_contain_text("not sent")
    assert [session["id"] for session in await sessions_of(scene, laptop)] == [session_id]


async def test_a_conversation_begun_without_a_line(scene: Scene) -> None:
    laptop, tab, session_id = await cut_off(scene)
    await tab.get_by_role("button", name="New", exact=True).click()
    await expect(tab.get_by_role("heading", name="New parcel")).to_be_visible()
    await left_behind(scene, tab, *SEVERAL)
    await opened(laptop, f"/s/{session_id}")
    made = await other_than(scene, laptop, session_id)
    await said(scene, laptop, made, *SEVERAL)
    await said(scene, laptop, session_id, "hello")
    await opened(laptop, f"/s/{made}")
    await said(scene, laptop, made, *SEVERAL)
    assert len(await sessions_of(scene, laptop)) == 2


async def test_a_conversation_begun_without_a_line_and_two_tabs_opened_at_once(scene: Scene) -> None:
    laptop, tab, session_id = await cut_off(scene)
    await tab.get_by_role("button", name="New", exact=True).click()
    await expect(tab.get_by_role("heading", name="New parcel")).to_be_visible()
    await left_behind(scene, tab, *SEVERAL)
    await asyncio.gather(opened(laptop, "/new"), opened(laptop, "/new"))
    made = await other_than(scene, laptop, session_id)
    await said(scene, laptop, made, *SEVERAL)


async def test_the_server_had_it_and_the_page_never_heard(scene: Scene) -> None:
    laptop = await scene.device()
    deaf = False

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: None if deaf else route.send(message))

    await laptop.context.route_web_socket("**/ws*", pass_on)
    tab = await opened(laptop)
    session_id = await begun(tab, "hello")
    deaf = True
    await say(tab, "number 1 of two", "number 2 of two")
    await said(scene, laptop, session_id, "hello", "number 1 of two", "number 2 of two")
    await expect(items(tab).filter(has_text="Sending")).to_have_count(2)
    await tab.close()
    deaf = False
    tab = await opened(laptop, f"/s/{session_id}")
    await settled(tab, 3)
    await expect(items(tab).filter(has_text="of two")).to_have_count(2)
    await expect(items(tab).filter(has_text="Kept here")).to_have_count(0)
    await say(tab, "thanks")
    await settled(tab, 4)
    await said(scene, laptop, session_id, "hello", "number 1 of two", "number 2 of two", "thanks")
