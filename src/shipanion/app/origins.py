"""Which pages may talk to this server, and under which names it may be called. Pure functions.

Two checks keep other people's pages out (RFC 6454; the attack the first one stops is DNS rebinding):

- **Host**: the name a request was sent to must be one of ours. A page on ``evil.example`` whose name was
  turned to point at this machine sends ``Host: evil.example``, and is refused before anything else is looked
  at.
- **Origin**: a browser says which page a request comes from. It must be our own, the public URL's, or listed
  in ``SHIPANION_ALLOWED_ORIGINS``. A request without an Origin comes from a program, which needs no leave to
  send whatever it likes; ``Origin: null`` comes from a page that hides where it is from.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

import msgspec

__all__ = [
    "Authority",
    "HttpRefusal",
    "Origin",
    "Origins",
    "is_loopback",
    "own_origin",
    "parse_authority",
    "parse_origin",
]

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SAME_SCHEME = {"ws": "http", "wss": "https"}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


class Authority(NamedTuple):
    """A host (lower case, no trailing dot, IPv6 without brackets) and its port, where one was given."""

    host: str
    port: int | None


class Origin(NamedTuple):
    """Scheme (``http`` or ``https``), host and port, compared as a whole (RFC 6454 section 5)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


class HttpRefusal(NamedTuple):
    """Why a request may not come in: the HTTP status, an error code, and a sentence for a person."""

    status: int
    code: str
    message: str


def parse_authority(text: str) -> Authority | None:
    """Read ``host``, ``host:port``, ``[v6]`` or ``[v6]:port``; None for anything else.

    Upper case and one trailing dot are forgiven; user names, blanks, paths and ports out of range are not. An
    IPv6 address without brackets is taken too when it stands alone, as people write it in settings.
    """
    text = text.lower()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host:
            return None
    elif text.count(":") > 1:
        host, rest = text, ""
    else:
        host, colon, digits = text.partition(":")
        rest = colon + digits
    port = None
    if rest:
        digits = rest[1:]
        if rest[0] != ":" or not digits.isascii() or not digits.isdigit() or len(digits) > 5:
            return None
        port = int(digits)
        if not 0 < port < 65_536:
            return None
    canonical = _canonical(host)
    return None if canonical is None else Authority(canonical, port)


def parse_origin(text: str) -> Origin | None:
    """Read ``scheme://host[:port]`` with http or https and nothing behind it but one slash; None for anything
    else."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    authority = parse_authority(rest.removesuffix("/"))
    if not separator or scheme not in ("http", "https") or authority is None:
        return None
    return Origin(scheme, authority.host, authority.port or _PORTS[scheme])


def own_origin(host: str, scheme: str, public: Origin | None) -> Origin | None:
    """The one origin that this server's own page has for whoever sends a request to ``host``; None for no host.

    A proxy takes the encryption off, and some take the port off the ``Host``: what is sent to the public URL's name has
    the public URL for its page, whole. The unencrypted page of that name may be anybody's on the way.

    Args:
        host: the ``Host`` header.
        scheme: ``http``, ``https``, ``ws`` or ``wss``, as the request came in.
        public: the public URL's origin, where there is one.
    """
    authority = parse_authority(host)
    if authority is None:
        return None
    if public is not None and public.host == authority.host and authority.port in (None, public.port):
        return public
    scheme = _SAME_SCHEME.get(scheme, scheme)
    return Origin(scheme, authority.host, authority.port or _PORTS[scheme])


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine: ``localhost``, 127.0.0.0/8, ``::1``."""
    authority = parse_authority(host)
    return authority is not None and _loops(authority.host)


