"""The one writer: commits whatever is queued as one group, and stays honest when that fails."""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from shipanion.errors import StoreUnavailable
from shipanion.stores.base import Done, Result, Step, Unavailable
from shipanion.stores.sqlite_checkpoint import Checkpointer
from shipanion.stores.sqlite_file import connect, explain, flush_log
from shipanion.stores.sqlite_ledger import Ledger
from shipanion.stores.worker import Answer, settle

__all__ = ["Change", "Job", "Submission", "Writer"]

_log = logging.getLogger(__name__)


class Submission(NamedTuple):
    """Steps, and who gets their results."""

    steps: Sequence[Step]
    done: Done


class Change(NamedTuple):
    """Any other change; ``future`` gets what ``run`` returns, None when nobody waits for it."""

    run: Callable[[Ledger], Any]
    future: asyncio.Future[Any] | None


Job = Submission | Change


class Writer:
    """Does rounds of jobs for a ``Worker``, on the worker's thread.

    A group is written without savepoints, because every check of a step comes before its first write. Should
    a write raise all the same, the group is rolled back and done again with a savepoint around each step.

    When the database itself fails (a full disk, a failed sync) nothing of the group is answered as done. The
    connection is opened anew, and before anything else is answered the log must be flushed: what a failed
    sync left in it may look committed without being on disk.
    """

    def __init__(self, path: Path, *, busy_ms: int, checkpointer: Checkpointer) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._checkpointer = checkpointer
        self._ledger: Ledger | None = None
        self._writing = False
        self._doubt = False
        self._late: deque[Job] = deque()

    def open(self) -> None:
        """Connect; from now on commits of other programs are noticed.

        Raises:
            StoreUnavailable: the file cannot be used.
        """
        try:
            self._ledger = self._connect()
        except sqlite3.Error as error:
            raise StoreUnavailable(explain(self._path, error)) from error

    def work(self, jobs: list[Job]) -> list[Answer]:
        """Do one group; never raises."""
        jobs = [*self._late, *jobs]
        try:
            outcomes = self._commit(self._ready(), jobs)
        except Exception as error:
            outcomes = self._fail(jobs, error)
        else:
            self._late.clear()
        return [_answer(job, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]

    def close(self) -> None:
        """Let go of the file."""
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            try:
                ledger.connection.close()
            except sqlite3.Error as error:
                _log.warning("closing %s: %s", self._path, error)

    def _ready(self) -> Ledger:
        ledger = self._ledger
        if ledger is None:
            ledger = self._ledger = self._connect()
            ledger.elsewhere = True  # nobody watched meanwhile
        if self._doubt:
            flush_log(ledger.connection, wait_ms=self._busy_ms)
            self._doubt = False
        self._checkpointer.finish_with(ledger.connection)
        return ledger

    def _connect(self) -> Ledger:
        return Ledger(connect(self._path, busy_ms=self._busy_ms, cache_kib=16384))

    def _commit(self, ledger: Ledger, jobs: list[Job]) -> list[Any]:
        """What came of each job, once all of it is on disk."""
        ledger.begin()
        self._writing = True
        try:
            ledger.ask_ids(step for job in jobs if isinstance(job, Submission) for step in job.steps)
            outcomes = [_outcome(ledger, job) for job in jobs]
            ledger.flush()
        except Exception as error:
            if not _of_one_change(error):
                raise
            ledger.roll_back()
            ledger.begin()
            outcomes = [_outcome_alone(ledger, job) for job in jobs]
        changed = ledger.commit()
        self._writing = False
        if changed:
            self._checkpointer.wrote()
        return outcomes

    def _fail(self, jobs: list[Job], error: Exception) -> list[Any]:
        """The outcome of a whole group that could not be written."""
        message = explain(self._path, error)
        _log.error("%d changes were not stored: %s", len(jobs), message)
        self._doubt = self._doubt or self._writing
        self._writing = False
        self.close()
        # Nobody waits for these, so nobody would try them again.
        self._late = deque((job for job in jobs if isinstance(job, Change) and job.future is None), maxlen=1000)
        unavailable = Unavailable(message=message)
        return [
            [unavailable] * len(job.steps) if isinstance(job, Submission) else StoreUnavailable(message) for job in jobs
        ]


def _outcome(ledger: Ledger, job: Job) -> Any:
    if isinstance(job, Submission):
        return [ledger.apply(step) for step in job.steps]
    ledger.flush()
    return job.run(ledger)


def _outcome_alone(ledger: Ledger, job: Job) -> Any:
    """As ``_outcome``; what raises is undone by itself and its error is the outcome."""
    if isinstance(job, Submission):
        return [_result_alone(ledger, step) for step in job.steps]
    try:
        return ledger.alone(partial(job.run, ledger))
    except Exception as error:
        if not _of_one_change(error):
            raise
        if job.future is None:
            _log.exception("a change nobody waits for cannot be written")
        return error


def _result_alone(ledger: Ledger, step: Step) -> Result:
    try:
        return ledger.alone(partial(ledger.apply, step))
    except Exception as error:
        if not _of_one_change(error):
            raise
        _log.exception("a step of session %s cannot be written", step.session_id)
        return Unavailable(message=f"This change cannot be stored ({error}).")


def _of_one_change(error: Exception) -> bool:
    """Whether only the change that raised is at fault, and not the database."""
    if isinstance(error, sqlite3.DatabaseError):
        return isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.ProgrammingError)
    return not isinstance(error, MemoryError)


def _answer(job: Job, outcome: Any) -> Answer:
    if isinstance(job, Submission):
        return partial(job.done, outcome)
    return partial(settle, job.future, outcome)
