"""The golden dialogues, and the runner that plays them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.dialogues import SCENARIOS, WrongDialogue, load, play, registered

FILES = sorted(SCENARIOS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialogue(path: Path) -> None:
    dialogue = load(path)
    if dialogue["machine"] not in registered():
        pytest.skip(f"NOT RUN: no adapter plays the {dialogue['machine']}")
    assert play(dialogue) > 0


def test_the_list_names_every_file() -> None:
    listed = re.findall(r"^- `([a-z0-9-]+)`", (SCENARIOS / "README.md").read_text(encoding="utf-8"), re.M)
    assert sorted(listed) == sorted(path.stem for path in FILES)


def test_names_say_the_machine() -> None:
    assert [path.name for path in FILES if not path.stem.startswith(load(path)["machine"] + "-")] == []


START: dict[str, Any] = {
    "at_ms": 0,
    "call": "start",
    "expect": [
        {"out": "banner", "status": "connecting"},
        {"out": "open", "connection": 1, "query": {}},
        {"out": "set_timer", "at": 10000},
    ],
}


def spoilt(**changes: Any) -> dict[str, Any]:
    return {"name": "x", "machine": "client", "given": {}, "steps": [{**START, **changes}]}


def test_a_right_dialogue_passes() -> None:
    assert play(spoilt()) == 3


@pytest.mark.parametrize(
    ("dialogue", "words"),
    [
        (spoilt(expect=START["expect"][:2]), "not listed"),
        (spoilt(expect=[*START["expect"], {"out": "close"}]), "nothing came"),
        (spoilt(expect=START["expect"][::-1]), "came\n"),
        (spoilt(raises="MachineError"), "nothing was raised"),
        (spoilt(call="nonsense"), "no input"),
        (spoilt(hope=1), "unknown words"),
        (spoilt(call="opened"), "raised"),
        (spoilt(timer=True), "one input at most"),
        ({**spoilt(), "steps": [START, {"at_ms": 9999, "timer": True}]}, "stands at 10000"),
        ({**spoilt(), "steps": [START, {"at_ms": 10001, "call": "opened"}]}, "should have fired"),
        ({**spoilt(), "steps": [{**START, "at_ms": 5}, {"at_ms": 4, "call": "opened"}]}, "backwards"),
    ],
)
def test_a_wrong_dialogue_fails(dialogue: dict[str, Any], words: str) -> None:
    if dialogue["steps"][0]["at_ms"] == 5:
        dialogue["steps"][0]["expect"] = [*START["expect"][:2], {"out": "set_timer", "at": 10005}]
    with pytest.raises(WrongDialogue, match=words):
        play(dialogue)
