"""What the chat remembers about one server between two lives: the guest it is, and the conversation it was in.

One small file a server, readable by its owner only, since a guest's token is the only way back to that guest's
sessions. Positions, states and unsent messages are kept beside it by ``shipanion.client``.
"""

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from shipanion.cli.sign_in import Token
from shipanion.errors import ConfigurationError

__all__ = ["Conversation", "Notebook"]

VERSION: Final = 1

MOST_NAMES: Final = 200
"""Conversations whose files are found again by their session's id."""

Conversation = dict[str, str]
"""Either ``{"name": …}``, begun here, or ``{"session_id": …}``, begun elsewhere."""


class Notebook:
    """The file for one server.

    Args:
        folder: made if it is not there, for its owner only.
        server: the server's address; another address is another server.

    Raises:
        ConfigurationError: the folder cannot be used.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.path = folder / f"chat-{hashlib.sha256(server.encode()).hexdigest()[:12]}.json"
        self._server = server
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{folder} cannot be used: {error}. Name another folder with --data.") from error

    def guest(self) -> Token | None:
        """The guest's token, if there is a guest. Raises ``ConfigurationError``."""
        kept = self._read().get("guest")
        if not isinstance(kept, dict):
            return None
        try:
            return Token(str(kept["token"]), float(kept["expires_at"]), float(kept["lasts"]))
        except (KeyError, TypeError, ValueError):
            raise self._unreadable("the guest in it is not complete") from None

    def keep_guest(self, token: Token) -> None:
        """Remember the guest. Raises ``ConfigurationError``."""
        guest = {"token": token.text, "expires_at": token.expires_at, "lasts": token.lasts}
        self._write({**self._read(), "guest": guest})

    def last(self, who: str) -> Conversation | None:
        """The conversation that this person was in last. Raises ``ConfigurationError``."""
        last = self._read().get("last", {}).get(who)
        return last if isinstance(last, dict) else None

    def keep_last(self, who: str, conversation: Conversation) -> None:
        """Remember the conversation for the next start. Raises ``ConfigurationError``."""
        kept = self._read()
        self._write({**kept, "last": {**kept.get("last", {}), who: conversation}})

    def keep_name(self, session_id: str, name: str) -> None:
        """Remember that the session with this id was begun here, under this name. Raises ``ConfigurationError``."""
        kept = self._read()
        names = kept.get("names", {})
        if names.get(session_id) != name:
            newest = dict(list({**names, session_id: name}.items())[-MOST_NAMES:])
            self._write({**kept, "names": newest})

    def conversation(self, session_id: str) -> Conversation:
        """The conversation of a session, with everything that was kept of it. Raises ``ConfigurationError``."""
        name = self._read().get("names", {}).get(session_id)
        return {"name": name} if isinstance(name, str) else {"session_id": session_id}

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        if not isinstance(kept, dict) or kept.get("version") != VERSION:
            raise self._unreadable("it is of another version")
        return kept

    def _write(self, kept: dict[str, Any]) -> None:
        fresh = self.path.with_suffix(f".{secrets.token_hex(4)}.tmp")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({**kept, "version": VERSION, "server": self._server}, file)
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(self.path)
            except OSError:
                with contextlib.suppress(OSError):
                    fresh.unlink()
                raise
        except OSError as error:
            message = f"{self.path} cannot be written: {error}. Make room, or name another folder with --data."
            raise ConfigurationError(message) from error

    def _unreadable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self.path} cannot be read: {why}. Put it right, or move it away to begin as a new guest."
        )
