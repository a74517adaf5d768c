"""Several price tables of one carrier, and which of them holds on a day.

A quote for a day that lies behind, a late question about an old parcel or a test, is priced from the list of
that day. After the newest list its prices go on, with a warning once it is known to have ended.
"""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path

from shipanion.errors import ConfigurationError
from shipanion.shipping.rates.table import RateTable, load

__all__ = ["RateBook", "packaged"]


class RateBook:
    """Tables by the day they take effect.

    Raises:
        ConfigurationError: no table, two of the same day, or tables of different carriers.
    """

    def __init__(self, tables: Iterable[RateTable]) -> None:
        self.tables = tuple(sorted(tables, key=lambda table: table.effective))
        if not self.tables:
            raise ConfigurationError("There is no price table. See docs/rates.md for its form.")
        carriers = sorted({table.carrier for table in self.tables})
        if len(carriers) > 1:
            raise ConfigurationError(f"Price tables of different carriers do not mix: {', '.join(carriers)}.")
        if len({table.effective for table in self.tables}) < len(self.tables):
            raise ConfigurationError("Two price tables take effect on the same day. Keep one of them.")

    @property
    def newest(self) -> RateTable:
        return self.tables[-1]

    def for_day(self, day: date) -> RateTable:
        """The newest table in effect on ``day``; before the first one, the first (``RateTable.about`` says so)."""
        held = [table for table in self.tables if table.effective <= day]
        return held[-1] if held else self.tables[0]


def packaged() -> RateBook:
    """All tables inside the package.

    Raises:
        ConfigurationError: one of them cannot be used.
    """
    folder = files(__package__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return RateBook(load(Path(str(folder / name))) for name in names)
