"""Every setting, read from the environment (``SHIPANION_*``) and from the command line, which wins.

This is the only reader of the environment. A value that cannot be used is a ``ConfigurationError`` whose
message names the variable and the way out; values that may be secret are never repeated in it.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shipanion.app.origins import is_loopback, parse_authority, parse_origin
from shipanion.errors import ConfigurationError

__all__ = ["SECRET_BYTES", "Settings", "default_data_folder"]

SECRET_BYTES: Final = 32
"""The shortest signing secret taken: HMAC-SHA-256 is only as strong as a key of its own size (RFC 7518
section 3.2)."""

_SWITCH: Final = "must be on or off."
_WAYS_OUT: Final = {
    "host": "must be a host name or an IP address to listen on, such as 127.0.0.1 or 0.0.0.0.",
    "port": "must be a whole number from 0 to 65535 (0 takes any free port).",
    "guests": _SWITCH,
    "query_tokens": _SWITCH,
    "rate_limits": _SWITCH,
    "data": "must be the path of a folder.",
}
_OPTIONS: Final = frozenset({"host", "port", "store", "bus", "data"})


def default_data_folder() -> Path:
    """Where a server keeps its data unless told otherwise: the platform's folder for an application's data.

    ``$XDG_DATA_HOME/shipanion`` or ``~/.local/share/shipanion`` (XDG Base Directory Specification), on macOS
    ``~/Library/Application Support/shipanion``, on Windows ``%LOCALAPPDATA%\\shipanion``.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "shipanion"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "shipanion"
    named = os.environ.get("XDG_DATA_HOME", "")
    # The specification says: a path that is not absolute is to be ignored.
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share") / "shipanion"


class Settings(BaseSettings):
    """What a server was told. Make one with ``Settings.load``; it does not change afterwards."""

    model_config = SettingsConfigDict(
        env_prefix="SHIPANION_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    """The address listened on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    """The TCP port listened on; 0 takes any free one."""
    data: Path = Field(default_factory=default_data_folder)
    """The folder for the database and the signing secret."""
    store: str = ""
    """Where truth is kept: ``sqlite:///FILE`` or ``memory:``. Unless given, a file in the data folder."""
    bus: str = "memory:"
    """How nodes wake each other; ``memory:`` is the only one there is."""
    secret: SecretStr | None = None
    """The key that signs tokens; unless given, one is made and kept in the data folder."""
    public_url: str | None = None
    """The address people use, where it is another than the one listened on (behind a proxy)."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of other pages that may use this server."""
    guests: bool = True
    """Whether people may come in without an account. Unless given, only when nobody else's machine can reach
    it."""
    query_tokens: bool = True
    """Whether ``/ws?token=`` is taken."""
    rate_limits: bool = True
    """Whether requests are counted and bounded; off only for load tests on loopback."""

    @classmethod
    def load(cls, **given: Any) -> "Settings":
        """Read the environment; ``given`` values (a command's options) win over it, None counts as not given.

        Raises:
            ConfigurationError: a value cannot be used, or two do not go together.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise ConfigurationError(_sentence(error)) from None

    @property
    def local(self) -> bool:
        """Whether only this machine is meant to reach the server: it listens on loopback, and no public URL
        says that somebody passes requests on to it."""
        public = parse_origin(self.public_url) if self.public_url else None
        return is_loopback(self.host) and (public is None or is_loopback(public.host))

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        authority = parse_authority(value)
        if authority is None or authority.port is not None:
            raise ValueError(_WAYS_OUT["host"])
        return authority.host

    @field_validator("data")
    @classmethod
    def _data(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("store")
    @classmethod
    def _store(cls, value: str) -> str:
        if value and value != "memory:" and not (value.startswith("sqlite:///") and value != "sqlite:///"):
            raise ValueError(
                f"names a store of the kind {_scheme(value)}, which this version does not have. "
                "Use sqlite:///FILE (a fourth slash for an absolute path), or memory: to keep nothing."
            )
        return value

    @field_validator("bus")
    @classmethod
    def _bus(cls, value: str) -> str:
        if value != "memory:":
            raise ValueError(
                f"names a bus of the kind {_scheme(value)}, which this version does not have. "
                "Use memory: (one server process); leaving it out means the same."
            )
        return value

    @field_validator("secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < SECRET_BYTES:
            raise ValueError(
                f"is too short: tokens could be forged. Give it at least {SECRET_BYTES} random characters, "
                "for instance from `openssl rand -hex 32`, or leave it out: one is made in the data folder."
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        origin = parse_origin(value)
        if origin is None:
            raise ValueError("must be http:// or https://, a host and perhaps a port: https://ship.example.org.")
        return str(origin)

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _allowed_origins(cls, value: Any) -> Any:
        given = value.split(",") if isinstance(value, str) else value
        origins = []
        for text in (text.strip() for text in given):
            if text:
                origin = parse_origin(text)
                if origin is None:
                    raise ValueError(
                        "must list origins with commas between them, each http:// or https://, a host and "
                        "perhaps a port: https://app.example.org,http://localhost:5173. There is no "
                        "wildcard: name each one."
                    )
                origins.append(str(origin))
        return tuple(origins)

    @model_validator(mode="before")
    @classmethod
    def _switches(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Take ``On`` and `` off `` as meant; pydantic reads the rest."""
        return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        filled: dict[str, Any] = {}
        if "guests" not in self.model_fields_set:
            filled["guests"] = self.local
        if not self.store:
            filled["store"] = f"sqlite:///{self.data / 'shipanion.sqlite3'}"
        # The one place where a frozen model is still being made.
        for name, value in filled.items():
            object.__setattr__(self, name, value)
        if not self.rate_limits and not self.local:
            raise ValueError(
                "SHIPANION_RATE_LIMITS is off, which is only for load tests on this machine. Leave it out, "
                "or listen on 127.0.0.1 and leave SHIPANION_PUBLIC_URL out."
            )
        return self


def _scheme(url: str) -> str:
    """The kind a URL names; what follows it may hold a password."""
    scheme, colon, _ = url.partition(":")
    return f"{scheme[:20]!r}" if colon else "none"


def _sentence(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        own = problem["type"] == "value_error"
        text = str(problem["ctx"]["error"]) if own else problem["msg"]
        if not problem["loc"]:
            lines.append(text)
            continue
        name = str(problem["loc"][0])
        option = f" (or --{name})" if name in _OPTIONS else ""
        way_out = text if own else _WAYS_OUT.get(name, f"cannot be used: {text}")
        lines.append(f"SHIPANION_{name.upper()}{option} {way_out}")
    return "\n".join(lines)
