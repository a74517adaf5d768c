"""Accounts: signing in, being kept out, and what a flood costs. On a real store with a cheap hash."""

import asyncio
import threading
import unicodedata
from collections.abc import Iterator

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.app import accounts as accounts_module
from shipanion.app.accounts import (
    WAITING,
    WORKERS,
    AccountDisabled,
    AccountError,
    Accounts,
    TooBusy,
    check_name,
    check_password,
)
from shipanion.app.tokens import Tokens
from shipanion.server.identity import NotAuthenticated
from shipanion.stores.memory import MemoryStore

NOW = 1_800_000_000_000
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
TOKENS = Tokens(b"k" * 32)


@pytest.fixture
def accounts(store: MemoryStore) -> Iterator[Accounts]:
    accounts = Accounts(store, TOKENS, lambda: NOW, hasher=CHEAP)
    yield accounts
    accounts.close()


async def code_of(accounts: Accounts, token: str) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        await accounts.authenticate(token)
    return caught.value.code


# --- rules


@pytest.mark.parametrize("name", ["a", "Zoë", "Bob Smith", "x" * 64, "船長", "🚢", "o'neil@example.org"])
def test_names_people_have(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        " a",
        "a ",
        "a\tb",
        "a\nb",
        "\x00",
        "a\u200bb",
        "a\u202eb",
        "a\u00a0b",
        "\ud800",
        "\u0301a",
        "a\x7f",
        "\u2800",
        "\u115f",
        "a\u3164b",
        "\uffa0",
    ],
)
def test_names_nobody_can_see_or_that_break_lines(name: str) -> None:
    with pytest.raises(AccountError, match="A name needs"):
        check_name(name)


def test_a_name_is_the_same_however_it_was_typed() -> None:
    assert check_name("Zoe\u0308") == "Zoë"
    assert check_name("e\u0301" * 64) == "é" * 64


@given(st.text())
def test_any_name_is_kept_as_it_will_be_looked_up_or_refused(name: str) -> None:
    try:
        kept = check_name(name)
    except AccountError:
        return
    assert check_name(kept) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert 1 <= len(kept) <= 64


@pytest.mark.parametrize("password", ["12345678", "x" * 1_024, "pass word with blanks ", "пароль-пароль", "🔑" * 8])
def test_passwords_people_have(password: str) -> None:
    assert check_password(password) == password


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1_025, "12345678\n", "1234\x005678", "1234\ud8005678"])
def test_passwords_that_are_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(AccountError, match="A password") as caught:
        check_password(password)
    assert not password or password not in str(caught.value)


# --- signing in


async def test_an_account_signs_in_with_its_password_only(accounts: Accounts) -> None:
    made = await accounts.add("Zoë", PASSWORD)
    assert made.kind == "account"
    assert (await accounts.sign_in("Zoë", PASSWORD)).user_id == made.user_id
    assert (await accounts.sign_in("ZOE\u0308", PASSWORD)).user_id == made.user_id
    with pytest.raises(NotAuthenticated):
        await accounts.sign_in("Zoë", PASSWORD.upper())


async def test_a_password_is_the_same_however_it_was_typed(accounts: Accounts) -> None:
    await accounts.add("zoe", "Zoe\u0308-Zoe\u0308-Zoe")
    assert (await accounts.sign_in("zoe", "Zoë-Zoë-Zoe")).name == "zoe"


