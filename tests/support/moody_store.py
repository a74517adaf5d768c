"""A real store that can be told not to answer, or to answer late: what a full or locked disk looks like."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import Done, SessionStore, Step, Unavailable

__all__ = ["MoodyStore"]

_READS = {
    "approvals_due",
    "devices",
    "document",
    "effect",
    "effects",
    "effects_open",
    "events",
    "events_before",
    "heads",
    "load",
    "result_of",
    "turn",
}


class MoodyStore:
    """Passes everything on to ``real``, except what the test's mood forbids."""

    def __init__(self, real: SessionStore) -> None:
        self.real = real
        self.refuses: Callable[[Step], bool] = lambda step: False
        """Steps that get ``Unavailable`` and are not written. The others of the same list are."""
        self.mute = False
        """Reads raise ``StoreUnavailable``."""
        self.submitted: list[list[Step]] = []
        self.held: list[Callable[[], None]] | None = None
        """While a list: submissions wait in it until the test runs them."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if self.mute and name in _READS:
            raise StoreUnavailable("The disk is full.")
        return found

    def submit(self, steps: Sequence[Step], done: Done) -> None:
        self.submitted.append(list(steps))
        if self.held is not None:
            self.held.append(lambda: self._submit(steps, done))
        else:
            self._submit(steps, done)

    def _submit(self, steps: Sequence[Step], done: Done) -> None:
        refused = [self.refuses(step) for step in steps]
        passed = [step for step, no in zip(steps, refused, strict=True) if not no]

        def answered(results: Sequence[Any]) -> None:
            rest = iter(results)
            done([Unavailable(message="The disk is full.") if no else next(rest) for no in refused])

        self.real.submit(passed, answered)

    def release(self) -> None:
        """Run what was held back, in order, and hold nothing any more."""
        held, self.held = self.held or [], None
        for run in held:
            run()

    @classmethod
    def over(cls, real: SessionStore) -> "tuple[MoodyStore, SessionStore]":
        """The wrapper, and the same under the port's type."""
        moody = cls(real)
        return moody, cast("SessionStore", moody)
