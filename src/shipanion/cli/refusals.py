"""How a command says that it cannot do what was asked: one sentence on standard error, exit code 2, no
traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from shipanion.errors import ShipanionError

__all__ = ["CANNOT", "cannot", "missing", "refusals"]

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
