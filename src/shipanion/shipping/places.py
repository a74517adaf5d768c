"""Towns and states: which ZIP codes a name such as "Portland, Maine" may mean.

The names come with the ``zipcodes`` package, those that USPS accepts beside a town's own included ("Hollywood"
in Los Angeles). Military ZIPs and ones no longer in use are left out, and so are ZIPs of single organisations
wherever the town has others. Names are compared by their words in lower case, "St." as "saint".

``preload()`` reads them once into arrays and one dictionary; a name is then found without looking at any other.
Measured: 0.5 s, 8 MB for 25,500 names, once; a lookup 2 to 50 µs. Without it the first lookup pays.
"""

import re
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shipanion.shipping.language.lexicon import ALIASES, STATES

__all__ = ["LONGEST_NAME", "PlaceBook", "Town", "find", "key_of", "loaded", "preload", "state_name"]

LONGEST_NAME = 5
"""Words of a name that are compared. Longer names exist, but nobody says them."""

_FULL = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
_WORD = re.compile(r"[a-z]+")
_MILITARY = frozenset({"Apo", "Fpo", "Dpo"})
_KINDS = {"STANDARD": 0, "PO BOX": 1, "UNIQUE": 2}
_STATE_NAMES = {code: " ".join(words).title() for words, code in reversed(list(STATES.items()))}


@dataclass(frozen=True, slots=True)
class Town:
    """One town in one state.

    ``zips``: the town's own before those of neighbours that may use its name, street addresses before PO boxes.
    """

    name: str
    state: str
    zips: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, {self.state}"


class PlaceBook:
    """All names, packed: per name a run of ZIPs, and per ZIP its state."""

    __slots__ = ("_runs", "_shown", "_state", "_states", "_zips")

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """``rows`` as the ``zipcodes`` package gives them."""
        self._shown: dict[str, str] = {}
        named: dict[str, list[int]] = {}
        states: dict[str, int] = {}
        for row in rows:
            if not row["active"] or row["city"] in _MILITARY or row["zip_code_type"] not in _KINDS:
                continue
            state = states.setdefault(row["state"], len(states))
            own = key_of(row["city"])
            if own.title() != row["city"]:
                self._shown[own] = row["city"]
            for key in {own, *map(key_of, row["acceptable_cities"])}:
                # One number that sorts by state, then kind, then whose name it is, then ZIP.
                rank = _KINDS[row["zip_code_type"]] * 2 + (key != own)
                if len(key) > 2:
                    named.setdefault(key, []).append((state * 8 + rank) * 100_000 + int(row["zip_code"]))
        self._states = tuple(states)
        self._zips = array("I")
        self._state = array("B")
        self._runs: dict[str, int] = {}
        for key, run in named.items():
            kept = sorted(_kept(run))
            self._runs[key] = len(self._zips) * 4096 + len(kept)
            self._zips.extend(packed % 100_000 for packed in kept)
            self._state.extend(packed // 800_000 for packed in kept)

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, key: str) -> bool:
        return key in self._runs

    def towns(self, key: str) -> Iterator[Town]:
        """The towns of this name, one a state."""
        start, count = divmod(self._runs.get(key, 0), 4096)
        found: dict[int, list[str]] = {}
        for at in range(start, start + count):
            found.setdefault(self._state[at], []).append(f"{self._zips[at]:05d}")
        for state, zips in found.items():
            yield Town(self._shown.get(key, key.title()), self._states[state], tuple(zips))


def _kept(run: list[int]) -> Iterator[int]:
    """Without ZIPs of single organisations where the town has others in the same state."""
    open_to_all = {packed // 800_000 for packed in run if packed // 100_000 % 8 < 4}
    for packed in set(run):
        if packed // 100_000 % 8 < 4 or packed // 800_000 not in open_to_all:
            yield packed


_lock = threading.Lock()
_book: PlaceBook | None = None


def preload() -> PlaceBook:
    """Read the names now (about 0.4 s the first time, then nothing). Safe from any thread."""
    global _book
    if _book is None:
        with _lock:
            if _book is None:
                _book = PlaceBook(_rows())
    return _book


def loaded() -> bool:
    """Whether ``preload`` has been done, so that a lookup takes no time."""
    return _book is not None


def _rows() -> Iterator[Mapping[str, Any]]:
    import zipcodes

    for area in range(1000):
        yield from zipcodes.similar_to(f"{area:03d}")  # type: ignore[no-untyped-call]


def key_of(name: str) -> str:
    """A name as it is compared: ``"St. Louis"`` → ``"saint louis"``, ``"Coeur d'Alene"`` → ``"coeur dalene"``."""
    words = _WORD.findall(name.lower().replace("'", "").replace("’", ""))
    joined: list[str] = []
    for word in words:
        # The data writes "Coeur D Alene" and "O Fallon".
        if joined and joined[-1] in ("d", "o"):
            joined[-1] += word
        else:
            joined.append(_FULL.get(word, word))
    return " ".join(joined)


def find(name: str) -> tuple[Town, ...]:
    """The towns that ``"Portland"`` or ``"Portland, ME"`` may mean, those with the most ZIPs first; or none."""
    town, _, state = name.partition(",")
    key, state = key_of(town), state.strip().upper()
    alias, _, its_state = ALIASES.get(key, key).partition(",")
    found = preload().towns(alias)
    wanted = state or its_state.strip()
    return tuple(
        sorted((town for town in found if wanted in ("", town.state)), key=lambda town: (-len(town.zips), town.state))
    )


def state_name(code: str) -> str:
    """``"ME"`` → ``"Maine"``; an unknown code as it is."""
    return _STATE_NAMES.get(code, code)
