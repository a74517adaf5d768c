"""Photographs the page for the README: starts a server of its own, ships a parcel on it, and keeps what was seen.

    gallery.py [FOLDER]    write the pictures into FOLDER, else into docs/gallery

`make gallery` calls it. Nothing is staged but the size of the screens: every picture is the page as a person sees it in
practice mode. Pictures are kept small by having few colours.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for the stage of the browser tests, which is not in the package

from scripts import build_page, chromium  # noqa: E402
from tests.support.fault_proxy import FaultProxy  # noqa: E402
from tests.support.journey import ask_prices, buy, fill, parcel, quotes_card, say  # noqa: E402
from tests.support.scene import ARGUMENTS, Scene  # noqa: E402
from tests.support.server_process import ServerProcess  # noqa: E402

COLOURS = 256
MOST_BYTES = 150_000
FROM = {"sender_name": "Ana Diaz", "sender_street": "123 Main St"}
TO = {"recipient_name": "Ben Wu", "recipient_street": "5 Elm Ave"}


async def photographs(scene: Scene) -> AsyncIterator[tuple[str, Page]]:
    """Each picture's name, with the tab that shows it. The laptop and the phone are the same person's."""
    laptop = await scene.device("laptop", reduced_motion="reduce", viewport={"width": 1280, "height": 1020})
    desk = await laptop.open("/")
    await ask_prices(desk)
    await desk.evaluate("document.activeElement.blur()")
    yield "conversation", desk

    phone = await scene.device("phone", phone=True, like=laptop, reduced_motion="reduce")
    pocket = await phone.open(desk.url.removeprefix(scene.url))
    await expect(quotes_card(pocket).last).to_be_visible()
    await pocket.evaluate("document.querySelector('[aria-label=Messages]').scrollTo(0, 0)")
    yield "phone", pocket

    await parcel(desk).get_by_role("button", name=re.compile("^Details")).click()
    for who, address in (("Sender’s", FROM), ("Recipient’s", TO)):
        await parcel(desk).get_by_text(f"{who} address").click()
        await fill(desk, **{name.replace("_", ".", 1): text for name, text in address.items()})
    await parcel(desk).get_by_role("button", name="Go on to Quotes").click()
    await say(desk, "the cheapest")
    await expect(desk.get_by_role("button", name="Yes, make the sample").first).to_be_visible()
    await expect(desk.get_by_role("button", name="Stop")).to_have_count(0)
    await desk.evaluate("document.activeElement.blur()")
    yield "approval", desk

    await pocket.emulate_media(color_scheme="dark")
    await pocket.get_by_role("navigation", name="Panes").get_by_role("button", name="Parcel").click()
    await expect(parcel(pocket).get_by_role("button", name="Yes, make it")).to_be_visible()
    await buy(desk)
    await expect(parcel(pocket).get_by_role("img", name=re.compile("sample label"))).to_be_visible()
    yield "phone-label-dark", pocket

    await phone.context.close()
    scene.devices.remove(phone)
    await desk.emulate_media(color_scheme="dark")
    await expect(parcel(desk).get_by_role("img", name=re.compile("sample label"))).to_be_visible()
    await desk.evaluate("document.activeElement.blur()")
    yield "label-dark", desk

    await desk.emulate_media(color_scheme="light")
    scene.line.refuse()
    scene.line.cut()
    await expect(desk.get_by_role("region", name="Connection")).to_have_attribute("data-status", "reconnecting")
    await say(desk, "where is it?")
    await expect(desk.get_by_text("Kept here, goes out when you are back")).to_be_visible()
    await expect(desk.get_by_role("region", name="Connection")).to_contain_text(re.compile("try [3-9] in"))
    yield "reconnecting", desk


def small(picture: bytes) -> bytes:
    """The same picture in the colours that most of it has; planes keep theirs, only edges of letters change."""
    full = Image.open(io.BytesIO(picture)).convert("RGB")
    counted = Counter(zip(*(band.tobytes() for band in full.split()), strict=True))
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour, _ in counted.most_common(COLOURS) for part in colour])
    few = full.quantize(palette=palette, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    return packed.getvalue()


async def photograph(browser: Browser, folder: Path, *, server: ServerProcess) -> list[Path]:
    """Play the whole way, and write every picture; their paths."""
    made: list[Path] = []
    await asyncio.to_thread(lambda: folder.mkdir(parents=True, exist_ok=True))
    async with FaultProxy.before(server.port) as line:
        scene = Scene(browser, server, line, "gallery")
        async for name, tab in photographs(scene):
            await tab.mouse.move(0, 0)
            picture = small(await tab.screenshot(animations="disabled", caret="hide"))
            if len(picture) > MOST_BYTES:
                raise RuntimeError(f"{name}.png would have {len(picture)} bytes; at most {MOST_BYTES} may be.")
            path = folder / f"{name}.png"
            await asyncio.to_thread(path.write_bytes, picture)
            made.append(path)
        await scene.close(failed=False)
    return made


async def main(folder: Path) -> int:
    program = await asyncio.to_thread(chromium.find)
    if program is None:
        print("Chromium is missing; install: .venv/bin/playwright install --with-deps chromium", file=sys.stderr)
        return 1
    try:
        await asyncio.to_thread(build_page.build)
    except build_page.NotBuilt as problem:
        print(problem, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            for path in await photograph(browser, folder, server=server):
                print(f"{path} ({path.stat().st_size // 1000} kB)")
            await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "gallery")))
