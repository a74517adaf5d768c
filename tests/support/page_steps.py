"""What a person does on the page and sees there, and what the server holds of it: words for tests in a real browser."""

import re
from collections.abc import Sequence

import httpx
from playwright.async_api import Locator, Page, expect

from tests.support.scene import Device, Scene
from tests.support.wire import Json, Wire

__all__ = [
    "PASSWORD",
    "QUESTION",
    "answers",
    "begun",
    "composer",
    "connection",
    "items",
    "labels_in",
    "log_of",
    "make_account",
    "mid_answer",
    "opened",
    "said_in",
    "say",
    "session_of",
    "sessions_of",
    "settled",
    "status",
    "until_asked",
    "until_quoted",
]

QUESTION = "5 lb from 90210 to 10001"
"""Bob's answer to this takes about three seconds, and gives quotes."""

PASSWORD = "correct horse"

# --- the page -------------------------------------------------------------------------------------------------------


def composer(tab: Page) -> Locator:
    """Where the next message is written."""
    return tab.get_by_role("textbox", name="Message to Bob")


def connection(tab: Page) -> Locator:
    """The line about the connection."""
    return tab.get_by_role("region", name="Connection")


async def status(tab: Page, *names: str, within: float = 10.0) -> None:
    """Wait until the line about the connection is in one of these states, by their names in the client."""
    await expect(connection(tab)).to_have_attribute("data-status", re.compile("|".join(names)), timeout=within * 1000)


async def opened(device: Device, path: str = "/") -> Page:
    """A new tab that is connected."""
    tab = await device.open(path)
    await status(tab, "live", "resumed", "snapshot", "still_working")
    return tab


async def session_of(tab: Page) -> str:
    """The id in the address, once it is there."""
    await expect(tab).to_have_url(re.compile(r"/s/session-\w+$"))
    return tab.url.rpartition("/")[2]


async def make_account(tab: Page, name: str = "ana") -> None:
    """The guest becomes an account, with ``PASSWORD``, on the page as it stands."""
    await tab.get_by_role("button", name=re.compile("^Account")).click()
    await tab.get_by_role("menuitem", name="Make an account").click()
    form = tab.get_by_role("dialog", name="Make an account")
    await form.get_by_role("textbox", name="Name").fill(name)
    await form.get_by_role("textbox", name="Password").fill(PASSWORD)
    await form.get_by_role("button", name="Make the account").click()
    await expect(form).to_be_hidden()


# --- the conversation -----------------------------------------------------------------------------------------------


def items(tab: Page) -> Locator:
    """The rows of the conversation, oldest first."""
    return tab.get_by_role("region", name="Messages").locator("[data-kind]")


def answers(tab: Page) -> Locator:
    """Bob's answers, with the one that is coming as soon as it has a word."""
    return items(tab).filter(has_text="Bob said:")


async def say(tab: Page, *texts: str) -> None:
    """Write messages and send each by Enter."""
    for text in texts:
        await composer(tab).fill(text)
        await composer(tab).press("Enter")


async def settled(tab: Page, count: int) -> None:
    """Wait until Bob has given so many answers in all and works on none."""
    await expect(answers(tab)).to_have_count(count)
    await expect(tab.get_by_role("button", name=re.compile("^Stop"))).to_have_count(0)


async def mid_answer(tab: Page) -> None:
    """Ask the question, as the first message, and see the answer begin."""
    await say(tab, QUESTION)
    await expect(answers(tab)).to_contain_text("Let me look")
    await expect(tab.get_by_role("button", name="Stop")).to_be_visible()


async def begun(tab: Page, words: str = "hello") -> str:
    """Say something short as the first thing and hear Bob out; the session's id."""
    await say(tab, words)
    await settled(tab, 1)
    return await session_of(tab)


async def until_quoted(tab: Page) -> None:
    """Ask the question, as the first message, and have quotes to choose from."""
    await say(tab, QUESTION)
    await settled(tab, 1)


async def until_asked(tab: Page) -> Locator:
    """Come, in a new conversation, as far as the question whether the label shall be made; the button that says yes."""
    await until_quoted(tab)
    await say(tab, "the cheapest")
    await settled(tab, 2)
    yes = tab.get_by_role("region", name="Parcel", exact=True).get_by_role("button", name="Yes, make it")
    await expect(yes).to_be_enabled()
    return yes


# --- the server -----------------------------------------------------------------------------------------------------


async def log_of(scene: Scene, device: Device, session_id: str) -> list[Json]:
    """The newest 200 events of a session, as the server itself tells another client of the same person."""
    async with Wire.open(scene.server.socket_url, await device.token(), session_id=session_id) as wire:
        await wire.send("history", id="log", limit=200)
        page = await wire.until("history_page")
    events: list[Json] = page["events"]
    return events


async def sessions_of(scene: Scene, device: Device) -> list[Json]:
    """The sessions of the person on ``device`` in which something was said."""
    async with httpx.AsyncClient(trust_env=False) as program:
        head = {"Authorization": f"Bearer {await device.token()}"}
        answer = await program.get(f"{scene.server.url}/api/sessions", headers=head)
    listed: list[Json] = answer.json()["sessions"]
    return listed


def said_in(log: Sequence[Json]) -> list[str]:
    """What people said."""
    return [event["text"] for event in log if event["type"] == "user_message"]


def labels_in(log: Sequence[Json]) -> list[str]:
    """The numbers of the labels that were made."""
    return [
        event["data"]["tracking_number"]
        for event in log
        if event["type"] == "effect_changed" and event["kind"] == "buy" and event["status"] == "settled"
    ]
