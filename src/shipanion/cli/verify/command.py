"""``shipanion verify URL``: session continuity, and that a label is bought once, tried on any running server from
outside."""

import asyncio
import json
import time
from typing import Annotated, Final

import typer

from shipanion.cli.console import console
from shipanion.cli.refusals import cannot, refusals
from shipanion.cli.sign_in import NotShipanion, Server, SignInRefused, Unreachable, ask_password
from shipanion.cli.verify import on_bob, on_connect, on_labels, on_messages, on_return, on_state
from shipanion.cli.verify.check import Check, Finding, examine
from shipanion.cli.verify.course import Course
from shipanion.cli.verify.history import History
from shipanion.cli.verify.label_course import LabelCourse
from shipanion.cli.verify.report import as_json, holds, print_report
from shipanion.cli.verify.wire import CannotConnect
from shipanion.errors import ConfigurationError

__all__ = ["CHECKS", "EPILOG", "LABEL_CHECKS", "run", "verify"]

EPILOG: Final = (
    "Exit codes: 0 all of it holds; 1 a check failed, shown with its evidence; 2 it cannot be tried (no server, a "
    "sign-in that is refused, a wrong option), with one sentence on standard error. Takes at most half a minute. It "
    "makes two sessions, which stay, and one or two guests. Labels are only made where they are samples that cost "
    "nothing; where a label costs money it asks for one, says no, and buys nothing."
)

CHECKS: Final[list[Check]] = [
    *on_connect.CHECKS,
    *on_messages.CHECKS,
    *on_return.CHECKS,
    *on_state.CHECKS,
    *on_bob.CHECKS,
]

LABEL_CHECKS: Final[list[Check]] = on_labels.CHECKS
"""Of a session of its own."""

_NO_TOKEN: Final = frozenset({"sign_in", "expired"})


def verify(
    url: Annotated[str, typer.Argument(help="The server, e.g. http://127.0.0.1:8000.", show_default=False)],
    user: Annotated[str | None, typer.Option(help="Sign in to this account; by default as a new guest.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
    ] = False,
    token: Annotated[str | None, typer.Option(help="Use this token instead of signing in.")] = None,
    as_program: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Try a running server from outside: session continuity, and labels that are bought once."""
    with refusals():
        if user is not None and token is not None:
            raise ConfigurationError("Give --user or --token, not both.")
        server = Server.at(url)
        password = ask_password(user, from_stdin=password_stdin) if user is not None else None
        begun = time.monotonic()
        try:
            histories, findings = asyncio.run(_sign_in_and_run(server, user, password, token))
        except CannotConnect as error:
            raise cannot(str(error)) from None
        except Unreachable as error:
            raise cannot(f"{error} Start one with `make run`, or give the address of another.") from None
        seconds = time.monotonic() - begun
        if as_program:
            typer.echo(json.dumps(as_json(server.http, findings, histories, seconds), indent=2))
        else:
            print_report(console(), server.http, findings, histories, seconds)
        raise typer.Exit(0 if holds(findings) else 1)


async def run(server: Server, token: str, stranger: str | None) -> tuple[list[History], list[Finding]]:
    """Go through both courses as one person, with another one's token if there is one, and judge what was recorded.

    Raises:
        CannotConnect: there is no WebSocket at all.
        SignInRefused: the server does not take the token.
    """
    history, labels = await asyncio.gather(
        Course(server.socket, token, stranger, History()).run(),
        LabelCourse(server.socket, token, stranger, History(), files=server.http).run(),
    )
    first = next(iter(history.got("bare")), {})
    if first.get("type") == "error" and first.get("code") in _NO_TOKEN:
        raise SignInRefused(first["code"], f"The server refused the token: {first.get('message', '')}")
    return [history, labels], [*examine(history, CHECKS), *examine(labels, LABEL_CHECKS)]


async def _sign_in_and_run(
    server: Server, user: str | None, password: str | None, token: str | None
) -> tuple[list[History], list[Finding]]:
    if token is None:
        try:
            signed_in = await (server.guest() if user is None else server.account(user, password or ""))
        except SignInRefused as refusal:
            way_out = " Give --user NAME or --token TOKEN." if user is None and refusal.code == "forbidden" else ""
            raise SignInRefused(refusal.code, f"The sign-in was refused: {refusal}{way_out}") from None
        token = signed_in.text
    try:
        stranger: str | None = (await server.guest()).text
    except (SignInRefused, Unreachable, NotShipanion):
        stranger = None
    return await run(server, token, stranger)
