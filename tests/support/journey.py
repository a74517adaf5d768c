"""The way of a person through the page, from nothing to a label, in the words that the page uses.

Every step waits for what it leads to, so one can follow the other at once.
"""

import re

from playwright.async_api import Locator, Page, expect

__all__ = [
    "WORDS",
    "ask_prices",
    "buy",
    "choose_in_account",
    "composer",
    "conversations",
    "fill",
    "make_account",
    "parcel",
    "quotes_card",
    "say",
    "sign_in",
]

WORDS = "5 lb from 90210 to 10001"
"""What is said to Bob for prices."""

PATIENT_MS = 15_000
"""For what a server that was just started answers."""


def composer(tab: Page) -> Locator:
    """Where a message is written."""
    return tab.get_by_role("textbox", name="Message to Bob")


def parcel(tab: Page) -> Locator:
    """The pane of the parcel."""
    return tab.get_by_role("region", name="Parcel", exact=True)


def quotes_card(tab: Page) -> Locator:
    """The prices in the conversation."""
    return tab.get_by_role("region", name=re.compile("^Prices for"))


async def say(tab: Page, words: str) -> None:
    """Write a message and send it."""
    await expect(composer(tab)).to_be_enabled(timeout=PATIENT_MS)
    await composer(tab).fill(words)
    await composer(tab).press("Enter")


async def ask_prices(tab: Page, words: str = WORDS) -> None:
    """Ask Bob for prices; they are in the conversation when this ends, and Bob has said what he has to say."""
    await say(tab, words)
    await expect(quotes_card(tab).last.get_by_role("button", name=re.compile("^Choose")).first).to_be_visible()
    await expect(tab.get_by_role("button", name="Stop")).to_have_count(0)


async def fill(tab: Page, **fields: str) -> None:
    """Type into the parcel's form by the names of its fields, and leave each; ``_`` stands for the dot of a name."""
    for name, text in fields.items():
        field = parcel(tab).locator(f'input[name="{name}"]')
        await field.fill(text)
        await field.blur()


async def buy(tab: Page) -> None:
    """From prices, or from Bob's question, to a sample label; it is in the conversation when this ends."""
    yes = tab.get_by_role("group", name="Quick replies").get_by_role("button", name="Yes, make the sample")
    if not await yes.is_visible():
        await say(tab, "the cheapest")
    await yes.click()
    await expect(tab.get_by_role("region", name="Sample label", exact=True)).to_be_visible(timeout=PATIENT_MS)
    await expect(tab.get_by_role("button", name="Stop")).to_have_count(0)


async def choose_in_account(tab: Page, item: str) -> None:
    """Open the menu of the person who is here, and choose one of its items."""
    await tab.get_by_role("button", name=re.compile("^Account:")).click()
    await tab.get_by_role("menuitem", name=item, exact=True).click()


async def make_account(tab: Page, name: str, password: str) -> None:
    """The guest who is here becomes an account; the page says so when this ends."""
    await choose_in_account(tab, "Make an account")
    dialog = tab.get_by_role("dialog")
    await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_label("Password").fill(password)
    await dialog.get_by_role("button", name="Make the account").click()
    await expect(tab.get_by_role("button", name=f"Account: {name}")).to_be_visible(timeout=PATIENT_MS)
    await expect(dialog).to_have_count(0)


async def sign_in(tab: Page, name: str, password: str) -> None:
    """Fill in the page at ``/sign-in`` and send it; what comes of it is the caller's to see."""
    await tab.get_by_label("Name").fill(name)
    await tab.get_by_label("Password").fill(password)
    await tab.get_by_role("button", name="Sign in", exact=True).click()


def conversations(tab: Page) -> Locator:
    """The rows of the list of conversations."""
    return tab.get_by_role("navigation", name="Conversations").get_by_role("listitem")
