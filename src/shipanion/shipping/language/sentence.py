"""The tokens of one text, which of them a rule has understood, and what is unsure about it."""

from shipanion.shipping.language.numerals import fold
from shipanion.shipping.language.tokens import Token, plain, tokenize

__all__ = ["Sentence"]


class Sentence:
    """One text while the rules go over it.

    A rule that understands tokens takes them; a number that no rule took is left over. A rule that cannot be
    sure says why in ``ambiguous`` and takes nothing.
    """

    __slots__ = ("ambiguous", "taken", "text", "tokens", "words")

    def __init__(self, text: str) -> None:
        self.text = plain(text)
        self.tokens: list[Token] = fold(tokenize(text))
        self.words = [token.word for token in self.tokens if token.word]
        self.taken: set[int] = set()
        self.ambiguous: set[str] = set()

    def at(self, index: int) -> Token | None:
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def word(self, index: int) -> str:
        """The word there, or nothing: also beyond both ends."""
        token = self.at(index)
        return token.word if token else ""

    def kind(self, index: int) -> str:
        token = self.at(index)
        return token.kind if token else ""

    def take(self, start: int, end: int) -> None:
        """Mark the tokens from ``start`` to before ``end`` as understood."""
        self.taken.update(range(start, end))

    @property
    def asks(self) -> bool:
        """Whether there is a question mark."""
        return any(token.text == "?" for token in self.tokens)

    def left(self) -> list[Token]:
        """The numbers that no rule took."""
        return [
            token for at, token in enumerate(self.tokens) if token.kind in ("number", "odd") and at not in self.taken
        ]
