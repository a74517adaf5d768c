"""What the page costs and where it comes from: little script, nothing from elsewhere, and a quiet console."""

import gzip
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Response, expect

from tests.support.journey import ask_prices, buy, parcel
from tests.support.scene import Scene

SCRIPT_BYTES = 200_000
"""All script that the way to a label loads, compressed by gzip."""

LOADED = """() => performance.getEntriesByType("resource").filter(({name}) => name.includes("/assets/"))
    .map(({name, transferSize}) => [name, transferSize])"""
"""The page's files, with the bytes that came over the line for each."""


async def test_the_way_to_a_label_is_light_quiet_and_from_one_place(scene: Scene) -> None:
    laptop = await scene.device()
    asked: list[str] = []
    scripts: list[Response] = []
    said: list[str] = []

    def answered(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts.append(response)

    def speak(message: ConsoleMessage) -> None:
        if not ("status of 401" in message.text and message.location["url"].endswith("/api/me")):
            said.append(f"{message.type}: {message.text}")

    laptop.context.on("request", lambda request: asked.append(request.url))
    laptop.context.on("response", answered)
    laptop.context.on("console", speak)
    laptop.context.on("page", lambda page: page.on("websocket", lambda socket: asked.append(socket.url)))
    tab = await laptop.open("/")
    await ask_prices(tab)
    await buy(tab)
    await expect(parcel(tab).get_by_role("img")).to_be_visible()
    sizes = {response.url: len(gzip.compress(await response.body())) for response in scripts}
    assert len(sizes) > 0
    assert sum(sizes.values()) < SCRIPT_BYTES, sizes
    await tab.reload()
    await expect(tab.get_by_role("region", name="Sample label", exact=True)).to_be_visible()
    again: list[list[str | int]] = await tab.evaluate(LOADED)
    assert len(again) >= 2
    assert all(size == 0 for _, size in again), f"what was there came once more: {again}"

    assert said == []
    here = urlsplit(scene.url).netloc
    places = {urlsplit(url).netloc for url in asked if urlsplit(url).scheme not in ("data", "blob")}
    assert places == {here}, asked
    assert any(url.startswith("ws:") for url in asked)
