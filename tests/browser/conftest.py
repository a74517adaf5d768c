"""The stage of the browser tests: one Chromium and one built page for all, a server and a line for each.

``tests/support/scene.py`` says how to play on it.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from scripts import build_page, chromium
from tests.support.buying_shop import BuyingStart, Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.fault_proxy import FaultProxy
from tests.support.scene import ARGUMENTS, Scene
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart

FAILED = pytest.StashKey[bool]()
FAR = "shipanion.test"
"""A name that Chromium is told to find on this machine (see ``ARGUMENTS``)."""


@pytest.fixture(scope="session")
def built_page() -> None:
    """The page as the sources make it now, where the server looks for it."""
    try:
        build_page.build()
    except build_page.NoNode as problem:
        pytest.skip(f"NOT RUN: {problem}")


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """Starts servers in a fraction of the time."""
    with WarmStart() as starter:
        yield starter


@pytest.fixture(scope="session")
def buying() -> Iterator[BuyingStart]:
    """Starts servers where labels cost money."""
    with BuyingStart() as starter:
        yield starter


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(built_page: None) -> AsyncIterator[Browser]:
    """Chromium, headless."""
    program = await asyncio.to_thread(chromium.find)
    if program is None:
        pytest.skip("NOT RUN: Chromium is missing; install: .venv/bin/playwright install --with-deps chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(
    request: pytest.FixtureRequest, browser: Browser, warm: WarmStart, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A server with an empty store, and the line to it; what went wrong in the tabs fails the test at its end."""
    async with _staged(request, browser, ServerProcess(tmp_path, launch=warm.launch), "127.0.0.1") as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="session")
async def far_scene(
    request: pytest.FixtureRequest, browser: Browser, warm: WarmStart, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A scene as if the server were on another machine, reached by plain HTTP."""
    environment = {"SHIPANION_PUBLIC_URL": f"http://{FAR}", "SHIPANION_GUESTS": "on"}
    server = ServerProcess(tmp_path, environment=environment, launch=warm.launch)
    async with _staged(request, browser, server, FAR) as scene:
        yield scene


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    """The carrier of ``shop``, with a book of what was really bought."""
    with EasyPostDouble("production") as double:
        yield double


@pytest.fixture
def shop(tmp_path: Path, double: EasyPostDouble, buying: BuyingStart) -> Shop:
    """A server, not started yet, where labels cost money, and which dies as planned."""
    return Shop(tmp_path, double.url, buying)


@pytest_asyncio.fixture(loop_scope="session")
async def shop_scene(request: pytest.FixtureRequest, browser: Browser, shop: Shop) -> AsyncIterator[Scene]:
    """A scene with ``shop`` as its server."""
    async with _staged(request, browser, shop.server, "127.0.0.1") as scene:
        yield scene


@asynccontextmanager
async def _staged(
    request: pytest.FixtureRequest, browser: Browser, server: ServerProcess, host: str
) -> AsyncIterator[Scene]:
    with server:
        async with FaultProxy.before(server.port) as line:
            scene = Scene(browser, server, line, request.node.name, host)
            yield scene
            await scene.close(failed=request.node.stash.get(FAILED, False))
    assert not scene.errors(), "in the browser:\n" + "\n".join(scene.errors())


@pytest_asyncio.fixture(loop_scope="session")
async def bare_tab(scene: Scene) -> Page:
    """A guest's tab that does only what the test has it do: the page's own scripts are left out."""
    laptop = await scene.device()
    await laptop.context.route("**/assets/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    tab = await laptop.open("/")
    assert await tab.evaluate("fetch('/api/guest', {method: 'POST'}).then((answer) => answer.status)") == 200
    return tab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Everything that belongs to one Chromium runs on one loop. The first test may have to build the page.
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(180))
