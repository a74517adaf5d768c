"""A sentence as words, numbers and the few signs that mean something about a parcel.

Nothing that could be a number is lost here: digits of other scripts and numbers glued to letters become
tokens too, of a kind that no rule understands, so that whoever reads the sentence can ask about them.
"""

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["LONGEST_TEXT", "Kind", "Token", "plain", "tokenize"]

Kind = Literal["word", "number", "odd", "arrow", "by", "inch", "hash", "comma", "dash", "stop"]
"""``odd``: a number that cannot be read. ``by``: × or *. ``inch``: a quotation mark or two."""

LONGEST_TEXT = 2000
"""Characters that are read. A message about one parcel is a line or two."""

_GLUE = frozenset(
    "x by to lb lbs pound pounds oz ounce ounces kg kgs kilo kilos g gram grams "
    "in inch inches cm mm ft st nd rd th".split()
)
"""Words that people write against a number without a space."""

_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}

# Else each point would end a sentence.
_POINTED = re.compile(r"\b(?:D\. ?C|N\. ?[YJ])\b\.?", re.IGNORECASE)

_TOKEN = re.compile(
    r"""
      (?P<zip4>   (?<![\w.]) [0-9]{5}-[0-9]{4} (?![\w]|-[0-9]) )
    # Money and shares are no figures of a parcel; "5,5" may be 5.5 or two numbers.
    | (?P<odd>    [$€£]\s?[0-9][0-9.,]* | [0-9][0-9.,]{0,12}\s?[%$€£°]
                | (?<![\w.,])[0-9]{1,4},[0-9]{1,2}(?![0-9]) )
    | (?P<number> (?:(?<![\w.,)-])-(?=[.0-9]))? (?: [0-9]{1,3}(?:,[0-9]{3})+(?![0-9]) | [0-9]+ ) (?:\.[0-9]+)?
                | (?:(?<![\w.,)-])-(?=\.))? (?<![\w.]) \.[0-9]+ )
    | (?P<word>   [^\W\d_]+ (?: ['’][^\W\d_]+ )* )
    | (?P<arrow>  [-=–—]+> | [→➔➜⇒] | > )
    | (?P<by>     [×*✕] )
    | (?P<inch>   ["″”“] | '' )
    | (?P<hash>   \# )
    | (?P<comma>  , )
    | (?P<dash>   [-–—/&+] )
    | (?P<stop>   [.?!;\n] )
    | (?P<other>  [^\W_] )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a sentence. ``text`` is as it was written, ``word`` lower case without apostrophes.

    ``value`` is a number's value; ``zip`` its five digits if it has the shape of a ZIP code,
    and ``plus_four`` says that it has nine.
    """

    kind: Kind
    text: str
    start: int
    end: int
    word: str = ""
    value: float = 0.0
    zip: str = ""
    plus_four: bool = False

    @property
    def spoken(self) -> bool:
        """Whether a ZIP was said number by number, and not typed as one."""
        return bool(self.zip) and not self.text[:5].isdigit()

    @property
    def name(self) -> str:
        """The word, also of a number that was said as one: there is a town called Three Rivers."""
        return self.word or (self.text.lower() if self.text.isalpha() else "")


def plain(text: str) -> str:
    """The text that is read, and that ``start`` and ``end`` of a token count in: "½" is "1/2", "D.C." is "DC"."""
    read = text[:LONGEST_TEXT]
    for sign, fraction in _VULGAR.items():
        read = read.replace(sign, f" {fraction} ")
    return _POINTED.sub(lambda match: match[0].replace(".", "").replace(" ", ""), read)


def tokenize(text: str) -> list[Token]:
    """The tokens of the first ``LONGEST_TEXT`` characters, in order. Never raises."""
    read = plain(text)
    tokens = [_token(match) for match in _TOKEN.finditer(read)]
    return _unglued(_fractions(tokens), read)


def _token(match: re.Match[str]) -> Token:
    kind, text, (start, end) = match.lastgroup, match[0], match.span()
    match kind:
        case "zip4":
            return Token("number", text, start, end, zip=text[:5], plus_four=True)
        case "number":
            return _number(text, start, end)
        case "word" if any(letter.isnumeric() for letter in text):  # 五 is a letter and a number
            return Token("odd", text, start, end)
        case "word":
            return Token("word", text, start, end, word=re.sub("['’]", "", text).lower())
        case "arrow" | "by" | "inch" | "hash" | "comma" | "dash" | "stop":
            return Token(kind, text, start, end)
        case _:
            return Token("odd", text, start, end)


def _number(text: str, start: int, end: int) -> Token:
    digits = text.replace(",", "")
    # Ten digits are no figure of a parcel, and thousands of them would overflow.
    if len(digits.lstrip("-").partition(".")[0]) > 9 or len(digits) > 20:
        return Token("odd", text, start, end)
    shape = text if len(text) == 5 and text.isdigit() else ""
    return Token("number", text, start, end, value=float(digits), zip=shape)


def _fractions(tokens: list[Token]) -> list[Token]:
    """``1/2`` → 0.5 and ``5 1/2`` → 5.5; any other number with a slash stays as it is."""
    read: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        part = _fraction(tokens[at : at + 3])
        if part is not None:
            end = tokens[at + 2].end
            whole = read[-1] if read and _is_whole(read[-1]) and read[-1].end < token.start else None
            if whole is not None:
                read.pop()
                read.append(Token("number", f"{whole.text} {part[0]}", whole.start, end, value=whole.value + part[1]))
            else:
                read.append(Token("number", part[0], token.start, end, value=part[1]))
            at += 3
        else:
            read.append(token)
            at += 1
    return read


def _fraction(three: list[Token]) -> tuple[str, float] | None:
    if len(three) < 3 or three[1].text != "/" or not (_is_whole(three[0]) and _is_whole(three[2])):
        return None
    above, below = three[0].value, three[2].value
    if not 0 < above < below <= 16:
        return None
    return f"{three[0].text}/{three[2].text}", above / below


def _is_whole(token: Token) -> bool:
    return token.kind == "number" and token.text.isdigit() and len(token.text) <= 2


def _unglued(tokens: list[Token], text: str) -> list[Token]:
    """Numbers that touch a word no one glues to a number (``1Z999AA1``) become one odd token."""
    read: list[Token] = []
    for at, token in enumerate(tokens):
        if read and token.start < read[-1].end:
            continue  # part of the odd token before it
        touching = [tokens[i] for i in (at - 1, at + 1) if 0 <= i < len(tokens)]
        glued = token.kind == "number" and any(
            near.kind in ("word", "odd")
            and near.word not in _GLUE
            and (near.end == token.start or near.start == token.end)
            for near in touching
        )
        if not glued:
            read.append(token)
            continue
        start, end = token.start, token.end
        while start > 0 and text[start - 1].isalnum():
            start -= 1
        while end < len(text) and text[end].isalnum():
            end += 1
        while read and read[-1].end > start:
            start = min(start, read.pop().start)
        read.append(Token("odd", text[start:end], start, end))
    return read
