"""Flags in the help: nothing after them that one could think of giving."""

from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from shipanion.cli import app


def words_of(command: Any) -> list[list[str]]:
    """What calls each command, groups and the program itself included."""
    below = getattr(command, "commands", {})
    return [[], *([name, *words] for name, child in below.items() for words in words_of(child))]


@pytest.mark.parametrize("words", words_of(get_command(app)), ids=" ".join)
def test_no_flag_asks_for_a_value(words: list[str]) -> None:
    answer = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert answer.exit_code == 0
    assert "--help" in answer.output
    assert "bool" not in answer.output.lower()


def test_options_still_say_what_they_take() -> None:
    assert "int" in CliRunner().invoke(app, ["effects", "--help"]).output.lower().split("--limit")[1]
