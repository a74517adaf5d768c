"""Opening a store beside its server."""

import asyncio
from pathlib import Path

import pytest

from shipanion.cli.opening import settings_beside, with_store
from shipanion.errors import ConfigurationError
from shipanion.stores.base import SessionStore
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import account


def test_what_one_command_writes_the_next_reads_and_a_server_may_have_it_open(tmp_path: Path) -> None:
    settings = settings_beside(f"sqlite:///{tmp_path}/s.db", None, sought="accounts")

    async def add(store: SessionStore) -> bool:
        return await store.add_user(account())

    async def beside_a_server() -> None:
        server = SqliteStore(tmp_path / "s.db", serve=True)
        await server.open()
        try:
            assert await asyncio.to_thread(with_store, settings, add)
            assert await server.user_named("ann") == account()
        finally:
            await server.close()

    asyncio.run(beside_a_server())
    assert with_store(settings, lambda store: store.user_named("ann")) == account()


def test_the_store_is_let_go_when_the_job_fails(tmp_path: Path) -> None:
    settings = settings_beside(None, tmp_path, sought="accounts")
    assert settings.store == f"sqlite:///{tmp_path}/shipanion.sqlite3"
    seen: list[SessionStore] = []

    async def fail(store: SessionStore) -> None:
        seen.append(store)
        raise KeyError("its own")

    with pytest.raises(KeyError):
        with_store(settings, fail)
    assert not list(tmp_path.glob("*-wal"))  # SQLite takes it away with the last connection


def test_a_store_in_memory_is_nobody_elses() -> None:
    with pytest.raises(ConfigurationError, match=r"keeps no ledger\. Name the server's file with --store sqlite:///"):
        settings_beside("memory:", None, sought="ledger")
