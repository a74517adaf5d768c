"""``shipanion serve``: run the server until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer

from shipanion.cli.refusals import refusals

__all__ = ["serve"]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. (SHIPANION_HOST; default: 127.0.0.1)")] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help="Port to listen on, 0 for any free one. (SHIPANION_PORT; default: 8000)",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="Where truth is kept: sqlite:///FILE or memory:. (SHIPANION_STORE; default: a file in the data folder)"
        ),
    ] = None,
    bus: Annotated[str | None, typer.Option(help="How nodes wake each other: memory:. (SHIPANION_BUS)")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder for the database and the signing secret. (SHIPANION_DATA)"),
    ] = None,
) -> None:
    """Start the server. Options win over the environment. Ctrl-C stops it in order."""
    with refusals():
        from shipanion.app.settings import Settings

        settings = Settings.load(host=host, port=port, store=store, bus=bus, data=data)
        from shipanion.app import build

        code = build.serve(settings)
    raise typer.Exit(code)
