"""Where labels are bought in tests: a server that costs money and dies as planned, and the book it is held against.

with EasyPostDouble("production") as double, BuyingStart() as start:
    shop = Shop(tmp_path, double.url, start)
    with shop.server:
        shop.plan("kill buy.claim.after", "kill find.before")
"""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

from shipanion.stores.base import EffectRow
from shipanion.stores.sqlite import SqliteStore
from tests.support.buying_server import PLAN, SETTINGS
from tests.support.server_process import ServerProcess, StartFailed
from tests.support.warm_start import WarmStart

__all__ = ["BuyingStart", "Shop"]


class BuyingStart(WarmStart):
    """Starts such servers; see ``WarmStart``."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.buying_server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self


class Shop:
    """One such server on a folder of data, and its plan.

    Args:
        folder: for data, logs and plan.
        url: the double's; None for the rate card, with which no money moves.
        start: starts it.
        timeout: seconds that the carrier's client waits for one answer.
        seconds: how long one question or purchase may take altogether.
        patience: how long after that a purchase may still turn up.
        valid_seconds: how long quotes hold.
    """

    def __init__(
        self, folder: Path, url: str | None, start: BuyingStart, *, timeout: float = 0.5, seconds: float = 0.8,
        patience: float = 0.3, valid_seconds: int = 900,
    ) -> None:  # fmt: skip
        self.patience = seconds + patience
        """Seconds after which a no that is read counts."""
        self._plan = folder / "plan"
        told = {
            "url": url, "timeout": timeout, "seconds": seconds, "patience": patience, "valid_seconds": valid_seconds,
        }  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        environment = {PLAN: str(self._plan), SETTINGS: json.dumps(told)}
        self.server = ServerProcess(folder, rate_limits=False, environment=environment, launch=start.launch)

    def plan(self, *lines: str) -> None:
        """What happens from now on, in this order; see ``buying_server``. Without a line nothing does."""
        draft = self._plan.with_suffix(".draft")
        draft.write_text("".join(f"{line}\n" for line in lines))
        draft.replace(self._plan)

    @property
    def planned(self) -> list[str]:
        """What of the plan has not happened yet."""
        return self._plan.read_text().splitlines() if self._plan.exists() else []

    @property
    def running(self) -> bool:
        """Whether it was started, and its end not been seen yet."""
        try:
            return bool(self.server.pid)
        except AssertionError:
            return False

    async def died(self, within: float = 15.0) -> None:
        """Wait for the death that was planned (Linux)."""
        assert await asyncio.to_thread(self._dies, within), f"still to happen: {self.planned}\n{self.server.log()}"
        assert self.server.gone(10) == -signal.SIGKILL, self.server.log()

    def _dies(self, within: float) -> bool:
        # The starter can be asked for one thing at a time, so nothing is left waiting there.
        stat, end = Path(f"/proc/{self.server.pid}/stat"), time.monotonic() + within
        while (dead := stat.read_text().rpartition(")")[2].split()[0] == "Z") is False and time.monotonic() < end:
            time.sleep(0.005)
        return dead

    async def up(self) -> None:
        """Start it, and again after each death that is planned still."""
        while True:
            planned = self.planned
            try:
                await asyncio.to_thread(self.server.start)
            except (StartFailed, httpx.HTTPError):
                with suppress(AssertionError):  # it was missed already
                    self.server.gone(10)
                assert self.server.last_exit == -signal.SIGKILL, self.server.log()
                continue
            if not planned:
                return
            await self.died()

    async def ledger(self) -> list[EffectRow]:
        """Every row, oldest first."""
        store = SqliteStore(self.server.file, serve=False)
        await store.open()
        try:
            rows = await store.effects(statuses=("claimed", "unknown", "settled", "failed"), limit=10_000)
        finally:
            await store.close()
        return rows[::-1]
