"""Bearer tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 and nothing else.

A token says who somebody is and until when; whether it still holds (password changed, user disabled) is
looked up by ``accounts``. Times are arguments, in milliseconds; inside a token they are whole seconds, as the
RFC has them.
"""

import hmac
from typing import Annotated, Final, Literal

import jwt
import msgspec

from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.people import UserRow

__all__ = ["ACCOUNT_SECONDS", "GUEST_SECONDS", "Role", "Tokens"]

Role = Literal["owner", "editor", "viewer", "agent"]
"""What a token is for; see ``Identity.role``."""

ACCOUNT_SECONDS: Final = 12 * 3600
"""How long an account's token lasts: a working day; signing in again is one password away."""
GUEST_SECONDS: Final = 30 * 24 * 3600
"""How long a guest's token lasts: it is the only way back to a guest's sessions, so it is long, and renewed
by use."""

_LIFETIMES: Final = {"account": ACCOUNT_SECONDS, "guest": GUEST_SECONDS}
_ALGORITHM: Final = "HS256"
_ISSUER: Final = "shipanion"
_LONGEST: Final = 2_048  # characters; ours have about 350, and what is longer need not be parsed at all

_NO_GOOD: Final = "This token is not valid here. Sign in again."
_RAN_OUT: Final = "This sign-in has run out. Sign in again."


class _Claims(msgspec.Struct, frozen=True):
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    name: Annotated[str, msgspec.Meta(max_length=256)]
    kind: Literal["guest", "account"]
    ver: Annotated[int, msgspec.Meta(ge=0)]
    iat: Annotated[int, msgspec.Meta(ge=0)]
    exp: Annotated[int, msgspec.Meta(ge=0)]
    iss: Literal["shipanion"]
    role: Role = "owner"


class Tokens:
    """Issues and reads tokens under one secret.

    Args:
        secret: the signing key, at least 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def subkey(self, purpose: str) -> bytes:
        """32 bytes for signing something else: one key a purpose, none of which gives the secret or another away.

        The expansion step of HKDF (RFC 5869 section 2.3) with the purpose as its info.
        """
        return hmac.digest(self._secret, purpose.encode() + b"\x01", "sha256")

    @staticmethod
    def lifetime(kind: str) -> int:
        """How many seconds a token of a person of this kind lasts."""
        return _LIFETIMES[kind]

    def issue(self, user: UserRow, now: int, role: Role = "owner") -> tuple[str, int]:
        """A token for ``user`` as of ``now`` (ms), and how many seconds it lasts.

        With another ``role`` it is for somebody who may do less in their name.
        """
        lifetime = _LIFETIMES[user.kind]
        issued = now // 1000
        claims = {
            "iss": _ISSUER,
            "sub": user.user_id,
            "name": user.name,
            "kind": user.kind,
            "ver": user.version,
            "iat": issued,
            "exp": issued + lifetime,
            "role": role,
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM), lifetime

    def read(self, token: str, now: int) -> Identity:
        """Who a token names, if it is ours, whole, and not run out at ``now`` (ms).

        Raises:
            NotAuthenticated: ``expired`` when it ran out, ``sign_in`` for everything else.
        """
        if len(token) > _LONGEST:
            raise NotAuthenticated("sign_in", _NO_GOOD)
        try:
            # The library would ask its own clock; every time below is judged against ``now``.
            unchecked = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
            )
            claims = msgspec.convert(unchecked, _Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError, RecursionError):
            # RecursionError: a header of nothing but brackets is read before the signature is checked; older
            # versions of the library let it through. ValueError: text that is not UTF-8 at all.
            raise NotAuthenticated("sign_in", _NO_GOOD) from None
        if not claims.iat < claims.exp <= claims.iat + _LIFETIMES[claims.kind]:
            raise NotAuthenticated("sign_in", _NO_GOOD)
        if claims.exp * 1000 <= now:
            raise NotAuthenticated("expired", _RAN_OUT)
        return Identity(
            user_id=claims.sub,
            name=claims.name,
            kind=claims.kind,
            version=claims.ver,
            expires_at=claims.exp * 1000,
            role=claims.role,
        )
