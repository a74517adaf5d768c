"""``shipanion users``: accounts made and changed from a terminal, beside a running server too."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from shipanion.cli import app
from tests.support.server_process import ServerProcess

PASSWORD = "correct horse"


class Shell:
    """The command in this process, on one database."""

    def __init__(self, store: str) -> None:
        self.store = store

    def __call__(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        answer = CliRunner().invoke(app, ["users", *arguments, "--store", self.store], input=typed)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer.exit_code, answer.stdout, answer.stderr


@pytest.fixture
def users(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path}/s.db")


def test_an_account_is_made_listed_disabled_and_enabled(users: Shell) -> None:
    sentence = "There are no accounts yet. `shipanion users add NAME` makes one.\n"
    assert users("list") == (0, "", sentence), "what a program reads has no line in it"
    assert users("add", "zoe", "--password-stdin", typed=PASSWORD + "\n") == (0, "Account zoe was made.\n", "")
    assert users("add", "Al", "--password-stdin", typed=PASSWORD) == (0, "Account Al was made.\n", "")
    assert users("disable", "ZOE")[0] == 0
    rows = [line.split("\t")[:2] for line in users("list")[1].splitlines()]
    assert rows == [["Al", "enabled"], ["zoe", "disabled"]]
    assert users("list")[2] == ""
    assert users("enable", "zoe")[0] == 0
    assert "disabled" not in users("list")[1]


def test_a_line_ending_is_no_part_of_the_password_and_a_blank_is(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        users = Shell(f"sqlite:///{server.file}")
        users("add", "unix", "--password-stdin", typed=f"{PASSWORD} \nsecond line\n")
        users("add", "dos", "--password-stdin", typed=f"{PASSWORD} \r\n")
        for name in ("unix", "dos"):
            assert sign_in(server, name, f"{PASSWORD} ").status_code == 200
            assert sign_in(server, name, PASSWORD).status_code == 401


def test_changes_are_seen_by_a_running_server_at_once(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        users = Shell(f"sqlite:///{server.file}")
        users("add", "zoe", "--password-stdin", typed=PASSWORD)
        token = sign_in(server, "zoe", PASSWORD).json()["access_token"]
        assert who(server, token) == 200
        assert users("passwd", "zoe", "--password-stdin", typed="another horse")[0] == 0
        assert who(server, token) == 401
        assert sign_in(server, "zoe", PASSWORD).status_code == 401
        token = sign_in(server, "zoe", "another horse").json()["access_token"]
        users("disable", "zoe")
        assert who(server, token) == 403
        assert sign_in(server, "zoe", "another horse").status_code == 403
        users("enable", "zoe")
        assert sign_in(server, "zoe", "another horse").status_code == 200


def sign_in(server: ServerProcess, name: str, password: str) -> httpx.Response:
    form = {"username": name, "password": password}
    return httpx.post(f"{server.url}/token", data=form, timeout=10, trust_env=False)


def who(server: ServerProcess, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.url}/api/me", headers=headers, timeout=10, trust_env=False).status_code


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (["add", "zoe", "--password-stdin"], "short", "A password needs 8 to 1024 characters."),
        (["add", "zoe", "--password-stdin"], "", "A password needs"),
        (["add", "zoe", "--password-stdin"], "x" * 9_000, "A password needs"),
        (["add", "z\u202ee", "--password-stdin"], PASSWORD, "A name needs visible characters"),
        (["add", "zoe"], PASSWORD, "--password-stdin"),
        (["passwd", "zoe"], PASSWORD, "--password-stdin"),
        (["passwd", "zoe", "--password-stdin"], PASSWORD, "There is no account 'zoe'."),
        (["disable", "zoe"], "", "There is no account 'zoe'."),
        (["enable", "zoe"], "", "There is no account 'zoe'."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(users: Shell, arguments: list[str], typed: str, words: str) -> None:
    code, out, err = users(*arguments, typed=typed)
    assert (code, out) == (2, "")
    assert err.startswith("shipanion: ")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_name_is_taken_once(users: Shell) -> None:
    users("add", "zoe", "--password-stdin", typed=PASSWORD)
    code, _, err = users("add", "Zoe", "--password-stdin", typed=PASSWORD)
    assert (code, err) == (2, "shipanion: There is an account 'Zoe' already.\n")


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ("memory:", "keeps no accounts"),
        ("mysql://x", "Use sqlite:///FILE"),
        ("sqlite:////nowhere/at/all.db", "which is not a folder"),
    ],
)
def test_a_store_that_cannot_be_used(store: str, words: str) -> None:
    code, out, err = Shell(store)("list")
    assert (code, out) == (2, "")
    assert words in err


def test_at_a_terminal_it_asks_twice_without_showing_and_again_after_a_short_one(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/s.db"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "shipanion", "users", "add", "zoe", "--store", store]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = ""
    try:
        for awaited, typed in [
            ("Password: ", "short"),
            ("confirmation: ", "short"),
            ("1024 characters.\r\nPassword: ", PASSWORD),
            ("confirmation: ", PASSWORD),
            ("was made.", None),
        ]:
            said = read_until(ours, awaited)
            seen += said
            if typed is not None:
                os.write(ours, typed.encode() + b"\n")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert PASSWORD not in seen
    assert "short" not in seen
    assert Shell(store)("list")[1].startswith("zoe\tenabled")


def read_until(terminal: int, words: str, within: float = 20.0) -> str:
    until = time.monotonic() + within
    seen = ""
    while words not in seen:
        readable, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
        assert readable, f"waited for {words!r}, saw {seen!r}"
        seen += os.read(terminal, 4_096).decode()
    return seen
