"""Label files over HTTP, for the owner of their session: with a token, the cookie, or by a link that runs out.

A tab that another program opens sends neither, so a link carries a signature in their place. It covers the file, the
time the link ends, and the owner with their token version. Only the time stands in the link; the rest is looked up
when it is used, so that whatever withdraws the owner's tokens ends their links with them (I11).
"""

import base64
import hmac
import re
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from shipanion.app.credential import Bearer, Visitor
from shipanion.app.gate import refused
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.base import DocumentRow

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["LINK_SECONDS", "LabelLink", "add_labels", "link_signature"]

LINK_SECONDS: Final = 600
"""How long a link opens its file: enough to print, too short to be worth passing on."""

_PURPOSE: Final = "label links"
# Our own page shows a label in a frame; on somebody else's it could be laid under what is clicked.
_LOCKED: Final = "default-src 'none'; frame-ancestors 'self'"
_SANDBOX: Final = f"sandbox; {_LOCKED}"
_POLICIES: Final = {
    # No sandbox: the viewers built into browsers do not start inside one, and are shut off from the page anyway.
    "application/pdf": f"{_LOCKED}; object-src 'self'; style-src 'unsafe-inline'",
    "image/png": f"{_SANDBOX}; style-src 'unsafe-inline'",
}
"""Media types that may be shown in a browser, with what the shown page may do; everything else is saved."""

_SIGN_IN: Final = "Sign in first: this needs a token, the page's cookie, or a link that the owner made."
_NOT_HERE: Final = (
    "There is no such label here for you, or the link to it has run out. The label's owner gets a new link in the "
    "conversation where it was made, or from POST /api/labels/ID/link."
)
_OWNER_ONLY: Final = "Label files show addresses: only the owner of the session gets them, with a token of their own."


class LabelLink(BaseModel):
    """A link that opens one file without a token; ``expires_in`` in seconds."""

    url: str
    expires_in: int


def link_signature(key: bytes, document_id: str, expires: int, owner: str, version: int) -> str:
    """What proves that ``owner``, whose token version was ``version``, let a file be read until ``expires`` (s).

    HMAC-SHA-256 in URL-safe base64; the values are joined as JSON, so that no two sets of them read the same.
    """
    signed = msgspec.json.encode([document_id, expires, owner, version])
    return base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")).rstrip(b"=").decode()


def add_labels(router: APIRouter, parts: "Parts", visitor: Visitor) -> None:
    """Add the routes. ``visitor`` is the dependency that says who asks, None without a credential."""

    async def owned(document_id: str, person: Identity) -> DocumentRow | None:
        document = await parts.store.document(document_id)
        return document if document is not None and document.owner == person.user_id else None

    async def linked(document_id: str, expires: str, given: str) -> DocumentRow | None:
        """The file, if a link to it is whole, not run out, and its owner's sign-in still holds."""
        document = await parts.store.document(document_id)
        owner = None if document is None else await parts.store.user(document.owner)
        until = int(expires) if re.fullmatch(r"[0-9]{1,11}", expires) else 0
        if document is None or owner is None or not parts.now() < until * 1000:
            return None
        right = link_signature(parts.tokens.subkey(_PURPOSE), document_id, until, owner.user_id, owner.version)
        if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
            return None
        person = Identity(
            user_id=owner.user_id, name=owner.name, kind=owner.kind, version=owner.version, expires_at=until * 1000
        )
        try:
            await parts.accounts.user_of(person)
        except NotAuthenticated:
            return None
        return document

    @router.api_route("/api/labels/{document_id}", methods=["GET", "HEAD"])
    async def label(
        request: Request,
        document_id: str,
        token: Bearer,
        expires: str = "",
        signature: str | None = None,
        download: str = "",
    ) -> Response:
        # A token that is there decides alone. A link comes before the cookie: it opens in whoever's browser it is.
        if token is None and signature is not None:
            document = await linked(document_id, expires, signature)
        else:
            person = await visitor(request, token)
            if person is None:
                raise NotAuthenticated("sign_in", _SIGN_IN)
            if person.role != "owner":
                return refused(403, "forbidden", _OWNER_ONLY)
            document = await owned(document_id, person)
        if document is None:
            return refused(404, "not_found", _NOT_HERE)
        return _file(document, saved=download == "1", head=request.method == "HEAD")

    @router.post("/api/labels/{document_id}/link", response_model=LabelLink)
    async def link(response: Response, document_id: str, person: Annotated[Identity | None, Depends(visitor)]) -> Any:
        if person is None:
            raise NotAuthenticated("sign_in", _SIGN_IN)
        if person.role != "owner":
            return refused(403, "forbidden", _OWNER_ONLY)
        if await owned(document_id, person) is None:
            return refused(404, "not_found", _NOT_HERE)
        now = parts.now() // 1000
        expires = min(now + LINK_SECONDS, person.expires_at // 1000)
        proof = link_signature(parts.tokens.subkey(_PURPOSE), document_id, expires, person.user_id, person.version)
        response.headers["Cache-Control"] = "no-store"
        path = f"/api/labels/{quote(document_id, safe='')}?expires={expires}&signature={proof}"
        return LabelLink(url=(parts.public_url or "") + path, expires_in=expires - now)


def _file(document: DocumentRow, *, saved: bool, head: bool) -> Response:
    shown = document.media_type in _POLICIES and not saved
    return Response(
        b"" if head else document.body,
        media_type=document.media_type,
        headers={
            "Content-Length": str(len(document.body)),
            "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{_file_name(document.name)}"',
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": _POLICIES.get(document.media_type, _SANDBOX),
            "Referrer-Policy": "no-referrer",
        },
    )


def _file_name(name: str) -> str:
    """A name that no header, shell or file system reads as anything else (RFC 6266 section 4.3)."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-100:].lstrip(".-") or "label"
