"""``shipanion users``: the accounts of a server, which may be running meanwhile."""

import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from shipanion.app.accounts import AccountError, Accounts, check_name, check_password
from shipanion.app.settings import Settings
from shipanion.app.tokens import Tokens
from shipanion.cli.bare_flags import BareFlags, Group
from shipanion.cli.opening import Data, Store, settings_beside, with_store
from shipanion.cli.refusals import cannot, refusals
from shipanion.stores.base import SessionStore
from shipanion.stores.people import UserRow

__all__ = ["add", "app", "disable", "enable", "list_", "passwd"]

T = TypeVar("T")

LONGEST_LINE: Final = 8_192

app = BareFlags(
    cls=Group,
    help="The accounts of a server; the server may be running.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(help="The account's name.", show_default=False)]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@app.command()
def add(name: Name, password_stdin: PasswordStdin = False, store: Store = None, data: Data = None) -> None:
    """Make an account. Asks for its password, without showing it."""
    with refusals():
        settings = _settings(store, data)
        check_name(name)
        password = _password(password_stdin)
        user = _with_accounts(settings, lambda accounts, _: accounts.add(name, password))
        typer.echo(f"Account {user.name} was made.")


@app.command("list")
def list_(store: Store = None, data: Data = None) -> None:
    """List the accounts: name, state, day of making; one a line, tabs between."""
    with refusals():
        users = _with_accounts(_settings(store, data), lambda _, opened: opened.users())
        for user in users:
            typer.echo(f"{user.name}\t{'disabled' if user.disabled else 'enabled'}\t{_day(user)}")
        if not users:
            typer.echo("There are no accounts yet. `shipanion users add NAME` makes one.", err=True)


@app.command()
def passwd(name: Name, password_stdin: PasswordStdin = False, store: Store = None, data: Data = None) -> None:
    """Change an account's password. Whoever is signed in with the old one is signed out."""
    with refusals():
        settings = _settings(store, data)
        password = _password(password_stdin)
        _with_accounts(settings, lambda accounts, _: accounts.set_password(name, password))
        typer.echo(f"The password of {name} was changed; open connections of that account are cut.")


@app.command()
def disable(name: Name, store: Store = None, data: Data = None) -> None:
    """Keep an account out. Its sessions stay; its open connections are cut."""
    with refusals():
        _with_accounts(_settings(store, data), lambda accounts, _: accounts.set_disabled(name, True))
        typer.echo(f"Account {name} is disabled; its open connections are cut.")


@app.command()
def enable(name: Name, store: Store = None, data: Data = None) -> None:
    """Let a disabled account in again."""
    with refusals():
        _with_accounts(_settings(store, data), lambda accounts, _: accounts.set_disabled(name, False))
        typer.echo(f"Account {name} is enabled.")


def _settings(store: str | None, data: Path | None) -> Settings:
    return settings_beside(store, data, sought="accounts")


def _with_accounts(settings: Settings, job: Callable[[Accounts, SessionStore], Awaitable[T]]) -> T:
    async def run(store: SessionStore) -> T:
        # No token is made or read here, so the server's secret is not needed.
        accounts = Accounts(store, Tokens(b""), lambda: time.time_ns() // 1_000_000)
        try:
            return await job(accounts, store)
        finally:
            accounts.close()

    return with_store(settings, run)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        line = sys.stdin.readline(LONGEST_LINE)
        return check_password(line.removesuffix("\n").removesuffix("\r"))
    if not sys.stdin.isatty():
        raise cannot("There is no terminal to ask for the password: give it on standard input with --password-stdin.")
    while True:
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        try:
            return check_password(typed)
        except AccountError as error:
            typer.echo(str(error), err=True)


def _day(user: UserRow) -> str:
    return datetime.fromtimestamp(user.at / 1000, UTC).date().isoformat()
