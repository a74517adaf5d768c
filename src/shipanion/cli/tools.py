"""``shipanion tools``: the tools that an agent may call, as JSON or as a page."""

from typing import Annotated

import typer

from shipanion.cli.refusals import refusals

__all__ = ["tools"]


def tools(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/tools.md instead.")] = False,
) -> None:
    """Print the tools that Bob or another agent may call, with the JSON Schema of their parameters."""
    with refusals():
        from shipanion.app.tools.reference import as_json, as_markdown, known_tools

        known = known_tools()
        typer.echo(as_markdown(known) if markdown else as_json(known), nl=False)