class Origins(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call: built once from the settings by ``Origins.of``."""

    hosts: frozenset[str]
    """Host names that are ours besides the loopback ones, on any port."""
    any_address: bool
    """Whether every IP address written out is taken too (the server listens on all of them; no name can be
    turned)."""
    pages: frozenset[Origin]
    """Origins allowed besides our own."""
    public: Origin | None = None
    """Where people reach this server, if that is not where it listens."""

    @classmethod
    def of(cls, host: str, public_url: str | None, allowed_origins: Iterable[str]) -> "Origins":
        """From the settings: the host listened on, the public URL and the allowed origins, all checked
        before.

        The hosts of the public URL and of the allowed origins count as ours: whoever runs the server named
        them.
        """
        pages = frozenset(origin for text in (public_url, *allowed_origins) if text and (origin := parse_origin(text)))
        hosts = {origin.host for origin in pages}
        bound = parse_authority(host)
        everywhere = bound is None or bound.host in ("0.0.0.0", "::")
        if bound is not None and not everywhere:
            hosts.add(bound.host)
        public = parse_origin(public_url or "")
        return cls(hosts=frozenset(hosts), any_address=everywhere, pages=pages, public=public)

    def host_allowed(self, header: str) -> bool:
        """Whether a ``Host`` header names this server."""
        authority = parse_authority(header)
        if authority is None:
            return False
        host = authority.host
        return _loops(host) or host in self.hosts or (self.any_address and _is_address(host))

    def origin_allowed(self, origin: str | None, host: str, scheme: str) -> bool:
        """Whether a page may open a socket or change something.

        Args:
            origin: the ``Origin`` header, None when there is none (a program).
            host: the ``Host`` header of the same request.
            scheme: ``http``, ``https``, ``ws`` or ``wss``, as the request came in.
        """
        if origin is None:
            return True
        page = parse_origin(origin)
        if page is None:
            return False
        if page in self.pages:
            return True
        return page == own_origin(host, scheme, self.public) and self.host_allowed(host)

    def refusal(self, headers: Iterable[tuple[bytes, bytes]], scheme: str, *, changes: bool) -> HttpRefusal | None:
        """Judge a request by its raw headers; None when it may come in.

        Args:
            headers: as ASGI gives them, names in lower case.
            scheme: as in ``origin_allowed``.
            changes: whether the request opens a socket or changes something; reading needs no Origin.
        """
        hosts: list[str] = []
        origins: list[str] = []
        for name, value in headers:
            if name == b"host":
                hosts.append(value.decode("latin-1"))
            elif name == b"origin":
                origins.append(value.decode("latin-1"))
        return self._host_refusal(hosts) or (self._origin_refusal(origins, hosts[0], scheme) if changes else None)

    def _host_refusal(self, hosts: Sequence[str]) -> HttpRefusal | None:
        if len(hosts) != 1 or parse_authority(hosts[0]) is None:
            return HttpRefusal(400, "bad_request", "A request needs exactly one Host header with a host name in it.")
        if not self.host_allowed(hosts[0]):
            return HttpRefusal(
                421,
                "origin",
                f"This server does not answer to the name {_shown(hosts[0])}. If it should, start it with "
                "SHIPANION_PUBLIC_URL set to the address people use.",
            )
        return None

    def _origin_refusal(self, origins: Sequence[str], host: str, scheme: str) -> HttpRefusal | None:
        if len(origins) > 1 or not self.origin_allowed(origins[0] if origins else None, host, scheme):
            return HttpRefusal(
                403,
                "origin",
                f"Pages from {_shown(', '.join(origins))} may not use this server. If they should, add "
                "that origin to SHIPANION_ALLOWED_ORIGINS.",
            )
        return None


def _canonical(host: str) -> str | None:
    if ":" in host:
        try:
            address = ip_address(host)
        except ValueError:
            return None
        return None if isinstance(address, IPv6Address) and address.scope_id else str(address)
    host = host.removesuffix(".")
    return host if len(host) <= 253 and _NAME.fullmatch(host) else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _loops(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _shown(text: str) -> str:
    """A stranger's text, short and on one line."""
    return "".join(character if character.isprintable() else "?" for character in text[:100])
