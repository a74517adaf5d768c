"""The place is written soon and together; a disk that fails holds nobody up."""

import logging
from pathlib import Path
from typing import Any

import pytest

from shipanion.client.keeper import Keeper
from shipanion.client.outbox import FileOutbox, MemoryOutbox
from shipanion.protocol.client_outputs import StateSaved
from shipanion.protocol.position import Position
from tests.client.scripted_server import until


class Counting(MemoryOutbox):
    saves = 0

    def save(self, session_id: str, position: Position, state: dict[str, Any]) -> None:
        self.saves += 1
        super().save(session_id, position, state)


def place(offset: int) -> StateSaved:
    return StateSaved(session_id="s", position=Position("e", offset), state={"n": offset})


async def test_many_places_are_one_write() -> None:
    kept = Counting("n")
    keeper = Keeper(kept)
    for offset in range(1, 100):
        keeper.keep(place(offset))
    assert kept.saves == 0
    await until(lambda: kept.place is not None)
    assert (kept.saves, kept.place) == (1, (Position("e", 99), {"n": 99}))


async def test_leaving_writes_what_is_not_written() -> None:
    kept = Counting("n")
    keeper = Keeper(kept)
    keeper.keep(place(1))
    keeper.save()
    keeper.save()
    assert (kept.saves, kept.place) == (1, (Position("e", 1), {"n": 1}))


async def test_a_disk_that_fails_is_told_and_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = FileOutbox(tmp_path, "c", lambda: "n")
    kept.close()
    keeper = Keeper(kept)
    keeper.keep(place(1))
    with caplog.at_level(logging.WARNING):
        keeper.save()
        keeper.settle("a")
    assert len(caplog.records) == 2
