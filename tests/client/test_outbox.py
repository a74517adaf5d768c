"""What a client keeps on disk survives it, and is never shared by two at once."""

import itertools
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipanion.client.outbox import FileOutbox, Kept, MemoryOutbox, device_id
from shipanion.errors import ConfigurationError, StoreTooNew, StoreUnavailable
from shipanion.protocol.position import Position


def new_ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"new-{next(numbers)}"


def command(id: str) -> dict[str, Any]:
    return {"type": "user_message", "id": id, "text": "é"}


def ids(kept: Kept) -> list[str]:
    return [one["id"] for one in kept.commands()]


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "memory":
        return MemoryOutbox("new-1")
    return FileOutbox(tmp_path, "c", new_ids())


def test_commands_stay_in_order_until_they_are_decided(kept: Kept) -> None:
    for id in "abc":
        kept.add(command(id))
    kept.settle("b")
    kept.settle("never here")
    kept.add(command("a"))
    assert kept.commands() == [command("a"), command("c")]
    kept.close()


def test_place_and_state_are_kept_together(kept: Kept) -> None:
    assert (kept.new, kept.session_id, kept.place) == ("new-1", None, None)
    kept.save("s", Position("e", 5), {"title": "Shoes"})
    assert (kept.session_id, kept.place) == ("s", (Position("e", 5), {"title": "Shoes"}))
    kept.close()


def test_a_second_life_finds_everything(tmp_path: Path) -> None:
    first = FileOutbox(tmp_path, "c", new_ids())
    first.add(command("a"))
    first.save("s", Position("e", 5), {"title": "Shoes"})
    first.save("s", Position("e", 6), {"title": "Boots"})
    first.close()
    second = FileOutbox(tmp_path, "c", lambda: "another")
    assert (second.new, second.session_id, ids(second)) == ("new-1", "s", ["a"])
    assert second.place == (Position("e", 6), {"title": "Boots"})
    second.close()


def test_conversations_are_apart(tmp_path: Path) -> None:
    one = FileOutbox(tmp_path, "http://a\ns-1", new_ids(), "s-1")
    two = FileOutbox(tmp_path, "http://a\ns-2", new_ids(), "s-2")
    one.add(command("a"))
    assert (two.session_id, ids(two)) == ("s-2", [])
    one.close()
    two.close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    kept = FileOutbox(tmp_path / "deep" / "er", "c", new_ids())
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    kept.close()


# --- two at once --------------------------------------------------------------------------------------------

CHILD = """
import sys, time
from pathlib import Path
from shipanion.client.outbox import FileOutbox
kept = FileOutbox(Path(sys.argv[1]), "c", lambda: "child")
kept.add({"type": "user_message", "id": "child", "text": "x"})
if len(sys.argv) > 2:
    from shipanion.protocol.position import Position
    kept.save(sys.argv[2], Position("e", 1), {})
print(kept.path.name, flush=True)
time.sleep(600)
"""


@pytest.fixture
def child(tmp_path: Path) -> Any:
    """Starts another process at the same conversation; all of them are dead in the end."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), *arguments], stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_second_process_is_a_client_of_its_own(tmp_path: Path, child: Any) -> None:
    _, name = child("s")
    ours = FileOutbox(tmp_path, "c", new_ids())
    assert ours.path.name != name
    assert (ours.new, ours.session_id, ids(ours)) == ("new-1", "s", [])
    ours.add(command("mine"))
    assert ids(ours) == ["mine"]
    ours.close()


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path, child: Any) -> None:
    ours = FileOutbox(tmp_path, "c", new_ids())
    ours.save("s", Position("e", 3), {})
    process, _ = child("s")
    ours.add(command("mine"))
    ours.close()
    kill(process)
    ours = FileOutbox(tmp_path, "c", new_ids())
    assert ids(ours) == ["mine", "child"]
    ours.close()
    # It was moved, not copied: whoever comes next in the dead process's place does not send it again.
    first, second = FileOutbox(tmp_path, "c", new_ids()), FileOutbox(tmp_path, "c", new_ids())
    assert (ids(first), ids(second)) == (["mine", "child"], [])
    first.close()
    second.close()


def test_what_was_meant_for_another_session_stays(tmp_path: Path, child: Any) -> None:
    ours = FileOutbox(tmp_path, "c", new_ids(), "s-1")
    process, _ = child("s-2")
    kill(process)
    ours.close()
    ours = FileOutbox(tmp_path, "c", new_ids(), "s-1")
    assert ids(ours) == []
    ours.close()


def test_the_file_of_a_killed_process_is_free_again(tmp_path: Path, child: Any) -> None:
    process, name = child()
    kill(process)
    ours = FileOutbox(tmp_path, "c", new_ids())
    assert (ours.path.name, ids(ours)) == (name, ["child"])
    ours.close()


# --- trouble ------------------------------------------------------------------------------------------------


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    FileOutbox(tmp_path, "c", new_ids()).close()
    (path,) = tmp_path.glob("*.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTooNew, match="newer"):
        FileOutbox(tmp_path, "c", new_ids())


def test_a_file_that_is_something_else_is_said(tmp_path: Path) -> None:
    FileOutbox(tmp_path, "c", new_ids()).close()
    (path,) = tmp_path.glob("*.db")
    path.write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(ConfigurationError, match="Name another folder"):
        FileOutbox(tmp_path, "c", new_ids())


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="Name another folder"):
        FileOutbox(tmp_path / "file" / "folder", "c", new_ids())
    with pytest.raises(ConfigurationError, match="Name another folder"):
        device_id(tmp_path / "file" / "folder", new_ids())


def test_a_write_that_fails_is_said(tmp_path: Path) -> None:
    kept = FileOutbox(tmp_path, "c", new_ids())
    kept.close()
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        kept.add(command("a"))


def test_a_device_keeps_its_id(tmp_path: Path) -> None:
    make = new_ids()
    assert [device_id(tmp_path, make), device_id(tmp_path, make)] == ["new-1", "new-1"]
