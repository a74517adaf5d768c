"""Rules for towns and states: where in a sentence a name is one.

A name counts only where a place is expected: after "from", "to" and the like, before "to" at the beginning, with
its state, or as the whole answer. Anywhere else "Reading", "Mobile" or "Price" are words. What stands after
"from" or "to" like a name, and is none, is kept as unknown, so that somebody can say so.
"""

from dataclasses import dataclass
from string import capwords

from shipanion.shipping import places
from shipanion.shipping.language import lexicon
from shipanion.shipping.language.lexicon import (
    ALIASES,
    DESTINATION_NOUNS,
    DESTINATION_WORDS,
    FOREIGN,
    INFINITIVE_LEADS,
    NOT_A_TOWN,
    ORIGIN_NOUNS,
    ORIGIN_WORDS,
    PARCEL_WORDS,
    PLACE_FILLERS,
    POLITE,
    STATES,
    VERBS,
)
from shipanion.shipping.language.sentence import Sentence

__all__ = ["Named", "foreign", "named", "unknown"]

_ROLES = ORIGIN_WORDS | DESTINATION_WORDS
_NOUNS = ORIGIN_NOUNS | DESTINATION_NOUNS
_CODES = frozenset(STATES.values())
# In small letters these are words first, and states only behind a comma or a town of theirs.
_WORDS_TOO = frozenset("in or me hi ok oh".split())
_SHORTENED = frozenset({"st", "ft", "mt", "ste"})
_SUFFIXES = frozenset(
    "county heights island islands valley beach hills park springs falls lake lakes river creek bay point city states "
    "university airport street avenue ave road rd blvd boulevard drive lane court square base parish township".split()
)
_BEFORE_IN = 7
_LONGEST_UNKNOWN = 4
_ENDS_UNKNOWN = _ROLES | PARCEL_WORDS | frozenset("for with by weighing weighs please and or in at it is how".split())
_KNOWN_WORDS = frozenset(
    word
    for table in (*lexicon.INTENTS.values(), lexicon.YES, lexicon.NO, POLITE, lexicon.SUPERLATIVES, lexicon.SERVICES)
    for phrase in table
    if len(phrase) == 1
    for word in phrase
)


@dataclass(frozen=True, slots=True)
class Named:
    """A town or state at the tokens from ``start`` to before ``end``: ``"Boston"``, ``"Portland, ME"``, ``"ME"``."""

    text: str
    start: int
    end: int

    @property
    def state(self) -> str:
        """Two letters, or nothing where none was said."""
        return self.text if self.text in _CODES else self.text.partition(", ")[2]


def named(said: Sentence) -> list[Named]:
    """The names of places, in order."""
    found: list[Named] = []
    at = 0
    while at < len(said.tokens):
        name = _at(said, at, found[-1] if found else None) if said.tokens[at].name else None
        if name is None:
            at += 1
        else:
            found.append(name)
            at = name.end
    return found


def foreign(said: Sentence, found: list[Named]) -> bool:
    """Whether a place abroad is named, and not by the name of a town here with its state."""
    covered = {at for name in found for at in range(name.start, name.end)}
    words = [(at, token.word) for at, token in enumerate(said.tokens) if token.word]
    for start in range(len(words)):
        for length in (3, 2, 1):
            piece = words[start : start + length]
            if tuple(word for _, word in piece) in FOREIGN and len(piece) == length:
                if not covered.issuperset(at for at, _ in piece):
                    return True
                break
    return False


def unknown(said: Sentence, found: list[Named]) -> tuple[str, ...]:
    """What stands after "from" or "to" as a name would, and is none that is known."""
    starts = {name.start for name in found}
    lost: list[str] = []
    for at, token in enumerate(said.tokens):
        first = at + 1
        if token.word not in ("from", "to") or first in starts or not said.word(first):
            continue
        if token.word == "to" and said.word(at - 1) in INFINITIVE_LEADS and not _capital(said, first):
            continue
        end = first
        while end - first < _LONGEST_UNKNOWN and said.word(end) and said.word(end) not in _ENDS_UNKNOWN:
            if end in starts:
                break
            end += 1
        words = [said.word(place) for place in range(first, end)]
        plain = not words or words[0] in NOT_A_TOWN or words[0] in VERBS or words[0] in _KNOWN_WORDS
        inside = said.word(end) in ("in", "at") and end + 1 in starts
        if plain or inside or end in starts or _zip_near(said, end) or _foreign_at(said, first):
            continue
        lost.append(" ".join(said.tokens[place].text for place in range(first, end)))
    return tuple(dict.fromkeys(lost))


