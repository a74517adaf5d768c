"""The terminal survives any text, locale and width."""

import io
import sys

import pytest
from rich.text import Text

from shipanion.cli.console import console, printable


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_an_encoding_lacks_is_shown_as_a_question_mark(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    console().print(Text("weight → 5 “lb” [b]ü[/b]"))
    sys.stdout.flush()
    shown = raw.getvalue().decode(encoding)
    assert shown.startswith("weight ")
    assert "[b]" in shown, "brackets that people type are not markup"


def test_a_very_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "3")
    assert console().width == 20


def test_text_from_elsewhere_cannot_steer_the_terminal() -> None:
    assert printable("\x1b[2Jclear\r\x07\x9b1m\u202e") == "\ufffd[2Jclear\ufffd\ufffd\ufffd1m\ufffd"
    assert printable("a\tb\nü 👩\u200d🚀 \u00a0東京") == "a\tb\nü 👩\u200d🚀 \u00a0東京"
