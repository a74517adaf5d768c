"""Moves what is in the write-ahead log into the database, beside the writer and never inside anybody's
commit."""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Final

from shipanion.stores.sqlite_file import connect

__all__ = ["Checkpointer"]

_log = logging.getLogger(__name__)

LONG_LOG: Final = 8192
"""Pages (32 MiB) from which on the writer helps. While it writes without pause, a checkpoint beside it is
always a little behind, and a log is only begun anew once all of it was moved."""


class Checkpointer:
    """A thread that moves the log every ``pause_s`` seconds while there are writes, and sleeps while there
    are none."""

    def __init__(self, path: Path, *, busy_ms: int, pause_s: float = 0.1) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._pause_s = pause_s
        self._written = threading.Event()
        self._stopping = threading.Event()
        self._long = False
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoint", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; blocks for as long as a checkpoint takes."""
        self._stopping.set()
        self._written.set()
        if self._thread.is_alive():
            self._thread.join()

    def wrote(self) -> None:
        """There is something new in the log."""
        self._written.set()

    def finish_with(self, connection: sqlite3.Connection) -> None:
        """Called by the writer between two groups: move the rest of a log that has become long."""
        if not self._long:
            return
        self._long = False
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            _log.warning("checkpoint of %s: %s", self._path, error)

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._written.wait()
            if self._stopping.wait(self._pause_s):
                break
            self._written.clear()
            if self._stopping.is_set():  # the wish to stop may have come after the pause, and was cleared just now
                break
            try:
                if connection is None:
                    connection = connect(self._path, busy_ms=self._busy_ms)
                _, logged, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except sqlite3.Error as error:
                # Nothing is lost: the log still holds it all, and the next round begins where this one did.
                _log.warning("checkpoint of %s: %s", self._path, error)
                self._written.set()
                if self._stopping.wait(1.0):
                    break
                continue
            self._long = logged >= LONG_LOG
            if moved < logged:
                self._written.set()
        if connection is not None:
            connection.close()
