"""Rules for where a parcel comes from and goes to."""

from typing import Literal

from shipanion.shipping import places, zips
from shipanion.shipping.language.lexicon import (
    CHANGES,
    DESTINATION_NOUNS,
    DESTINATION_WORDS,
    INFINITIVE_LEADS,
    ORIGIN_NOUNS,
    ORIGIN_WORDS,
    VERBS,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.tokens import Token
from shipanion.shipping.language.towns import Named, named

__all__ = ["Route"]

# Words between a role word and its ZIP: "to my mom in New York".
_REACH = 6

_NEVER = frozenset("not dont never doesnt isnt wont shouldnt cant cannot".split())
_GOING = frozenset("going coming leaving shipping sending".split())
_CHANGED = frozenset("it that this the my zip code zipcode town city place".split())


class Route:
    """The ZIP codes and towns of a sentence by role: ``origin``, ``destination``, and ``loose`` ones without.

    A role word ("from", "to") waits for the place that follows it within a few words; an arrow or "to" between
    two makes the first one the origin. A town beside its own ZIP says nothing more than the ZIP. Ambiguous:
    ``zip_role``, ``origin_twice``, ``destination_twice``, ``change_from_to`` (the places concerned are then
    loose), ``place_zip``. ``instead_of`` is a place that is not meant any more: "not 10001, 10002".
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
        self.instead_of: str | None = None
        self.names = named(said)
        self._at = {name.start: name for name in self.names if not self._beside_its_zip(name)}
        inside = {at for name in self.names for at in range(name.start + (name.start in self._at), name.end)}
        for at in range(len(said.tokens)):
            if at not in inside:
                self._see(at)
        for name in self.names:
            said.take(name.start, name.end)
        self._settle()

    def _beside_its_zip(self, name: Named) -> bool:
        """A ZIP right before or behind: "Beverly Hills, CA 90210", "90210 (Beverly Hills)"."""
        after = name.end
        if self._said.kind(after) == "comma" and self._replaced(name.start, name.end):
            return False  # "not Boston, 10001"
        while self._said.kind(after) == "comma" or self._said.word(after) in ("zip", "code", "zipcode"):
            after += 1
        before = name.start - 1 - (self._said.kind(name.start - 1) == "comma")
        tokens = [token for token in (self._said.at(after), self._said.at(before)) if token is not None and token.zip]
        if not tokens:
            return False
        code = zips.preload().get(tokens[0].zip)
        states = {name.state} if name.state else {town.state for town in places.find(name.text)}
        if code is not None and code.state not in states:
            self._said.ambiguous.add("place_zip")
        return True

    def _see(self, at: int) -> None:
        token = self._said.tokens[at]
        name = self._at.get(at)
        if name is not None or (token.zip and at not in self._said.taken):
            end = name.end if name is not None else at + 1
            if self._replaced(at, end):
                self.instead_of = name.text if name is not None else token.zip
                self._said.take(at, end)
                self._waiting = None
                return
        if name is not None:
            self._place(name.text)
        elif at in self._said.taken:
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

    def _replaced(self, at: int, end: int) -> bool:
        """ "not 10001, 10002", "10002 instead of 10001", "change 10001 to 10002"."""
        lead = at - 1
        if self._said.word(lead) in ORIGIN_WORDS | DESTINATION_WORDS:
            lead -= 1
        word, before = self._said.word(lead), self._said.word(lead - 1)
        if lead < at - 1 and self._forbidden(lead):
            return True
        if word in ("not", "isnt") or (word, before) in (("of", "instead"), ("than", "rather")):
            return True
        return lead == at - 1 and word in CHANGES and self._said.word(end) in ("to", "into", "with", "for")

    def _forbidden(self, at: int) -> bool:
        """ "don't send it to 10001", "it isn't going to 10001": a negated verb, a few words before the role."""
        for start in range(max(0, at - 3), at + 1):
            between = [self._said.kind(place) for place in range(start, at + 1)]
            if self._said.word(start) in _NEVER and self._said.word(start + 1) in VERBS | _GOING:
                return "comma" not in between and "stop" not in between
        return False

    def _word(self, at: int, word: str) -> None:
        if word in ORIGIN_WORDS:
            self._wait("origin")
        elif word in DESTINATION_WORDS:
            if self._is_infinitive(at) or self._changes(at):
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
        if (after is not None and after.kind == "number") or at + 1 in self._at:
            return False
        return self._said.word(at - 1) in INFINITIVE_LEADS or (after is not None and after.word in VERBS)

    def _changes(self, at: int) -> bool:
        """ "change it to 10002", "change the zip to 10002": this "to" names no end."""
        at -= 1
        while self._said.word(at) in _CHANGED:
            at -= 1
        return self._said.word(at) in CHANGES or self._said.word(at) in ("set", "correct")

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
        nouns = [nouns for nouns in (ORIGIN_NOUNS, DESTINATION_NOUNS) if nouns & set(self._said.words)]
        if self._origins and self._destinations and len(nouns) == 1 and CHANGES & set(self._said.words):
            # "change the origin from 90210 to 94107"
            self.instead_of, new = self._origins[0], self._destinations[0]
            self._origins, self._destinations = ([new], []) if nouns[0] is ORIGIN_NOUNS else ([], [new])
        if self._origins and self._destinations and CHANGES & set(self._said.words):
            ambiguous.add("change_from_to")
            self.loose += [self._origins[0], self._destinations[0]]
            self._origins, self._destinations = [], []
        self.loose = list(dict.fromkeys(self.loose))
        changes = self.instead_of is not None and CHANGES & set(self._said.words)
        if changes and not nouns and not self.loose and self._destinations and not self._origins:
            # "change 10001 to 10002": this "to" names no end.
            self.loose, self._destinations = self._destinations[:1], []
        if len(self.loose) > 1 or (self.loose and (self._origins or self._destinations)):
            ambiguous.add("zip_role")
        self.origin = self._origins[0] if self._origins else None
        self.destination = self._destinations[0] if self._destinations else None
