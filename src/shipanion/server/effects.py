"""The effects of one session that this process does or asks about: claim, perform, settle, and never twice.

    claimed ──perform──▶ settled | failed            the other end said so
       │                    ▲
       └────────▶ unknown ──┘ reconcile              nobody knows: asked again and again, never done again

An effect belongs to the server: no socket, turn or stop cancels it. Its claim is committed before anything leaves the
process; when the process dies the next one takes the claim over (its fence rises, so that the old one can settle
nothing) and begins by asking outside.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import msgspec
import structlog

from shipanion.protocol.events import EffectChanged, EffectStatus
from shipanion.server.actor import Draft, SessionActor, View
from shipanion.server.awaited import AwaitedWork
from shipanion.server.call import Call, result_of, updates_of
from shipanion.server.domain import Claim, Domain, ToolOutcome
from shipanion.server.effect import Claimed, Done, Effect, NotDone, Outcome, Told, Unsure
from shipanion.stores.base import CallClosed, EffectClaimed, EffectRow, EffectSettled, EffectTaken

__all__ = ["PAUSES", "SessionEffects", "UnderWay"]

PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""How long (s) to wait between two questions about an unknown outcome; the last one from then on."""

FAULT_SECONDS: Final = 30.0
"""How long to wait when an outcome could not be committed because of a fault of our own."""

log = structlog.get_logger(__name__)
_encoder = msgspec.json.Encoder()


class UnderWay:
    """One effect that this process is at. ``since`` (s) is when a call may have left last, by a clock that never
    jumps; for one that was taken over, when that was."""

    def __init__(
        self, effect: Effect, claimed: Claimed, fence: int, status: str, call: Call | None, since: float
    ) -> None:
        self.effect = effect
        self.claimed = claimed
        self.fence = fence
        self.status = status
        self.call = call
        self.since = since
        self.known: asyncio.Event = asyncio.Event()
        """Set when people were told something: it is no longer just claimed."""
        self.task: asyncio.Task[None] | None = None


