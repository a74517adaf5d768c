"""Opening a file rightly, and saying what is wrong with it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from shipanion.errors import StoreUnavailable
from shipanion.stores.sqlite_file import FileLock, connect, explain, flush_log, make_folder

FILE = Path("/data/store.sqlite3")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "is full"),
        (sqlite3.SQLITE_BUSY, "locked by another program"),
        (sqlite3.SQLITE_IOERR | (4 << 8), "Check the disk"),  # SQLITE_IOERR_FSYNC
        (sqlite3.SQLITE_READONLY, "Check the rights"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_NOTADB, "not a Shipanion database"),
        (sqlite3.SQLITE_ERROR, "cannot be used now"),
    ],
)
def test_every_fault_names_the_file(code: int, words: str) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    sentence = explain(FILE, error)
    assert str(FILE) in sentence
    assert words in sentence


def test_a_fault_of_another_kind_is_told_too() -> None:
    assert explain(FILE, MemoryError("no memory")) == f"{FILE} cannot be used now (no memory)."


def test_a_connection_syncs_every_commit_and_leaves_the_log_alone(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "f", busy_ms=321, cache_kib=1000)) as connection:
        expected = {
            "journal_mode": "wal",
            "synchronous": 2,
            "fullfsync": 1,
            "checkpoint_fullfsync": 1,
            "wal_autocheckpoint": 0,
            "busy_timeout": 321,
            "cache_size": -1000,
        }
        assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in expected} == expected
        assert connection.isolation_level is None


def test_a_reading_connection_cannot_write(tmp_path: Path) -> None:
    with (
        closing(connect(tmp_path / "f", busy_ms=10, reading=True)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("CREATE TABLE t (x)")


def test_flushing_the_log_waits_for_another_checkpoint_and_then_gives_up(tmp_path: Path) -> None:
    file = tmp_path / "f"
    with closing(connect(file, busy_ms=50)) as connection, closing(connect(file, busy_ms=50)) as reader:
        connection.execute("CREATE TABLE t (x)")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.OperationalError, match="in use") as refused:
            flush_log(connection, wait_ms=20)
        assert refused.value.sqlite_errorcode == sqlite3.SQLITE_BUSY
        reader.execute("COMMIT")
        flush_log(connection, wait_ms=20)
    assert not file.with_name("f-wal").exists()


def test_a_folder_and_file_are_made_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "f"
    make_folder(file)
    file.write_text("kept")
    make_folder(file)
    assert file.read_text() == "kept"


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for file in [tmp_path / "a" / "f", tmp_path / "a" / "b" / "f"]:
        with pytest.raises(StoreUnavailable, match="--store"):
            make_folder(file)


class TestFileLock:
    def test_one_holds_it(self, tmp_path: Path) -> None:
        first, second = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
        assert first.take() is True
        assert second.take(0.05) is False
        first.release()
        assert second.take() is True
        second.release()
        second.release()

    def test_a_dead_process_holds_nothing(self, tmp_path: Path) -> None:
        code = (
            "import pathlib, sys; from shipanion.stores.sqlite_file import FileLock; "
            "lock = FileLock(pathlib.Path(sys.argv[1])); print(lock.take(), flush=True); sys.stdin.read()"
        )
        lock = FileLock(tmp_path / "l")
        command = [sys.executable, "-c", code, str(tmp_path / "l")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "True\n"
            assert lock.take() is False
            holder.kill()
        assert lock.take(5) is True
        lock.release()
