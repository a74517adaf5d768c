"""People: guests, accounts and their passwords, and the check that a token still holds.

Passwords are hashed with Argon2id at the library's own parameters (RFC 9106's second recommended option: 64
MiB), in two worker threads; who waits for them is bounded, so that a flood of sign-ins costs neither memory
nor the loop. An unknown name and a wrong password give the same answer and take the same work.
"""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore
from typing import Final, TypeVar

import argon2
import msgspec

from shipanion.app.tokens import Tokens
from shipanion.errors import ShipanionError
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.base import SessionStore
from shipanion.stores.people import UserRow

__all__ = [
    "AccountDisabled",
    "AccountError",
    "Accounts",
    "NameTaken",
    "TooBusy",
    "check_name",
    "check_password",
]

_T = TypeVar("_T")

WORKERS: Final = 2
"""Passwords hashed at once; each takes 64 MiB and four threads for about 0.1 s."""
WAITING: Final = 32
"""Sign-ins that may wait for a worker: a few seconds of waiting."""

_WRONG: Final = "The name or the password is wrong."
_WITHDRAWN: Final = "This sign-in was withdrawn. Sign in again."
_MADE: Final = f"{_WITHDRAWN} If you have just made an account, sign in with it."
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""What counts as visible and shows nothing: fillers of Hangul, Khmer's silent vowels, an empty braille cell."""
_DISABLED: Final = "This account is disabled. Ask whoever runs this server."
_NO_GUESTS: Final = "This server takes no guests. Sign in with an account."


class AccountError(ShipanionError):
    """A name or password cannot be used, or there is no such account, or there is one already."""