class SessionEffects:
    """See the top of the file.

    Args:
        actor: the session.
        domain: knows the kinds of effects.
        boot_id: owns the claims of this process.
        ticks: seconds by a clock that never jumps.
    """

    def __init__(self, actor: SessionActor, domain: Domain, boot_id: str, ticks: Callable[[], float]) -> None:
        self.pauses: tuple[float, ...] = PAUSES
        self._actor = actor
        self._domain = domain
        self._boot_id = boot_id
        self._ticks = ticks
        self._under_way: dict[str, UnderWay] = {}

    def __iter__(self) -> Iterator[UnderWay]:
        return iter(tuple(self._under_way.values()))

    def __len__(self) -> int:
        return len(self._under_way)

    def knows(self, effect_id: str) -> bool:
        """Whether this process is at it."""
        return effect_id in self._under_way

    def claim(self, claim: Claim, now: int, *, call_id: str | None = None) -> tuple[EffectChanged, EffectClaimed]:
        """The event and the row of a claim, to be committed together. Then ``begin``."""
        event = EffectChanged(
            effect_id=claim.effect_id, kind=claim.kind, status="claimed", say=claim.say, data=claim.data,
            patch=claim.patch,
        )  # fmt: skip
        row = EffectClaimed(
            effect_id=claim.effect_id, intent=claim.intent, kind=claim.kind, owner=self._boot_id,
            request=_encoder.encode(claim.request), at=now, call_id=call_id,
        )  # fmt: skip
        return event, row

    def begin(self, row: EffectClaimed, call: Call | None = None) -> None:
        """The claim is committed: perform it. Its outcome answers ``call``."""
        claimed = Claimed(
            session_id=self._actor.session_id, effect_id=row.effect_id, intent=row.intent,
            request=msgspec.json.decode(row.request), at=row.at,
        )  # fmt: skip
        self._start(row.kind, claimed, 1, "claimed", call, self._perform)

    def take_over(self, row: EffectRow, call: Call | None = None) -> None:
        """An effect that nobody is at: find out what became of it."""
        claimed = Claimed(
            session_id=row.session_id, effect_id=row.effect_id, intent=row.intent,
            request=msgspec.json.decode(row.request), at=row.at,
        )  # fmt: skip
        self._start(row.kind, claimed, row.fence, row.status, call, self._take)

    async def told_of(self, effect_id: str, seconds: float) -> None:
        """Wait until something can be said of an effect under way, ``seconds`` at most."""
        found = self._under_way.get(effect_id)
        if found is not None:
            try:
                async with asyncio.timeout(seconds):
                    await found.known.wait()
            except TimeoutError:
                pass

    def meanwhile(self, call_id: str) -> ToolOutcome | None:
        """What a call is told whose effect goes on without it; None for a call that has none."""
        for under_way in self:
            if under_way.call is not None and under_way.call.call_id == call_id:
                under_way.call = None
                situation = self._actor.situation("agent")
                return under_way.effect.told(situation, under_way.claimed, Unsure(message="the turn is over")).result
        return None

    def performing(self) -> list[asyncio.Task[None]]:
        """The tasks of what is being done just now; those that only ask about an unknown outcome are not among them."""
        return [task for under_way in self if under_way.status == "claimed" and (task := under_way.task) is not None]

    async def stop(self) -> None:
        """Let go of everything; whatever is claimed or unknown is taken over by the next process."""
        tasks = [under_way.task for under_way in self if under_way.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- one effect, from its claim to its end --------------------------------------------------------------------

    def _start(
        self, kind: str, claimed: Claimed, fence: int, status: str, call: Call | None,
        run: Callable[[UnderWay], Awaitable[None]],
    ) -> None:  # fmt: skip
        if claimed.effect_id in self._under_way:
            return
        under_way = UnderWay(self._domain.effects[kind], claimed, fence, status, call, self._ticks())
        self._under_way[claimed.effect_id] = under_way
        self._actor.hold()
        under_way.task = asyncio.create_task(self._run(under_way, run))

    async def _run(self, under_way: UnderWay, run: Callable[[UnderWay], Awaitable[None]]) -> None:
        try:
            await run(under_way)
        except Exception:
            log.exception("an effect was left as it stands", effect_id=under_way.claimed.effect_id)
        finally:
            under_way.known.set()
            del self._under_way[under_way.claimed.effect_id]
            self._actor.let_go()

    async def _perform(self, under_way: UnderWay) -> None:
        await self._conclude(under_way, await self._ask(under_way, under_way.effect.perform))

    async def _take(self, under_way: UnderWay) -> None:
        """Take over a claim: from here on its former owner, should it still live, can settle nothing."""
        if not await self._renew(under_way, begun=False):
            return
        outcome = await self._read(under_way)
        never_known = isinstance(outcome, _NotYet) and under_way.status == "claimed"
        if never_known and under_way.effect.may_resend(under_way.claimed, self._actor.now()):
            if not await self._renew(under_way, begun=True):
                return
            outcome = await self._ask(under_way, under_way.effect.perform)
            if isinstance(outcome, NotDone):
                # That is about this call. The one that the dead process made may still land.
                outcome = _NotYet(message=f"refused when sent again ({outcome.message})")
        await self._conclude(under_way, outcome)

    async def _conclude(self, under_way: UnderWay, outcome: Outcome) -> None:
        """Commit what is known, and while nobody knows ask again."""
        asked = 0
        while isinstance(outcome, Unsure):
            log.info("an outcome is not known yet", effect_id=under_way.claimed.effect_id, why=outcome.message)
            if under_way.status != "unknown" and not await self._settle(under_way, outcome):
                return
            await asyncio.sleep(self.pauses[min(asked, len(self.pauses) - 1)])
            asked += 1
            outcome = await self._read(under_way)
        await self._settle(under_way, outcome)

    async def _read(self, under_way: UnderWay) -> Outcome:
        """Ask outside what became of it. "Not done" counts if nothing could be on its way any more *when it was
        asked*: an answer may take its time, and a late purchase may land while it does."""
        waited = self._ticks() - under_way.since
        read = await self._ask(under_way, under_way.effect.reconcile)
        if isinstance(read, NotDone) and waited * 1000 < under_way.effect.patience_ms:
            return _NotYet(message=f"not done as of now ({read.message})")
        return read

    async def _ask(self, under_way: UnderWay, ask: Callable[[Claimed], Awaitable[Outcome]]) -> Outcome:
        try:
            async with asyncio.timeout(under_way.effect.seconds):
                return await ask(under_way.claimed)
        except TimeoutError:
            return Unsure(message="no answer in time")
        except Exception as error:
            log.warning("an effect raised", effect_id=under_way.claimed.effect_id, exc_info=True)
            return Unsure(message=repr(error))

    # --- commits --------------------------------------------------------------------------------------------------

    async def _renew(self, under_way: UnderWay, *, begun: bool) -> bool:
        """Raise the fence; with ``begun`` the effect is about to be performed anew. False: it is somebody else's."""
        at = self._actor.now() if begun else None
        claimed = under_way.claimed
        take = EffectTaken(effect_id=claimed.effect_id, fence=under_way.fence, owner=self._boot_id, at=at)
        if await _Take(take).written(self._actor) is not None:
            return False
        under_way.fence += 1
        if at is not None:
            under_way.claimed = msgspec.structs.replace(claimed, at=at)
            under_way.since = self._ticks()
        return True

    async def _settle(self, under_way: UnderWay, outcome: Outcome) -> bool:
        """Commit an outcome; False when the effect is somebody else's by now."""
        while True:
            settle = _Settle(under_way, outcome)
            code = await settle.written(self._actor)
            if code == "closed":
                under_way.call = None  # the call was closed meanwhile: the effect ends without it
            elif code == "bad_request":
                log.error("an outcome could not be committed", effect_id=under_way.claimed.effect_id)
                await asyncio.sleep(FAULT_SECONDS)
            else:
                break
        call, under_way.call = under_way.call, None
        if code is None:
            under_way.status = settle.status
            under_way.known.set()
        if call is not None:
            call.finished(settle.told.result if code is None else None)
        return code is None


class _NotYet(Unsure, frozen=True, kw_only=True):
    """The other end knows nothing of it, at a time when something may still be on its way."""


class _Take(AwaitedWork):
    """The work that takes an effect over."""

    def __init__(self, take: EffectTaken) -> None:
        super().__init__()
        self._take = take

    def decide(self, view: View) -> Draft:
        return Draft(effect=self._take)


_STATUS: Final[dict[type, EffectStatus]] = {
    Done: "settled", NotDone: "failed", Unsure: "unknown", _NotYet: "unknown",
}  # fmt: skip


class _Settle(AwaitedWork):
    """The work that commits what became of an effect, and with it the result of the call that waits for it."""

    def __init__(self, under_way: UnderWay, outcome: Outcome) -> None:
        super().__init__()
        self.status = _STATUS[type(outcome)]
        self.told: Told
        self._under_way = under_way
        self._outcome_of = outcome

    def decide(self, view: View) -> Draft:
        under_way, outcome, call = self._under_way, self._outcome_of, self._under_way.call
        self.told = told = under_way.effect.told(view.situation("agent"), under_way.claimed, outcome)
        changed = EffectChanged(
            effect_id=under_way.claimed.effect_id, kind=under_way.effect.kind, status=self.status, say=told.say,
            data=told.data, patch=told.patch,
        )  # fmt: skip
        value: Any = outcome.value if isinstance(outcome, Done) else {"message": outcome.message}
        return Draft(
            events=(changed, *(() if call is None else (result_of(call, told.result),)), *updates_of(told.result)),
            effect=EffectSettled(
                effect_id=under_way.claimed.effect_id, fence=under_way.fence, status=self.status,
                outcome=_encoder.encode(value), releases=told.releases,
            ),
            documents=outcome.documents if isinstance(outcome, Done) else (),
            call=None if call is None else CallClosed(call_id=call.call_id, event=1),
            bounded=False,
        )  # fmt: skip
