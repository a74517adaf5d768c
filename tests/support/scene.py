"""A person's browser, a line that breaks, and a server that dies: what tests of the page play with.

    async def test_a_reload_brings_everything_back(scene: Scene) -> None:
        laptop = await scene.device("laptop")        # a browser profile: its own cookies and storage
        tab = await laptop.open("/")                 # a tab of it, a playwright Page; open() again makes a second one
        await tab.get_by_role("button", name="…").click()
        await expect(tab.get_by_text("…")).to_be_visible()

        scene.line.cut()                             # every connection is reset; new ones pass
        scene.line.silence()                         # a black hole, both ways; nothing is closed
        scene.line.refuse()                          # new connections are reset, open ones go on
        scene.line.mend()                            # all passes again; what silence held back comes now
        await laptop.offline(True)                   # what the browser itself believes (`navigator.onLine`); see below
        await scene.kill_server()                    # kill -9
        await scene.start_server()                   # it is back, on the same data and port; restart_server() is both
        await scene.shot(tab, "reconnecting")        # .cache/screens/reconnecting.png

The fixture ``scene`` (tests/browser/conftest.py) is one server with an empty store behind one ``FaultProxy``, new for
each test; the browser and the built page are shared by all. ``scene.url`` is the address of the proxy. ``far_scene`` is
the same under a name that does not mean this machine: there the page believes what the browser says of the network,
and, as it was not loaded securely, it has no Web Locks.

- **Async fixtures of your own** take ``@pytest_asyncio.fixture(loop_scope="session")``: all that belongs to the browser
  runs on one loop. Tests need no mark.
- **Waiting**: playwright's ``expect`` waits up to ten seconds. Never sleep; to see that something does *not* come, wait
  for what comes after it.
- **Errors**: whatever the page writes to the console as an error, any exception nobody caught, and any breach of the
  policy fails the test when it ends. From the first fault of the test on, what Chromium itself says of failed requests
  and sockets is not counted; for anything else that belongs to a test there is ``scene.allow("part of the text")``.
- **After a failure** a playwright trace of every device, and a picture of every open tab, lie in
  ``.cache/browser/<test>/`` (``playwright show-trace FILE``). With ``SHIPANION_TRACE=full`` the trace has the page at
  every step, which makes the tests half as fast.
- **offline(True)** does not close an open WebSocket: it stalls it, and new ones fail. A dropped line is ``line.cut()``.
- **The same person elsewhere**: ``await laptop.token()`` is the token in the profile's cookie, for
  ``tests.support.wire.Wire``, ``httpx`` with ``Authorization``, or ``scene.device("phone", phone=True, like=laptop)``,
  which begins with a copy of its cookies.
- **Long conversations**: ``await scene.long_session(laptop, 10_000)`` makes one in about a second; its id.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, WebError

from tests.support.fault_proxy import FaultProxy
from tests.support.long_log import prolong
from tests.support.server_process import ServerProcess
from tests.support.wire import Wire

__all__ = ["ARGUMENTS", "SCREENS", "Device", "Scene"]

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / ".cache" / "screens"
FAILURES = ROOT / ".cache" / "browser"
TIMEOUT_MS = 10_000

ARGUMENTS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium's own sandbox refuses root
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP shipanion.test 127.0.0.1",
]

DESKTOP: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip

NOISE_OF_FAULTS = re.compile(
    r"net::ERR_|WebSocket connection to .* failed|the server responded with a status of (?:502|503|504)"
)
"""What Chromium says of broken lines and of a server that starts or stops; the page cannot keep it from saying so."""


class Device:
    """One browser profile. Tabs opened in it share cookies, storage and locks."""

    def __init__(self, scene: "Scene", name: str, context: BrowserContext) -> None:
        self.name = name
        self.context = context
        self._scene = scene

    async def open(self, path: str = "/") -> Page:
        """A new tab with the page loaded from the proxy's address."""
        tab = await self.context.new_page()
        await tab.goto(self._scene.url + path)
        return tab

    async def offline(self, offline: bool) -> None:
        """What the browser believes of its network; sockets that are open stall meanwhile."""
        self._scene.disturbed = True
        await self.context.set_offline(offline)

    async def token(self) -> str:
        """The token of the person signed in here, from the cookie that no script can read."""
        cookies = await self.context.cookies(self._scene.url)
        found = [cookie for cookie in cookies if re.fullmatch(r"(?:__Host-)?shipanion-\d+", str(cookie.get("name")))]
        assert len(found) == 1, f"{self.name} is not signed in: {cookies}"
        return str(found[0].get("value"))


