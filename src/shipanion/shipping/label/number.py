"""The number on a sample label: ``SAMPLE-XXXX-XXXX``, which no carrier's tracking numbers look like.

Letters only, so there is no run of digits that could be read as a tracking number, and no vowels, so that no words
appear. The last letter checks the seven before it.
"""

import re
from hashlib import sha256
from typing import Final

__all__ = ["is_sample_number", "sample_number"]

# Nineteen consonants. A prime number of them lets one check letter catch every changed letter and every swapped pair.
_ALPHABET: Final = "BCDFGHJKLMNPRSTVWXZ"
_FORM: Final = re.compile(f"SAMPLE-([{_ALPHABET}]{{4}})-([{_ALPHABET}]{{4}})")
_DRAWN: Final = 7


def sample_number(reference: str) -> str:
    """The number for a purchase's reference: always the same one. Two references share one in 900 million."""
    left = int.from_bytes(sha256(reference.encode("utf-8", "surrogatepass")).digest())
    letters = ""
    for _ in range(_DRAWN):
        left, place = divmod(left, len(_ALPHABET))
        letters += _ALPHABET[place]
    letters += _check_letter(letters)
    return f"SAMPLE-{letters[:4]}-{letters[4:]}"


def is_sample_number(text: str) -> bool:
    """True when ``text`` is exactly such a number and its check letter is right."""
    form = _FORM.fullmatch(text)
    if form is None:
        return False
    letters = form[1] + form[2]
    return letters[_DRAWN] == _check_letter(letters[:_DRAWN])


def _check_letter(letters: str) -> str:
    weighted = sum(weight * _ALPHABET.index(letter) for weight, letter in enumerate(letters, start=2))
    return _ALPHABET[weighted % len(_ALPHABET)]
