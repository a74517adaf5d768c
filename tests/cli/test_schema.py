"""``shipanion schema``, run as a person runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from shipanion.app.schema import schema_text

ROOT = Path(__file__).resolve().parents[2]


def shipanion(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shipanion", "schema", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=30)


def test_it_prints_the_schema() -> None:
    done = shipanion()
    assert (done.returncode, done.stdout, done.stderr) == (0, schema_text(), "")


def test_the_file_in_the_project_is_up_to_date() -> None:
    done = shipanion("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_file_that_is_not_is_refused_with_the_way_out(tmp_path: Path) -> None:
    stale = tmp_path / "wire.schema.json"
    stale.write_text(schema_text().replace("shipanion.v1", "shipanion.v0"), encoding="utf-8")
    done = shipanion("--check", "--file", str(stale))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"shipanion schema > {stale}" in done.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["absent", "not text"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "wire.schema.json"
    if content is not None:
        file.write_bytes(content)
    done = shipanion("--check", "--file", str(file))
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
