"""Both faces are faces."""

from shipanion.cli.chat.face import Face
from shipanion.cli.chat.lines import LineFace
from shipanion.cli.chat.terminal import TerminalFace


def test_both_faces_are_faces() -> None:
    kinds: list[type[Face]] = [LineFace, TerminalFace]  # what mypy holds to the port
    asked = [name for name in vars(Face) if not name.startswith("_")]
    assert {"line", "show", "said", "refresh", "secret"} <= set(asked)
    for kind in kinds:
        for name in asked:
            assert callable(getattr(kind, name)) or name in ("one_at_a_time", "scripted")
    assert TerminalFace.one_at_a_time is False
    assert LineFace.one_at_a_time is True
