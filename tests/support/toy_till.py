"""A till in the shop around the corner: the outside world of the toy domain, with a book of its own.

It outlives the server (a new ``Room`` may be given the same till), takes money at most once per reference, and can be
told to misbehave.
"""

from typing import Any, Literal

from shipanion.server.domain import Situation, ToolOutcome, Update
from shipanion.server.effect import Claimed, Done, NotDone, Outcome, Told, Unsure
from tests.support.latch import Latch

__all__ = ["Mood", "Till"]

Mood = Literal["pays", "refuses", "silent", "deaf", "late"]


class Till:
    """An ``Effect`` of the kind ``pay``.

    ``mood``: ``pays``; ``refuses`` for good; ``silent`` takes the money and does not answer; ``deaf`` neither takes it
    nor answers; ``late`` does not answer, and takes the money when ``lands`` is called.
    """

    kind = "pay"
    seconds = 5.0
    patience_ms = 60_000

    def __init__(self) -> None:
        self.mood: Mood = "pays"
        self.resends = True
        self.answers = True
        """Whether a question gets an answer."""
        self.desk = Latch(closed=False)
        """Holds whoever pays, before the money is taken."""
        self.exit = Latch(closed=False)
        """Holds whoever paid, before they hear of it."""
        self.questions = Latch(closed=False)
        self.book: list[tuple[str, str]] = []
        """(reference, item) of every payment taken."""
        self.asked: list[tuple[str, str]] = []
        """(``perform`` or ``reconcile``, reference) of everything that came in."""
        self._late: list[Claimed] = []

    def take(self, claimed: Claimed) -> None:
        """Take the money, once per reference."""
        if claimed.effect_id not in [reference for reference, _ in self.book]:
            self.book.append((claimed.effect_id, claimed.request["item"]))

    def lands(self) -> None:
        """What was on its way arrives."""
        for claimed in self._late:
            self.take(claimed)

    # --- Effect ---------------------------------------------------------------------------------------------------

    async def perform(self, claimed: Claimed) -> Outcome:
        self.asked.append(("perform", claimed.effect_id))
        await self.desk.wait()
        if self.mood == "refuses":
            return NotDone(code="no_money", message="The till says no.")
        if self.mood in ("pays", "silent"):
            self.take(claimed)
        elif self.mood == "late":
            self._late.append(claimed)
        await self.exit.wait()
        if self.mood != "pays":
            raise ConnectionResetError("the line to the till broke")
        return Done(value={"item": claimed.request["item"]})

    async def reconcile(self, claimed: Claimed) -> Outcome:
        self.asked.append(("reconcile", claimed.effect_id))
        await self.questions.wait()
        if not self.answers:
            return Unsure(message="the till is closed")
        if claimed.effect_id in [reference for reference, _ in self.book]:
            return Done(value={"item": claimed.request["item"]})
        return NotDone(code="not_paid", message="The till knows nothing of it.")

    def may_resend(self, claimed: Claimed, now: int) -> bool:
        return self.resends

    def told(self, situation: Situation, claimed: Claimed, outcome: Outcome) -> Told:
        item = claimed.request["item"]
        patch: dict[str, Any] = {"paying": None}
        match outcome:
            case Done():
                status, say = "paid", f"{item} is paid."
                patch["paid"] = item
            case NotDone():
                status, say = "refused", outcome.message
            case _:
                status, say = "asking", f"The till is being asked about {item}."
                patch = {"paying": {"effect_id": claimed.effect_id, "status": "unknown"}}
        result = ToolOutcome(
            result={"status": status, "say": say},
            is_error=status == "refused",
            updates=(Update("order_result", {"message": say}),),
        )
        return Told(say=say, result=result, patch=patch, data={"item": item})
