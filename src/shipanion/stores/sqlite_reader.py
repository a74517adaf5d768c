"""Does reads for a ``Worker``, on a connection of their own: they wait for no writer."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from shipanion.errors import StoreUnavailable
from shipanion.stores.sqlite_file import connect, explain
from shipanion.stores.worker import Answer, settle

__all__ = ["Read", "Reader"]

_log = logging.getLogger(__name__)


class Read(NamedTuple):
    """A function of a connection and its further arguments; ``future`` gets what it returns."""

    run: Callable[..., Any]
    args: tuple[Any, ...]
    future: asyncio.Future[Any]


class Reader:
    """One connection, opened when first needed and again after an error."""

    def __init__(self, path: Path, *, busy_ms: int) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._connection: sqlite3.Connection | None = None

    def work(self, reads: list[Read]) -> list[Answer]:
        """Do one round; never raises."""
        return [partial(settle, read.future, self._outcome(read)) for read in reads]

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _outcome(self, read: Read) -> Any:
        if read.future.cancelled():
            return None
        try:
            if self._connection is None:
                self._connection = connect(self._path, busy_ms=self._busy_ms, cache_kib=16384, reading=True)
            return read.run(self._connection, *read.args)
        except sqlite3.Error as error:
            message = explain(self._path, error)
            _log.error("a read failed: %s", message)
            self.close()
            return StoreUnavailable(message)
        except Exception as error:
            return error
