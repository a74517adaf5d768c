"""The part of the store port that is about people: guests, accounts, and which of their tokens hold."""

from typing import Literal, Protocol

import msgspec

__all__ = ["People", "UserRow"]


class UserRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person. ``kind`` is ``guest`` or ``account``; ``version`` is raised to withdraw every token of
    theirs."""

    user_id: str
    name: str
    kind: str
    password_hash: str | None
    version: int
    disabled: bool
    at: int


class People(Protocol):
    """What a store keeps of people. Raises ``StoreUnavailable`` when it cannot answer right now."""

    async def add_user(self, user: UserRow) -> bool:
        """Add a person; False when an account of that name exists (compared without case)."""

    async def user(self, user_id: str) -> UserRow | None:
        """A person by id."""

    async def user_named(self, name: str) -> UserRow | None:
        """An account by name, compared without case. Guests have no unique name and are never found."""

    async def users(self) -> list[UserRow]:
        """All accounts, by name."""

    async def set_password(self, user_id: str, password_hash: str) -> bool:
        """Change the password and withdraw every token; False when there is no such user."""

    async def set_disabled(self, user_id: str, disabled: bool) -> bool:
        """Disable or enable, withdrawing every token; False when there is no such user."""

    async def withdraw(self, user_id: str) -> bool:
        """Withdraw every token and nothing else; False when there is no such user."""

    async def make_account(
        self, user_id: str, *, version: int, name: str, password_hash: str
    ) -> UserRow | Literal["taken", "withdrawn"]:
        """Make a guest an account of the same id, withdrawing every token; the row as it is now.

        ``taken`` when an account of that name exists (compared without case), ``withdrawn`` when there is no guest
        of this id with this token version who may come in. Then nothing is changed.
        """

    async def withdrawn(self, versions: dict[str, int]) -> set[str]:
        """Which of these users (id -> token version) are gone, disabled, or have another token version by
        now."""