class Scene:
    """A server, the line to it, and the devices of a test; see the head of this file.

    Args:
        browser: where devices are made.
        server: running.
        line: the proxy in front of it.
        name: of the test, for what a failure leaves.
        host: the name in the address.
    """

    def __init__(
        self, browser: Browser, server: ServerProcess, line: FaultProxy, name: str, host: str = "127.0.0.1"
    ) -> None:
        self.host = host
        self.server = server
        self.line = line
        self.devices: list[Device] = []
        self.disturbed = False
        """Whether the test broke something by other means than the line."""
        self._browser = browser
        self._leavings = FAILURES / re.sub(r"[^\w.-]+", "_", name)
        self._allowed: list[str] = []
        self._errors: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.line.port}"

    # --- the browser ----------------------------------------------------------------------------------------------

    async def device(
        self, name: str = "laptop", *, phone: bool = False, dark: bool = False, like: Device | None = None, **more: Any
    ) -> Device:
        """A new browser profile.

        Args:
            name: for messages and traces.
            phone: small, touched, twice as dense.
            dark: whether its person prefers dark colours.
            like: a device whose cookies it starts with: the same person, without having to sign in.
            more: options of playwright's ``Browser.new_context``, for instance ``reduced_motion="reduce"``.
        """
        options = {**(PHONE if phone else DESKTOP), "color_scheme": "dark" if dark else "light", **more}
        context = await self._browser.new_context(**options)
        context.set_default_timeout(TIMEOUT_MS)
        if like is not None:
            # The two forms of a cookie that playwright takes and gives differ in name only.
            await context.add_cookies(await like.context.cookies(self.url))  # type: ignore[arg-type]
        context.on("console", lambda message: self._said(name, message))
        context.on("weberror", lambda error: self._broke(name, error))
        await context.tracing.start(snapshots=os.environ.get("SHIPANION_TRACE") == "full")
        device = Device(self, name, context)
        self.devices.append(device)
        return device

    async def shot(self, tab: Page, name: str, *, full_page: bool = False) -> Path:
        """A picture of a tab at rest, as ``.cache/screens/NAME.png``; its path."""
        path = SCREENS / f"{name}.png"
        await tab.screenshot(path=path, full_page=full_page, animations="disabled", caret="hide")
        return path

    # --- the server -----------------------------------------------------------------------------------------------

    async def kill_server(self) -> None:
        """``kill -9``."""
        self.disturbed = True
        await asyncio.to_thread(self.server.kill9)

    async def start_server(self) -> None:
        """Start it again, on the same data and port."""
        await asyncio.to_thread(self.server.start)

    async def restart_server(self) -> None:
        """``kill -9``, and start it again on the same data and port."""
        await self.kill_server()
        await self.start_server()

    async def long_session(self, device: Device, events: int) -> str:
        """A session of the person on ``device`` with ``events`` events; its id. The server is restarted for it."""
        token = await device.token()
        async with Wire.open(self.server.socket_url, token, new=f"long-{events}") as wire:
            session_id = str(wire.welcome["session_id"])
        await self.kill_server()
        await prolong(self.server.file, session_id, events)
        await self.start_server()
        return session_id

    # --- what must not be -----------------------------------------------------------------------------------------

    def allow(self, text: str) -> None:
        """Do not count console errors and exceptions that hold ``text``: this test is about them."""
        self._allowed.append(text)

    def errors(self) -> list[str]:
        """What went wrong in the tabs so far and is not allowed."""
        return [error for error in self._errors if not any(text in error for text in self._allowed)]

    def _said(self, device: str, message: ConsoleMessage) -> None:
        if message.type != "error" or ((self.disturbed or self.line.faults) and NOISE_OF_FAULTS.search(message.text)):
            return
        where = message.location.get("url", "")
        self._errors.append(f"{device}: {message.text} ({where})")

    def _broke(self, device: str, error: WebError) -> None:
        self._errors.append(f"{device}: not caught: {error.error.stack or error.error.message}")

    # --- the end --------------------------------------------------------------------------------------------------

    async def close(self, failed: bool) -> None:
        """Close all devices. After a failure their traces, and pictures of their tabs, are kept."""
        keep = failed or bool(self.errors())
        for device in self.devices:
            for number, tab in enumerate(device.context.pages if keep else [], 1):
                await tab.screenshot(path=self._leavings / f"{device.name}-{number}.png", timeout=TIMEOUT_MS)
            trace = self._leavings / f"{device.name}.zip"
            await (device.context.tracing.stop(path=trace) if keep else device.context.tracing.stop())
            await device.context.close()
