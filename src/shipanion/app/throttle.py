"""How often things may be done. One table of numbers, with reasons; counted per fixed window on the
``limits`` library.

The library's own memory storage starts a thread for a hit (250 µs when hits are rare) and walks every key in
it, on the wall clock. The storage here is its documented extension point, filled in for one process and one
event loop: a monotonic clock, no thread, expired counters dropped as new ones come, and a bound on how many
there are.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

__all__ = ["RULES", "Rule", "Throttle", "address_key"]

Clock = Callable[[], float]
"""Seconds that only go forward."""


class Rule(NamedTuple):
    """A limit, as ``limits`` writes it, and why it is what it is."""

    limit: str
    why: str


RULES: Final[Mapping[str, Rule]] = {
    "sign_in_address": Rule(
        "30 per 5 minute",
        "Per address. A sign-in costs 64 MiB and 0.1 s; an office behind one address still gets in.",
    ),
    "sign_in_name": Rule(
        "10 per 15 minute",
        "Per name, counted anew after each success. Under 1,000 guesses a day, and a person who mistypes is "
        "not out for long.",
    ),
    "guest": Rule("60 per 10 minute", "Per address. Each guest is a row kept on disk; a classroom can still come in."),
    "account": Rule(
        "20 per 10 minute",
        "Per address. Each costs what a sign-in costs, and tells whether a name is taken; a classroom still gets in.",
    ),
    "ticket": Rule("60 per 1 minute", "Per person. An open page asks for one when its sign-in is about to end."),
    "tools": Rule("60 per 1 minute", "Per person. A tool may ask other companies' servers; people ask far less often."),
}
"""All limits by name. A refused request is told when to come again. Frames are counted by the node, by the second."""

MAX_KEYS: Final = 100_000
"""Counters kept per rule (about 20 MB); past it the one that would end first is dropped."""


class _Windows(Storage):
    """The counters of one rule. All its windows are equally long, so the oldest counter ends first."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        # key -> hits and end of its window, in the order of their ends. A plain dict is slow to pop from.
        self._counters: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._clock()
        self._drop_ended(now)
        hits, end = self._counters.get(key, (0, now + expiry))
        self._counters[key] = (hits + amount, end)
        if len(self._counters) > MAX_KEYS:
            self._counters.popitem(last=False)
        return hits + amount

    def _drop_ended(self, now: float) -> None:
        while self._counters:
            _, end = next(iter(self._counters.values()))
            if end > now:
                return
            self._counters.popitem(last=False)

    def get(self, key: str) -> int:
        self._drop_ended(self._clock())
        return self._counters.get(key, (0, 0.0))[0]

    def get_expiry(self, key: str) -> float:
        return self._counters.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        self._counters.pop(key, None)


class _Counted(NamedTuple):
    item: RateLimitItem
    storage: _Windows
    limiter: FixedWindowRateLimiter


class Throttle:
    """Counts, and says no in time. For one event loop; 3 µs a call.

    Args:
        on: False lets everything through (load tests).
        clock: monotonic seconds.
        rules: the table, for tests.
    """

    def __init__(self, *, on: bool = True, clock: Clock = time.monotonic, rules: Mapping[str, Rule] = RULES) -> None:
        self._on = on
        self._clock = clock
        self._counted = {name: self._prepare(rule) for name, rule in rules.items()}

    def _prepare(self, rule: Rule) -> _Counted:
        storage = _Windows(self._clock)
        return _Counted(parse(rule.limit), storage, FixedWindowRateLimiter(storage))

    def take(self, rule: str, who: str) -> int | None:
        """Count one use; None when it may go on, else how many milliseconds to wait (at least 1).

        Raises:
            KeyError: there is no such rule.
        """
        item, storage, limiter = self._counted[rule]
        if not self._on or limiter.hit(item, who):
            return None
        return max(1, math.ceil((storage.get_expiry(item.key_for(who)) - self._clock()) * 1000))

    def forget(self, rule: str, who: str) -> None:
        """Count anew for ``who``: they have shown that they are not the one to be kept out."""
        item, _, limiter = self._counted[rule]
        limiter.clear(item, who)


def address_key(host: str | None) -> str:
    """What stands for a peer's address when counting: an IPv4 address, or the /64 an IPv6 address lies in,
    since that is what one household is given (RFC 6177). Anything else counts as one and the same peer."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "local"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
