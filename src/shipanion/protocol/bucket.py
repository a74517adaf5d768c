"""A token bucket: so many frames at once, so many per second after that. Time is an argument."""

import math

__all__ = ["TokenBucket"]

# A sum of many small refills may fall short of a whole token by this much.
_ROUNDING = 1e-9


class TokenBucket:
    """Holds up to ``burst`` tokens, refilled at ``per_second``. Starts full.

    Several connections of one person may share one.
    """

    __slots__ = ("__weakref__", "_at", "_tokens", "burst", "per_second")

    def __init__(self, *, per_second: float, burst: float) -> None:
        self.per_second = per_second
        self.burst = burst
        self._tokens = burst
        self._at: int | None = None

    def take(self, now: int) -> int:
        """Take one token at ``now`` (ms). Returns 0, or how many milliseconds until one is there.

        A clock that jumps back refills nothing and takes nothing away.
        """
        if self._at is not None and now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second / 1000)
        self._at = now
        if self._tokens >= 1 - _ROUNDING:
            self._tokens = max(0.0, self._tokens - 1)
            return 0
        return max(1, math.ceil((1 - self._tokens) * 1000 / self.per_second - _ROUNDING))
