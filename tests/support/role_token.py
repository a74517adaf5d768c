"""A token of somebody's for another role, as a server that runs would take it."""

import time

from shipanion.app.secret import secret_file, signing_secret
from shipanion.app.tokens import Role, Tokens
from shipanion.stores.people import UserRow
from tests.support.server_process import ServerProcess

__all__ = ["token_for"]


def token_for(server: ServerProcess, token: str, role: Role) -> str:
    """A token of the same person's for somebody who may do less."""
    tokens = Tokens(signing_secret(None, secret_file(server.data).parent))
    now = time.time_ns() // 1_000_000
    person = tokens.read(token, now)
    user = UserRow(
        user_id=person.user_id, name=person.name, kind=person.kind, password_hash=None, version=person.version,
        disabled=False, at=now,
    )  # fmt: skip
    return tokens.issue(user, now, role=role)[0]
