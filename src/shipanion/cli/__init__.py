"""The command line: ``shipanion serve | chat | users | effects | verify | schema | tools``.

One file or folder a command; registering one is one line here.
"""

import typer

from shipanion import __version__
from shipanion.cli import chat, effects, schema, serve, tools, users, verify
from shipanion.cli.bare_flags import BareFlags, Group

__all__ = ["app", "main"]

EPILOG = (
    "Exit codes: 0 done; 1 a fault of this program; 2 it cannot be done as asked (a wrong option or setting, "
    "a port in use, a store that cannot be opened), with one sentence on standard error that says what to do."
)

app = BareFlags(
    cls=Group,
    name="shipanion",
    help="A shipping companion whose sessions survive whatever drops.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    # Boxed tracebacks print local variables, and those may be passwords.
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"shipanion {__version__}")
        raise typer.Exit


@app.callback()
def _shipanion(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Options of the whole program."""


app.command("serve", epilog=EPILOG)(serve.serve)
app.command("chat", epilog=chat.EPILOG)(chat.chat)
app.add_typer(users.app, name="users", epilog=EPILOG)
app.command("effects", epilog=EPILOG)(effects.effects)
app.command("schema", epilog=EPILOG)(schema.schema)
app.command("tools", epilog=EPILOG)(tools.tools)
app.command("verify", epilog=verify.EPILOG)(verify.verify)


def main() -> None:
    """Run the command that ``sys.argv`` names; ends the process with an exit code."""
    app()
