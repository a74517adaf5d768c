"""Coming in and going over HTTP: with an account or as a guest, with a bearer token or with the page's cookie."""

import asyncio
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from shipanion.app.accounts import AccountError, NameTaken, check_name, check_password
from shipanion.app.credential import Bearer, Person, TwoCookies, Visitor, never_kept
from shipanion.app.gate import refused
from shipanion.app.throttle import address_key
from shipanion.app.tickets import TICKET_SECONDS
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.people import UserRow

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["ForeignPage", "Me", "Throttled", "TicketAnswer", "TokenAnswer", "add_sign_in"]

_NOT_YOURS: Final = "Only a guest's own token is renewed, not one given to somebody else."
_AN_ACCOUNT: Final = "This token belongs to an account: renew it at POST /token."
_SIGNED_IN: Final = "You are signed in with an account here. Sign out first to come in as a guest."

_NOT_OWNER: Final = "This token was given to somebody else: only its owner's own may do that."
_NO_SIGN_UP: Final = "This server makes no accounts by itself. Ask whoever runs it for one."
_GUESTS_ONLY: Final = (
    "Come in as a guest first (POST /api/guest): an account is made of a guest, with all that they have."
)
_HAS_ACCOUNT: Final = "You are signed in with an account already. Sign out first to make another one."

GRACE_SECONDS: Final = 5.0
"""How long the connections of a guest who becomes an account may stay until they show a ticket of the account's. They
are told nothing meanwhile."""
RENEWED_AFTER: Final = 1 / 3
"""Of its life: a cookie older than this is renewed when its page asks for a ticket."""

Username = Annotated[str, Form()]
Password = Annotated[str, Form()]


class TokenAnswer(BaseModel):
    """A bearer token (RFC 6749 section 5.1); ``expires_in`` in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int


class Me(BaseModel):
    """The person a credential names; ``expires_at`` (ms) is when it ends."""

    user_id: str
    name: str
    kind: str
    expires_at: int


class TicketAnswer(BaseModel):
    """A ticket for an ``auth`` frame on an open connection; ``expires_in`` in seconds."""

    ticket: str
    expires_in: int


class Throttled(Exception):
    """Something was asked too often. ``retry_after_ms`` says when to come again."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("Too many attempts. Wait a little and try again.")
        self.retry_after_ms = retry_after_ms


class ForeignPage(Exception):
    """A page that is not ours asked for what has the browser's cookie set."""

    def __init__(self) -> None:
        super().__init__(
            "Only this server's own page signs people in and out by its cookie. Bring a token: POST /token."
        )


