"""Scripted Bob's answers to what is not about figures: a table, the first line that fits answers.

Each line has an intent of the grammar and a function of the shared state, of what is known of the parcel, and of
the summary. To answer something new, teach the grammar its words (``shipping/language/lexicon``) and add a line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shipanion.agent.sentences import ABLE, ABROAD, CARRIERS, LIMITS, ONLY_QUOTES, caution, missing, next_question
from shipanion.shipping import money
from shipanion.shipping.grammar import Choice, Reading
from shipanion.shipping.quotes import NO_PICKUPS

__all__ = ["Scene", "small_talk"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What an answer may depend on."""

    reading: Reading
    state: dict[str, Any]
    details: dict[str, Any]
    summary: str | None

    @property
    def quoted(self) -> bool:
        return bool(self.state.get("quotes"))

    @property
    def asking_on(self) -> str:
        """The next question, where something is missing."""
        return f" {next_question(self.details)}" if missing(self.details) else ""


def _summary(scene: Scene) -> str:
    return scene.summary or f"Nothing yet. {next_question(scene.details)}"


def _choice(scene: Scene) -> str:
    if not scene.quoted:
        return f"There are no quotes to choose from yet. {next_question(scene.details)}"
    quotes = scene.state["quotes"]
    quote = _meant(quotes, scene.reading.choice)
    if quote is None:
        return f"I have {len(quotes)} quotes here, and that is none of them. {ONLY_QUOTES}"
    return f"{_told(quote)}. {'' if scene.reading.question else ONLY_QUOTES}".rstrip()


def _meant(quotes: list[dict[str, Any]], choice: Choice | None) -> dict[str, Any] | None:
    """The quote of the shared state that a choice names; None where there is no such."""
    if choice is None:
        return None
    if choice.by == "cost":
        return min(quotes, key=lambda quote: (quote["cost"], quote["transit_days"]))
    if choice.by == "speed":
        return min(quotes, key=lambda quote: (quote["transit_days"], quote["cost"]))
    if choice.by == "service":
        return next((quote for quote in quotes if quote["service"] == choice.value), None)
    place = int(choice.value or 0)
    return quotes[place - 1 if place > 0 else -1] if place <= len(quotes) else None


def _told(quote: dict[str, Any]) -> str:
    price = money.text(money.from_dollars(quote["cost"]))
    return f"{quote['carrier']} {quote['service']} for {price}, usually {quote['eta']}"


def _buy(scene: Scene) -> str:
    return ONLY_QUOTES if scene.quoted else f"I can only quote for now; I cannot buy a label.{scene.asking_on}"


def _time(scene: Scene) -> str:
    quotes = scene.state.get("quotes") or []
    if quotes:
        days = ", ".join(f"{quote['carrier']} {quote['service']} in {quote['eta']}" for quote in quotes)
        return f"Usually, but not promised: {days}."
    return f"It depends on the route and the service: usually 1 to 5 days, not promised.{scene.asking_on}"


def _track(scene: Scene) -> str:
    label = scene.state.get("label") or {}
    if label.get("tracking_number"):
        return f"I cannot look up where it is. Its tracking number is {label['tracking_number']}."
    return f"There is no label yet, so there is nothing to track.{scene.asking_on}"


def _greeting(scene: Scene) -> str:
    if scene.summary:
        return f"Hello. We have this so far:\n{scene.summary}"
    return f"Hello, I am Bob. {ABLE}"


ANSWERS: Final[tuple[tuple[str, Callable[[Scene], str]], ...]] = (
    ("summary", _summary),
    ("abroad", lambda scene: f"{ABROAD}{scene.asking_on}"),
    ("pickup", lambda scene: f"{NO_PICKUPS}{scene.asking_on}"),
    ("goods", lambda scene: f"{caution(scene.reading.goods)}{scene.asking_on}"),
    ("carriers", lambda scene: f"{CARRIERS}{scene.asking_on}"),
    ("track", _track),
    ("limits", lambda scene: f"{LIMITS}{scene.asking_on}"),
    ("time", _time),
    ("choice", _choice),
    ("help", lambda _: ABLE),
    ("buy", _buy),
    ("quote", lambda scene: next_question(scene.details)),
)
"""Intent → answer; the first of these that was heard counts, and a plain yes or no comes after all of them."""

AFTER_YES_AND_NO: Final[tuple[tuple[str, Callable[[Scene], str]], ...]] = (
    ("thanks", lambda _: "You are welcome."),
    ("greeting", _greeting),
)


def small_talk(scene: Scene) -> str:
    """The answer to a message without figures."""
    for intent, answer in ANSWERS:
        if intent in scene.reading.intents:
            return answer(scene)
    if scene.reading.answer is not None:
        if scene.quoted:
            return ONLY_QUOTES
        question = next_question(scene.details)
        return question if scene.reading.answer == "yes" else f"All right. {question}"
    for intent, answer in AFTER_YES_AND_NO:
        if intent in scene.reading.intents:
            return answer(scene)
    return f"I did not understand that. {ABLE}"
