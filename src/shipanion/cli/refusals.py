"""How a command says that it cannot do what was asked: one sentence on standard error, exit code 2, no
traceback."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from shipanion.errors import ShipanionError

__all__ = ["CANNOT", "cannot", "refusals"]

CANNOT: Final = 2
"""The exit code, the same that a wrong option gets."""


def cannot(message: str) -> typer.Exit:
    """Say why, and give the exit to raise."""
    typer.echo(f"shipanion: {message}", err=True)
    return typer.Exit(CANNOT)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn every refusal that is designed, and a missing package, into its sentence; let faults through."""
    try:
        yield
    except ShipanionError as error:
        raise cannot(str(error)) from None
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "shipanion":
            raise
        raise cannot(missing(error.name)) from None


def missing(module: str) -> str:
    """The sentence for a package that is not installed."""
    return (
        f"The Python package {module.partition('.')[0]} is not installed. In a clone, `make run` installs "
        "what the server needs."
    )


def listening_refused(error: OSError, host: str, port: int) -> str | None:
    """The sentence for a listening socket that cannot be had; None when the error is about something else."""
    where = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use by another program. Stop that one, or choose another port with --port "
            "(or SHIPANION_PORT)."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. Choose another with --host (or SHIPANION_HOST)."
    if error.errno == errno.EACCES:
        return f"This user may not listen on {where}. Choose a port from 1024 up with --port (or SHIPANION_PORT)."
    return None
