"""``shipanion chat`` where it cannot begin: one sentence, exit code 2. Conversations are end-to-end tests."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shipanion.cli import app


def chat(data: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["chat", "--data", str(data), *arguments], input="hello\n", env=environment)


def assert_cannot(answer: Result, *words: str) -> None:
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    for word in words:
        assert word in answer.stderr


def test_options_that_exclude_each_other(tmp_path: Path) -> None:
    assert_cannot(chat(tmp_path, "--user", "ana", "--token", "t"), "--user", "--token")
    assert_cannot(chat(tmp_path, "--session", "s", "--new"), "--session", "--new")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_cannot(chat(tmp_path / "file"), "--data")


def test_no_address(tmp_path: Path) -> None:
    assert_cannot(chat(tmp_path, "--url", "banana"), "banana")


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert_cannot(chat(tmp_path, "--url", f"http://127.0.0.1:{port}"), str(port), "make run")


def test_a_password_needs_somebody_to_ask(tmp_path: Path) -> None:
    assert_cannot(chat(tmp_path, "--user", "ana"), "terminal")


@pytest.mark.parametrize("given", [True, False])
def test_where_things_are_kept(tmp_path: Path, given: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    arguments = ["chat", "--url", url] + (["--data", str(tmp_path / "named")] if given else [])
    answer = CliRunner().invoke(app, arguments, input="", env={"SHIPANION_DATA": str(tmp_path / "data")})
    assert answer.exit_code == 2
    folder = tmp_path / "named" if given else tmp_path / "data" / "client"
    assert (folder / "device").exists()
