"""Who waits for what: callers that come back to life when their answer is in."""

import asyncio
from typing import Generic, TypeVar

__all__ = ["Waiting"]

T = TypeVar("T")


class Waiting(Generic[T]):
    """Answers by id. Several callers may wait for the same one; nobody waiting means nothing is kept."""

    def __init__(self) -> None:
        self._futures: dict[str, asyncio.Future[T]] = {}
        self._callers: dict[str, int] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._futures

    def expect(self, id: str) -> None:
        """Begin to wait, before the answer can come. Every call needs one ``forget``."""
        if id not in self._futures:
            future = self._futures[id] = asyncio.get_running_loop().create_future()
            # An answer that comes while its caller is busy with something else is not an unhandled error.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._callers[id] = self._callers.get(id, 0) + 1

    async def answer(self, id: str) -> T:
        """The answer, once it is there. Raises what ``reject`` was given."""
        return await asyncio.shield(self._futures[id])

    def forget(self, id: str) -> None:
        """One caller is done."""
        self._callers[id] -= 1
        if not self._callers[id]:
            del self._callers[id], self._futures[id]

    def resolve(self, id: str, value: T) -> None:
        """The answer is in; without a caller it means nothing."""
        future = self._futures.get(id)
        if future is not None and not future.done():
            future.set_result(value)

    def reject(self, id: str, error: Exception) -> None:
        """There will be no answer."""
        future = self._futures.get(id)
        if future is not None and not future.done():
            future.set_exception(error)

    def reject_all(self, error: Exception) -> None:
        """There will be no answers."""
        for id in list(self._futures):
            self.reject(id, error)
