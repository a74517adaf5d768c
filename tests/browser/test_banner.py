"""The one line about the connection: every state that it has, reached in the real page, says what is so.

Each leaves a picture, ``.cache/screens/banner-<state>.png``.
"""

import asyncio
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.long_log import prolong
from tests.support.page_steps import (
    PASSWORD,
    answers,
    begun,
    composer,
    connection,
    items,
    log_of,
    make_account,
    mid_answer,
    opened,
    said_in,
    say,
    settled,
    status,
)
from tests.support.scene import Scene
from tests.support.wire import Wire

LONGEST_WAITS = "Math.random = () => 0.999"
"""The page rolls its waits with these dice: each is as long as it can be."""


PONG_MS = 5_000
"""So long a client waits for an answer to its ping."""


async def shown(scene: Scene, tab: Page, name: str, words: str) -> None:
    """The line says these words, and is photographed."""
    await expect(connection(tab)).to_contain_text(words)
    await scene.shot(tab, f"banner-{name}")


async def conversation(scene: Scene) -> tuple[Page, str]:
    """A tab with a conversation in which something was said, and its id."""
    tab = await opened(await scene.device())
    return tab, await begun(tab, "hello")


async def said_elsewhere(scene: Scene, session_id: str, words: str) -> None:
    """The same person says something on another device, and Bob answers."""
    async with Wire.open(
        scene.server.socket_url, await scene.devices[0].token(), session_id=session_id, device="other"
    ) as other:
        await other.say("elsewhere", words)
        await other.until("turn_ended")


# --- while it is there, and while it is not ---------------------------------------------------------------------------


async def test_connecting_and_then_live(scene: Scene) -> None:
    tab, _ = await conversation(scene)
    await shown(scene, tab, "live", "Live")
    scene.line.silence()
    await tab.get_by_role("button", name="New", exact=True).click()
    await status(tab, "connecting")
    await shown(scene, tab, "connecting", "Connecting…")
    scene.line.mend()
    await status(tab, "live")
    await shown(scene, tab, "live", "Live")


async def test_reconnecting_counts_its_tries_and_down_to_the_next_and_a_person_need_not_wait(scene: Scene) -> None:
    laptop = await scene.device()
    await laptop.context.add_init_script(LONGEST_WAITS)
    tab = await opened(laptop)
    scene.line.refuse()
    scene.line.cut()
    await status(tab, "reconnecting")
    await shown(scene, tab, "reconnecting", "Reconnecting, try 4 in 4 s")
    await expect(connection(tab)).to_contain_text("in 3 s")
    scene.line.mend()
    await connection(tab).get_by_role("button", name="Try now").click()
    await status(tab, "live", "resumed", within=1.5)  # by itself it would have waited twice as long
    await expect(connection(tab).get_by_role("button")).to_have_count(0)


async def test_offline_until_the_network_is_back(far_scene: Scene) -> None:
    laptop = await far_scene.device()
    await laptop.context.clock.install()
    tab = await opened(laptop)
    await laptop.offline(True)
    await laptop.context.clock.fast_forward(PONG_MS)  # the line is asked for a sign of life
    await status(tab, "offline")
    await composer(tab).fill("hello")
    await composer(tab).press("Enter")
    await shown(far_scene, tab, "offline", "1 thing you did is kept here and will go out when it is back.")
    await expect(connection(tab)).to_contain_text("No network.")
    await laptop.offline(False)
    await status(tab, "live", "resumed", "still_working")
    await settled(tab, 1)


# --- when it is back --------------------------------------------------------------------------------------------------


async def test_resumed_says_how_much_was_missed(scene: Scene) -> None:
    tab, session_id = await conversation(scene)
    scene.line.refuse()
    scene.line.cut()
    await status(tab, "reconnecting")
    before = len(await log_of(scene, scene.devices[0], session_id))
    await said_elsewhere(scene, session_id, "thanks")
    missed = len(await log_of(scene, scene.devices[0], session_id)) - before
    scene.line.mend()
    await status(tab, "resumed")
    await shown(scene, tab, "resumed", f"Back. The {missed} things you missed are in.")
    await expect(answers(tab)).to_have_count(2)


async def test_a_snapshot_for_so_much_was_missed(scene: Scene) -> None:
    tab, session_id = await conversation(scene)
    await scene.kill_server()
    await status(tab, "reconnecting")
    await prolong(scene.server.file, session_id, 1_200)
    await scene.start_server()
    await status(tab, "snapshot")
    await shown(scene, tab, "snapshot-limit", "So much happened meanwhile that only the end of it is shown")
    await expect(items(tab).filter(has_text="message 1200")).to_be_visible()
    await say(tab, "thanks")
    await expect(items(tab).filter(has_text="You said: thanks")).to_be_visible()
    assert said_in(await log_of(scene, scene.devices[0], session_id))[-1] == "thanks"


