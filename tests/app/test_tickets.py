"""Tickets: good once, for a minute, for whoever they were given to."""

from collections.abc import AsyncIterator

import pytest

from shipanion.app import tickets as tickets_module
from shipanion.app.accounts import Accounts
from shipanion.app.tickets import MOST_OF_ONE, TICKET_SECONDS, Tickets, renewal
from shipanion.app.tokens import Tokens
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.memory import MemoryStore
from tests.support.http_house import CHEAP, START

ANN = Identity(user_id="u1", name="Ann", kind="account", version=1, expires_at=START + 1)
BEN = Identity(user_id="u2", name="Ben", kind="guest", version=1, expires_at=START + 1)


def refused(tickets: Tickets, ticket: str, now: int = START) -> str:
    with pytest.raises(NotAuthenticated) as error:
        tickets.take(ticket, now)
    assert error.value.message.endswith(".")
    return error.value.code


def test_a_ticket_is_good_once() -> None:
    tickets = Tickets()
    anns, bens = tickets.issue(ANN, START), tickets.issue(BEN, START)
    assert anns != bens
    assert tickets.take(bens, START) == BEN
    assert tickets.take(anns, START) == ANN
    assert refused(tickets, anns) == "sign_in"
    assert len(tickets) == 0


@pytest.mark.parametrize(("after_ms", "good"), [(TICKET_SECONDS * 1000 - 1, True), (TICKET_SECONDS * 1000, False)])
def test_a_ticket_is_good_for_a_minute(after_ms: int, good: bool) -> None:
    tickets = Tickets()
    ticket = tickets.issue(ANN, START)
    if good:
        assert tickets.take(ticket, START + after_ms) == ANN
    else:
        assert refused(tickets, ticket, START + after_ms) == "sign_in"
        assert refused(tickets, ticket, START) == "sign_in", "and is spent by the attempt"


@pytest.mark.parametrize("ticket", ["", "ticket-", "ticket-" + "x" * 32, "nonsense"])
def test_what_was_never_given_out_is_no_ticket(ticket: str) -> None:
    tickets = Tickets()
    tickets.issue(ANN, START)
    assert refused(tickets, ticket) == "sign_in"


def test_tickets_that_nobody_shows_take_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets_module, "MOST", 3)
    tickets = Tickets()
    given = [tickets.issue(ANN, START) for _ in range(5)]
    assert len(tickets) == 3
    assert [refused(tickets, ticket) for ticket in given[:2]] == ["sign_in", "sign_in"]
    assert tickets.take(given[2], START) == ANN
    late = tickets.issue(ANN, START + TICKET_SECONDS * 1000)
    assert len(tickets) == 1
    assert tickets.take(late, START + TICKET_SECONDS * 1000) == ANN


def test_nobodys_tickets_drive_out_somebody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets_module, "MOST", MOST_OF_ONE + 1)
    tickets = Tickets()
    bens = tickets.issue(BEN, START)
    anns = [tickets.issue(ANN, START) for _ in range(MOST_OF_ONE + 2)]
    assert len(tickets) == MOST_OF_ONE + 1
    assert [refused(tickets, ticket) for ticket in anns[:2]] == ["sign_in", "sign_in"]
    assert [tickets.take(ticket, START) for ticket in (bens, anns[2], anns[-1])] == [BEN, ANN, ANN]
    for ticket in anns[3:-1]:
        tickets.take(ticket, START)
    assert len(tickets) == len(tickets._of) == 0, "who has no ticket is not remembered"


@pytest.fixture
async def accounts() -> AsyncIterator[Accounts]:
    store = MemoryStore()
    await store.open()
    accounts = Accounts(store, Tokens(b"k" * 32), lambda: START, hasher=CHEAP)
    yield accounts
    accounts.close()
    await store.close()


async def test_a_ticket_or_a_token_renews_a_connection(accounts: Accounts) -> None:
    tickets, now = Tickets(), START
    renew = renewal(tickets, accounts, lambda: now)
    guest = await accounts.new_guest()
    token, _ = Tokens(b"k" * 32).issue(guest, START)
    identity = await accounts.authenticate(token)
    assert await renew(token) == identity
    ticket = tickets.issue(identity, START)
    assert await renew(ticket) == identity
    with pytest.raises(NotAuthenticated):
        await renew(ticket)
    late = tickets.issue(identity, START)
    now += TICKET_SECONDS * 1000
    with pytest.raises(NotAuthenticated):
        await renew(late)


@pytest.mark.parametrize(("before_its_end", "good"), [(1, True), (0, False)])
async def test_a_ticket_is_worth_no_more_than_its_sign_in(accounts: Accounts, before_its_end: int, good: bool) -> None:
    tickets, now = Tickets(), START
    renew = renewal(tickets, accounts, lambda: now)
    identity = await accounts.authenticate(Tokens(b"k" * 32).issue(await accounts.new_guest(), START)[0])
    now = identity.expires_at - before_its_end
    ticket = tickets.issue(identity, now)
    if good:
        assert await renew(ticket) == identity
    else:
        with pytest.raises(NotAuthenticated) as error:
            await renew(ticket)
        assert (error.value.code, error.value.message[-1]) == ("expired", ".")


async def test_a_ticket_of_somebody_signed_out_is_no_good(accounts: Accounts) -> None:
    tickets = Tickets()
    renew = renewal(tickets, accounts, lambda: START)
    guest = await accounts.new_guest()
    identity = await accounts.authenticate(Tokens(b"k" * 32).issue(guest, START)[0])
    ticket = tickets.issue(identity, START)
    await accounts.sign_out(identity)
    with pytest.raises(NotAuthenticated) as error:
        await renew(ticket)
    assert error.value.code == "expired"


async def test_a_ticket_is_no_token(accounts: Accounts) -> None:
    ticket = Tickets().issue(ANN, START)
    with pytest.raises(NotAuthenticated) as error:
        await accounts.authenticate(ticket)
    assert error.value.code == "sign_in"
