"""How long a client waits before it comes back: full jitter, inside the window the server gave.

Full jitter means that the wait is uniform between nothing and a ceiling that doubles. Thousands of clients
that lost the same server in the same instant are so spread from the very first try. The dice are an argument.
"""

from shipanion.protocol.frames import ReconnectWindow

__all__ = ["Backoff", "delay_ms", "spread_ms"]

_DOUBLINGS = 32


def delay_ms(attempt: int, roll: float, window: ReconnectWindow) -> int:
    """Milliseconds until the next try.

    Args:
        attempt: how many tries failed since the connection last held; 0 for the first.
        roll: a fresh random number, 0 <= roll <= 1.
        window: the server's; the ceiling starts at ``min_ms``, doubles with every try and ends at ``max_ms``.

    Raises:
        ValueError: ``attempt`` is negative or ``roll`` is outside 0..1.
    """
    if attempt < 0:
        raise ValueError("attempt counts from 0")
    ceiling = min(window.max_ms, window.min_ms * 2 ** min(attempt, _DOUBLINGS))
    return spread_ms(0, max(0, ceiling), roll)


def spread_ms(base_ms: int, window_ms: int, roll: float) -> int:
    """``base_ms`` plus an even share of ``window_ms``: how clients of a leaving server come back one by one.

    Raises:
        ValueError: ``roll`` is outside 0..1.
    """
    if not 0 <= roll <= 1:
        raise ValueError("a roll lies between 0 and 1")
    return max(0, base_ms) + int(max(0, window_ms) * roll)


class Backoff:
    """When one client comes back next. Times are on the caller's clock, in milliseconds."""

    def __init__(self) -> None:
        self.window = ReconnectWindow()
        self.attempt = 0
        self.offline = False
        self.not_before = 0
        self._spread: int | None = None

    def welcomed(self, window: ReconnectWindow) -> None:
        """A server let us in: what an earlier one asked for is over."""
        self.window = window
        self.not_before = 0
        self._spread = None

    def asked_to_wait(self, until: int, spread: int | None = None) -> None:
        """The server named a time, and how far clients shall spread after it. The latest time holds."""
        self.not_before = max(self.not_before, until)
        if spread is not None:
            self._spread = spread

    def opening(self) -> None:
        """A try begins. The spread was for the first one; further ones go by the backoff."""
        self._spread = None

    def plan(self, now: int, roll: float) -> int | None:
        """The time of the next try, which is counted; None while there is no network."""
        wait = delay_ms(self.attempt, roll, self.window)
        if self._spread is not None:
            wait = spread_ms(0, self._spread, roll)
        self.attempt += 1
        return None if self.offline else max(now, self.not_before) + wait

    def reset(self) -> None:
        """Somebody asked not to wait, or the network came back."""
        self.attempt = 0
        self.offline = False

    def soonest(self) -> int:
        """The first time the server would have us; this try is counted like a planned one."""
        self.attempt += 1
        return self.not_before