def forget_incarnation(file: Path, copy: Path) -> None:
    with sqlite3.connect(file) as store:
        store.execute("DELETE FROM meta WHERE name = 'incarnation'")
    store.close()


def put_back(file: Path, copy: Path) -> None:
    for kept in copy.iterdir():
        shutil.copy(kept, file.parent)


@pytest.mark.parametrize(
    ("reason", "harm", "words"),
    [
        ("epoch", forget_incarnation, "The server’s records began anew"),
        ("ahead", put_back, "The server knows less than this page did"),
    ],
)
async def test_a_snapshot_for_the_servers_records_are_others(
    scene: Scene, reason: str, harm: Callable[[Path, Path], None], words: str, tmp_path: Path
) -> None:
    tab, session_id = await conversation(scene)
    await scene.kill_server()
    shutil.copytree(scene.server.data, tmp_path / "copy")
    await scene.start_server()
    await status(tab, "resumed")
    await say(tab, "thanks")
    await settled(tab, 2)
    await scene.kill_server()
    for part in scene.server.data.glob("*.sqlite3-*"):
        part.unlink() if reason == "ahead" else None
    harm(scene.server.file, tmp_path / "copy")
    await scene.start_server()
    await status(tab, "snapshot")
    await expect(connection(tab)).to_contain_text(re.compile(words.replace("’", ".")))
    await shown(scene, tab, f"snapshot-{reason}", "Back, restored from what was saved.")
    # What the page shows is now what the server has, and it goes on from there.
    log = await log_of(scene, scene.devices[0], session_id)
    await expect(items(tab).filter(has_text="You said:")).to_have_count(len(said_in(log)))
    await say(tab, "hello")
    await settled(tab, len(said_in(log)) + 1)


async def test_bob_goes_on_while_the_line_is_cut(scene: Scene) -> None:
    tab = await opened(await scene.device())
    await mid_answer(tab)
    scene.line.cut()
    await status(tab, "still_working")
    await shown(scene, tab, "still_working", "Bob is still working on the server.")
    await settled(tab, 1)
    await status(tab, "live")


# --- when a person has to do something --------------------------------------------------------------------------------


async def users(scene: Scene, *arguments: str) -> None:
    """``shipanion users …`` beside the running server."""
    store = f"sqlite:///{scene.server.file}"
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shipanion", "users", *arguments, "--store", store, stdout=asyncio.subprocess.DEVNULL
    )
    assert await command.wait() == 0


async def test_sign_in_again_when_the_account_is_shut(scene: Scene) -> None:
    scene.allow("status of 401")
    scene.allow("status of 403")
    tab, session_id = await conversation(scene)
    await make_account(tab)
    await users(scene, "disable", "ana")
    await status(tab, "sign_in")
    await say(tab, "thanks")
    await expect(tab.get_by_role("region", name="Sign in again to go on")).to_be_visible()
    await shown(scene, tab, "sign_in", "1 thing you did is kept here.")
    await users(scene, "enable", "ana")
    strip = tab.get_by_role("region", name="Sign in again to go on")
    await strip.get_by_role("textbox", name="Password").fill(PASSWORD)
    await strip.get_by_role("button", name="Sign in", exact=True).click()
    await settled(tab, 2)
    await expect(strip).to_be_hidden()
    assert said_in(await log_of(scene, scene.devices[0], session_id)) == ["hello", "thanks"]


async def test_sign_in_again_when_the_cookie_is_gone(scene: Scene) -> None:
    scene.allow("status of 401")
    tab, _ = await conversation(scene)
    await scene.devices[0].context.clear_cookies()
    scene.line.cut()
    await status(tab, "sign_in")
    await expect(tab.get_by_role("region", name="This guest's visit has ended")).to_be_visible()
    await shown(scene, tab, "sign_in-guest", "Your sign-in has ended.")


async def test_stopped_at_somebody_elses_conversation(scene: Scene) -> None:
    _, session_id = await conversation(scene)
    stranger = await scene.device("stranger")
    tab = await stranger.open(f"/s/{session_id}")
    await status(tab, "stopped")
    await shown(scene, tab, "stopped", "This conversation cannot be found.")
    await expect(items(tab)).to_have_count(0)