def _zip_near(said: Sentence, end: int) -> bool:
    """ "to the office in 90210", "from Xyzzy, CA 90210": the ZIP says where it is."""
    for at in range(end, min(end + 5, len(said.tokens))):
        token = said.tokens[at]
        if token.zip:
            return True
        if token.kind == "stop" or token.word in _ROLES:
            return False
    return False


def _foreign_at(said: Sentence, at: int) -> bool:
    words = [said.word(place) for place in range(at, at + 3)]
    return any(tuple(words[:length]) in FOREIGN for length in (1, 2, 3))


def _capital(said: Sentence, at: int) -> bool:
    return said.tokens[at].text[:1].isupper()


def _at(said: Sentence, at: int, before: Named | None) -> Named | None:
    """The place whose name begins here, if one is expected here or its state follows."""
    expected = _expected(said, at, before)
    state, state_end = _state(said, at)
    for length in range(places.LONGEST_NAME, 0, -1):
        key, end = _key(said, at, length)
        if end is None or (end < state_end) or not _is_name(key):
            continue
        its_state, with_state = _state_after(said, key, end)
        shown = " ".join(token.text for token in said.tokens[at:end] if token.name)
        if its_state and with_state is not None and not (end == state_end and not expected):
            town = Named(f"{_title(shown)}, {its_state}" if key not in ALIASES else _alias(key), at, with_state)
            joins = _before_joint(said, at, with_state)
            if expected or joins or _rest_is_filler(said, town) or _marked(said, end, with_state):
                return town
        if state and end == state_end and key not in ("new york", "washington"):
            break
        if _goes_on(said, at, end):
            continue
        ordinary = length == 1 and (key in NOT_A_TOWN or key in _KNOWN_WORDS or key in VERBS or key in PARCEL_WORDS)
        if ordinary or _foreign_at(said, at):
            continue
        alone = Named(shown, at, end)
        if expected or _before_joint(said, at, end) or (_large(key) and _rest_is_filler(said, alone)):
            return Named(_alias(key) if key in ALIASES else _title(shown), at, end)
    named_state = Named(state, at, state_end)
    if state and (expected or _before_joint(said, at, state_end) or _rest_is_filler(said, named_state)):
        return named_state
    return None


def _goes_on(said: Sentence, at: int, end: int) -> bool:
    """ "Orange County", "Lincoln Heights": a longer name that is not known, of which this is but a part."""
    after = said.at(end)
    if after is None or not after.word:
        return False
    plain = (
        after.word in _ROLES or after.word in PLACE_FILLERS or after.word in NOT_A_TOWN or after.word in _KNOWN_WORDS
    )
    plain = plain or after.word in _ENDS_UNKNOWN or _state(said, end)[0] != ""
    return after.word in _SUFFIXES or (not plain and _capital(said, end) and _capital(said, at) and end - at < 4)


def _is_name(key: str) -> bool:
    return key in places.preload() or key in ALIASES


def _large(key: str) -> bool:
    """A word that is the whole answer and names but hamlets ("Clear", "Middle") is rather a word."""
    if " " in key or key in ALIASES:
        return True
    return any(len(town.zips) > 1 for town in places.find(key))


def _title(shown: str) -> str:
    return shown if any(letter.isupper() for letter in shown) else capwords(shown)


def _alias(key: str) -> str:
    """ "dc" → "Washington, DC", "nyc" → "New York", "jersey" → "NJ"."""
    town, _, state = ALIASES[key].partition(", ")
    return ", ".join(filter(None, (capwords(town), state)))


