"""Who somebody is, and the refusal of a credential."""

import pytest

from shipanion.protocol.codes import ERRORS
from shipanion.server.identity import Identity, NotAuthenticated


def test_an_identity_does_not_change() -> None:
    identity = Identity(user_id="u", name="Ann", kind="guest", version=1, expires_at=2)
    with pytest.raises(AttributeError):
        identity.version = 2  # type: ignore[misc]


@pytest.mark.parametrize("code", ["sign_in", "expired"])
def test_a_refused_credential_says_why_to_programs_and_to_people(code: str) -> None:
    error = NotAuthenticated(code, "Sign in again.")
    assert (error.code, error.message, str(error)) == (code, "Sign in again.", "Sign in again.")
    assert error.code in ERRORS
