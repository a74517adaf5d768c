"""Scripted Bob's answers to what is neither about figures nor to be done: a table, the first line that fits answers.

Each line has an intent of the grammar and a function of the shared state, of what is known of the parcel, and of
the summary. To answer something new, teach the grammar its words (``shipping/language/lexicon``) and add a line.
What is asked, and not wished, stands here too: "can you void it?" voids nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shipanion.agent.buying import meant
from shipanion.agent.label_sentences import ASKS_FIRST, WHICH, confirming, made, quote_told
from shipanion.agent.sentences import ABLE, ABROAD, CARRIERS, LIMITS, caution, missing, next_question
from shipanion.shipping.grammar import Reading
from shipanion.shipping.quotes import NO_PICKUPS
from shipanion.shipping.shipment import chosen_quote

__all__ = ["AFTERWARDS", "ANSWERS", "Scene", "small_talk"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What an answer may depend on."""

    reading: Reading
    state: dict[str, Any]
    details: dict[str, Any]
    summary: str | None
    text: str = ""

    @property
    def asking_on(self) -> str:
        """The next question, where something is missing."""
        return f" {next_question(self.details)}" if missing(self.details) else ""


def _summary(scene: Scene) -> str:
    return scene.summary or f"Nothing yet. {next_question(scene.details)}"


def _choice(scene: Scene) -> str:
    quotes = scene.state.get("quotes") or []
    if not quotes:
        return f"There are no quotes to choose from yet. {next_question(scene.details)}"
    quote = meant(quotes, scene.reading.choice)
    if quote is None:
        return f"I have {len(quotes)} quotes here, and that is none of them."
    chosen = chosen_quote(scene.state)
    if chosen is None or not _IS_THAT.match(scene.text):
        return f"{quote_told(quote)}."
    if chosen["id"] == quote["id"]:
        return f"Yes. {quote_told(quote)}."
    return f"No. Chosen is {quote_told(chosen)}; what you ask about is {quote_told(quote)}."


_IS_THAT: Final = re.compile(r"\W*(?:(?:and|so|but|ok(?:ay)?|hmm)\W+)*is (?:that|this|it|mine)\b", re.IGNORECASE)


def _buy(scene: Scene) -> str:
    if scene.state.get("label"):
        return made(scene.state["label"], already=True)
    if scene.state.get("purchase"):
        return confirming(scene.state["purchase"])
    if not scene.state.get("quotes"):
        return f"Yes, once there are quotes. {next_question(scene.details)}"
    how = 'Say "buy it".' if scene.state.get("chosen") else WHICH
    return f"Yes. {how} {ASKS_FIRST}"


def _void(scene: Scene) -> str:
    if not scene.state.get("labels"):
        return f"Once there is a label, yes.{scene.asking_on}"
    return f'Yes, a label that was not used can be taken back. Say "void it". {ASKS_FIRST}'


def _time(scene: Scene) -> str:
    quotes = scene.state.get("quotes") or []
    one = meant(quotes, scene.reading.choice) or (None if _ALL.search(scene.text) else chosen_quote(scene.state))
    if one is not None:
        return f"Usually, but not promised: {one['carrier']} {one['service']} in {one['eta']}."
    if quotes:
        days = ", ".join(f"{quote['carrier']} {quote['service']} in {quote['eta']}" for quote in quotes)
        return f"Usually, but not promised: {days}."
    return f"It depends on the route and the service: usually 1 to 5 days, not promised.{scene.asking_on}"


_ALL: Final = re.compile(r"\b(?:each|every|all|others?|rest|they|options|services)\b", re.IGNORECASE)


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
    ("limits", lambda scene: f"{LIMITS}{scene.asking_on}"),
    ("time", _time),
    ("choice", _choice),
    ("help", lambda _: ABLE),
    ("void", _void),
    ("buy", _buy),
    ("another", lambda _: 'Yes. Say "another parcel" and I begin with that one; what I know of this one goes.'),
    ("quote", lambda scene: next_question(scene.details)),
)
"""Intent → answer; the first of these that was heard counts, and a plain yes or no comes after all of them."""

AFTERWARDS: Final[tuple[tuple[str, Callable[[Scene], str]], ...]] = (
    ("thanks", lambda _: "You are welcome."),
    ("greeting", _greeting),
)
"""What counts only where nothing else was said, not even a yes or a no."""


def small_talk(scene: Scene, table: tuple[tuple[str, Callable[[Scene], str]], ...] = ANSWERS) -> str | None:
    """The answer to a message without figures by one of the tables; None where no line of it fits."""
    return next((answer(scene) for intent, answer in table if intent in scene.reading.intents), None)
