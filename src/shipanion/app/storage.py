"""From the setting to a store: the only place that chooses one."""

from pathlib import Path

from shipanion.app.secret import make_folder
from shipanion.app.settings import Settings
from shipanion.errors import ConfigurationError
from shipanion.stores.base import SessionStore

__all__ = ["make_store", "sqlite_file"]


def sqlite_file(url: str) -> Path:
    """The file that ``sqlite:///FILE`` names: relative to the working folder, absolute with a fourth slash.

    Raises:
        ConfigurationError: it names none.
    """
    scheme, separator, name = url.partition(":///")
    if scheme != "sqlite" or not separator or not name:
        raise ConfigurationError("SHIPANION_STORE (or --store) must be sqlite:///FILE, or memory: to keep nothing.")
    return Path(name).expanduser().absolute()


def make_store(settings: Settings, *, serve: bool) -> SessionStore:
    """The store that the settings name, not yet opened.

    Args:
        settings: as loaded.
        serve: True for the one server of this store; False for a command that works beside it.

    Raises:
        ConfigurationError: the store cannot be had; the message says why and what to do.
    """
    if settings.store == "memory:":
        from shipanion.stores.memory import MemoryStore

        return MemoryStore()
    path = sqlite_file(settings.store)
    if path.parent == settings.data:
        make_folder(settings.data)
    elif not path.parent.is_dir():
        raise ConfigurationError(
            f"SHIPANION_STORE (or --store) names a file in {path.parent}, which is not a folder. Make it "
            "first, or name another file."
        )
    from shipanion.stores.sqlite import SqliteStore

    return SqliteStore(path, serve=serve)
