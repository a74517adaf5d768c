"""What a person and a program are told about a run."""

import io
import json

import pytest
from rich.console import Console

from shipanion.cli.verify.check import LABELS, Check, Finding
from shipanion.cli.verify.history import History
from shipanion.cli.verify.report import as_json, holds, print_report


def finding(id: str, step: int, ok: bool | None, seen: str = "seen", evidence: list[str] | None = None) -> Finding:
    check = Check(id, step, f"what of {id}", f"expected of {id}", lambda history: "")
    return Finding(check, ok, seen, evidence or [])


GOOD = [finding("a", 1, True), finding("b", 2, True), finding("c", 0, None, "nobody else")]
BAD = [finding("a", 1, True), finding("b", 4, False, "twice: [7]", ["page got \x1b[2J{}"])]


def printed(findings: list[Finding], width: int = 100, history: History | None = None) -> str:
    out = io.StringIO()
    print_report(Console(file=out, width=width), "http://x", findings, [History(), history or History()], 1.25)
    return out.getvalue()


def test_a_table_of_what_was_checked() -> None:
    text = printed(GOOD)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "what expected seen ok"
    assert "1 Connects to the WebSocket server" in lines
    assert "what of a expected of a seen ok" in lines
    assert "what of c expected of c nobody else not tried" in lines
    assert lines[-1] == "http://x: session continuity holds: 2 checks passed, 1 not tried (1.2 s)."


def test_what_failed_is_named_and_shown() -> None:
    history = History(ended="no more")
    history.add("back", "missed", {"waited_for": "the event at 7"})
    text = printed(BAD, history=history)
    assert "FAILED b: twice: [7]" in text
    assert "expected: expected of b" in text
    assert "waited in vain on back for the event at 7" in text
    assert "The run did not come to its end: no more." in text
    assert "1 of 2 checks failed: b (1.2 s)." in text
    assert "\x1b" not in text, "what a server sends must not reach the terminal as it is"


@pytest.mark.parametrize("width", [20, 40, 400])
def test_no_width_loses_the_verdict(width: int) -> None:
    text = printed(BAD, width)
    assert text.count("FAILED") == 2
    assert max(map(len, text.splitlines())) <= width


def test_for_a_program() -> None:
    report = json.loads(json.dumps(as_json("http://x", BAD, [History(), History()], 1.25)))
    assert report["ok"] is False
    assert report["seconds"] == 1.25
    assert [check["id"] for check in report["checks"]] == ["a", "b"]
    assert report["checks"][1] == {
        "id": "b",
        "step": 4,
        "what": "what of b",
        "expected": "expected of b",
        "seen": "twice: [7]",
        "ok": False,
        "evidence": ["page got \x1b[2J{}"],
    }
    assert "ended" not in report


def test_labels_stand_beside_the_steps() -> None:
    findings = [*GOOD, finding("d", LABELS, True)]
    lines = [" ".join(line.split()) for line in printed(findings).splitlines()]
    assert lines.index("+ A label is bought once") < lines.index("+ What is not one's own")
    told = "session continuity holds, and a label is bought once: 3 checks passed"
    assert " ".join(lines).endswith(f"http://x: {told}, 1 not tried (1.2 s).")
    report = as_json("http://x", findings, [History(ended="a"), History(ended="b")], 1)
    assert [check["step"] for check in report["checks"]] == [1, 2, None, None]
    assert report["ended"] == "a; b"


def test_what_was_not_tried_is_no_failure() -> None:
    assert holds(GOOD)
    assert not holds(BAD)
