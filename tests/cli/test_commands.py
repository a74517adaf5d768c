"""The program as a whole: its version, its help, and what it says to a word it does not know."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from shipanion import __version__
from shipanion.cli import app

RUNNER = CliRunner()


def test_it_tells_its_version_however_it_is_called() -> None:
    assert RUNNER.invoke(app, ["--version"]).output == f"shipanion {__version__}\n"
    done = subprocess.run([sys.executable, "-m", "shipanion", "--version"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"shipanion {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["users", "--help"]])
def test_help_says_what_the_exit_codes_mean(arguments: list[str]) -> None:
    answer = RUNNER.invoke(app, arguments)
    assert answer.exit_code == 0
    assert "Exit codes:" in answer.output
    assert "2 it cannot be done as asked" in " ".join(answer.output.split())


def test_serve_names_every_option_with_its_variable() -> None:
    answer = RUNNER.invoke(app, ["serve", "--help"], env={"COLUMNS": "200"})
    for name in ("host", "port", "store", "bus", "data"):
        assert f"--{name}" in answer.output
        assert f"SHIPANION_{name.upper()}" in answer.output


@pytest.mark.parametrize(
    ("target", "name", "examples"), [("run", "serve", ["--port", "--data"]), ("chat", "chat", ["--url"])]
)
def test_make_help_names_options_that_there_are(target: str, name: str, examples: list[str]) -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    arguments = re.findall(rf'make {target} ARGS="([^"]*)"', makefile)
    assert [re.findall(r"--[a-z-]+", given) for given in arguments] == [examples]
    options = {option for part in get_command(app).commands[name].params for option in part.opts}  # type: ignore[attr-defined]
    assert set(examples) <= options


@pytest.mark.parametrize("arguments", [["swim"], ["users", "swim"], ["serve", "--swim"], ["serve", "--port", "banana"]])
def test_an_unknown_word_gets_exit_code_2(arguments: list[str]) -> None:
    assert RUNNER.invoke(app, arguments).exit_code == 2
