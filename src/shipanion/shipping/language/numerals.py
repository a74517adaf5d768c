"""Numbers said in words, folded into number tokens: "five and a half", "nine oh two one oh".

Closed on purpose: a run of number words either is one well-formed number, or the digits of a ZIP read aloud
(five of them: "nine oh two one oh", "one double oh oh one", "nine oh two ten"; or nine), or it is ``odd`` and
somebody will ask. "Ninety two ten" may be two numbers or part of a ZIP, so it is never 102. "Twelve ten eight"
may be a size: pairs such as these make a ZIP only beside an "oh", or where a place is expected.
"""

from dataclasses import replace

from shipanion.shipping.language.lexicon import (
    DESTINATION_WORDS,
    DIGITS,
    DOUBLES,
    INCHES,
    ORIGIN_WORDS,
    POUNDS,
    TEENS,
    TENS,
)
from shipanion.shipping.language.tokens import Token

__all__ = ["fold", "house_number"]

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
_LONGEST_HOUSE_NUMBER = 5
_NOUGHTS = frozenset({"oh", "o", "zero"})
_BEFORE_ZIPS = ORIGIN_WORDS | DESTINATION_WORDS | {"zip", "code", "zipcode"}
_HYPHENS = frozenset({"dash", "hyphen", "minus", "plus"})
_UNITS = POUNDS.keys() | INCHES.keys()

# "this one", "the cheap one": not the number one.
_PRONOUN_LEADS = frozenset(
    "this that which the another each every no any first second third fourth fifth last next other cheap "
    "cheapest cheaper expensive affordable economical priority express fast fastest faster quick quickest "
    "lowest right wrong same slow slower ground advantage mail".split()
)


def fold(tokens: list[Token]) -> list[Token]:
    """The same sentence with number words as number (or odd) tokens; other tokens are untouched."""
    read: list[Token] = []
    at = 0
    while at < len(tokens):
        taken = _fraction(tokens, at) or _one_pound(tokens, at) or _split_zip(tokens, at) or _run(tokens, at)
        if taken is None:
            read.append(tokens[at])
            at += 1
        else:
            token, at = taken
            read.append(token)
    return _plus_four(_joined(read))


def house_number(words: list[str]) -> str | None:
    """The digits of a house number that was said in words, where only one is meant, else None.

    A number below 1,000 ("twenty three"), digits one by one ("one two three"), or pairs, behind one digit or
    none: "one twenty three" is 123, "forty two eleven" 4211, "twelve oh four" 1204, "forty two hundred" 4200.
    "Ten five" may be 105 or 15, and "forty two five" 425 or 4025, so neither is any.
    """
    value = _cardinal(words)
    if value is not None:
        return str(value) if value else None
    if len(words) > 1 and all(word in DIGITS for word in words):
        digits = "".join(str(DIGITS[word]) for word in words)
    else:
        digits = _paired(words)
    return digits if len(digits) <= _LONGEST_HOUSE_NUMBER and digits[:1] not in ("", "0") else None


def _paired(words: list[str]) -> str:
    """One digit or none, then pairs; nothing where that is not so."""
    at = 1 if words and DIGITS.get(words[0], 0) > 0 else 0
    digits = str(DIGITS[words[0]]) if at else ""
    while at < len(words):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in TENS:
            unit = DIGITS.get(after, 0)
            digits += str(TENS[word] + unit)
            at += 2 if unit else 1
        elif word in TEENS:
            digits += str(TEENS[word])
            at += 1
        elif word in _NOUGHTS and DIGITS.get(after, 0) > 0:
            digits += f"0{DIGITS[after]}"
            at += 2
        elif word == "hundred" and at == len(words) - 1 and len(digits) == 2:
            return f"{digits}00"
        else:
            return ""
    return digits


def _number(tokens: list[Token], start: int, end: int, value: float, digits: str = "") -> tuple[Token, int]:
    kept = tokens[start:end]
    text = " ".join(token.text for token in kept if token.kind != "dash")
    nine = len(digits) == 9
    folded = Token("number", text, kept[0].start, kept[-1].end, value=float(value), zip=digits[:5], plus_four=nine)
    return folded, end


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


def _doubles(token: Token, more: Token | None) -> bool:
    return token.word in DOUBLES and more is not None and _is_digit(more)


