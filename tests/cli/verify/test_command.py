"""``shipanion verify`` where it cannot begin: one sentence, exit code 2. The runs themselves are end-to-end tests."""

import socket
from collections import Counter

import pytest
from typer.testing import CliRunner, Result

from shipanion.cli import app
from shipanion.cli.verify.check import ALSO, STEPS
from shipanion.cli.verify.command import CHECKS, LABEL_CHECKS
from tests.support.server_process import ServerProcess


def verify(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["verify", *arguments], input=typed)


def assert_cannot(answer: Result, *words: str) -> None:
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    for word in words:
        assert word in answer.stderr


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    assert_cannot(verify(url), url, "make run")
    assert_cannot(verify(url, "--token", "t"), f"127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:8000", "http://", "http://x:99999"])
def test_no_address(url: str) -> None:
    assert_cannot(verify(url), url, "http://127.0.0.1:8000")


def test_two_ways_to_sign_in() -> None:
    assert_cannot(verify("http://127.0.0.1:1", "--user", "ana", "--token", "t"), "--user", "--token")


def test_sign_ins_that_are_refused(verified_server: ServerProcess) -> None:
    url = verified_server.url
    assert_cannot(verify(url, "--token", "forged"), "refused the token")
    assert_cannot(verify(url, "--user", "nobody", "--password-stdin", typed="wrong\n"), "sign-in was refused")
    assert_cannot(verify(url, "--user", "nobody", typed=""), "--password-stdin")


def test_every_step_has_checks_and_every_check_its_own_name() -> None:
    checks = [*CHECKS, *LABEL_CHECKS]
    assert {check.step for check in checks} == {*STEPS, *ALSO}
    assert not [id for id, count in Counter(check.id for check in checks).items() if count > 1]


def test_the_help_says_what_the_exit_codes_mean() -> None:
    answer = verify("--help")
    assert answer.exit_code == 0
    assert "1 a check failed" in " ".join(answer.output.split())
