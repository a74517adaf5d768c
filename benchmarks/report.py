"""Prints what was measured: one table, the first row is what the others are compared with."""

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field

__all__ = ["Row", "fsync_ms", "percentile", "table", "write"]


@dataclass
class Row:
    """One measurement: how many a second, how long each took (seconds), how much of a core the server used."""

    name: str
    rate: float
    latencies: list[float] = field(repr=False)
    core: float


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0..1) of ``values`` lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def fsync_ms() -> float:
    """What one small fsync costs on the disk of the temporary folder: the median of 50."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def write(line: str) -> None:
    """One line of the report, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def table(title: str, rows: list[Row]) -> None:
    """One line a row, with the rate as a ratio of the first row's."""
    sys.stdout.write(f"\n{title}\n{'':34}{'per second':>12}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}{'core':>7}\n")
    for row in rows:
        sys.stdout.write(
            f"{row.name:34}{row.rate:>12,.0f}{row.rate / rows[0].rate:>8.2f}"
            f"{percentile(row.latencies, 0.5) * 1000:>9.2f}{percentile(row.latencies, 0.99) * 1000:>9.2f}"
            f"{row.core:>7.2f}\n"
        )
    sys.stdout.flush()
