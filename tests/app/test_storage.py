"""From the setting to a store."""

from pathlib import Path

import pytest

from shipanion.app.settings import Settings
from shipanion.app.storage import make_store, sqlite_file
from shipanion.errors import ConfigurationError
from shipanion.stores.memory import MemoryStore


def test_three_slashes_are_relative_and_four_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sqlite_file("sqlite:///here.db") == tmp_path / "here.db"
    assert sqlite_file("sqlite:////srv/there.db") == Path("/srv/there.db")


@pytest.mark.parametrize("url", ["sqlite://x", "sqlite:///", "mysql:///x", "", "x"])
def test_anything_else_names_no_file(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///FILE"):
        sqlite_file(url)


def test_memory_is_a_memory_store(tmp_path: Path) -> None:
    assert isinstance(make_store(Settings.load(store="memory:", data=tmp_path), serve=True), MemoryStore)


async def test_a_file_in_the_data_folder_makes_the_folder_and_keeps_what_is_written(tmp_path: Path) -> None:
    settings = Settings.load(data=tmp_path / "data")
    store = make_store(settings, serve=True)
    await store.open()
    try:
        beside = make_store(settings, serve=False)
        await beside.open()
        assert await beside.users() == []
        await beside.close()
    finally:
        await store.close()
    assert (tmp_path / "data" / "shipanion.sqlite3").exists()


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    settings = Settings.load(store=f"sqlite:///{tmp_path}/none/x.db", data=tmp_path)
    with pytest.raises(ConfigurationError, match="which is not a folder"):
        make_store(settings, serve=True)
    assert not (tmp_path / "none").exists()
