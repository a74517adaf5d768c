"""How a command reaches the store of a server, which may be running meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from shipanion.app.settings import Settings
from shipanion.app.storage import make_store
from shipanion.errors import ConfigurationError
from shipanion.stores.base import SessionStore

__all__ = ["Data", "Store", "settings_beside", "with_store"]

T = TypeVar("T")

Store = Annotated[
    str | None,
    typer.Option(help="The server's store, sqlite:///FILE. (SHIPANION_STORE; default: a file in the data folder)"),
]
Data = Annotated[Path | None, typer.Option(help="The server's data folder. (SHIPANION_DATA)")]


def settings_beside(store: str | None, data: Path | None, *, sought: str) -> Settings:
    """The settings, with these options, of a server to work beside; ``sought`` is what is looked for in its store.

    Raises:
        ConfigurationError: a setting cannot be used, or the store is one that nobody else can open.
    """
    settings = Settings.load(store=store, data=data)
    if settings.store == "memory:":
        raise ConfigurationError(
            f"The store memory: lives inside a running server and keeps no {sought}. Name the server's file "
            "with --store sqlite:///FILE (or SHIPANION_STORE)."
        )
    return settings


def with_store(settings: Settings, job: Callable[[SessionStore], Awaitable[T]]) -> T:
    """Open the store beside its server, do ``job`` with it, and let it go.

    Raises:
        ConfigurationError, StoreTooNew, StoreUnavailable: it cannot be opened.
    """

    async def run() -> T:
        store = make_store(settings, serve=False)
        await store.open()
        try:
            return await job(store)
        finally:
            await store.close()

    return asyncio.run(run())
