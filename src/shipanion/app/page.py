"""The page over HTTP: what js/web was built into, read once at the start and served from memory.

Only names that were in the folder then are ever answered, so no path of a request reaches the disk. The build puts
files that never change under their name into ``assets/`` and compressed twins (``.br``, ``.gz``) beside those that
gain by it; a browser is sent the smallest that it takes.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

from shipanion.app.gate import refused
from shipanion.errors import ConfigurationError

__all__ = ["BUILT", "MAX_BYTES", "MAX_FILES", "BuiltFile", "Page", "add_page"]

BUILT: Final = Path(__file__).parent / "built_page"
"""Where scripts/build_page.py leaves the page; in a wheel it is part of the package."""
MAX_FILES: Final = 1_000
MAX_BYTES: Final = 32 * 1024 * 1024
"""The most that is taken into memory; a folder beyond it holds something else than the page."""

VIEWS: Final = ("/", "/new", "/s/{session_id}", "/sign-in")
"""Paths that the page itself makes sense of: each is answered with index.html."""

_MEDIA_TYPES: Final = {
    # Written out: what `mimetypes` says depends on the machine.
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
"""Encodings, the smaller first, and how the name of such a twin ends."""

_SAFE_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_DOCUMENT_HEADERS: Final = {
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
    # Not no-referrer: with that, browsers say `Origin: null` of the page's own forms.
    "Referrer-Policy": "same-origin",
}

_STYLE: Final = (
    ":root{color-scheme:light dark;font:1.05rem/1.6 system-ui,sans-serif}"
    "body{max-width:36rem;margin:12vh auto;padding:0 1.25rem}"
    "code{font:.95em ui-monospace,monospace;overflow-wrap:anywhere}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_NOT_BUILT: Final = (
    "Shipanion is running, without its page",
    """<p>The page has not been built here. Building it takes Node.js 20.19 or newer, or a network to fetch it from.
Then stop the server and start it again:</p>
<p><code>make run</code></p>
<p>Everything else works: <code>make chat</code> talks to Bob in a terminal.</p>""",
)
_NOTHING_HERE: Final = (
    "There is nothing here",
    '<p>The address may have a slip in it. <a href="/">To the start</a></p>',
)


@dataclass(frozen=True)
class BuiltFile:
    """One file of the page. ``bodies`` holds it by encoding (``""``: as it is), ``digest`` names what is in it."""

    media_type: str
    bodies: Mapping[str, bytes]
    digest: str

    def encoding_for(self, accepted: str) -> str:
        """The smallest of its encodings that an ``Accept-Encoding`` takes; ``""`` when it takes none."""
        weights = _weights(accepted)
        return next((name for name in _SUFFIXES if name in self.bodies and weights.get(name, 0.0) > 0), "")


@dataclass(frozen=True)
class Page:
    """The built page: its files by their path below the folder."""

    files: Mapping[str, BuiltFile]

    @classmethod
    def read(cls, folder: Path = BUILT) -> "Page | None":
        """Take the folder into memory; None when there is no built page in it.

        Raises:
            ConfigurationError: it holds more than ``MAX_FILES`` files or ``MAX_BYTES`` bytes.
        """
        if not (folder / "index.html").is_file():
            return None
        contents: dict[str, bytes] = {}
        size = 0
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            size += path.stat().st_size
            if len(contents) == MAX_FILES or size > MAX_BYTES:
                raise ConfigurationError(f"{folder} holds more than a built page has. Delete it and build the page.")
            contents[name] = path.read_bytes()
        return cls({name: _built_file(name, contents) for name in contents if not _is_twin(name, contents)})


def add_page(app: FastAPI, page: Page | None) -> None:
    """Add the routes of the page, and the answer to paths that nothing is under. Without a page, say how to get it."""

    async def view(request: Request) -> Response:
        if page is None:
            return _sentence(request, 200, *_NOT_BUILT)
        headers = {**_DOCUMENT_HEADERS, "Content-Security-Policy": _policy(request), "Cache-Control": "no-cache"}
        return _answer(request, page.files["index.html"], headers)

    async def asset(request: Request) -> Response:
        file = None if page is None else page.files.get(f"assets/{request.path_params['name']}")
        if file is None:
            return _nothing_here(request)
        # Names in this folder carry a hash of what is in them.
        return _answer(request, file, {"Cache-Control": "public, max-age=31536000, immutable"})

    def beside(name: str, file: BuiltFile) -> None:
        async def serve(request: Request) -> Response:
            return _answer(request, file, {"Cache-Control": "no-cache"})

        app.add_route(f"/{name}", serve, methods=["GET", "HEAD"])

    async def nothing_here(request: Request, _: Exception) -> Response:
        return _nothing_here(request)

    for path in VIEWS:
        app.add_route(path, view, methods=["GET", "HEAD"])
    app.add_route("/assets/{name:path}", asset, methods=["GET", "HEAD"])
    for name, file in {} if page is None else page.files.items():
        if name != "index.html" and not name.startswith("assets/"):
            beside(name, file)
    app.add_exception_handler(404, nothing_here)


def _is_twin(name: str, names: Mapping[str, bytes]) -> bool:
    return any(name.endswith(suffix) and name.removesuffix(suffix) in names for suffix in _SUFFIXES.values())


def _built_file(name: str, contents: Mapping[str, bytes]) -> BuiltFile:
    bodies = {"": contents[name]}
    bodies |= {coding: contents[name + suffix] for coding, suffix in _SUFFIXES.items() if name + suffix in contents}
    media_type = _MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
    return BuiltFile(media_type, bodies, hashlib.sha256(contents[name]).hexdigest()[:32])


def _weights(accepted: str) -> dict[str, float]:
    """The codings of an ``Accept-Encoding`` with their weights (RFC 9110 section 12.5.3); a broken weight is 0."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*", weight)
        weights[coding.strip()] = float(found.group(1)) if found else 0.0 if weight else 1.0
    return weights


def _policy(request: Request) -> str:
    """What the page may load: its own files, and connections to where it came from.

    Older Safari does not count a WebSocket of the own host under ``'self'``, so that is named too.
    """
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if _SAFE_HOST.fullmatch(host) else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'{sockets}; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors 'none'"
    )


def _answer(request: Request, file: BuiltFile, headers: Mapping[str, str]) -> Response:
    encoding = file.encoding_for(request.headers.get("accept-encoding", ""))
    # Two encodings of one file are not the same bytes, so each has a tag of its own (RFC 9110 section 8.8.3.3).
    tag = f'"{file.digest}{encoding and "-"}{encoding}"'
    said = {**headers, "ETag": tag}
    if len(file.bodies) > 1:
        said["Vary"] = "Accept-Encoding"
    known = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=said)
    if encoding:
        said["Content-Encoding"] = encoding
    body = file.bodies[encoding]
    said["Content-Length"] = str(len(body))
    said["Content-Type"] = file.media_type
    return Response(b"" if request.method == "HEAD" else body, headers=said)


def _nothing_here(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return _sentence(request, 404, *_NOTHING_HERE)
    return refused(404, "not_found", "There is nothing here.")


def _sentence(request: Request, status: int, title: str, body: str) -> Response:
    """A page of our own that needs no file: a title and what to do."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
    ).encode()
    headers = {
        **_DOCUMENT_HEADERS,
        "Cache-Control": "no-store",
        "Content-Length": str(len(text)),
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        ),
        "Content-Type": "text/html; charset=utf-8",
    }
    return Response(b"" if request.method == "HEAD" else text, status, headers)
