"""The script that photographs the page for the README still finds its way, and its pictures stay small."""

from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from scripts import gallery
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart

KEPT = Path(__file__).resolve().parents[2] / "docs" / "gallery"


async def test_it_makes_the_pictures_that_are_kept(browser: Browser, warm: WarmStart, tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server", launch=warm.launch) as server:
        made = await gallery.photograph(browser, tmp_path / "made", server=server)
    assert {path.name for path in made} == {path.name for path in KEPT.glob("*.png")}
    for path in made:
        with Image.open(path) as picture, Image.open(KEPT / path.name) as kept:
            assert picture.size == kept.size, path.name
            assert len(picture.getcolors() or []) > 50, f"{path.name} is empty"
