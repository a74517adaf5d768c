"""What every store promises of people, sentence by sentence."""

import asyncio

import pytest
from msgspec.structs import replace

from shipanion.stores.base import Committed, Refused, SessionStore
from shipanion.stores.people import UserRow
from tests.support.store_steps import account, append, grant, make_session, one, restart


@pytest.fixture
def store(each_store: SessionStore) -> SessionStore:
    return each_store


class TestPeople:
    async def test_a_person_comes_back_as_added(self, store: SessionStore) -> None:
        ann = account()
        assert await store.add_user(ann) is True
        assert await store.user("u1") == ann
        assert await store.user("u2") is None

    async def test_account_names_are_unique_without_case(self, store: SessionStore) -> None:
        await store.add_user(account("u1", "Strauß"))
        assert await store.add_user(account("u2", "STRAUSS")) is False
        assert await store.user("u2") is None
        found = await store.user_named("strauss")
        assert found is not None
        assert found.name == "Strauß"
        assert await store.user_named("strau") is None
        assert await store.add_user(account("u1", "Other")) is False, "an id is used once, too"

    async def test_guests_share_names_and_are_not_found_by_them(self, store: SessionStore) -> None:
        for id in ["g1", "g2"]:
            assert await store.add_user(account(id, "Guest", kind="guest", password_hash=None)) is True
        assert await store.user_named("guest") is None
        assert await store.add_user(account("u1", "guest")) is True
        assert await store.add_user(account("g3", "guest", kind="guest")) is True
        found = await store.user_named("GUEST")
        assert found is not None
        assert found.user_id == "u1"
        assert [user.user_id for user in await store.users()] == ["u1"]

    async def test_accounts_by_name(self, store: SessionStore) -> None:
        for id, name in [("u1", "bob"), ("u2", "Ann"), ("u3", "Cid"), ("u4", "ann2")]:
            await store.add_user(account(id, name))
        assert [user.name for user in await store.users()] == ["Ann", "ann2", "bob", "Cid"]

    async def test_changes_withdraw_every_token(self, store: SessionStore) -> None:
        await store.add_user(account())
        assert await store.set_password("u1", "other") is True
        changed = await store.user("u1")
        assert changed is not None
        assert (changed.password_hash, changed.version, changed.disabled) == ("other", 2, False)
        assert await store.set_disabled("u1", True) is True
        changed = await store.user("u1")
        assert changed is not None
        assert (changed.version, changed.disabled) == (3, True)
        assert await store.set_disabled("u1", False) is True
        changed = await store.user("u1")
        assert changed is not None
        assert (changed.version, changed.disabled) == (4, False)
        assert await store.set_password("nobody", "x") is False
        assert await store.set_disabled("nobody", True) is False

    async def test_which_tokens_were_withdrawn(self, store: SessionStore) -> None:
        for id, name in [("u1", "a"), ("u2", "b"), ("u3", "c")]:
            await store.add_user(account(id, name))
        await store.add_user(account("g1", "g", kind="guest"))
        await store.set_password("u2", "x")
        await store.set_disabled("u3", True)
        asked = {"u1": 1, "u2": 1, "u3": 2, "u4": 1, "g1": 1}
        assert await store.withdrawn(asked) == {"u2", "u3", "u4"}
        assert await store.withdrawn({"u2": 2}) == set()
        assert await store.withdrawn({}) == set()

    async def test_tokens_are_withdrawn_and_nothing_else(self, store: SessionStore) -> None:
        await store.add_user(account())
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)
        assert await store.withdraw("u1") is True
        assert await store.user("u1") == replace(account(), version=2)
        assert await one(store, append("s1", b"x", grant=grant())) == Refused(reason="expired")
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Committed(head=2)
        assert await store.withdraw("nobody") is False


class TestAGuestBecomesAnAccount:
    async def test_of_the_same_id_with_what_they_have(self, store: SessionStore) -> None:
        guest = account("u1", "Guest", kind="guest", password_hash=None)
        await store.add_user(guest)
        await make_session(store)
        assert await one(store, append("s1", b"x", grant=grant())) == Committed(head=1)
        made = await store.make_account("u1", version=1, name="Zoë", password_hash="hash")
        assert made == replace(guest, name="Zoë", kind="account", password_hash="hash", version=2)
        assert await store.user("u1") == made == await store.user_named("ZOË")
        assert [row.session_id for row in await store.sessions_of("u1", limit=9)] == ["s1"]
        assert await one(store, append("s1", b"x", grant=grant())) == Refused(reason="expired")
        assert await one(store, append("s1", b"x", grant=grant(version=2))) == Committed(head=2)
        assert await store.withdrawn({"u1": 1}) == {"u1"}
        await restart(store)
        assert await store.user("u1") == made

    async def test_but_not_under_a_name_that_is_taken(self, store: SessionStore) -> None:
        guest = account("u2", "Guest", kind="guest", password_hash=None)
        await store.add_user(account("u1", "Strauß"))
        await store.add_user(guest)
        assert await store.make_account("u2", version=1, name="STRAUSS", password_hash="hash") == "taken"
        assert await store.user("u2") == guest
        assert await store.withdrawn({"u2": 1}) == set()

    @pytest.mark.parametrize(
        "found",
        [
            account("u2", kind="account", name="Zoë"),
            account("u2", kind="guest", version=2),
            account("u2", kind="guest", disabled=True),
        ],
        ids=["an account", "withdrawn", "disabled"],
    )
    async def test_nor_unless_they_are_a_guest_who_may_come_in(self, store: SessionStore, found: UserRow) -> None:
        await store.add_user(found)
        assert await store.make_account("u2", version=1, name="Ann", password_hash="new") == "withdrawn"
        assert await store.make_account("nobody", version=1, name="Ann", password_hash="new") == "withdrawn"
        assert await store.user("u2") == found

    async def test_and_once_however_often_it_is_asked_at_once(self, store: SessionStore) -> None:
        for user_id in ("g1", "g2"):
            await store.add_user(account(user_id, "Guest", kind="guest", password_hash=None))
        asked = [("g1", "Ann"), ("g1", "Ben"), ("g2", "ANN"), ("g2", "Cid")]
        answers = await asyncio.gather(
            *(store.make_account(id, version=1, name=name, password_hash="h") for id, name in asked)
        )
        told = [answer if isinstance(answer, str) else answer.name for answer in answers]
        assert told == ["Ann", "withdrawn", "taken", "Cid"]
        assert [user.name for user in await store.users()] == ["Ann", "Cid"]
