"""Rules for postal addresses: "Ana Diaz, 123 Main St, Apt 4, Beverly Hills, CA 90210", as typed and as heard.

A text is an address when all of it is one: an introduction ("it's from"), a name, a street, a unit, a town with state
and ZIP code, of which only the street must be there. The house number is what it hangs on: before it stands the name,
behind it the street's name up to a word such as "Street". Where two readings would do, or one word is left over, it
is none; a street that was seen all the same makes the sentence ambiguous, ``address_unclear``, so that somebody asks.

No look beyond 60 tokens: the work does not grow with the text.
"""

from dataclasses import dataclass, fields

from shipanion.shipping import places
from shipanion.shipping.language import lexicon, pieces
from shipanion.shipping.language.localities import behind
from shipanion.shipping.language.postal_words import (
    COMPANY_FORMS,
    LEADS,
    LONGEST_LEAD,
    NAME_PARTICLES,
    NEVER_IN_STREETS,
    OPENINGS,
    ORDINAL_WORDS,
    ORDINARY,
    UNIT_WORDS,
    End,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.streets import Street, nameless, streets
from shipanion.shipping.language.tokens import LONGEST_TEXT

__all__ = ["SpokenAddress", "find", "postal"]

_LONGEST = 60
_LONGEST_NAME = 7
_LARGE = 10

_CODES = frozenset(lexicon.STATES.values())
_GREETINGS = frozenset({"hi", "hello", "hey", "ok", "okay", "thanks"})

_NO_NAMES = UNIT_WORDS | NEVER_IN_STREETS | frozenset("po box address sender recipient receiver return zip".split())


@dataclass(frozen=True, slots=True)
class SpokenAddress:
    """An address in the words in which it was said; None: not said. Nothing of it has been looked up.

    Only numbers that were said in words are written in digits. ``end`` is whose it is, where that was said.
    """

    street: str
    name: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    """Five digits, or five and four with a hyphen."""
    end: End | None = None

    def said(self) -> dict[str, str]:
        """Only what was said, as plain JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def postal(text: str) -> SpokenAddress | None:
    """The address that this text is, or None where it is not surely one. Never raises, whatever the text."""
    return find(Sentence(text)) if len(text) <= LONGEST_TEXT else None


def find(said: Sentence) -> SpokenAddress | None:
    """As ``postal``. Ambiguous: ``address_unclear``, there is a street, but the whole is not surely one address."""
    every = range(len(said.tokens))
    seen = [street for at in every for street in streets(said, at)]
    if len(said.tokens) <= _LONGEST and not said.asks and "too_long" not in said.ambiguous:
        read = {_around(said, street) for street in seen} or {_between_commas(said, at) for at in every}
        found = [address for address in read if address is not None]
        if len(found) == 1:
            return found[0]
    if any(street.numbered for street in seen):
        said.ambiguous.add("address_unclear")
    return None


def _around(said: Sentence, street: Street) -> SpokenAddress | None:
    head = _head(said, street.start)
    tail = behind(said, street.end)
    text = pieces.text(said, street.start, street.end)
    if head is None or tail is None or text is None:
        return None
    name, end = head
    house = said.tokens[street.start]
    if house.zip and not name and not tail.zip:
        return None  # "90210 Rodeo Drive": a ZIP code, or a house.
    if house.text.lower().split()[-1] in lexicon.TENS and said.word(street.start + 1) in ORDINAL_WORDS:
        return None  # "one twenty fifth street": 125th Street, or 120 5th Street.
    return SpokenAddress(text, name, *tail, end=end)


def _between_commas(said: Sentence, at: int) -> SpokenAddress | None:
    """ "Ana Diaz, 1600 Alameda, Beverly Hills, CA 90210": the name before it and the town behind show the street."""
    street = nameless(said, at)
    found = _around(said, street) if street is not None else None
    return found if found and found.name and found.city and (found.state or found.zip) else None


def _head(said: Sentence, end: int) -> tuple[str | None, End | None] | None:
    """The name and whose address it is, from what stands before the street; None where that is neither."""
    at, role = 0, None
    while at < end:
        if said.kind(at) in pieces.BREAKS:
            at += 1
            continue
        lead, after = _lead(said, at, end)
        if after > at:
            if lead and role and lead != role:
                return None
            role, at = lead or role, after
        elif _opens(said, at, end):
            at += 1
        else:
            break
    last = end
    while last > at and (said.kind(last - 1) in pieces.BREAKS or (said.word(last - 1) == "at" and last == end)):
        last -= 1
    if last == at:
        return None, role
    if last == end == at + 1 and said.tokens[at].text.islower():
        return None  # "upstairs 123 main street": a word alone is a name with a capital or a comma.
    name = _name(said, at, last + (said.word(last - 1) in COMPANY_FORMS and pieces.point(said, last)))
    return None if name is None else (name, role)


def _lead(said: Sentence, at: int, end: int) -> tuple[End | None, int]:
    """The longest introduction that begins here, and where it ends."""
    for length in range(min(LONGEST_LEAD, end - at), 0, -1):
        phrase = tuple(said.word(place) for place in range(at, at + length))
        if phrase in LEADS:
            return LEADS[phrase], at + length
    return None, at


def _opens(said: Sentence, at: int, end: int) -> bool:
    """ "Yes, …", "hi Bob, …". Words that are names too ("So", "Bob") only before a comma or an introduction."""
    word = said.word(at)
    ends = said.kind(at + 1) in pieces.BREAKS or at + 1 == end or _lead(said, at + 1, end)[1] > at + 1
    if word == "bob":
        return ends and at > 0 and said.word(at - 1) in _GREETINGS
    return word in OPENINGS and (ends or word not in ("so", "well", "oh", "then", "and", "wait"))


def _name(said: Sentence, start: int, end: int) -> str | None:
    """A person or a company: a few words of which none is an ordinary one, and no town."""
    text = pieces.text(said, start, end, company=True)
    words = [said.tokens[at] for at in range(start, end) if said.tokens[at].word]
    signs = [token for token in said.tokens[start:end] if not token.word]
    if text is None or not 0 < len(words) <= _LONGEST_NAME or any(token.kind not in pieces.BREAKS for token in signs):
        return None
    titled = not text.isupper() and all(token.text[0].isupper() for token in words if token.word not in NAME_PARTICLES)
    for at, token in enumerate(words):
        inside = token.word in NAME_PARTICLES and 0 < at < len(words) - 1
        # "Will Price" is somebody, "will send" nobody.
        called = titled and len(words) > 1 and (at > 0 or token.word in ("will", "the")) and token.word not in _NO_NAMES
        if token.word in ORDINARY and not inside and not called:
            return None
    plain = [token.word for token in words]
    return None if plain == ["bob"] or _is_place(plain) else text


def _is_place(words: list[str]) -> bool:
    """ "Boston", "Boston MA", "Boston Ben Wu": somebody may be called so, but nobody can be sure."""
    key = places.key_of(" ".join(words))
    if key in places.preload() or key in lexicon.ALIASES or tuple(words) in lexicon.STATES:
        return True
    for length in (1, 2):
        state = lexicon.STATES.get(tuple(words[-length:]), words[-1].upper() if length == 1 else "")
        if state in _CODES and places.find(f"{' '.join(words[:-length])}, {state}"):
            return True
    # "Denver Ben Wu": a town, and then somebody.
    heads = (" ".join(words[:length]) for length in range(1, len(words) - 1))
    return any(len(town.zips) >= _LARGE for head in heads for town in places.find(head))
