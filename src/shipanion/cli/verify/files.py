"""A label's file over HTTP, as somebody gets it or does not: written down without what it shows."""

import hashlib
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from shipanion.cli.verify.history import History

__all__ = ["read_file"]

SECONDS: Final = 4.0


async def read_file(history: History, line: str, server: str, label_url: str, token: str | None) -> None:
    """Read what ``label_url`` leads to on ``server``, and on no other one, whatever it names.

    Recorded is ``{type: "file", status, media_type, bytes, sha256, pdf}``; what cannot be read at all is ``missed``.
    """
    base, wanted = urlsplit(server), urlsplit(label_url)
    url = urlunsplit((base.scheme, base.netloc, wanted.path, wanted.query, ""))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        history.add(line, "missed", {"waited_for": f"an answer from {wanted.path} ({type(error).__name__})"})
        return
    frame = {
        "type": "file", "status": answer.status_code, "bytes": len(answer.content),
        "media_type": answer.headers.get("Content-Type", "").partition(";")[0],
        "sha256": hashlib.sha256(answer.content).hexdigest(), "pdf": answer.content.startswith(b"%PDF-"),
    }  # fmt: skip
    history.add(line, "got", frame)
