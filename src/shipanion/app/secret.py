"""The key that signs tokens: made once, kept in the data folder, readable by its owner alone."""

import errno
import os
import secrets
from pathlib import Path
from typing import Final

from shipanion.app.settings import SECRET_BYTES
from shipanion.errors import ConfigurationError

__all__ = ["make_folder", "secret_file", "signing_secret"]

# What file systems without hard links answer to link().
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def secret_file(data: Path) -> Path:
    """Where the secret lies in a data folder."""
    return data / "signing-secret"


def make_folder(data: Path) -> None:
    """Make the data folder, for its owner's eyes only, if it is not there.

    Raises:
        ConfigurationError: it cannot be made or is not a folder.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The data folder {data} cannot be made: {_reason(error)}. {_way_out()}") from None


def signing_secret(given: str | None, data: Path) -> bytes:
    """The key: the one given in the settings, else the one in the data folder, made now if there is none.

    Making it is atomic: two servers that start at once end up with the same key, and a power cut leaves a
    whole file or none.

    Raises:
        ConfigurationError: the folder or the file cannot be used.
    """
    if given is not None:
        return given.encode()
    make_folder(data)
    path = secret_file(data)
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"The signing secret {path} cannot be read or made: {_reason(error)}. {_way_out()}"
        ) from None
    if len(secret) < SECRET_BYTES:
        raise ConfigurationError(
            f"The signing secret {path} is damaged (shorter than {SECRET_BYTES} bytes). Put it back from a "
            "copy, or delete it: a new one is made at the next start, and everybody signs in again."
        )
    return secret


def _make(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(SECRET_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # somebody else was first: theirs is the secret
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder cannot be opened there, and needs no sync
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _way_out() -> str:
    return "Make it writable for this user, or name another folder with SHIPANION_DATA (or --data)."
