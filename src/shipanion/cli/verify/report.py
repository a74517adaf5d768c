"""What a run found, for a person and for a program."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shipanion.cli.console import printable
from shipanion.cli.verify.check import ALSO, LABELS, STEPS, Finding
from shipanion.cli.verify.history import History

__all__ = ["as_json", "holds", "print_report"]

WORDS: Final = {True: ("ok", "green"), False: ("FAILED", "bold red"), None: ("not tried", "yellow")}

MOST_MISSED: Final = 5
WIDEST: Final = 132


def holds(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed. What could not be tried is no failure."""
    return all(finding.ok is not False for finding in findings)


def print_report(
    console: Console, url: str, findings: Sequence[Finding], histories: Sequence[History], seconds: float
) -> None:
    """The table of what was checked, step by step; then, for what failed, the evidence."""
    width = min(console.width, WIDEST)
    console.print(_table(width, ("what", "expected", "seen", "ok"), style="dim"))
    for step, heading in (*STEPS.items(), *ALSO.items()):
        console.print(Text(f"{step if step in STEPS else '+'}  {heading}", style="bold"))
        rows = [_row(finding) for finding in findings if finding.check.step == step]
        console.print(_table(width, *rows))
    for finding in findings:
        if finding.ok is False:
            console.print(Text(f"FAILED {finding.check.id}: {printable(finding.seen)}", style="bold red"))
            console.print(Text(f"  expected: {finding.check.expected}"))
            for line in finding.evidence:
                console.print(Text(f"  {printable(line)}", style="dim"))
    _print_waits(console, histories, findings)
    console.print(Text(_sentence(url, findings, seconds)))


def _table(width: int, *rows: Sequence[Text | str], style: str = "") -> Table:
    """Rows under each other, with the same columns in every table of this width."""
    table = Table(box=None, show_header=False, width=width, padding=(0, 1, 0, 0), style=style)
    table.add_column(width=1)
    for ratio in (4, 4, 5):
        table.add_column(ratio=ratio, overflow="fold")
    table.add_column(width=9, no_wrap=True)
    for row in rows:
        table.add_row("", *row)
    return table


def _row(finding: Finding) -> list[Text]:
    word, style = WORDS[finding.ok]
    what, expected, seen = (
        Text(printable(text)) for text in (finding.check.what, finding.check.expected, finding.seen)
    )
    expected.stylize("dim")
    return [what, expected, seen, Text(word, style=style)]


def as_json(url: str, findings: Sequence[Finding], histories: Sequence[History], seconds: float) -> dict[str, Any]:
    """The same for programs: ``{url, ok, seconds, session_id, ended?, checks: [{id, step, what, expected, seen, ok,
    evidence}]}``; ``ok`` of a check is null where it could not be tried."""
    report: dict[str, Any] = {
        "url": url,
        "ok": holds(findings),
        "seconds": round(seconds, 3),
        "session_id": histories[0].session_id(),
        "checks": [
            {
                "id": finding.check.id,
                "step": finding.check.step if finding.check.step in STEPS else None,
                "what": finding.check.what,
                "expected": finding.check.expected,
                "seen": finding.seen,
                "ok": finding.ok,
                "evidence": finding.evidence,
            }
            for finding in findings
        ],
    }
    if ended := _ended(histories):
        report["ended"] = ended
    return report


def _ended(histories: Sequence[History]) -> str:
    return "; ".join(history.ended for history in histories if history.ended)


def _print_waits(console: Console, histories: Sequence[History], findings: Sequence[Finding]) -> None:
    if holds(findings):
        return
    missed = [entry for history in histories for entry in history.entries if entry.what == "missed"]
    for entry in missed[:MOST_MISSED]:
        console.print(Text(f"waited in vain on {entry.line} for {entry.frame['waited_for']}", style="dim"))
    if ended := _ended(histories):
        console.print(Text(f"The run did not come to its end: {printable(ended)}."))


def _sentence(url: str, findings: Sequence[Finding], seconds: float) -> str:
    good = sum(finding.ok is True for finding in findings)
    failed = [finding.check.id for finding in findings if finding.ok is False]
    not_tried = sum(finding.ok is None for finding in findings)
    rest = f", {not_tried} not tried" if not_tried else ""
    if failed:
        return f"{url}: {len(failed)} of {len(findings)} checks failed: {', '.join(failed)}{rest} ({seconds:.1f} s)."
    bought = any(finding.ok is True and finding.check.step == LABELS for finding in findings)
    holding = f"session continuity holds{', and a label is bought once' if bought else ''}"
    return f"{url}: {holding}: {good} checks passed{rest} ({seconds:.1f} s)."
