"""A label's file on this machine: fetched with the chat's own credential, and never over another file."""

import asyncio
import contextlib
import errno
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from shipanion.cli.sign_in import Server
from shipanion.errors import ShipanionError

__all__ = ["CannotSave", "save", "save_label", "saved_words"]

MOST_NAMES: Final = 999

LONGEST_NAME: Final = 100


class CannotSave(ShipanionError):
    """The file cannot be written there. ``str()`` says why and what to do."""


async def save_label(server: Server, token: str, label: Mapping[str, Any], typed: str) -> Path:
    """Fetch a label as the state lists it and save it; where it is.

    Only the document's name is taken from ``label_url``: the token goes to ``server`` and nowhere else.

    Raises:
        CannotSave: it cannot be written.
        Unreachable, NotShipanion, SignInRefused: it was not to be had.
    """
    document_id = unquote(PurePosixPath(urlsplit(str(label["label_url"])).path).name)
    file = await server.label(document_id, token)
    return await asyncio.to_thread(save, file.body, typed, file.name)


def save(body: bytes, typed: str, name: str) -> Path:
    """Write ``body`` into the file or folder ``typed``, by default the current folder, there under its own ``name``.

    A file that is there already is left alone: ``label.pdf`` becomes ``label-2.pdf``.

    Raises:
        CannotSave: it cannot be written; nothing is left behind.
    """
    path = Path(typed or name)
    try:
        given = Path(typed).expanduser().absolute() if typed else Path.cwd()
        path = given / _safe(name) if given.is_dir() or typed.endswith("/") else given
        for number in range(1, MOST_NAMES + 1):
            free = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            with contextlib.suppress(FileExistsError):
                _write(free, body)
                return free
    except OSError as error:
        raise CannotSave(f"The label was not saved: {_why(error, path)} /label FILE names another place.") from error
    except (RuntimeError, ValueError) as error:
        raise CannotSave(f"The label was not saved: {typed!r} is no name of a file ({error}).") from error
    raise CannotSave(f"The label was not saved: there are {MOST_NAMES} files named like {path}. Name another one.")


def saved_words(label: Mapping[str, Any], path: Path) -> str:
    """What a person is told of a label that was saved."""
    number = label.get("tracking_number")
    words = f"Saved the {'SAMPLE ' if label.get('is_sample') else ''}label {number} as {path}"
    words += ". It is for practice: it is no postage and cannot be mailed." if label.get("is_sample") else "."
    return f"{words} This label is void: do not use it." if str(label.get("status", "")).startswith("void") else words


def _write(path: Path, body: bytes) -> None:
    file = path.open("xb")
    try:
        with file:
            file.write(body)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _why(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "the disk is full."
        case errno.ENOENT | errno.ENOTDIR if not path.parent.is_dir():
            return f"there is no folder {path.parent}."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"you may not write into {path.parent}."
    return f"{path} cannot be written ({error.strerror or error})."


def _safe(name: str) -> str:
    """A server's name for a file, so that it leads to no other folder and hides nothing."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-LONGEST_NAME:].lstrip(".-_") or "label.pdf"
