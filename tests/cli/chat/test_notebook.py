"""What is remembered of a server: kept for its owner only, whole or not at all."""

import json
import stat
from pathlib import Path

import pytest

from shipanion.cli.chat.notebook import Notebook
from shipanion.cli.sign_in import Token
from shipanion.errors import ConfigurationError

SERVER = "http://127.0.0.1:8000"
TOKEN = Token("secret", 2_000_000_000.0, 100.0)


def test_a_guest_is_found_again(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "client", SERVER)
    assert notebook.guest() is None
    notebook.keep_guest(TOKEN)
    assert Notebook(tmp_path / "client", SERVER).guest() == TOKEN
    assert Notebook(tmp_path / "client", "http://elsewhere").guest() is None, "a token is for one server"


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "client", SERVER)
    notebook.keep_guest(TOKEN)
    notebook.keep_last("guest", {"name": "a"})
    assert stat.S_IMODE(notebook.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(notebook.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in notebook.path.parent.iterdir()] == [notebook.path.name], "nothing is left over"


def test_each_person_has_a_place_of_their_own(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path, SERVER)
    notebook.keep_guest(TOKEN)
    notebook.keep_last("guest", {"name": "a"})
    notebook.keep_last("user:ana", {"session_id": "s-1"})
    assert notebook.last("guest") == {"name": "a"}
    assert notebook.last("user:ana") == {"session_id": "s-1"}
    assert notebook.last("user:bo") is None
    assert notebook.guest() == TOKEN


def test_a_session_begun_here_is_found_with_all_that_was_kept_of_it(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path, SERVER)
    notebook.keep_name("s-1", "a")
    assert notebook.conversation("s-1") == {"name": "a"}
    assert notebook.conversation("s-2") == {"session_id": "s-2"}
    for number in range(250):
        notebook.keep_name(f"n-{number}", f"b{number}")
    assert notebook.conversation("s-1") == {"session_id": "s-1"}, "the oldest are forgotten"
    assert notebook.conversation("n-249") == {"name": "b249"}


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 99}', '{"version": 1, "guest": {"token": "x"}}', "\x00"])
def test_a_file_that_cannot_be_read_makes_no_new_guest(tmp_path: Path, text: str) -> None:
    notebook = Notebook(tmp_path, SERVER)
    notebook.path.write_text(text)
    with pytest.raises(ConfigurationError, match="move it away"):
        notebook.guest()
    assert notebook.path.read_text() == text


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="--data"):
        Notebook(tmp_path / "file" / "client", SERVER)
    notebook = Notebook(tmp_path / "gone", SERVER)
    notebook.path.parent.rmdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        notebook.keep_last("guest", {"name": "a"})


def test_the_file_says_which_server_it_is_for(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path, SERVER)
    notebook.keep_last("guest", {"name": "a"})
    assert json.loads(notebook.path.read_text())["server"] == SERVER