class NameTaken(AccountError):
    """There is an account of that name already (compared without case)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an account {name!r} already.")


class AccountDisabled(NotAuthenticated):
    """The password is right, but the account is disabled."""

    def __init__(self) -> None:
        super().__init__("expired", _DISABLED)


class TooBusy(ShipanionError):
    """Too many people sign in at this moment. ``retry_after_ms`` says when to come again."""

    retry_after_ms: Final = 2_000

    def __init__(self) -> None:
        super().__init__("Many people are signing in right now. Try again in a moment.")


def check_name(name: str) -> str:
    """The name as kept: NFC-normalised, 1 to 64 characters, each of them visible (blanks between them are
    fine).

    Raises:
        AccountError: the name breaks a rule; the message says which.
    """
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= 64:
        raise AccountError("A name needs 1 to 64 characters.")
    # isprintable: no control, format (invisible, direction-changing) or unassigned characters, no odd blanks.
    if not name.isprintable() or not _BLANK.isdisjoint(name) or name != name.strip() or unicodedata.combining(name[0]):
        raise AccountError(
            "A name needs visible characters: no control or invisible ones, no blank at its beginning or end."
        )
    return name


def check_password(password: str) -> str:
    """The password as hashed: NFC-normalised, 8 to 1,024 characters, no control characters.

    Raises:
        AccountError: the password breaks a rule; the message says which, and never repeats it.
    """
    password = unicodedata.normalize("NFC", password)
    if not 8 <= len(password) <= 1_024:
        raise AccountError("A password needs 8 to 1024 characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise AccountError("A password must not contain control characters.")
    return password


class Accounts:
    """Signs people in and says whose token holds.

    Args:
        store: an open store, where people are rows.
        tokens: reads what clients bring.
        now: the time in ms.
        guests: whether people without an account are taken; if not, tokens of guests are not taken either.
        hasher: Argon2 with its parameters; tests give a cheap one.
    """

    def __init__(
        self,
        store: SessionStore,
        tokens: Tokens,
        now: Callable[[], int],
        *,
        guests: bool = True,
        hasher: argon2.PasswordHasher | None = None,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._now = now
        self._guests = guests
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = _hash_of_nothing(self._hasher)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="passwords")
        self._places = BoundedSemaphore(WORKERS + WAITING)

    @property
    def guests(self) -> bool:
        """Whether people without an account are taken."""
        return self._guests

    def close(self) -> None:
        """Let the worker threads go."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    # --- coming in --------------------------------------------------------------------------------------

    async def sign_in(self, name: str, password: str) -> UserRow:
        """The account of that name, if the password is its own.

        Raises:
            NotAuthenticated: no such name, or not its password; the two look alike.
            AccountDisabled: the right password of a disabled account.
            TooBusy: too many are being checked already.
            StoreUnavailable: the store cannot answer right now.
        """
        user = await self._account(name)
        known = user.password_hash if user is not None else None
        try:
            password = check_password(password)
        except AccountError:
            known, password = None, "not a password"
        right = await self._work(partial(_verifies, self._hasher, known or self._nobody, password))
        if user is None or known is None or not right:
            raise NotAuthenticated("sign_in", _WRONG)
        if user.disabled:
            raise AccountDisabled
        if self._hasher.check_needs_rehash(known):
            user = await self._rehash(user, password)
        return user

    async def new_guest(self) -> UserRow:
        """A new person without an account.

        Raises:
            AccountError: this server takes no guests.
            StoreUnavailable: the store cannot write right now.
        """
        if not self._guests:
            raise AccountError(_NO_GUESTS)
        guest = self._person("Guest", "guest", None)
        await self._store.add_user(guest)
        return guest

    async def user_of(self, identity: Identity) -> UserRow:
        """The person behind an identity, as stored now.

        Raises:
            NotAuthenticated: ``expired``: gone, disabled, or the token was withdrawn.
            StoreUnavailable: the store cannot answer right now.
        """
        user = await self._store.user(identity.user_id)
        if user is None:
            raise NotAuthenticated("expired", _WITHDRAWN)
        if user.kind != identity.kind:
            raise NotAuthenticated("expired", _MADE)  # perhaps by this very device, which lost the answer
        if user.disabled:
            raise AccountDisabled
        if user.version != identity.version:
            raise NotAuthenticated("expired", _WITHDRAWN)
        if user.kind == "guest" and not self._guests:
            raise NotAuthenticated("expired", _NO_GUESTS)
        return user

    async def authenticate(self, token: str) -> Identity:
        """Who brings this token, if it is good and still holds (an ``Authenticate``).

        Raises:
            NotAuthenticated: it is not.
            StoreUnavailable: the store cannot answer right now.
        """
        return await self.standing(self._tokens.read(token, self._now()))

    async def standing(self, identity: Identity) -> Identity:
        """The same, with the name as it is now, if it still holds. That it has not run out is for the caller to know.

        Raises:
            NotAuthenticated: it does not.
            StoreUnavailable: the store cannot answer right now.
        """
        user = await self.user_of(identity)
        return msgspec.structs.replace(identity, name=user.name)

    # --- going, and coming back as somebody with a name -------------------------------------------------

    async def sign_out(self, identity: Identity) -> None:
        """Withdraw every token of the person, on whatever device.

        Raises:
            StoreUnavailable: the store cannot write right now; nothing was withdrawn.
        """
        await self._store.withdraw(identity.user_id)

    async def become_account(self, guest: Identity, name: str, password: str) -> UserRow:
        """Make a guest an account with all that they have; every token of the guest is withdrawn.

        Raises:
            AccountError: a rule is broken; ``NameTaken`` when the name is.
            NotAuthenticated: ``expired``: they are no guest any more, or were signed out meanwhile.
            TooBusy: too many passwords are being worked on already.
            StoreUnavailable: the store cannot write right now.
        """
        name, password = check_name(name), check_password(password)
        hashed = await self._work(partial(self._hasher.hash, password))
        made = await self._store.make_account(guest.user_id, version=guest.version, name=name, password_hash=hashed)
        if made == "taken":
            raise NameTaken(name)
        if made == "withdrawn":
            raise NotAuthenticated("expired", _MADE)
        return made

    # --- keeping accounts -------------------------------------------------------------------------------

    async def add(self, name: str, password: str) -> UserRow:
        """Make an account.

        Raises:
            AccountError: a rule is broken; ``NameTaken`` when the name is.
            StoreUnavailable: the store cannot write right now.
        """
        name, password = check_name(name), check_password(password)
        user = self._person(name, "account", await self._work(partial(self._hasher.hash, password)))
        if not await self._store.add_user(user):
            raise NameTaken(name)
        return user

    async def set_password(self, name: str, password: str) -> None:
        """Change a password; every token of the account is withdrawn.

        Raises:
            AccountError: a rule is broken, or there is no such account.
            StoreUnavailable: the store cannot write right now.
        """
        user = await self._existing(name)
        password = check_password(password)
        if not await self._store.set_password(user.user_id, await self._work(partial(self._hasher.hash, password))):
            raise AccountError(f"There is no account {name!r}.")

    async def set_disabled(self, name: str, disabled: bool) -> None:
        """Keep an account out, or let it in again; every token of it is withdrawn.

        Raises:
            AccountError: there is no such account.
            StoreUnavailable: the store cannot write right now.
        """
        user = await self._existing(name)
        if not await self._store.set_disabled(user.user_id, disabled):
            raise AccountError(f"There is no account {name!r}.")

    # --- inside -----------------------------------------------------------------------------------------

    async def _account(self, name: str) -> UserRow | None:
        try:
            return await self._store.user_named(check_name(name))
        except AccountError:
            return None  # no account can have such a name

    async def _existing(self, name: str) -> UserRow:
        user = await self._account(name)
        if user is None:
            raise AccountError(f"There is no account {name!r}.")
        return user

    def _person(self, name: str, kind: str, password_hash: str | None) -> UserRow:
        return UserRow(
            user_id=f"user-{secrets.token_urlsafe(16)}",
            name=name,
            kind=kind,
            password_hash=password_hash,
            version=1,
            disabled=False,
            at=self._now(),
        )

    async def _rehash(self, user: UserRow, password: str) -> UserRow:
        """Hash again with today's parameters, unless the password was changed meanwhile.

        The store withdraws the account's tokens with it; that happens once, after the parameters were
        changed.
        """
        try:
            fresh = await self._work(partial(self._hasher.hash, password))
        except TooBusy:
            return user  # the next sign-in will do it
        now = await self._store.user(user.user_id)
        if now is None or now.password_hash != user.password_hash:
            raise NotAuthenticated("sign_in", _WRONG)
        await self._store.set_password(user.user_id, fresh)
        return await self._store.user(user.user_id) or now

    async def _work(self, job: Callable[[], _T]) -> _T:
        """Run ``job`` in a worker; ``TooBusy`` when too many wait."""
        if not self._places.acquire(blocking=False):
            raise TooBusy
        future = self._workers.submit(job)
        # Given back by the job, not by who waits for it: a client that hangs up leaves its job running.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)


def _verifies(hasher: argon2.PasswordHasher, known: str, password: str) -> bool:
    try:
        return hasher.verify(known, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _hash_of_nothing(hasher: argon2.PasswordHasher) -> str:
    """A hash that no password has, but that costs as much to check as a real one: random bytes in its
    place."""

    def field(size: int) -> str:
        return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")

    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${field(hasher.salt_len)}${field(hasher.hash_len)}"
