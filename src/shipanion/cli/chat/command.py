"""``shipanion chat``: talk to a server in the terminal, and go on where it was."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from shipanion.app.settings import default_data_folder
from shipanion.cli.chat.credential import Account, Credential, GivenToken, Guest
from shipanion.cli.chat.lines import LineFace
from shipanion.cli.chat.notebook import Conversation, Notebook
from shipanion.cli.chat.talk import Chat, NoAnswer, no_server
from shipanion.cli.refusals import refusals
from shipanion.cli.sign_in import Server, Unreachable, ask_password
from shipanion.client.outbox import device_id
from shipanion.errors import ConfigurationError

__all__ = ["EPILOG", "chat"]

EPILOG: Final = (
    "Exit codes: 0 done; 1 a message was refused, or its answer did not come to its end; 2 it cannot be done as "
    "asked (no server, a sign-in that is refused, a wrong option), with one sentence on standard error. On a "
    "terminal it keeps trying to reach the server. With standard input from a pipe or a file each line is a "
    "message, and only Bob's answers go to standard output."
)

DEFAULT_URL: Final = "http://127.0.0.1:8000"


def chat(
    url: Annotated[str, typer.Option(help="The server.")] = DEFAULT_URL,
    user: Annotated[str | None, typer.Option(help="Sign in to this account; by default as a guest.")] = None,
    token: Annotated[str | None, typer.Option(help="Use this token instead of signing in.")] = None,
    session: Annotated[str | None, typer.Option(help="Go to the session with this id.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin a new session.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder for the guest's token, unsent messages and the place in the log. (SHIPANION_DATA)"),
    ] = None,
    plain_output: Annotated[
        bool, typer.Option("--plain-output", help="Nothing on the screen moves: one message, its answer, the next.")
    ] = False,
) -> None:
    """Talk to Bob. Started again, it goes on where it was."""
    with refusals():
        if user is not None and token is not None:
            raise ConfigurationError("Give --user or --token, not both.")
        if session is not None and new:
            raise ConfigurationError("Give --session or --new, not both.")
        # What the client logs would be written across the conversation; what matters of it is in the banner.
        logging.getLogger("shipanion").addHandler(logging.NullHandler())
        server = Server.at(url)
        folder = _folder(data)
        notebook = Notebook(folder, server.http)
        if token is not None:
            credential: Credential = GivenToken(token)
        elif user is not None:
            credential = Account(server, user, ask_password(user, from_stdin=False))
        else:
            credential = Guest(server, notebook)
        conversation = _conversation(notebook, credential, session, new)
        made = Chat(server, credential, notebook, folder, device_id(folder, lambda: secrets.token_hex(16)))
        asyncio.run(_run(made, credential, server, conversation, plain_output))
    raise typer.Exit(made.code)


def _folder(data: Path | None) -> Path:
    if data is not None:
        return data.expanduser().absolute()
    named = os.environ.get("SHIPANION_DATA")
    return (Path(named).expanduser().absolute() if named else default_data_folder()) / "client"


def _conversation(notebook: Notebook, credential: Credential, session: str | None, new: bool) -> Conversation:
    if session is not None:
        return notebook.conversation(session)
    last = None if new else notebook.last(credential.who)
    return last if last is not None else {"name": secrets.token_hex(8)}


async def _run(made: Chat, credential: Credential, server: Server, conversation: Conversation, plain: bool) -> None:
    moving = not plain and sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "")
    try:
        await credential.token()  # a sign-in that is refused is said before anything is drawn
    except Unreachable:
        if not sys.stdin.isatty():
            raise NoAnswer(no_server(server.http)) from None
    if moving:
        from shipanion.cli.chat.terminal import TerminalFace

        async with TerminalFace(made.view, made.interrupt) as face:
            await made.run(face, conversation)
        return
    lines = LineFace(piped=not sys.stdin.isatty())

    def interrupted() -> None:
        if not made.interrupt():
            lines.end()

    with contextlib.suppress(NotImplementedError):  # where there are no signal handlers, Ctrl-C simply ends it
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted)
    await made.run(lines, conversation)