class _Door:
    """What the ways in have in common: counting, checking a password, and the two forms of an answer."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts

    def count(self, rule: str, who: str) -> None:
        """Count one use; raises ``Throttled`` past the limit."""
        wait = self._parts.throttle.take(rule, who)
        if wait is not None:
            raise Throttled(wait)

    async def own_page(self, request: Request) -> None:
        """A dependency of what sets the cookie; raises ``ForeignPage``.

        The browser takes a cookie from any answer, also where a page may not read it: somebody else's page, even an
        allowed one, would replace the only key to a guest.
        """
        if not self._parts.cookies.ours(request.scope["headers"], request.scope["scheme"]):
            raise ForeignPage

    async def own_page_or_token(self, request: Request, token: Bearer) -> None:
        """The same for what sets the cookie only if it came by it."""
        if token is None:
            await self.own_page(request)

    async def sign_in(self, request: Request, username: str, password: str) -> UserRow:
        """The account behind name and password; attempts are counted by address and by name."""
        name = unicodedata.normalize("NFC", username).casefold()[:64]
        self.count("sign_in_address", _address_of(request))
        self.count("sign_in_name", name)
        user = await self._parts.accounts.sign_in(username, password)
        self._parts.throttle.forget("sign_in_name", name)
        return user

    async def new_guest(self, request: Request) -> UserRow:
        """A new guest; raises ``AccountError`` where none are taken."""
        self.count("guest", _address_of(request))
        return await self._parts.accounts.new_guest()

    def token(self, user: UserRow) -> TokenAnswer:
        """The answer for a program."""
        token, expires_in = self._parts.tokens.issue(user, self._parts.now())
        return TokenAnswer(access_token=token, expires_in=expires_in)

    def cookie(self, request: Request, response: Response, user: UserRow) -> Me:
        """The answer for the page: who they are now, and the cookie that will say so."""
        now = self._parts.now()
        token, seconds = self._parts.tokens.issue(user, now)
        _keep(self._parts, request, response, token, seconds)
        return Me(user_id=user.user_id, name=user.name, kind=user.kind, expires_at=(now // 1000 + seconds) * 1000)


def _keep(parts: "Parts", request: Request, response: Response, token: str, seconds: int) -> None:
    """Have the browser keep a token for ``seconds``."""
    value = parts.cookies.kept(request.scope["headers"], request.scope["scheme"], token, seconds)
    response.headers.append("Set-Cookie", value)


def _address_of(request: Request) -> str:
    """What a peer is counted by."""
    return address_key(request.client.host if request.client is not None else None)


def add_sign_in(router: APIRouter, parts: "Parts", visitor: Visitor, person: Person) -> None:
    """Add the routes."""
    door = _Door(parts)
    _add_tokens(router, parts, door)
    _add_cookies(router, parts, door, visitor)
    _add_account(router, parts, door, visitor)
    _add_stay(router, parts, door, person)

    @router.get("/api/me", dependencies=[Depends(never_kept)])
    async def me(who: Annotated[Identity, Depends(person)]) -> Me:
        return Me(user_id=who.user_id, name=who.name, kind=who.kind, expires_at=who.expires_at)


def _add_tokens(router: APIRouter, parts: "Parts", door: _Door) -> None:
    @router.post("/token", dependencies=[Depends(never_kept)])
    async def sign_in(request: Request, username: Username, password: Password) -> TokenAnswer:
        return door.token(await door.sign_in(request, username, password))

    @router.post("/guest", dependencies=[Depends(never_kept)])
    async def guest(request: Request, token: Bearer) -> Any:
        if token is not None:
            # The same guest once more: a new token, so that sessions are not lost when the old one ends.
            person = parts.tokens.read(token, parts.now())
            user = await parts.accounts.user_of(person)
            if person.role != "owner":
                return refused(403, "forbidden", _NOT_YOURS)
            if user.kind != "guest":
                return refused(403, "forbidden", _AN_ACCOUNT)
            return door.token(user)
        try:
            return door.token(await door.new_guest(request))
        except AccountError as error:
            return refused(403, "forbidden", str(error))


def _add_cookies(router: APIRouter, parts: "Parts", door: _Door, visitor: Visitor) -> None:
    own_page = Depends(door.own_page)

    @router.post("/api/sign-in", dependencies=[own_page, Depends(never_kept)])
    async def sign_in(request: Request, response: Response, username: Username, password: Password) -> Me:
        if len(parts.cookies.candidates(request.scope["headers"], request.scope["scheme"])) > 1:
            raise TwoCookies  # one more would be of no use
        return door.cookie(request, response, await door.sign_in(request, username, password))

    @router.post("/api/guest", dependencies=[own_page, Depends(never_kept)], response_model=Me)
    async def guest(request: Request, response: Response, token: Bearer) -> Any:
        try:
            who = await visitor(request, token)
        except TwoCookies:
            raise  # one of them may be the only key to a guest
        except NotAuthenticated:
            if token is not None:
                raise
            who = None  # a page cannot throw its cookie away by itself: it is replaced
        if who is not None and who.role != "owner":
            return refused(403, "forbidden", _NOT_YOURS)
        if who is not None and who.kind != "guest":
            return refused(403, "forbidden", _SIGNED_IN)
        try:
            user = await (door.new_guest(request) if who is None else parts.accounts.user_of(who))
        except AccountError as error:
            return refused(403, "forbidden", str(error))
        return door.cookie(request, response, user)

    @router.post("/api/sign-out", status_code=204, dependencies=[Depends(door.own_page_or_token)])
    async def sign_out(request: Request, token: Bearer) -> Response:
        answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
        cookies = parts.cookies.candidates(request.scope["headers"], request.scope["scheme"])
        people = []
        for candidate in cookies if token is None else [token]:
            try:
                people.append(await parts.accounts.authenticate(candidate))
            except NotAuthenticated:
                if token is not None:
                    raise
                # whose sign-in ended already is out; the cookie goes all the same
        owners = [who for who in people if who.role == "owner"]
        if people and not owners:
            return refused(403, "forbidden", _NOT_OWNER)
        if token is None and not people and len(cookies) > 1:
            raise TwoCookies
        for who in owners:  # of two cookies whoever's they are: to stay signed in would be worse
            await parts.accounts.sign_out(who)
            await parts.signed_out(who.user_id)
        if token is None:
            _keep(parts, request, answer, "", 0)
        return answer


def _add_account(router: APIRouter, parts: "Parts", door: _Door, visitor: Visitor) -> None:
    @router.post("/api/account", dependencies=[Depends(door.own_page), Depends(never_kept)], response_model=Me)
    async def account(
        request: Request, response: Response, username: Username, password: Password, token: Bearer
    ) -> Any:
        if not parts.accounts.guests:
            return refused(403, "forbidden", _NO_SIGN_UP)
        who = await visitor(request, token)
        if who is None:
            raise NotAuthenticated("sign_in", _GUESTS_ONLY)
        if who.role != "owner":
            return refused(403, "forbidden", _NOT_OWNER)
        if who.kind != "guest":
            return refused(403, "forbidden", _HAS_ACCOUNT)
        try:
            check_name(username)
            check_password(password)
            door.count("account", _address_of(request))
            user = await parts.accounts.become_account(who, username, password)
        except NameTaken as error:
            return refused(409, "bad_request", f"{error} Choose another name, or sign in with it.")
        except AccountError as error:
            return refused(400, "bad_request", str(error))
        parts.hold(user.user_id, user.version)
        asyncio.get_running_loop().call_later(GRACE_SECONDS, parts.look_again)
        return door.cookie(request, response, user)


def _add_stay(router: APIRouter, parts: "Parts", door: _Door, person: Person) -> None:
    @router.post(
        "/api/ticket", response_model=TicketAnswer, dependencies=[Depends(door.own_page_or_token), Depends(never_kept)]
    )
    async def ticket(
        request: Request, response: Response, token: Bearer, who: Annotated[Identity, Depends(person)]
    ) -> Any:
        if who.role != "owner":
            return refused(403, "forbidden", _NOT_OWNER)
        door.count("ticket", who.user_id)
        now = parts.now()
        left = (who.expires_at - now) / 1000 / parts.tokens.lifetime(who.kind)
        if token is None and left < 1 - RENEWED_AFTER:
            me = door.cookie(request, response, await parts.accounts.user_of(who))
            who = msgspec.structs.replace(who, expires_at=me.expires_at)
        return TicketAnswer(ticket=parts.tickets.issue(who, now), expires_in=TICKET_SECONDS)
