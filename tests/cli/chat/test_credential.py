"""Who is chatting, against a real server."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shipanion.cli.chat.credential import Account, GivenToken, Guest
from shipanion.cli.chat.notebook import Notebook
from shipanion.cli.sign_in import Server, SignInRefused, Token, Unreachable
from tests.support.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ServerProcess(tmp_path_factory.mktemp("credential")) as running:
        yield Server.at(running.url)


@pytest.fixture
def notebook(tmp_path: Path, server: Server) -> Notebook:
    return Notebook(tmp_path, server.http)


async def test_a_guest_is_made_once(server: Server, notebook: Notebook) -> None:
    first = await Guest(server, notebook).token()
    assert await Guest(server, notebook).token() == first
    kept = notebook.guest()
    assert kept is not None
    assert kept.text == first


async def test_two_chats_that_begin_together_are_one_guest(server: Server, notebook: Notebook) -> None:
    other = await server.guest()

    class Late(Server):
        async def guest(self, old: str | None = None) -> Token:
            made = await server.guest(old)
            notebook.keep_guest(other)  # meanwhile the other chat was quicker
            return made

    assert await Guest(Late(server.http, server.socket), notebook).token() == other.text


async def test_a_token_is_renewed_in_the_last_third_of_its_life(server: Server, notebook: Notebook) -> None:
    guest = Guest(server, notebook)
    made = await server.guest()
    notebook.keep_guest(replace(made, expires_at=time.time() + made.lasts * 0.34))
    assert not await guest.renewed()
    notebook.keep_guest(replace(made, expires_at=time.time() + made.lasts * 0.33))
    assert await guest.renewed()
    kept = notebook.guest()
    assert kept is not None
    assert kept.expires_at > time.time() + made.lasts * 0.9
    assert await guest.token() == kept.text
    await server.sessions(kept.text)


async def test_a_renewal_that_fails_leaves_the_old_token(notebook: Notebook) -> None:
    old = Token("old", time.time() + 10, 100.0)
    notebook.keep_guest(old)
    guest = Guest(Server.at("http://127.0.0.1:1"), notebook)
    assert await guest.token() == "old"
    assert not await guest.renewed()
    assert notebook.guest() == old


async def test_a_guest_without_a_server(notebook: Notebook) -> None:
    with pytest.raises(Unreachable):
        await Guest(Server.at("http://127.0.0.1:1"), notebook).token()
    assert notebook.guest() is None


async def test_a_password_is_tried_once_and_then_forgotten(server: Server) -> None:
    account = Account(server, "ana", "wrong")
    with pytest.raises(SignInRefused):
        await account.token()
    assert "/sign-in" in account.trouble
    assert "wrong" not in str(vars(account).get("_password"))
    with pytest.raises(SignInRefused):
        await account.token()  # without asking the server: it would count


async def test_a_password_is_kept_while_there_is_no_server() -> None:
    account = Account(Server.at("http://127.0.0.1:1"), "ana", "right")
    for _ in range(2):
        with pytest.raises(Unreachable):
            await account.token()


async def test_a_given_token_is_used_as_it_is() -> None:
    given = GivenToken("abc")
    assert await given.token() == "abc"
    assert not await given.renewed()
    assert given.who == GivenToken("abc").who != GivenToken("abd").who
    assert "abc" not in given.who
