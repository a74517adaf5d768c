"""Who is chatting: a guest that lasts, an account, or whoever a given token names."""

import hashlib
import time
from typing import Final, Protocol

from shipanion.cli.chat.notebook import Notebook
from shipanion.cli.sign_in import Server, SignInRefused, Token
from shipanion.errors import ShipanionError

__all__ = ["Account", "Credential", "GivenToken", "Guest"]

RENEWED_BELOW: Final = 1 / 3
"""The share of a guest token's life that may be left before it is renewed."""


class Credential(Protocol):
    """Gets tokens for connections."""

    who: str
    """Tells one person's place from another's."""
    way_out: str
    """What a person does when the token is refused."""
    trouble: str
    """Why the last token could not be had; empty when it could."""

    async def token(self) -> str:
        """A token for the next connection. Raises a ``ShipanionError`` when there is none."""

    async def renewed(self) -> bool:
        """Renew the token if it is time; whether there is a new one."""

    async def sign_in(self, password: str) -> None:
        """Take a password. Raises a ``ShipanionError``."""


class GivenToken:
    """A token from the command line."""

    way_out = "Start again with a fresh --token."

    def __init__(self, token: str) -> None:
        self.who = f"token:{hashlib.sha256(token.encode()).hexdigest()[:12]}"
        self.trouble = ""
        self._token = token

    async def token(self) -> str:
        return self._token

    async def renewed(self) -> bool:
        return False

    async def sign_in(self, password: str) -> None:
        raise SignInRefused("forbidden", "You came with a token, so there is no password to give.")


class Account:
    """An account. The password is forgotten as soon as it was taken or refused."""

    way_out = "Type /sign-in to give the password again."

    def __init__(self, server: Server, name: str, password: str) -> None:
        self.who = f"user:{name}"
        self.trouble = ""
        self._server, self._name = server, name
        self._password: str | None = password
        self._token: Token | None = None

    async def token(self) -> str:
        if self._token is None:
            if self._password is None:
                raise SignInRefused("sign_in", self.trouble)
            await self.sign_in(self._password)
        assert self._token is not None
        return self._token.text

    async def renewed(self) -> bool:
        return False

    async def sign_in(self, password: str) -> None:
        self._password = password  # kept while the server cannot be reached
        try:
            self._token = await self._server.account(self._name, password)
        except SignInRefused as refusal:
            self._password = None
            self.trouble = f"The sign-in was refused: {refusal} {self.way_out}"
            raise
        self._password, self.trouble = None, ""


class Guest:
    """The same guest every time: the token is kept, and renewed with the old one before it runs out."""

    who = "guest"

    def __init__(self, server: Server, notebook: Notebook) -> None:
        self.trouble = ""
        self.way_out = f"To begin as a new guest, move {notebook.path} away and start again."
        self._server, self._notebook = server, notebook

    async def token(self) -> str:
        kept = self._notebook.guest()
        if kept is None:
            try:
                made = await self._server.guest()
            except SignInRefused as refusal:
                self.trouble = f"{refusal} Sign in with --user NAME or --token TOKEN."
                raise
            # Another chat of this person may have become a guest meanwhile: then we are that one.
            kept = self._notebook.guest()
            if kept is None:
                self._notebook.keep_guest(made)
                kept = made
        elif _is_late(kept):
            kept = await self._renew(kept) or kept
        self.trouble = ""
        return kept.text

    async def renewed(self) -> bool:
        kept = self._notebook.guest()
        return kept is not None and _is_late(kept) and await self._renew(kept) is not None

    async def sign_in(self, password: str) -> None:
        raise SignInRefused("forbidden", "You are a guest: there is no password to give. Start with --user NAME.")

    async def _renew(self, old: Token) -> Token | None:
        try:
            fresh = await self._server.guest(old.text)
        except ShipanionError:
            return None  # the old one may still do; the next connection tells
        self._notebook.keep_guest(fresh)
        return fresh


def _is_late(token: Token) -> bool:
    return token.expires_at - time.time() < token.lasts * RENEWED_BELOW
