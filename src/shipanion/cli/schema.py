"""``shipanion schema``: the wire as JSON Schema, printed or compared with the file kept beside the code."""

from pathlib import Path
from typing import Annotated

import typer

from shipanion.cli.refusals import cannot, refusals

__all__ = ["schema"]


def schema(
    check: Annotated[bool, typer.Option("--check", help="Print nothing; say whether the file is up to date.")] = False,
    file: Annotated[Path, typer.Option(help="The file that --check compares with.")] = Path("schema/wire.schema.json"),
) -> None:
    """Print the JSON Schema of every frame, in both directions."""
    with refusals():
        from shipanion.app.schema import schema_text

        text = schema_text()
    if not check:
        typer.echo(text, nl=False)
        return
    try:
        kept = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise cannot(f"The schema {file} cannot be read ({error}). Name another with --file.") from None
    if kept != text:
        raise cannot(f"The schema {file} is not what the code says. Renew it: shipanion schema > {file}")
