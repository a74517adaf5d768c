"""The HTTP side of a command that talks to a server: where it is, and how to get a token there."""

import re
import sys
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
import typer

from shipanion.errors import ConfigurationError, ShipanionError

__all__ = ["LabelFile", "NotShipanion", "Server", "SignInRefused", "Token", "Unreachable", "ask_password"]

HTTP_SECONDS: Final = 5.0
LARGEST_FILE: Final = 16 * 2**20
LONGEST_LINE: Final = 8_192

_SCHEMES: Final = {"http": ("http", "ws"), "ws": ("http", "ws"), "https": ("https", "wss"), "wss": ("https", "wss")}


class Unreachable(ShipanionError):
    """Nothing answers at that address now; later something may."""


class NotShipanion(ShipanionError):
    """Something answers at that address, but it does not speak as this program's server does."""


class SignInRefused(ShipanionError):
    """The server will not give a token for this, or not do it for this token.

    Args:
        code: a name from ``protocol.codes.ERRORS``.
        message: the server's sentence.
        retry_after_ms: when to ask again, if the server said so.
    """

    def __init__(self, code: str, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_ms = retry_after_ms


@dataclass(frozen=True)
class Token:
    """A bearer token; ``expires_at`` is in seconds since 1970, ``lasts`` the seconds it was given for."""

    text: str
    expires_at: float
    lasts: float

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at})"  # the text is a secret


@dataclass(frozen=True)
class LabelFile:
    """A label as the server has it. ``name`` is the server's word for it and can be anything."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Server:
    """A server's addresses: ``http`` (without a slash at the end) and ``socket``."""

    http: str
    socket: str

    @classmethod
    def at(cls, url: str) -> "Server":
        """The server at an address as a person types it: ``http`` or ``ws``, with or without ``/ws``.

        Raises:
            ConfigurationError: that is no address of a server.
        """
        wrong = ConfigurationError(f"{url!r} is not the address of a server; try http://127.0.0.1:8000.")
        try:
            parts = urlsplit(url)
            schemes = _SCHEMES.get(parts.scheme)
            usable = parts.hostname and parts.username is None and parts.port != 0
        except ValueError:
            raise wrong from None
        if schemes is None or not usable:
            raise wrong
        path = parts.path.rstrip("/").removesuffix("/ws")
        return cls(
            http=urlunsplit((schemes[0], parts.netloc, path, "", "")),
            socket=urlunsplit((schemes[1], parts.netloc, f"{path}/ws", "", "")),
        )

    async def guest(self, old: str | None = None) -> Token:
        """A token for a new guest, or a fresh one for the guest that ``old`` names.

        Raises:
            Unreachable, NotShipanion, SignInRefused: there is none to be had.
        """
        return _token(await self._request("POST", "/guest", token=old))

    async def account(self, name: str, password: str) -> Token:
        """A token for an account. Raises what ``guest`` raises."""
        return _token(await self._request("POST", "/token", form={"username": name, "password": password}))

    async def sessions(self, token: str) -> list[dict[str, Any]]:
        """The person's sessions, last used first: ``{id, title?, last_at, head}``. Raises what ``guest`` raises."""
        found = (await self._request("GET", "/api/sessions", token=token)).get("sessions")
        if not isinstance(found, list):
            raise self._stranger()
        return [row for row in found if isinstance(row, dict) and isinstance(row.get("id"), str)]

    async def label(self, document_id: str, token: str) -> LabelFile:
        """The file of a label, for the owner of its session. Raises what ``guest`` raises."""
        path = f"/api/labels/{quote(document_id, safe='')}"
        answer = await self._send("GET", path, token=token)
        if answer.status_code != 200:
            raise self._refusal(answer, path)
        named = re.search(r'filename="([^"]*)"', answer.headers.get("Content-Disposition", ""))
        if named is None or len(answer.content) > LARGEST_FILE:
            raise self._stranger(f" (what it sent for {path} is no label)")
        return LabelFile(named[1], answer.headers.get("Content-Type", "").partition(";")[0], answer.content)

    async def answers(self) -> bool:
        """Whether a server is there at all, whatever it thinks of us."""
        try:
            await self._request("GET", "/healthz")
        except (Unreachable, NotShipanion):
            return False
        except SignInRefused:
            pass
        return True

    async def _request(
        self, method: str, path: str, *, token: str | None = None, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = await self._send(method, path, token=token, form=form)
        body = _json(answer)
        if answer.status_code == 200 and isinstance(body, dict):
            return body
        raise self._refusal(answer, path)

    async def _send(
        self, method: str, path: str, *, token: str | None = None, form: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        try:
            async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
                return await client.request(method, f"{self.http}{path}", headers=headers, data=form)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"No server answers at {self.http} ({reason}).") from error

    def _refusal(self, answer: httpx.Response, path: str) -> ShipanionError:
        body = _json(answer)
        said = body.get("error") if isinstance(body, dict) else None
        if isinstance(said, dict) and isinstance(said.get("code"), str):
            return SignInRefused(said["code"], str(said.get("message", "")), _wait(said.get("retry_after_ms")))
        if answer.status_code in (502, 503, 504):
            return Unreachable(f"The server at {self.http} is not ready (HTTP status {answer.status_code}).")
        return self._stranger(f" (HTTP status {answer.status_code} for {path})")

    def _stranger(self, detail: str = "") -> NotShipanion:
        return NotShipanion(f"What answers at {self.http} is not a Shipanion server{detail}.")


def _token(body: dict[str, Any]) -> Token:
    text, lasts = body.get("access_token"), body.get("expires_in")
    if not isinstance(text, str) or not isinstance(lasts, int | float):
        raise NotShipanion("The server's answer to the sign-in has no token in it.")
    return Token(text, time.time() + lasts, lasts)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _wait(value: object) -> int | None:
    return value if isinstance(value, int) else None


def ask_password(name: str, *, from_stdin: bool) -> str:
    """An account's password: the first line of standard input, or typed on the terminal without being shown.

    Raises:
        ConfigurationError: there is no terminal to ask on.
    """
    if from_stdin:
        return sys.stdin.readline(LONGEST_LINE).removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"There is no terminal to ask for the password of {name}. Run it in one, or use --password-stdin or "
            "--token where the command has them."
        )
    typed: str = typer.prompt(f"Password of {name}", hide_input=True, err=True)
    return typed
