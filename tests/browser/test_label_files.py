"""A label inside the page: the browser's own viewer shows it to its owner there, and on no other page."""

import asyncio
import io

import pytest_asyncio
from PIL import Image
from playwright.async_api import Page

from tests.support.buyer import ADDRESSES, Buyer
from tests.support.scene import Scene
from tests.support.until_true import until_true
from tests.support.wire import Json

SHOW = """(path) => {
    const frame = Object.assign(document.createElement("iframe"), {src: path, title: "Label", width: 600, height: 700});
    document.body.replaceChildren(frame);
}"""
PICTURE = """async (path) => {
    const picture = Object.assign(new Image(), {src: path});
    await picture.decode();
    return picture.naturalWidth;
}"""

LINK = """(id) => fetch(`/api/labels/${id}.pdf/link`, {method: "POST"}).then((answer) => answer.json())"""


@pytest_asyncio.fixture(loop_scope="session")
async def label(scene: Scene, bare_tab: Page) -> Json:
    """A sample label of the guest's."""
    buyer = await Buyer(scene.server.socket_url, await scene.devices[0].token()).come()
    await buyer.quote()
    await buyer.edit(**ADDRESSES)
    made: Json = (await buyer.call("create_label", quote="cheapest"))["result"]
    await buyer.leave()
    return made


def viewers(tab: Page) -> list[str]:
    """The frames of Chromium's own viewer."""
    return [frame.url for frame in tab.frames if frame.url.startswith("chrome-extension:")]


async def white(tab: Page) -> float:
    """The share of the frame that is white as paper."""
    picture = Image.open(io.BytesIO(await tab.get_by_title("Label").screenshot())).convert("L")
    return picture.histogram()[255] / (picture.width * picture.height)


async def test_the_viewer_of_the_browser_shows_it_in_the_page(bare_tab: Page, label: Json) -> None:
    await bare_tab.evaluate(SHOW, label["label_url"])
    async with asyncio.timeout(10):
        while await white(bare_tab) < 0.1:  # the viewer around the paper is grey
            pass
    assert viewers(bare_tab)


async def test_its_code_is_a_picture_of_the_page(bare_tab: Page, label: Json) -> None:
    assert await bare_tab.evaluate(PICTURE, label["qr_code"]) > 100


async def test_another_page_does_not_get_to_show_it(scene: Scene, bare_tab: Page, label: Json) -> None:
    link = (await bare_tab.evaluate(LINK, label["label_id"]))["url"]
    html = f'<!doctype html><iframe width="600" height="700" src="{scene.url}{link}"></iframe>'
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(html)}\r\n\r\n{html}".encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    # Another port is another page. (A host elsewhere would not even be let near this machine by Chromium.)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        other = await scene.devices[0].context.new_page()
        await other.goto("http://127.0.0.1:{}/".format(*server.sockets[0].getsockname()[1:]))
        await until_true(lambda: scene.errors() or viewers(other))
    assert not viewers(other)
    assert all("frame-ancestors" in error or "favicon" in error for error in scene.errors()), scene.errors()
    scene.allow("frame-ancestors")
    scene.allow("favicon")
