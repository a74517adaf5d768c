"""One thing that must hold, and what came of looking."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from shipanion.cli.verify.history import Entry, History, Json

__all__ = ["ALSO", "LABELS", "STEPS", "Check", "Finding", "NotTried", "Wrong", "examine"]

STEPS: Final = {
    1: "Connects to the WebSocket server",
    2: "Sends messages to establish a session",
    3: "Disconnects and reconnects with the same session_id",
    4: "The session state is restored",
    5: "Bob continues where he left off",
}

LABELS: Final = 6
ALSO: Final = {LABELS: "A label is bought once", 0: "What is not one's own"}
"""What is tried besides the steps."""

MOST_EVIDENCE: Final = 4


class Wrong(Exception):
    """It does not hold.

    Args:
        seen: what was seen instead, for a person.
        evidence: the entries or frames that show it.
    """

    def __init__(self, seen: str, *evidence: Entry | Json) -> None:
        super().__init__(seen)
        self.evidence = evidence[:MOST_EVIDENCE]


class NotTried(Exception):
    """It could not be tried here. ``str()`` says why."""


@dataclass(frozen=True)
class Check:
    """Something that must hold of a history. ``step`` is one of ``STEPS`` or ``ALSO``.

    ``judge`` looks at the history alone and returns what it saw; it raises ``Wrong`` or ``NotTried``.
    """

    id: str
    step: int
    what: str
    expected: str
    judge: Callable[[History], str]


@dataclass(frozen=True)
class Finding:
    """What came of a check; ``ok`` is None for one that could not be tried."""

    check: Check
    ok: bool | None
    seen: str
    evidence: list[str] = field(default_factory=list)


def examine(history: History, checks: Iterable[Check]) -> list[Finding]:
    """Hold a history to every check. What a broken server sends can make a check stumble: that is a failure too."""
    findings = []
    for check in checks:
        try:
            findings.append(Finding(check, True, check.judge(history)))
        except NotTried as reason:
            findings.append(Finding(check, None, str(reason)))
        except Wrong as wrong:
            findings.append(Finding(check, False, str(wrong), [_shown(piece) for piece in wrong.evidence]))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            seen = f"what came has not the form that was expected ({type(error).__name__}: {error})"
            findings.append(Finding(check, False, seen))
    return findings


def _shown(piece: Entry | Json) -> str:
    return str(piece) if isinstance(piece, Entry) else str(Entry(0, "", "got", piece)).partition("got  ")[2]
