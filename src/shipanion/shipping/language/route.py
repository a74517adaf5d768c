"""Rules for where a parcel comes from and goes to."""

from typing import Literal

from shipanion.shipping.language.lexicon import (
    DESTINATION_NOUNS,
    DESTINATION_WORDS,
    INFINITIVE_LEADS,
    ORIGIN_NOUNS,
    ORIGIN_WORDS,
    VERBS,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import Token

__all__ = ["Route"]

# Words between a role word and its ZIP: "to my mom in New York".
_REACH = 6


class Route:
    """The ZIP codes of a sentence by role: ``origin``, ``destination``, and ``loose`` ones without.

    A role word ("from", "to") waits for the ZIP that follows it within a few words; an arrow or "to" between
    two ZIPs makes the first one the origin. Ambiguous: ``zip_role``, ``origin_twice``, ``destination_twice``,
    ``change_from_to``; the ZIPs concerned are then loose.
    """

    def __init__(self, said: Sentence) -> None:
        self._said = said
        self.loose: list[str] = []
        self.origin: str | None = None
        self.destination: str | None = None
        self.any = False
        self._origins: list[str] = []
        self._destinations: list[str] = []
        self._waiting: Literal["origin", "destination"] | None = None
        self._by_noun = False
        self._reach = 0
        # The ZIP without a role just before "to" or an arrow: the origin, once a destination follows.
        self._before_joint: str | None = None
        self._last_loose: str | None = None
        for at in range(len(said.tokens)):
            self._see(at)
        self._settle()

    def _see(self, at: int) -> None:
        token = self._said.tokens[at]
        if at in self._said.taken:
            self._waiting = None
        elif token.kind == "number" and token.zip:
            self._place(token.zip)
            self._said.take(at, at + 1)
        elif token.kind == "arrow":
            self._wait("destination", joint=True)
        elif token.kind == "stop":
            self._stop(at, token)
        elif token.word:
            self._word(at, token.word)
        elif token.kind in ("number", "odd"):
            self._waiting = None

    def _word(self, at: int, word: str) -> None:
        if word in ORIGIN_WORDS:
            self._wait("origin")
        elif word in DESTINATION_WORDS:
            if self._is_infinitive(at):
                self._waiting = None
            elif not (self._by_noun and self._waiting):
                self._wait("destination", joint=word == "to")
        elif word in ORIGIN_NOUNS or word in DESTINATION_NOUNS:
            self._wait("origin" if word in ORIGIN_NOUNS else "destination")
            self._by_noun = True
        elif self._waiting is not None:
            self._reach += 1
            if self._reach > _REACH or (word in VERBS and not self._by_noun):
                self._waiting = None

    def _is_infinitive(self, at: int) -> bool:
        after = self._said.at(at + 1)
        if after is not None and after.kind == "number":
            return False
        return self._said.word(at - 1) in INFINITIVE_LEADS or (after is not None and after.word in VERBS)

    def _wait(self, role: Literal["origin", "destination"], *, joint: bool = False) -> None:
        self._waiting, self._by_noun, self._reach = role, False, 0
        self._before_joint = self._last_loose if joint else None

    def _stop(self, at: int, token: Token) -> None:
        # "St. Louis": a point after a short word is no end of a sentence.
        short = token.text == "." and len(self._said.word(at - 1)) in (1, 2)
        if not short and token.text != "\n":
            self._waiting = self._last_loose = None

    def _place(self, code: str) -> None:
        self.any = True
        if self._waiting == "origin":
            self._origins.append(code)
        elif self._waiting == "destination":
            self._destinations.append(code)
            if self._before_joint is not None:
                self.loose.remove(self._before_joint)
                self._origins.append(self._before_joint)
        else:
            self.loose.append(code)
        self._last_loose = code if self._waiting is None else None
        self._waiting = self._before_joint = None

    def _settle(self) -> None:
        ambiguous = self._said.ambiguous
        for role, codes in (("origin", self._origins), ("destination", self._destinations)):
            if len(set(codes)) > 1:
                ambiguous.add(f"{role}_twice")
                self.loose += codes
                codes.clear()
        if self._origins and self._destinations and {"change", "switch", "update"} & set(self._said.words):
            ambiguous.add("change_from_to")
            self.loose += [self._origins[0], self._destinations[0]]
            self._origins, self._destinations = [], []
        self.loose = list(dict.fromkeys(self.loose))
        if len(self.loose) > 1 or (self.loose and (self._origins or self._destinations)):
            ambiguous.add("zip_role")
        self.origin = self._origins[0] if self._origins else None
        self.destination = self._destinations[0] if self._destinations else None