def _split_zip(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """ "9 02 10", "from 902 10": five digits as some speech engines cut them.

    A nought in front shows that they are no figures, or the word before them that a place is expected.
    """
    end = at
    while end < len(tokens) and tokens[end].kind == "number" and tokens[end].text.isdigit():
        end += 1
    parts = [token.text for token in tokens[at:end]]
    digits = "".join(parts)
    spelled = _spelled(tokens, at)
    if spelled is not None:
        return spelled
    nought = any(part[0] == "0" and len(part) > 1 for part in parts)
    after = tokens[end] if end < len(tokens) else None
    measured = after is not None and (after.word in _UNITS or after.word in ("x", "by") or after.kind == "by")
    expected = at > 0 and tokens[at - 1].word in _BEFORE_ZIPS and not measured and max(map(len, parts), default=0) < 4
    if len(parts) < 2 or len(digits) != 5 or not (nought or expected):
        return None
    return _number(tokens, at, end, 0.0, digits)


def _spelled(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """ "9-0-2-1-0": five digits with hyphens between them, and no more."""
    end = at + 9
    digits, hyphens = tokens[at:end:2], tokens[at + 1 : end : 2]
    if len(digits) != 5 or not all(map(_is_digit, digits)) or any(token.text != "-" for token in hyphens):
        return None
    if (at and tokens[at - 1].kind == "dash") or (end < len(tokens) and tokens[end].kind == "dash"):
        return None
    return _number(tokens, at, end, 0.0, "".join(map(_digit, digits)))


def _run(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """The longest run of number words, and single digits among them, that begins here."""
    if at and tokens[at - 1].word in ("x", "by") and tokens[at].kind == "number":
        # "12x10x8 3 lb": a side in digits ends with its digits.
        return None
    end = at
    while end < len(tokens):
        token = tokens[end]
        more = tokens[end + 1] if end + 1 < len(tokens) else None
        if not (
            _is_part(token)
            or _doubles(token, more)
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
    value = _cardinal([token.word for token in run])
    if value is not None:
        return _number(tokens, at, end, value)
    digits = _read_out(run, at > 0 and tokens[at - 1].word in _BEFORE_ZIPS)
    if len(digits) in (5, 9):
        return _number(tokens, at, end, 0.0, digits)
    code = _zip_before_figure(tokens, run, at, end)
    if code is not None:
        return code
    text = " ".join(token.text for token in run)
    if at and tokens[at - 1].word == "point" and all(_is_digit(token) for token in run):
        digits = "".join(_digit(token) for token in run[:9])
        return Token("number", digits, run[0].start, run[-1].end, value=float(digits)), end
    return Token("odd", text, run[0].start, run[-1].end), end


def _zip_before_figure(tokens: list[Token], run: list[Token], at: int, end: int) -> tuple[Token, int] | None:
    """ "To one oh oh oh one five pounds", as speech engines write it without a comma.

    A ZIP is expected and has five digits; behind them stands one whole number with its unit. Pairs such as
    "ten" are not split so: only digits said one by one.
    """
    expected = at > 0 and tokens[at - 1].word in _BEFORE_ZIPS
    if not expected or end == len(tokens) or not (tokens[end].word in _UNITS or _adds_fraction(tokens, end)):
        return None
    for length in range(3, len(run)):
        head, rest = run[:length], run[length:]
        digits = _read_out(head, expected=True) if all(_is_digit(t) or t.word in DOUBLES for t in head) else ""
        whole = _cardinal([token.word for token in rest]) is not None or (len(rest) == 1 and rest[0].kind == "number")
        if len(digits) == 5 and whole and rest[0].word not in _NOUGHTS:
            return _number(tokens, at, next(i for i in range(at, end) if tokens[i] is rest[0]), 0.0, digits)
    return None


def _adds_fraction(tokens: list[Token], at: int) -> bool:
    """ "… and a half pounds", "… point five pounds"."""
    if tokens[at].word == "point":
        return True
    after = tuple(token.word for token in tokens[at + 1 : at + 1 + _LONGEST_FRACTION])
    return tokens[at].word == "and" and (after in _FRACTIONS or after[:1] in _FRACTIONS)


def _continues(before: Token, token: Token, more: Token) -> bool:
    """ "one hundred *and* five", "twenty*-*five"."""
    if token.word == "and":
        return before.word == "hundred" and (more.word in DIGITS or more.word in TEENS or more.word in TENS)
    return token.kind == "dash" and before.word in TENS and more.word in DIGITS


def _read_out(run: list[Token], expected: bool) -> str:
    """The digits of numbers said one after another, or nothing where it is not sure that they are one string."""
    words = [token.word or token.text for token in run]
    paired = any(word in TEENS or word in TENS or word == "hundred" for word in words)
    if paired and not (expected or any(word in _NOUGHTS or word in DOUBLES for word in words)):
        return ""
    digits, at = "", 0
    while at < len(words):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in DOUBLES:
            if after not in DIGITS and not after.isdigit():
                return ""
            digits += _figure(after) * DOUBLES[word]
            at += 2
        elif word in TENS:
            pair = DIGITS.get(after, 0) > 0
            digits += str(TENS[word] + (DIGITS[after] if pair else 0))
            at += 2 if pair else 1
        elif word in TEENS:
            digits += str(TEENS[word])
            at += 1
        elif word == "hundred":
            # "one hundred oh one"; "nine hundred two" may be 902 or 9002.
            if at == 0 or words[at - 1] not in DIGITS or after not in ("", *_NOUGHTS):
                return ""
            digits += "00"
            at += 1
        elif word in DIGITS or word.isdigit():
            digits += _figure(word)
            at += 1
        else:
            return ""
    return digits


def _figure(word: str) -> str:
    return str(DIGITS[word]) if word in DIGITS else word


def _plus_four(tokens: list[Token]) -> list[Token]:
    """ "nine oh two one oh dash one two three four", "90210 dash 1234": the four digits belong to the ZIP."""
    read: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.zip and not token.plus_four and at + 2 < len(tokens):
            dash, last = tokens[at + 1], tokens[at + 2]
            words = last.text.lower().split()
            known = all(word.isdigit() or word in DIGITS or word in TEENS or word in TENS for word in words)
            if (dash.kind == "dash" or dash.word in _HYPHENS) and last.kind in ("number", "odd") and known:
                pieces = [Token("word", word, 0, 0, word=word) for word in words]
                if len(_read_out(pieces, expected=True)) == 4:
                    text = f"{token.text} {dash.text} {last.text}"
                    read.append(replace(token, text=text, end=last.end, plus_four=True))
                    at += 3
                    continue
        read.append(token)
        at += 1
    return read


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
