"""Numbers said in words, folded into number tokens: "five and a half", "nine oh two one oh".

Closed on purpose: a run of number words either is one well-formed number, or five single digits (a ZIP read
aloud), or it is ``odd`` and somebody will ask. "Ninety two ten" may be two numbers or part of a ZIP, so it is
never 102.
"""

from shipanion.shipping.language.lexicon import DIGITS, INCHES, POUNDS, TEENS, TENS
from shipanion.shipping.language.tokens import Token

__all__ = ["fold"]

_FRACTIONS = {
    ("half",): 0.5,
    ("a", "half"): 0.5,
    ("one", "half"): 0.5,
    ("quarter",): 0.25,
    ("a", "quarter"): 0.25,
    ("one", "quarter"): 0.25,
    ("three", "quarters"): 0.75,
    ("three", "quarter"): 0.75,
}
_LONGEST_FRACTION = 2
_UNITS = POUNDS.keys() | INCHES.keys()

# "this one", "the cheap one": not the number one.
_PRONOUN_LEADS = frozenset(
    "this that which the another each every no any first second third fourth fifth last next other cheap "
    "cheapest cheaper fast fastest faster quick quickest lowest right wrong same slow slower ground".split()
)


def fold(tokens: list[Token]) -> list[Token]:
    """The same sentence with number words as number (or odd) tokens; other tokens are untouched."""
    read: list[Token] = []
    at = 0
    while at < len(tokens):
        taken = _fraction(tokens, at) or _one_pound(tokens, at) or _run(tokens, at)
        if taken is None:
            read.append(tokens[at])
            at += 1
        else:
            token, at = taken
            read.append(token)
    return _joined(read)


def _number(tokens: list[Token], start: int, end: int, value: float, zip5: str = "") -> tuple[Token, int]:
    text = " ".join(token.text for token in tokens[start:end] if token.kind != "dash")
    kept = tokens[start:end]
    return Token("number", text, kept[0].start, kept[-1].end, value=float(value), zip=zip5), end


def _fraction(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    for length in range(_LONGEST_FRACTION, 0, -1):
        words = tuple(token.word for token in tokens[at : at + length])
        if words in _FRACTIONS:
            return _number(tokens, at, at + length, _FRACTIONS[words])
    return None


def _one_pound(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """The article of "a pound" as the number 1, unless something before it makes it "per pound"."""
    if tokens[at].word not in ("a", "an") or at + 1 == len(tokens) or tokens[at + 1].word not in _UNITS:
        return None
    before = tokens[at - 1] if at else None
    if before is not None and (before.kind in ("number", "odd") or before.word in ("half", "quarter", "of")):
        return None
    return _number(tokens, at, at + 1, 1.0)


def _is_digit(token: Token) -> bool:
    return token.word in DIGITS or (token.kind == "number" and len(token.text) == 1 and token.text.isdigit())


def _is_part(token: Token) -> bool:
    return _is_digit(token) or token.word in TEENS or token.word in TENS or token.word == "hundred"


def _run(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """The longest run of number words, and single digits among them, that begins here."""
    end = at
    while end < len(tokens):
        token = tokens[end]
        more = tokens[end + 1] if end + 1 < len(tokens) else None
        if not (
            _is_part(token)
            or (end == at and token.word == "a" and more is not None and more.word == "hundred")
            or (end > at and more is not None and _continues(tokens[end - 1], token, more))
        ):
            break
        end += 1
    run = [token for token in tokens[at:end] if token.kind != "dash"]
    # A number in digits by itself is already one; "o" and "oh" by themselves are no number.
    if not run or (len(run) == 1 and (run[0].kind == "number" or run[0].word in ("o", "oh"))):
        return None
    if len(run) == 1 and run[0].word == "one" and at and tokens[at - 1].word in _PRONOUN_LEADS:
        return None
    if len(run) == 5 and all(_is_digit(token) for token in run):
        return _number(tokens, at, end, 0.0, "".join(_digit(token) for token in run))
    value = _cardinal([token.word for token in run])
    if value is not None:
        return _number(tokens, at, end, value)
    text = " ".join(token.text for token in run)
    if at and tokens[at - 1].word == "point" and all(_is_digit(token) for token in run):
        digits = "".join(_digit(token) for token in run[:9])
        return Token("number", digits, run[0].start, run[-1].end, value=float(digits)), end
    return Token("odd", text, run[0].start, run[-1].end), end


def _continues(before: Token, token: Token, more: Token) -> bool:
    """ "one hundred *and* five", "twenty*-*five"."""
    if token.word == "and":
        return before.word == "hundred" and (more.word in DIGITS or more.word in TEENS or more.word in TENS)
    return token.kind == "dash" and before.word in TENS and more.word in DIGITS


def _digit(token: Token) -> str:
    return str(DIGITS[token.word]) if token.word in DIGITS else token.text


def _cardinal(words: list[str]) -> int | None:
    """The value of a well-formed number below 1,000, else None."""
    if "hundred" in words:
        at = words.index("hundred")
        head, rest = words[:at], [word for word in words[at + 1 :] if word != "and"]
        if len(head) > 1 or (head and head[0] not in DIGITS and head[0] != "a"):
            return None
        hundreds = DIGITS.get(head[0], 1) if head else 1
        below = _cardinal(rest) if rest else 0
        return None if below is None or below >= 100 or hundreds == 0 else hundreds * 100 + below
    if len(words) == 1:
        known = {**DIGITS, **TEENS, **TENS}
        return known.get(words[0])
    if len(words) == 2 and words[0] in TENS and DIGITS.get(words[1], 0) > 0:
        return TENS[words[0]] + DIGITS[words[1]]
    return None


def _joined(tokens: list[Token]) -> list[Token]:
    """ "two point five" → 2.5, "point five" → 0.5, "five and a half" → 5.5."""
    read: list[Token] = []
    for token in tokens:
        if token.kind == "number" and not token.zip and read:
            if read[-1].word == "point" and token.value >= 0 and float(token.value).is_integer():
                point = read.pop()
                whole = read.pop() if read and _is_whole(read[-1]) else None
                read.append(_decimal(whole, point, token))
                continue
            if 0 < token.value < 1 and read[-1].word == "and" and len(read) > 1 and _is_whole(read[-2]):
                read.pop()
                whole = read.pop()
                text = f"{whole.text} and {token.text}"
                read.append(Token("number", text, whole.start, token.end, value=whole.value + token.value))
                continue
        read.append(token)
    return read


def _is_whole(token: Token) -> bool:
    return token.kind == "number" and not token.zip and token.value >= 0 and token.value.is_integer()


def _decimal(whole: Token | None, point: Token, part: Token) -> Token:
    digits = part.text if part.text.isdigit() else str(int(part.value))
    value = (whole.value if whole else 0.0) + float(f"0.{digits}")
    start = whole.start if whole else point.start
    words = " ".join(token.text for token in (whole, point, part) if token is not None)
    return Token("number", words, start, part.end, value=value)
