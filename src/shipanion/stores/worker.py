"""A thread that does what is queued, everything that waits at a time.

Work that comes while the thread is busy waits together and is done together: this is what lets one commit
carry many writes. The answers of one round reach the event loop in one callback, in the order the work was
queued.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

__all__ = ["Answer", "Worker", "settle"]

_log = logging.getLogger(__name__)

T = TypeVar("T")
Answer = Callable[[], object]
"""Called on the event loop, to tell whoever waits."""


class Worker(Generic[T]):
    """Hands everything queued to ``work``, on a thread of its own, and posts the answers it returns.

    Args:
        name: of the thread.
        work: does one round; must not raise. What it returns is called on the loop, in order.
        limit: how much weight one round takes at most (one item more than fits is never split).
        finish: called on the thread after the last round.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[T]], Sequence[Answer]],
        *,
        limit: int,
        finish: Callable[[], object] = lambda: None,
    ) -> None:
        self._work = work
        self._finish = finish
        self._limit = limit
        self._queue: SimpleQueue[tuple[T, int] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: T, weight: int = 1) -> None:
        """Queue ``item``; returns at once. After ``stop`` it is never done."""
        self._queue.put((item, weight))

    async def stop(self) -> None:
        """Let the thread do what is queued and end; its answers have been given when this returns."""
        self._queue.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    def _run(self) -> None:
        more = True
        while more:
            items, more = self._take()
            answers: Sequence[Answer] = ()
            if items:
                try:
                    answers = self._work(items)
                except Exception:
                    _log.exception("a round of %s failed", self._thread.name)
            if answers:
                self._post(_give, answers)
        try:
            self._finish()
        except Exception:
            _log.exception("%s did not end cleanly", self._thread.name)
        self._post(self._ended.set_result, None)

    def _take(self) -> tuple[list[T], bool]:
        """Wait for work and take what is there; False with it when ``stop`` was called."""
        items: list[T] = []
        weight = 0
        queue = self._queue
        entry = queue.get()
        while entry is not None:
            items.append(entry[0])
            weight += entry[1]
            if weight >= self._limit or queue.empty():
                return items, True
            entry = queue.get()
        return items, False

    def _post(self, call: Callable[..., object], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            _log.warning("%s had answers for an event loop that is closed", self._thread.name)


def _give(answers: Sequence[Answer]) -> None:
    for answer in answers:
        try:
            answer()
        except Exception as error:
            # One receiver's fault must not keep the others' answers from them.
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a receiver of a store's answer failed", "exception": error}
            )


def settle(future: asyncio.Future[Any] | None, outcome: Any) -> None:
    """Give ``outcome`` to whoever waits for ``future``: an exception is raised there, anything else
    returned."""
    if future is None or future.done():  # done: whoever waited was cancelled
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