def _key(said: Sentence, at: int, length: int) -> tuple[str, int | None]:
    """``length`` words from here as a name is compared, and where they end; None where there are too few."""
    words: list[str] = []
    while len(words) < length:
        token = said.at(at)
        if token is None:
            return "", None
        if token.name and (not words or at not in said.taken):
            words.append(token.name)
        elif not words or not (token.text == "-" or (token.text == "." and words[-1] in _SHORTENED)):
            return "", None
        at += 1
    return places.key_of(" ".join(words)), at


def _state(said: Sentence, at: int) -> tuple[str, int]:
    """A state's name, or its two letters in capitals, that begins here; else nothing."""
    for length in (4, 3, 2, 1):
        words = tuple(said.word(place) for place in range(at, at + length))
        if words in STATES:
            return STATES[words], at + length
    token = said.at(at)
    if token is not None and token.text in _CODES:
        return token.text, at + 1
    return "", at


def _state_after(said: Sentence, key: str, end: int) -> tuple[str, int | None]:
    """The state behind a town's name, with or without a comma."""
    comma = said.kind(end) == "comma"
    start = end + 1 if comma or said.word(end) == "in" else end
    state, after = _state(said, start)
    token = said.at(start)
    if not state and token is not None and token.word.upper() in _CODES:
        after_word, code = said.word(start + 1), token.word.upper()
        last = said.at(start + 1) is None or not after_word or after_word in _ROLES
        if last and (comma or token.word not in _WORDS_TOO or places.find(f"{key}, {code}")):
            return code, start + 1
    return (state, after) if state else ("", None)


def _marked(said: Sentence, end: int, with_state: int) -> bool:
    """ "Boston, MA" and "Boston MA" anywhere, but "something or other" never."""
    return said.kind(end) == "comma" or said.tokens[with_state - 1].text.isupper()


def _expected(said: Sentence, at: int, before: Named | None) -> bool:
    lead = at - 1
    while lead > at - 5 and said.word(lead) in ("the", "of", "city", "town", "downtown", "beautiful", "sunny"):
        lead -= 1
    word = said.word(lead)
    if said.kind(lead) == "arrow" or (word in _ROLES and not _infinitive(said, lead, at)) or word == "between":
        return True
    if word in _NOUNS or (word in ("is", "be") and any(said.word(lead - back) in _NOUNS for back in (1, 2, 3))):
        return True
    if before is not None and word in ("and", "or") and before.end == lead:
        return True
    if word in ("not", "than", "instead"):
        return True
    # "not Boston, Denver"
    if (
        before is not None
        and said.kind(lead) == "comma"
        and before.end == lead
        and said.word(before.start - 1) == "not"
    ):
        return True
    near = [said.word(place) for place in range(max(0, lead - _BEFORE_IN), lead)]
    return word in ("in", "at") and any(other in _ROLES for other in near)


def _infinitive(said: Sentence, role: int, at: int) -> bool:
    return said.word(role) == "to" and said.word(at) in VERBS and not _capital(said, at)


def _before_joint(said: Sentence, at: int, end: int) -> bool:
    """ "Boston to Denver" where a sentence or a part of it begins."""
    joins = said.word(end) == "to" or said.kind(end) == "arrow"
    joins = joins or (said.word(end), said.word(end + 1)) in (("instead", "of"), ("rather", "than"))
    joins = joins or said.word(end + (said.kind(end) == "comma")) == "not"
    begins = at == 0 or said.kind(at - 1) in ("stop", "comma") or at - 1 in said.taken
    return joins and (begins or _only_fillers(said, 0, at))


def _rest_is_filler(said: Sentence, name: Named) -> bool:
    """The name is the whole answer: "Boston", "actually, make it Boston, please"."""
    return _only_fillers(said, 0, name.start) and _only_fillers(said, name.end, len(said.tokens))


def _only_fillers(said: Sentence, start: int, end: int) -> bool:
    return all(not token.name or token.name in PLACE_FILLERS for token in said.tokens[start:end]) and not any(
        token.kind in ("number", "odd") and not token.name for token in said.tokens[start:end]
    )
