"""A server whose carrier is the EasyPost double, so that labels cost money, and which dies where it is told to.

It is composed as ``shipanion serve`` composes it; only this composition root knows of the points. A plan holds for as
many deaths as it has lines: the process strikes a line out before it dies of it, so the next life goes on with the
rest. A line is ``kill POINT``; ``jump POINT``: the clock is put forward by ``JUMP_MS``; or ``late POINT``, for an
``after`` of a step: nobody hears of the commit for ``LATE_SECONDS``. Points, for KIND ``buy`` and ``void``:

    KIND.claim.before  .in  .after      the step with the claim: not handed to the store yet; its row written and not
    KIND.take.…                         committed; committed and nobody told. ``take``: a claim taken over from the
    KIND.doubt.…                        dead or begun anew; ``doubt``: nobody knows the outcome; ``settle``: the
    KIND.settle.…                       outcome
    buy.before  .after                  nothing has left for the carrier yet; the carrier's answer is here. The same
                                        for ``void``, ``find``, ``find_void`` and ``quote``
"""

import argparse
import asyncio
import gc
import json
import os
import runpy
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import uvloop

import shipanion.cli
from shipanion.agent.brain import Brain, Context
from shipanion.app import build, logs
from shipanion.app.purchasing import Purchasing
from shipanion.app.settings import Settings
from shipanion.app.voiding import Voiding
from shipanion.server import effects, node, watch
from shipanion.shipping import places
from shipanion.shipping.purchase import Bought, Order, PurchaseOutcome, VoidOutcome
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.stores import sqlite_effects
from shipanion.stores.base import (
    Done,
    EffectClaimed,
    EffectSettled,
    EffectTaken,
    EffectWrite,
    Result,
    SessionStore,
    Step,
)
from tests.support.double_carrier import DoubleCarrier

__all__ = ["PLAN", "SETTINGS"]

T = TypeVar("T")

PLAN: Final = "BUYING_PLAN"
"""The variable that names the file with the plan."""

SETTINGS: Final = "BUYING_SETTINGS"
"""The variable with the rest, as JSON: see ``Shop``."""

JUMP_MS: Final = 3_600_000

IN_SECONDS: Final = 0.15
"""How long a commit stands still before it dies: what did not wait for it has left by then."""

LATE_SECONDS: Final = 1.5
"""Longer than the time between two rounds of the server's watch."""

PAUSES: Final = (0.05, 0.1, 0.2)
"""Seconds between two questions about an unknown outcome."""


_ahead = [0]
"""How far the clock was put forward (ms)."""


def _now() -> int:
    return time.time_ns() // 1_000_000 + _ahead[0]


def _at(point: str) -> bool:
    """Do what is next in the plan, if that is to happen here; whether it is to be late. Called on any thread."""
    plan = Path(os.environ[PLAN])
    with suppress(FileNotFoundError):
        first, *rest = plan.read_text().splitlines() or [""]
        deed, _, where = first.partition(" ")
        if where == point:
            draft = plan.with_suffix(".struck")
            draft.write_text("".join(f"{line}\n" for line in rest))
            draft.replace(plan)
            if deed == "kill":
                if point.endswith(".in"):
                    time.sleep(IN_SECONDS)
                os.kill(os.getpid(), signal.SIGKILL)
            elif deed == "jump":
                _ahead[0] += JUMP_MS
            return deed == "late"
    return False


def _name(write: EffectWrite) -> str:
    kind = "void" if write.effect_id.startswith("void-") else "buy"
    match write:
        case EffectClaimed():
            return f"{kind}.claim"
        case EffectTaken():
            return f"{kind}.take"
        case EffectSettled(status="unknown"):
            return f"{kind}.doubt"
        case EffectSettled():
            return f"{kind}.settle"


def _watched(store: SessionStore) -> None:
    """Put the points around the commits of the ledger."""
    submit, write_effect = store.submit, sqlite_effects.write_effect

    def watched_submit(steps: Sequence[Step], done: Done) -> None:
        names = [_name(step.effect) for step in steps if step.effect is not None]
        for name in names:
            _at(f"{name}.before")

        def told(results: Sequence[Result]) -> None:
            late = [_at(f"{name}.after") for name in names]
            if any(late):
                asyncio.get_running_loop().call_later(LATE_SECONDS, done, results)
            else:
                done(results)

        submit(steps, told)

    def watched_write(cursor: Any, key: int, write: EffectWrite) -> None:
        write_effect(cursor, key, write)
        _at(f"{_name(write)}.in")

    setattr(store, "submit", watched_submit)  # noqa: B010 - a method is no attribute to mypy
    sqlite_effects.write_effect = watched_write


class _WatchedCarrier(DoubleCarrier):
    """The carrier, with points before and after each call."""

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        return await self._watched("quote", super().quote(request, anchor))

    async def buy(self, order: Order) -> PurchaseOutcome:
        return await self._watched("buy", super().buy(order))

    async def find(self, order: Order) -> PurchaseOutcome:
        # ``buy`` asks by this, too, when it is told that there is a label.
        return await self._watched("find", super().find(order))

    async def void(self, order: Order, bought: Bought) -> VoidOutcome:
        return await self._watched("void", super().void(order, bought))

    async def find_void(self, order: Order, bought: Bought) -> VoidOutcome:
        return await self._watched("find_void", super().find_void(order, bought))

    async def _watched(self, name: str, call: Awaitable[T]) -> T:
        try:
            _at(f"{name}.before")
            return await call
        finally:
            _at(f"{name}.after")


class _QuietBob:
    """Says a word to everything: what the ledger does is not his to do."""

    async def turn(self, context: Context, user_text: str) -> AsyncIterator[str]:
        yield "I see."


def _main() -> None:
    """What a started server does in place of ``shipanion serve``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    for option in ("--host", "--port", "--store", "--data"):
        parser.add_argument(option)
    given = vars(parser.parse_args())
    del given["command"]
    given["port"] = int(given["port"])
    told = json.loads(os.environ[SETTINGS])
    for effect in (Purchasing, Voiding):
        effect.seconds = told["seconds"]
    replaced = ((effects, "PAUSES", PAUSES), (watch, "EFFECTS_TICKS", 1), (node, "wall_clock", _now))
    for module, name, value in replaced:
        setattr(module, name, value)
    carrier = None
    if told["url"] is not None:
        carrier = _WatchedCarrier(
            told["url"], timeout=told["timeout"], patience_seconds=told["patience"], valid_seconds=told["valid_seconds"]
        )
    logs.configure()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Settings.load(**given), carrier, _QuietBob()))


async def _serve(settings: Settings, carrier: DoubleCarrier | None, brain: Brain) -> None:
    listening = build.listen(settings)
    application = build.compose(settings, carrier=carrier, brain=brain)
    _watched(application.node.store)
    try:
        await application.start()
        host, port = listening.getsockname()[:2]
        sys.stdout.write(f"running at http://{host}:{port}\n")
        sys.stdout.flush()
        await build.Server(application, build.configuration(application)).serve(sockets=[listening])
    finally:
        await application.stop()
        listening.close()


if __name__ == "__main__":
    places.preload()  # half a second that no start needs to take
    gc.freeze()  # what is here already is not gone through again, nor copied for that, in any child
    main: Callable[[], None] = _main
    shipanion.cli.main = main
    runpy.run_module("tests.support.warm_start", run_name="__main__")
