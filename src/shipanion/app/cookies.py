"""The page's credential: a cookie (RFC 6265) that holds the same token a program sends as bearer.

A cookie is sent by the browser whoever wrote the page that asks, so it counts only for pages of this server itself:

- ``SameSite=Lax`` keeps it at home when another site's page posts or embeds something.
- A request that says which page it comes from (``Origin``) must come from ours. Pages of other origins that are allowed
  here act for whoever gave them a token, never for whoever happens to be signed in, and never have the cookie set.
- What has no ``Origin`` but tells that another page embeds it (``Sec-Fetch-Site``) is not answered by cookie either;
  opening a link in a tab is.

The name holds the port, since cookies do not: two servers on one machine would sign each other's people out. Over HTTPS
it begins with ``__Host-``, which no other host and no unencrypted page can set (RFC 6265bis section 4.1.3.2).
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shipanion.app.origins import Origin, own_origin, parse_authority, parse_origin

__all__ = ["Cookies", "Headers"]

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI gives them, names in lower case."""

_AT_HOME: Final = frozenset({"same-origin", "none"})
_AMBIGUOUS: Final = ""
"""A token that is none: with two cookies of the name, one of them was put there by somebody else."""


class Cookies(NamedTuple):
    """Reads and writes the cookie.

    Args:
        public_url: the address people use, where a proxy stands before the server: its ``Host`` must be passed on.
    """

    public_url: str | None

    def read(self, headers: Headers, scheme: str) -> str | None:
        """The token in a request's cookie; None without one, or when the page that asks is not ours.

        What comes back may be anything at all: it is for ``Accounts.authenticate`` to say what it is worth.

        Args:
            headers: the request's.
            scheme: ``http``, ``https``, ``ws`` or ``wss``, as the request came in.
        """
        found = self.candidates(headers, scheme)
        if len(found) > 1:
            return _AMBIGUOUS
        return found[0] if found else None

    def candidates(self, headers: Headers, scheme: str) -> list[str]:
        """Every token under the cookie's name. More than one: another program on this host has set one of them."""
        headers = tuple(headers)
        if not self.ours(headers, scheme):
            return []
        name = self._name(headers, scheme)
        pairs = (pair.partition("=") for line in _all(headers, b"cookie") for pair in line.split(";"))
        return [value.strip() for key, _, value in pairs if key.strip() == name]

    def ours(self, headers: Headers, scheme: str) -> bool:
        """Whether the page that asks is of this server, as far as the browser tells; a program that is no page is."""
        headers = tuple(headers)
        origins = _all(headers, b"origin")
        if not origins:
            site, dest = _first(headers, b"sec-fetch-site"), _first(headers, b"sec-fetch-dest")
            return site in ("", *_AT_HOME) or dest == "document"
        page, public = parse_origin(origins[0]), self._public
        # A proxy that names itself as Host: its public URL is ours all the same.
        return page is not None and page in (own_origin(_first(headers, b"host"), scheme, public), public)

    def kept(self, headers: Headers, scheme: str, token: str, seconds: int) -> str:
        """The ``Set-Cookie`` that keeps ``token`` for ``seconds``; the token of an ended sign-in is empty, for 0."""
        headers = tuple(headers)
        secure = "; Secure" if self._secure(headers, scheme) else ""
        name = self._name(headers, scheme)
        return f"{name}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def _name(self, headers: Headers, scheme: str) -> str:
        secure = self._secure(headers, scheme)
        host = parse_authority(_first(headers, b"host"))
        port = (host.port if host is not None else None) or (443 if secure else 80)
        return f"{'__Host-' if secure else ''}shipanion-{port}"

    def _secure(self, headers: Headers, scheme: str) -> bool:
        """Whether the browser's side of the line is encrypted: by this server, or by a proxy at the public URL."""
        own = own_origin(_first(headers, b"host"), scheme, self._public)
        return scheme in ("https", "wss") or (own is not None and own.scheme == "https")

    @property
    def _public(self) -> Origin | None:
        return parse_origin(self.public_url or "")


def _all(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]


def _first(headers: Headers, name: bytes) -> str:
    return next(iter(_all(headers, name)), "")