@pytest.mark.parametrize(
    ("name", "password"),
    [("zoe", "wrong horse"), ("nobody", PASSWORD), ("zoe", ""), ("zoe", "x" * 5_000), ("\x00", PASSWORD), ("", "")],
)
async def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(
    accounts: Accounts, name: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.add("zoe", PASSWORD)
    checked: list[str] = []
    real = accounts_module._verifies

    def verifies(hasher: argon2.PasswordHasher, known: str, password: str) -> bool:
        checked.append(known)
        return real(hasher, known, password)

    monkeypatch.setattr(accounts_module, "_verifies", verifies)
    with pytest.raises(NotAuthenticated) as caught:
        await accounts.sign_in(name, password)
    assert (caught.value.code, caught.value.message) == ("sign_in", "The name or the password is wrong.")
    assert [argon2.extract_parameters(known) for known in checked] == [argon2.extract_parameters(CHEAP.hash("x"))]


def test_the_hash_of_nothing_is_a_whole_hash_at_full_cost() -> None:
    hasher = argon2.PasswordHasher()
    nothing = accounts_module._hash_of_nothing(hasher)
    assert not hasher.check_needs_rehash(nothing)
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        hasher.verify(nothing, "not a password")


async def test_a_guest_cannot_sign_in_by_name(accounts: Accounts) -> None:
    guest = await accounts.new_guest()
    with pytest.raises(NotAuthenticated):
        await accounts.sign_in(guest.name, PASSWORD)


async def test_a_name_is_taken_once_whatever_its_case(accounts: Accounts) -> None:
    await accounts.add("Zoe", PASSWORD)
    with pytest.raises(AccountError, match="already"):
        await accounts.add("zOE", PASSWORD)


async def test_unknown_accounts_cannot_be_changed(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="There is no account 'zoe'"):
        await accounts.set_password("zoe", PASSWORD)
    with pytest.raises(AccountError, match="There is no account"):
        await accounts.set_disabled("zoe", True)


# --- tokens that hold, and those that do not


async def test_a_token_is_its_owner(accounts: Accounts) -> None:
    user = await accounts.add("Zoe", PASSWORD)
    identity = await accounts.authenticate(TOKENS.issue(user, NOW)[0])
    assert (identity.user_id, identity.name, identity.kind) == (user.user_id, "Zoe", "account")
    guest = await accounts.new_guest()
    assert (await accounts.authenticate(TOKENS.issue(guest, NOW)[0])).kind == "guest"


async def test_a_new_password_withdraws_every_token(accounts: Accounts) -> None:
    token, _ = TOKENS.issue(await accounts.add("Zoe", PASSWORD), NOW)
    await accounts.set_password("zoe", "another horse")
    assert await code_of(accounts, token) == "expired"
    user = await accounts.sign_in("zoe", "another horse")
    assert (await accounts.authenticate(TOKENS.issue(user, NOW)[0])).user_id == user.user_id
    with pytest.raises(NotAuthenticated):
        await accounts.sign_in("zoe", PASSWORD)


async def test_a_disabled_account_stays_out_until_enabled(accounts: Accounts) -> None:
    token, _ = TOKENS.issue(await accounts.add("Zoe", PASSWORD), NOW)
    await accounts.set_disabled("zoe", True)
    with pytest.raises(AccountDisabled) as caught:
        await accounts.authenticate(token)
    assert caught.value.code == "expired"
    with pytest.raises(AccountDisabled):
        await accounts.sign_in("zoe", PASSWORD)
    with pytest.raises(NotAuthenticated) as wrong:
        await accounts.sign_in("zoe", "wrong horse")
    assert not isinstance(wrong.value, AccountDisabled)  # only who knows the password learns of it
    await accounts.set_disabled("zoe", False)
    assert await code_of(accounts, token) == "expired"
    assert (await accounts.sign_in("zoe", PASSWORD)).name == "Zoe"


async def test_a_token_of_somebody_unknown_to_this_store_is_withdrawn(accounts: Accounts) -> None:
    user = await accounts.add("Zoe", PASSWORD)
    stranger = type(user)(
        user_id="user-2", name="Zoe", kind="account", password_hash=None, version=1, disabled=False, at=NOW
    )
    assert await code_of(accounts, TOKENS.issue(stranger, NOW)[0]) == "expired"
    assert await code_of(accounts, "garbage") == "sign_in"


async def test_where_guests_are_not_taken_their_tokens_are_not_either(store: MemoryStore, accounts: Accounts) -> None:
    token, _ = TOKENS.issue(await accounts.new_guest(), NOW)
    closed = Accounts(store, TOKENS, lambda: NOW, guests=False, hasher=CHEAP)
    with pytest.raises(AccountError, match="takes no guests"):
        await closed.new_guest()
    assert await code_of(closed, token) == "expired"
    closed.close()


# --- parameters that changed


async def test_a_hash_with_old_parameters_is_made_anew_at_sign_in(store: MemoryStore, accounts: Accounts) -> None:
    await accounts.add("Zoe", PASSWORD)
    stronger = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    later = Accounts(store, TOKENS, lambda: NOW, hasher=stronger)
    user = await later.sign_in("zoe", PASSWORD)
    assert user.password_hash is not None
    assert not stronger.check_needs_rehash(user.password_hash)
    assert (await later.authenticate(TOKENS.issue(user, NOW)[0])).version == user.version
    assert (await later.sign_in("zoe", PASSWORD)).version == user.version
    later.close()


async def test_a_password_changed_meanwhile_is_not_changed_back(
    store: MemoryStore, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await accounts.add("Zoe", PASSWORD)
    later = Accounts(
        store, TOKENS, lambda: NOW, hasher=argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    )
    changed = CHEAP.hash("another horse")
    loop = asyncio.get_running_loop()
    real = accounts_module._verifies

    def verifies(hasher: argon2.PasswordHasher, known: str, password: str) -> bool:
        asyncio.run_coroutine_threadsafe(store.set_password(user.user_id, changed), loop).result()
        return real(hasher, known, password)

    monkeypatch.setattr(accounts_module, "_verifies", verifies)
    with pytest.raises(NotAuthenticated):
        await later.sign_in("zoe", PASSWORD)
    kept = await store.user(user.user_id)
    assert kept is not None
    assert kept.password_hash == changed
    later.close()


# --- a flood


async def test_a_flood_is_hashed_a_few_at_a_time_and_the_rest_is_sent_away(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    gate = threading.Event()

    def verifies(*_: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(10)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(accounts_module, "_verifies", verifies)
    flood = [asyncio.ensure_future(accounts.sign_in("x", PASSWORD)) for _ in range(500)]
    refused = 500 - WORKERS - WAITING
    for _ in range(3):  # each finds the row, then a place or none
        await asyncio.sleep(0)
    done = [answer for answer in flood if answer.done()]
    if len(done) < refused:
        gate.set()
    assert all(isinstance(answer.exception(), TooBusy) for answer in done)
    assert len(done) == refused
    gate.set()
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(answer, NotAuthenticated) for answer in answers) == WORKERS + WAITING
    assert most <= WORKERS
    with pytest.raises(NotAuthenticated):  # and there is room again
        await accounts.sign_in("x", PASSWORD)


async def test_clients_that_hang_up_do_not_make_room_before_their_hash_is_done(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    started = threading.Semaphore(0)

    def verifies(*_: object) -> bool:
        started.release()
        gate.wait(10)
        return False

    monkeypatch.setattr(accounts_module, "_verifies", verifies)
    monkeypatch.setattr(accounts, "_places", threading.BoundedSemaphore(WORKERS))
    waiting = [asyncio.ensure_future(accounts.sign_in("x", PASSWORD)) for _ in range(WORKERS)]
    for _ in range(WORKERS):
        assert await asyncio.to_thread(started.acquire, timeout=10)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    with pytest.raises(TooBusy):
        await accounts.sign_in("x", PASSWORD)
    gate.set()
